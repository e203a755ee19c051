/* SPDX-License-Identifier: GPL-2.0 */
/*
 * List files to prefixes: plain addresses, CIDR, a-b ranges, # and ;
 * comments, ! before what is taken out of the others; Spamhaus DROP as text and as JSON lines. Strict: one bad line
 * refuses the whole file. No libbpf, no printing.
 */
#ifndef MAILWEIR_FEED_H
#define MAILWEIR_FEED_H

#include <stdio.h>

#include "guard.h"

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

/* The name of format i, for format = NAME; NULL: there are i. */
const char *feed_format(int i);

void feed_report_free(struct feed_report *report);

#endif
