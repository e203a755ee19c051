/* SPDX-License-Identifier: GPL-2.0 */
/*
 * List files to prefixes: plain addresses, CIDR, a-b ranges, # and ;
 * comments, ! before what is taken out of the others; Spamhaus DROP as text and as JSON lines. Strict: one bad line
 * refuses the whole file. No libbpf, no printing.
 */
#ifndef MAILWEIR_FEED_H
#define MAILWEIR_FEED_H

#include <stdio.h>

#include "prefix.h"

enum { FEED_SHOWN = 10, FEED_LINE = 4096 };

struct feed_guard {
	/* Shorter prefixes are refused: than 8 and 19 unless the list says. */
	int max_prefix4, max_prefix6;
	size_t min_entries;		 /* fewer prefixes are refused */
	const struct prefix_set *except; /* subtracted; NULL: nothing is */
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

/*
 * Reads all of f. On success 0; set holds the prefixes sorted by
 * prefix_compare, without duplicates (nested ones stay). On refusal -EINVAL
 * and report->errors > 0; set is empty then. -ENOMEM, -EIO as they come.
 * name is what errors call the file. A word from the file is shown with
 * every byte outside 0x20..0x7e as \xNN.
 */
int feed_read(FILE *f, const char *name, const struct feed_guard *guard,
	      struct prefix_set *set, struct feed_report *report);

/* feed_read of a path; one that cannot be opened, or is a directory, is a
 * refusal with its reason. */
int feed_read_file(const char *path, const struct feed_guard *guard,
		   struct prefix_set *set, struct feed_report *report);

void feed_report_free(struct feed_report *report);

#endif
