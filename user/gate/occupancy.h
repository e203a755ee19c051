/* SPDX-License-Identifier: GPL-2.0 */
/* How full every table is. */
#ifndef MAILWEIR_OCCUPANCY_H
#define MAILWEIR_OCCUPANCY_H

#include "kernel/engine.h"

enum occupancy_table {
	/* Buckets that owe something, at each level but the last one. */
	OCCUPANCY_BUCKETS,
	OCCUPANCY_BLOCKS = OCCUPANCY_BUCKETS + MW_TOTAL,
	/* Who has open connections, at each level with prefix lengths. */
	OCCUPANCY_OPEN,
	OCCUPANCY_OPEN_LAST = OCCUPANCY_OPEN + MW_PREFIX_LEVELS - 1,
	OCCUPANCY_HISTORY,
	OCCUPANCY_OFFENDERS,
	OCCUPANCY_TABLES,
};

struct occupancy {
	__u64 used, room;
	__u64 sum; /* of connections; regular sources; live blocks */
	int err;   /* why the rest is 0; -ENOENT: there is no such table */
};

/* Reads all tables. An entry that says nothing any more is not used. Failures
 * have been told. */
void occupancy_read(const struct engine *e, const struct mw_settings *s,
		    __u64 now, struct occupancy occupancy[OCCUPANCY_TABLES]);

/* What is counted, for people ("sources over or near their rate") and as a JSON
 * key. */
const char *occupancy_words(enum occupancy_table table);
const char *occupancy_key(enum occupancy_table table);

/* What it means that the table is full, and which counters tell how often. */
const char *occupancy_meaning(enum occupancy_table table);

#endif
