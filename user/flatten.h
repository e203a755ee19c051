/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All lists together to one sorted set of (prefix, what they say of it).
 */
#ifndef MAILWEIR_FLATTEN_H
#define MAILWEIR_FLATTEN_H

#include "prefix.h"

struct flatten_list {
	const struct prefix_set *set; /* as feed_finish leaves it */
	__u8 slot;		      /* the list's index in rules */
	__u8 action;		      /* enum mw_action */
	__u8 mode;		      /* enum mw_mode */
	__s64 since; /* set->since, in seconds of CLOCK_MONOTONIC */
};

struct flat_entry {
	struct mw_prefix prefix;
	union {
		struct mw_leaf leaf;   /* at first; and, where it ends, */
		struct mw_class class; /* then: a place in later */
	};
};

struct flat {
	struct flat_entry *v;	/* sorted by prefix_compare */
	size_t n, n4;		/* the first n4 are IPv4 */
	struct mw_class *later; /* what entries that end lead to */
	size_t n_later, later_room;
};

/*
 * Flattens: the leaf of the longest entry that covers an address says what
 * all the lists together say of it. An entry whose leaf is the one it would
 * inherit is left out. Among lists of one action and mode an entry that never
 * ends wins over one that does; then the longest prefix, at equal length the
 * first list given; of those that end the last. 0 or -ENOMEM.
 */
int flatten_lists(const struct flatten_list *lists, size_t n, struct flat *out);

/* As long as nothing has ended; NULL where no entry covers the address (a
 * full-length prefix). */
const struct mw_leaf *flat_find(const struct flat *flat,
				const struct mw_prefix *address);

void flat_free(struct flat *flat);

#endif
