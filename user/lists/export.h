/* SPDX-License-Identifier: GPL-2.0 */
/* A list in the formats of other tools. */
#ifndef MAILWEIR_EXPORT_H
#define MAILWEIR_EXPORT_H

#include <stdio.h>

#include "lists/prefix.h"

/*
 * Writes a sorted set to f in a format: "plain", "ipset" (for ipset restore) or
 * "nft" (for nft -f). Prefixes that lie in another prefix of the set are left
 * out. ipset and nft get a set for each family, mw4-NAME and mw6-NAME. -EINVAL:
 * no such format; else 0, and ferror(f) says whether all was written.
 */
int export_list(FILE *f, const char *name, const struct prefix_set *set,
		const char *format);

#endif
