/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many connections a source, or a netblock, has open. The count is exact
 * however many CPUs count at once, as one compare-and-swap changes the name of
 * a way and its count together. Pure.
 */
#ifndef MAILWEIR_CONCURRENT_H
#define MAILWEIR_CONCURRENT_H

#include <stdbool.h>

#include "abi.h"

/*
 * How many connections a source, or a netblock, has open. A way holds the upper
 * 48 bits of its source_hash() and 16 bits of count. The lower bits of the hash
 * choose the set, of which there are MW_CONCURRENT_LEAST or more, so that set
 * and way together name the key exactly, as the hash is one to one. Count 0:
 * the way is free. A set is one cache line.
 */
enum {
	MW_CONCURRENT_WAYS = 8,
	MW_CONCURRENT_MOST = 65535,
	MW_CONCURRENT_LEAST = 65536,
};

struct mw_concurrent_set {
	__u64 way[MW_CONCURRENT_WAYS];
};

/* Where the connection of a socket is counted. tag 0: the level does
 * not count the connection. */
struct mw_concurrent_mark {
	__u64 flow; /* flow_key() of the ACK that established it; 0: none */
	__u64 tag[MW_PREFIX_LEVELS]; /* concurrent_tag() at each level */
	__u32 set[MW_PREFIX_LEVELS];
};

_Static_assert(sizeof(struct mw_concurrent_set) == 64, "mw_concurrent_set");
_Static_assert(sizeof(struct mw_concurrent_mark) ==
		       8 + (12 * MW_PREFIX_LEVELS + 7) / 8 * 8,
	       "mw_concurrent_mark");

enum { CONCURRENT_TRIES = 16, CONCURRENT_NONE = -1 };

/* The bits of a way that count. */
#define CONCURRENT_COUNT ((__u64)MW_CONCURRENT_MOST)

/* The set of a key. hash: source_hash() of the key. */
static __always_inline __u32 concurrent_place(__u64 hash,
					      const struct mw_settings *s,
					      __u32 level)
{
	return hash & (s->level[level].open_sets - 1);
}

/* The name of a key in its set. hash: source_hash() of the key. */
static __always_inline __u64 concurrent_tag(__u64 hash)
{
	return hash & ~CONCURRENT_COUNT;
}

static __always_inline __u64 concurrent_way(const struct mw_concurrent_set *set,
					    int i)
{
	return *(const volatile __u64 *)&set->way[i & (MW_CONCURRENT_WAYS - 1)];
}

/* Two CPUs may have entered one source in two ways at once: the count is the
 * sum of all its ways. */
static __always_inline __u32
concurrent_count(const struct mw_concurrent_set *set, __u64 tag)
{
	__u32 sum = 0;

	for (int i = 0; i < MW_CONCURRENT_WAYS; i++)
		if (concurrent_tag(concurrent_way(set, i)) == tag)
			sum += concurrent_way(set, i) & CONCURRENT_COUNT;
	return sum;
}

/* A way that counts connections of tag, or CONCURRENT_NONE. */
static __always_inline int concurrent_find(const struct mw_concurrent_set *set,
					   __u64 tag)
{
	int found = CONCURRENT_NONE;

	for (int i = 0; i < MW_CONCURRENT_WAYS; i++)
		if (concurrent_tag(concurrent_way(set, i)) == tag &&
		    concurrent_way(set, i) & CONCURRENT_COUNT)
			found = i;
	return found;
}

/* The first way that counts no connection, or CONCURRENT_NONE. */
static __always_inline int concurrent_free(const struct mw_concurrent_set *set)
{
	int found = CONCURRENT_NONE;

	for (int i = MW_CONCURRENT_WAYS - 1; i >= 0; i--)
		if (!(concurrent_way(set, i) & CONCURRENT_COUNT))
			found = i;
	return found;
}

enum concurrent_result { CONCURRENT_DONE, CONCURRENT_AGAIN, CONCURRENT_FULL };

/* CONCURRENT_AGAIN: another CPU changed the way since it read seen there. */
static __always_inline enum concurrent_result
concurrent_swap(struct mw_concurrent_set *set, int way, __u64 seen, __u64 next)
{
	__u64 *at = &set->way[way & (MW_CONCURRENT_WAYS - 1)];

	return __sync_val_compare_and_swap(at, seen, next) == seen
		       ? CONCURRENT_DONE
		       : CONCURRENT_AGAIN;
}

/* A global function: the verifier walks its branches only once. Weak, as two
 * objects have it. set is never NULL. */
__attribute__((noinline, weak)) int
concurrent_try_add(struct mw_concurrent_set *set, __u64 tag)
{
	int way = set ? concurrent_find(set, tag) : CONCURRENT_NONE;
	__u64 seen;

	if (set && way == CONCURRENT_NONE)
		way = concurrent_free(set);
	if (way == CONCURRENT_NONE)
		return CONCURRENT_FULL;
	seen = concurrent_way(set, way);
	if (!(seen & CONCURRENT_COUNT))
		return concurrent_swap(set, way, seen, tag | 1);
	if (concurrent_tag(seen) != tag)
		return CONCURRENT_AGAIN; /* another source took the way */
	if ((seen & CONCURRENT_COUNT) == MW_CONCURRENT_MOST)
		return CONCURRENT_FULL;
	return concurrent_swap(set, way, seen, seen + 1);
}

/* Global and weak, as concurrent_try_add() is. The connection to be taken is in
 * the set, but its way may change hands while this CPU looks at the ways one
 * after another. set is never NULL. */
__attribute__((noinline, weak)) int
concurrent_try_take(struct mw_concurrent_set *set, __u64 tag)
{
	int way = set ? concurrent_find(set, tag) : CONCURRENT_NONE;
	__u64 seen;

	if (way == CONCURRENT_NONE)
		return CONCURRENT_AGAIN;
	seen = concurrent_way(set, way);
	if (!(seen & CONCURRENT_COUNT) || concurrent_tag(seen) != tag)
		return CONCURRENT_AGAIN;
	return concurrent_swap(set, way, seen, seen - 1);
}

/*
 * Counts one connection more. false: there is no room, that is other sources
 * have connections in all MW_CONCURRENT_WAYS ways of the set, or this source
 * has MW_CONCURRENT_MOST; or (never seen) other CPUs were faster
 * CONCURRENT_TRIES times in a row.
 */
static __always_inline bool concurrent_add(struct mw_concurrent_set *set,
					   __u64 tag)
{
	for (int i = 0; i < CONCURRENT_TRIES; i++) {
		int result = concurrent_try_add(set, tag);

		if (result != CONCURRENT_AGAIN)
			return result == CONCURRENT_DONE;
	}
	return false;
}

/* Counts one connection less. false: there is none, or (never seen) other CPUs
 * were faster CONCURRENT_TRIES times in a row. */
static __always_inline bool concurrent_take(struct mw_concurrent_set *set,
					    __u64 tag)
{
	for (int i = 0; i < CONCURRENT_TRIES; i++)
		if (concurrent_try_take(set, tag) == CONCURRENT_DONE)
			return true;
	return false;
}

#endif
