/* SPDX-License-Identifier: GPL-2.0 */
/* What feeds call their columns, in CSV and in JSON, and what these say of an
 * entry beside its address. */
#ifndef MAILWEIR_COLUMNS_H
#define MAILWEIR_COLUMNS_H

#include <stdbool.h>

#define COLUMN_NAMES                                                  \
	"ip, ip_address, ipAddress, dst_ip, address, cidr, network, " \
	"prefix, range or value"

struct format_input;

enum column {
	COLUMN_OTHER,
	COLUMN_ADDRESS, /* an address, a prefix or a range */
	COLUMN_LENGTH,	/* of the prefix that the address begins */
	COLUMN_LAST,	/* the other end of a range */
	COLUMN_END,	/* when the entry ends */
	COLUMN_VERDICT, /* block or allow */
	COLUMN_OUT,	/* true: it is no entry */
	COLUMN_IN,	/* false: it is none */
};

enum column column_of(const char *name);

/* An entry of several columns. */
struct columns {
	const char *address, *length;
	const char *word, *why; /* the value that is refused; NULL: none is */
	bool out;		/* it is none of this list's entries */
};

void columns_add(const struct format_input *in, struct columns *c,
		 enum column column, const char *value);
/* Enters what the columns say, without an end of their own. */
void columns_enter(struct format_input *in, const struct columns *c);

#endif
