/* SPDX-License-Identifier: GPL-2.0 */
/* What a list's file must be, and what came of reading it. */
#ifndef MAILWEIR_GUARD_H
#define MAILWEIR_GUARD_H

#include <stdbool.h>

#include "prefix.h"

enum { FEED_SHOWN = 10, FEED_LINE = 4096 };

struct feed_guard {
	/* Shorter prefixes are refused: than 8 and 19 unless the list says. */
	int max_prefix4, max_prefix6;
	size_t min_entries;		 /* fewer prefixes are refused */
	const struct prefix_set *except; /* subtracted; NULL: nothing is */
	const char *format;		 /* feed_format; NULL: by content */
	bool allow; /* of a Postfix table: take permit, else reject */
};

struct feed_report {
	size_t lines;		   /* in the file */
	size_t entries;		   /* lines that named a prefix or range */
	size_t entries4, entries6; /* prefixes, ranges split, as accepted */
	size_t masked;		   /* entries with host bits set */
	size_t duplicates;	   /* prefixes that were there already */
	size_t nested;		 /* prefixes inside another one of this file */
	size_t excluded;	 /* ! lines */
	__s64 modified;		 /* the file, seconds since 1970; 0: no file */
	size_t errors;		 /* all of them, of which shown: */
	char *error[FEED_SHOWN]; /* "FILE:LINE: what; what would be right" */
};

#endif
