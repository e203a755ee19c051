/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of any kind (guard.h) to prefixes, in two steps: parsing, which looks
 * at bytes from outside and is done by a child without rights (child.h), and
 * finishing, which sorts and guards what that child hands back. Strict: a bad
 * line refuses the file unless max_errors allows it; in a log most lines are
 * of no interest. No libbpf, no printing.
 */
#ifndef MAILWEIR_FEED_H
#define MAILWEIR_FEED_H

#include <stdio.h>

#include "guard.h"
#include "report.h"

/*
 * Reads all of f, in any of feed_format's formats. 0, or -EINVAL: refused,
 * with report.errors > 0; -ENOMEM, -EIO. Words from the file are shown with
 * every byte outside 0x20..0x7e as \xNN. feed is to be freed in any case.
 * Of clients set holds addresses, full-length prefixes; a log in which nobody
 * was accepted is no error, and set is empty.
 */
int feed_parse(FILE *f, const struct feed_guard *guard, struct feed *feed);

/*
 * Adds the prefixes of asns to set (table NULL: none is configured). 0,
 * -EINVAL: there is no table, or -ENOMEM; an unknown one is only reported.
 */
int feed_resolve(const struct asn_set *asns, const struct asn_table *table,
		 const struct feed_guard *guard, struct prefix_set *set,
		 struct feed_report *report);

/*
 * Adds the prefixes of asns, sorts by prefix_compare, drops duplicates (nested
 * ones stay), takes out what is excluded, and guards what is left. 0, or as
 * feed_parse.
 */
int feed_finish(struct feed *feed, const struct feed_guard *guard,
		const struct asn_table *table);

void feed_free(struct feed *feed);

/* What user/keep.c writes: prefixes, and when they end. By name only. */
#define FEED_KEPT "kept"

/* The name of format i of that kind, for guard.format; NULL: there are i. */
const char *feed_format(enum feed_kind kind, int i);

#endif
