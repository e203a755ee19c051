/* SPDX-License-Identifier: GPL-2.0 */
/* Both steps of reading a list, without the child between them. */
#ifndef MAILWEIR_TESTS_FEED_H
#define MAILWEIR_TESTS_FEED_H

#include "user/feed.h"

/* set and report are the caller's; set is empty on an error. */
static inline int feed_read(FILE *f, const struct feed_guard *guard,
			    const struct asn_table *table,
			    struct prefix_set *set, struct feed_report *report)
{
	struct feed feed;
	int err = feed_parse(f, guard, &feed);

	if (!err)
		err = feed_finish(&feed, guard, table);
	*set = feed.set;
	*report = feed.report;
	feed.set = (struct prefix_set){};
	if (err)
		prefix_free(set);
	feed_free(&feed);
	return err;
}

#endif
