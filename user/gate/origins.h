/* SPDX-License-Identifier: GPL-2.0 */
/* The table of [asn], read when it is first asked for. */
#ifndef MAILWEIR_ORIGINS_H
#define MAILWEIR_ORIGINS_H

#include <stdbool.h>

#include "lists/asn.h"

struct origins {
	const char *file; /* NULL: the configuration names no table */
	bool asked;	  /* it was read, or refused */
	struct asn_table table;
};

/* The table; NULL: there is none, or it is refused, which has been told. */
const struct asn_table *origins_table(struct origins *o);
void origins_free(struct origins *o);

#endif
