/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Run-time blocks: sets of prefixes are blocked and unblocked, and kept for
 * the next boot, those with an end by the clock on the wall. 0 or -errno;
 * failures have been told.
 */
#ifndef MAILWEIR_BLOCKS_H
#define MAILWEIR_BLOCKS_H

#include "gate/block_owners.h"

/* How far a change of the blocks came. */
struct blocks_result {
	size_t done;   /* prefixes of the set, from the first on; unblocked */
	size_t held;   /* not unblocked, as others block them */
	size_t ended;  /* of which a block was ended */
	size_t longer; /* of these, blocked for longer already, and left so */
	int kept;      /* 0, or why the next boot will know the blocks as they
			* were before */
	int forgotten; /* 0, or why the histories of who is blocked stay, or
			* the times over of who is unblocked */
};

/*
 * Makes each prefix behind NAT64 the IPv4 one that it is, and sorts the set
 * anew. -EINVAL: one is an IPv4 prefix wider than /widest. One that holds more
 * than such addresses stays, and a warning says so.
 */
int blocks_translate(const struct engine *e, int widest,
		     struct prefix_set *set);

/*
 * Blocks every prefix of a sorted set, until the first that fails: block.why,
 * .created and .expires are of all, and by is their owner. A block of that
 * owner that ends later than the new one stays as it is; of several owners the
 * longest counts. -E2BIG: the table is full.
 */
int blocks_set(const struct engine *e, const struct prefix_set *set,
	       const char *by, const struct mw_block *block,
	       struct blocks_result *r);

/* Ends the blocks of every prefix of the set, by's or more, and forgives what
 * its sources did; tells of those that are not blocked, or by others still. */
int blocks_unset(const struct engine *e, const struct prefix_set *set,
		 const char *by, enum block_whose whose,
		 struct blocks_result *r);

/* Blocks what the last boot kept and has not ended; what is blocked for longer
 * stays as it is. What could not be done of it is owed (kernel/owed.h), and
 * told. */
int blocks_restore(const struct engine *e, const struct mw_settings *s);

/* Keeps what is blocked for the next boot: the program's own blocks, too. What
 * the last one kept and could not be read is not written over. */
int blocks_save(const struct engine *e);

/* A number that changes when what blocks_save would write does. */
int blocks_fingerprint(const struct engine *e, __u64 *fingerprint);

/* Does what an earlier command owed: keeps what is blocked for the next boot;
 * blocks_catch_up blocks what the last one kept before that. */
int blocks_keep_owed(const struct engine *e);
int blocks_catch_up(const struct engine *e);

#endif
