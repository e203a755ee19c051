/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All lists together to the structure that the kernel looks up: for now a
 * sorted set of (prefix, leaf) for a longest-prefix-match trie.
 */
#ifndef MAILWEIR_NETBLOCK_H
#define MAILWEIR_NETBLOCK_H

#include "prefix.h"

struct netblock_list {
	const struct prefix_set *set; /* as feed_read leaves it */
	__u8 slot;		      /* the list's index in rules */
	__u8 action;		      /* enum mw_action */
	__u8 mode;		      /* enum mw_mode */
};

struct netblock_entry {
	struct mw_prefix prefix;
	struct mw_leaf leaf;
};

struct netblocks {
	struct netblock_entry *v; /* sorted by prefix_compare */
	size_t n, n4;		  /* the first n4 are IPv4 */
};

/*
 * Flattens: the leaf of the longest entry that covers an address says what
 * all the lists together say of it. An entry whose leaf is the one it would
 * inherit is left out. Among lists of one action and mode the longest prefix
 * wins, at equal length the first list given. 0 or -ENOMEM.
 */
int netblock_compile(const struct netblock_list *lists, size_t n,
		     struct netblocks *out);

/* NULL where no entry covers the address (a full-length prefix). */
const struct mw_leaf *netblock_find(const struct netblocks *nb,
				    const struct mw_prefix *address);

void netblock_free(struct netblocks *nb);

#endif
