/* SPDX-License-Identifier: GPL-2.0 */
/* What a list's file must be. */
#ifndef MAILWEIR_GUARD_H
#define MAILWEIR_GUARD_H

#include <stdbool.h>

#include "prefix.h"

enum { FEED_LINE = 4096 };

/* What a file is, and with that which formats it can have. */
enum feed_kind {
	FEED_LIST,    /* of prefixes, ASNs, exclusions */
	FEED_ORIGINS, /* a table of prefixes and their ASNs */
	FEED_CLIENTS, /* addresses of hosts, or a log that names them */
};

struct feed_guard {
	/* Shorter prefixes are refused: than 8 and 19 unless the list says. */
	int max_prefix4, max_prefix6;
	size_t min_entries;		 /* fewer prefixes are refused */
	size_t max_errors;		 /* more bad lines are refused */
	const struct prefix_set *except; /* subtracted; NULL: nothing is */
	const char *format;		 /* feed_format; NULL: by content */
	__s64 age;  /* seconds since the file was written: decisions end */
	__s64 now;  /* seconds since 1970 */
	bool allow; /* of a Postfix table: take permit, else reject */
	enum feed_kind kind;
};

#endif
