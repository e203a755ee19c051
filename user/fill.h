/* SPDX-License-Identifier: GPL-2.0 */
/* How full every table is. */
#ifndef MAILWEIR_FILL_H
#define MAILWEIR_FILL_H

#include "engine.h"

enum fill_table {
	FILL_SOURCE, /* buckets in debt */
	FILL_NETBLOCK,
	FILL_LIST,
	FILL_OBSERVED_LIST,
	FILL_BLOCKS,
	FILL_SOURCE_OPEN, /* sources with open connections */
	FILL_NETBLOCK_OPEN,
	FILL_HISTORY,
	FILL_OFFENDERS,
	FILLS,
};

struct fill {
	__u64 used, room; /* both 0: it cannot be read */
	__u64 sum;	  /* of connections; who is known; live blocks */
};

/* Those of a table that says nothing any more do not count as used. */
void fill_read(const struct engine *e, const struct mw_settings *s, __u64 now,
	       struct fill fill[FILLS]);

/* For people ("source buckets in debt"), and as a JSON key. */
const char *fill_words(enum fill_table table);
const char *fill_key(enum fill_table table);

/* What a full one means, and the counters that tell how often. */
const char *fill_meaning(enum fill_table table);

#endif
