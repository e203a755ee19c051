/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All lists together to one sorted set of (prefix, what they say of it).
 */
#ifndef MAILWEIR_NETBLOCK_H
#define MAILWEIR_NETBLOCK_H

#include "prefix.h"

struct netblock_list {
	const struct prefix_set *set; /* as feed_finish leaves it */
	__u8 slot;		      /* the list's index in rules */
	__u8 action;		      /* enum mw_action */
	__u8 mode;		      /* enum mw_mode */
	__s64 since; /* set->since, in seconds of CLOCK_MONOTONIC */
};

struct netblock_entry {
	struct mw_prefix prefix;
	union {
		struct mw_leaf leaf;   /* at first; and, where it ends, */
		struct mw_class class; /* then: a place in later */
	};
};

struct netblocks {
	struct netblock_entry *v; /* sorted by prefix_compare */
	size_t n, n4;		  /* the first n4 are IPv4 */
	struct mw_class *later;	  /* what entries that end lead to */
	size_t n_later;
};

/*
 * Flattens: the leaf of the longest entry that covers an address says what
 * all the lists together say of it. An entry whose leaf is the one it would
 * inherit is left out. Among lists of one action and mode an entry that never
 * ends wins over one that does; then the longest prefix, at equal length the
 * first list given; of those that end the last. 0 or -ENOMEM.
 */
int netblock_compile(const struct netblock_list *lists, size_t n,
		     struct netblocks *out);

/* As long as nothing has ended; NULL where no entry covers the address (a
 * full-length prefix). */
const struct mw_leaf *netblock_find(const struct netblocks *nb,
				    const struct mw_prefix *address);

void netblock_free(struct netblocks *nb);

#endif
