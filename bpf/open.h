/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many connections a source, or a netblock, has open: exact however many
 * CPUs count at once, as one compare-and-swap changes name and count
 * together. Pure.
 */
#ifndef MAILWEIR_OPEN_H
#define MAILWEIR_OPEN_H

#include <stdbool.h>

#include "abi.h"

enum { OPEN_TRIES = 16, OPEN_NONE = -1 };

#define OPEN_COUNT ((__u64)MW_OPEN_MOST) /* the bits of a way that count */

/* hash: source_hash() of the key. */
static __always_inline __u64 open_tag(__u64 hash)
{
	return hash & ~OPEN_COUNT;
}

static __always_inline __u64 open_way(const struct mw_open_set *set, int i)
{
	return *(const volatile __u64 *)&set->way[i & (MW_OPEN_WAYS - 1)];
}

/* Two CPUs may have begun the same source in two ways at once: all count. */
static __always_inline __u32 open_count(const struct mw_open_set *set,
					__u64 tag)
{
	__u32 sum = 0;

	for (int i = 0; i < MW_OPEN_WAYS; i++)
		if (open_tag(open_way(set, i)) == tag)
			sum += open_way(set, i) & OPEN_COUNT;
	return sum;
}

/* The way that counts tag already, else, where asked, a free one. */
static __always_inline int open_find(const struct mw_open_set *set, __u64 tag,
				     bool or_free)
{
	int found = OPEN_NONE;

	for (int i = MW_OPEN_WAYS - 1; i >= 0; i--)
		if (or_free && !(open_way(set, i) & OPEN_COUNT))
			found = i;
	for (int i = 0; i < MW_OPEN_WAYS; i++)
		if (open_tag(open_way(set, i)) == tag &&
		    open_way(set, i) & OPEN_COUNT)
			found = i;
	return found;
}

/* What the way becomes with one more (or less); 0 bits of count in seen make
 * it free to take. false: it is another's by now. */
static __always_inline bool open_step(__u64 seen, __u64 tag, bool more,
				      __u64 *next)
{
	bool live = seen & OPEN_COUNT;

	if (live && open_tag(seen) != tag)
		return false;
	if (!more) {
		*next = seen - 1;
		return live;
	}
	*next = live ? seen + 1 : tag | 1;
	return (seen & OPEN_COUNT) != MW_OPEN_MOST;
}

enum open_result { OPEN_DONE, OPEN_AGAIN, OPEN_FULL };

/* Global, so that the verifier takes its branches once; weak, as more than one
 * file of a program has it. set is never NULL. */
__attribute__((noinline, weak)) int open_try(struct mw_open_set *set, __u64 tag,
					     bool more)
{
	int at = set ? open_find(set, tag, more) : OPEN_NONE;
	__u64 seen, next;

	/* What is to be taken back is there, but may have been counted in
	 * one way while this was looking at another. */
	if (at == OPEN_NONE)
		return more ? OPEN_FULL : OPEN_AGAIN;
	at &= MW_OPEN_WAYS - 1;
	seen = open_way(set, at);
	if (!open_step(seen, tag, more, &next))
		return OPEN_AGAIN;
	return __sync_val_compare_and_swap(&set->way[at], seen, next) == seen
		       ? OPEN_DONE
		       : OPEN_AGAIN;
}

/* One more or less. false: no room, that is MW_OPEN_WAYS other sources in this
 * set have connections, or this one MW_OPEN_MOST; or (never seen) others won
 * the swap OPEN_TRIES times in a row. */
static __always_inline bool open_change(struct mw_open_set *set, __u64 tag,
					bool more)
{
	for (int i = 0; i < OPEN_TRIES; i++) {
		int result = open_try(set, tag, more);

		if (result != OPEN_AGAIN)
			return result == OPEN_DONE;
	}
	return false;
}

#endif
