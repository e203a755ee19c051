/* SPDX-License-Identifier: GPL-2.0 */
/* A list as other tools read it. */
#ifndef MAILWEIR_EXPORT_H
#define MAILWEIR_EXPORT_H

#include <stdio.h>

#include "prefix.h"

/* Writes set (sorted) to f without what lies in another prefix of it, as
 * "plain", "ipset" (for ipset restore) or "nft" (for nft -f); ipset and nft
 * get a set for each family, mw4-NAME and mw6-NAME. -EINVAL: no such format;
 * else 0, and ferror(f) tells the rest. */
int export_list(FILE *f, const char *name, const struct prefix_set *set,
		const char *format);

#endif
