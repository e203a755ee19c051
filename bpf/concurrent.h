/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many connections a source, or a netblock, has open: exact however many
 * CPUs count at once, as one compare-and-swap changes name and count
 * together. Pure.
 */
#ifndef MAILWEIR_CONCURRENT_H
#define MAILWEIR_CONCURRENT_H

#include <stdbool.h>

#include "abi.h"

enum { CONCURRENT_TRIES = 16, CONCURRENT_NONE = -1 };

#define CONCURRENT_COUNT \
	((__u64)MW_CONCURRENT_MOST) /* the bits of a way that count */

/* hash: source_hash() of the key. */
static __always_inline __u64 concurrent_tag(__u64 hash)
{
	return hash & ~CONCURRENT_COUNT;
}

static __always_inline __u64 concurrent_way(const struct mw_concurrent_set *set,
					    int i)
{
	return *(const volatile __u64 *)&set->way[i & (MW_CONCURRENT_WAYS - 1)];
}

/* Two CPUs may have begun the same source in two ways at once: all count. */
static __always_inline __u32
concurrent_count(const struct mw_concurrent_set *set, __u64 tag)
{
	__u32 sum = 0;

	for (int i = 0; i < MW_CONCURRENT_WAYS; i++)
		if (concurrent_tag(concurrent_way(set, i)) == tag)
			sum += concurrent_way(set, i) & CONCURRENT_COUNT;
	return sum;
}

/* The way that counts tag already, else, where asked, a free one. */
static __always_inline int concurrent_find(const struct mw_concurrent_set *set,
					   __u64 tag, bool or_free)
{
	int found = CONCURRENT_NONE;

	for (int i = MW_CONCURRENT_WAYS - 1; i >= 0; i--)
		if (or_free && !(concurrent_way(set, i) & CONCURRENT_COUNT))
			found = i;
	for (int i = 0; i < MW_CONCURRENT_WAYS; i++)
		if (concurrent_tag(concurrent_way(set, i)) == tag &&
		    concurrent_way(set, i) & CONCURRENT_COUNT)
			found = i;
	return found;
}

/* What the way becomes with one more (or less); 0 bits of count in seen make
 * it free to take. false: it is another's by now. */
static __always_inline bool concurrent_step(__u64 seen, __u64 tag, bool more,
					    __u64 *next)
{
	bool live = seen & CONCURRENT_COUNT;

	if (live && concurrent_tag(seen) != tag)
		return false;
	if (!more) {
		*next = seen - 1;
		return live;
	}
	*next = live ? seen + 1 : tag | 1;
	return (seen & CONCURRENT_COUNT) != MW_CONCURRENT_MOST;
}

enum concurrent_result { CONCURRENT_DONE, CONCURRENT_AGAIN, CONCURRENT_FULL };

/* Global, so that the verifier takes its branches once; weak, as more than one
 * file of a program has it. set is never NULL. */
__attribute__((noinline, weak)) int
concurrent_try(struct mw_concurrent_set *set, __u64 tag, bool more)
{
	int at = set ? concurrent_find(set, tag, more) : CONCURRENT_NONE;
	__u64 seen, next;

	/* What is to be taken back is there, but may have been counted in
	 * one way while this was looking at another. */
	if (at == CONCURRENT_NONE)
		return more ? CONCURRENT_FULL : CONCURRENT_AGAIN;
	at &= MW_CONCURRENT_WAYS - 1;
	seen = concurrent_way(set, at);
	if (!concurrent_step(seen, tag, more, &next))
		return CONCURRENT_AGAIN;
	return __sync_val_compare_and_swap(&set->way[at], seen, next) == seen
		       ? CONCURRENT_DONE
		       : CONCURRENT_AGAIN;
}

/* One more or less. false: no room, that is MW_CONCURRENT_WAYS other sources in this
 * set have connections, or this one MW_CONCURRENT_MOST; or (never seen) others won
 * the swap CONCURRENT_TRIES times in a row. */
static __always_inline bool concurrent_change(struct mw_concurrent_set *set,
					      __u64 tag, bool more)
{
	for (int i = 0; i < CONCURRENT_TRIES; i++) {
		int result = concurrent_try(set, tag, more);

		if (result != CONCURRENT_AGAIN)
			return result == CONCURRENT_DONE;
	}
	return false;
}

#endif
