/* SPDX-License-Identifier: GPL-2.0 */
/* All lists together to one sorted set of prefixes, each with what the lists
 * say of an address in it. Pure. */
#ifndef MAILWEIR_FLATTEN_H
#define MAILWEIR_FLATTEN_H

#include "bpf/lookup_parts.h"
#include "lists/prefix.h"

struct flatten_list {
	const struct prefix_set *set; /* as feed_finish leaves it */
	__u8 slot;		      /* the list's index in rules */
	__u8 action;		      /* enum mw_action */
	__u8 mode;		      /* enum mw_mode */
	__s64 since; /* set->since, in seconds of CLOCK_MONOTONIC */
};

struct flat_entry {
	struct mw_prefix prefix; /* its ends is 0: class.until says when */
	union {
		struct mw_leaf leaf;   /* what the lists say at first */
		struct mw_class class; /* the same; then: a place in later */
	};
};

struct flat {
	struct flat_entry *v; /* sorted by prefix_compare */
	size_t n, n4;	      /* the first n4 are IPv4 */
	/* What an entry says once it has ended; then: a place in later. */
	struct mw_class *later;
	size_t n_later, later_room;
};

/*
 * The leaf of the longest entry that covers an address says what all lists
 * together say of it. A prefix whose leaf is that of the entry around it is
 * left out.
 *
 * Of several lists of one action and mode an entry that never ends wins over
 * one that ends. Among those that never end the longest prefix wins, and at
 * equal length the first list given; among those that end, the one that ends
 * last. 0 or -ENOMEM.
 */
int flatten_lists(const struct flatten_list *lists, size_t n, struct flat *out);

/* What the lists say of an address (a full-length prefix) while no entry has
 * ended yet; NULL: nothing. */
const struct mw_leaf *flat_find(const struct flat *flat,
				const struct mw_prefix *address);

void flat_free(struct flat *flat);

#endif
