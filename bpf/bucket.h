/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How time turns into permission: GCRA (ITU-T I.371) with one 64-bit word of
 * state, the theoretical arrival time, and the four-way sets that hold it.
 * Pure: time and randomness are arguments, all times are nanoseconds.
 */
#ifndef MAILWEIR_BUCKET_H
#define MAILWEIR_BUCKET_H

#include <stdbool.h>

#include "abi.h"

enum {
	BUCKET_WAYS = 4,
	BUCKET_TRIES = 8,  /* of a compare-and-swap that others keep winning */
	BUCKET_CHANCE = 8, /* a newcomer enters a full set once in so often */
	BUCKET_RACERS = 1024, /* CPUs that may charge one bucket at once */
	BUCKET_NONE = -1,
};

#define BUCKET_SLACK MW_SECOND

/* As one writes it; 0: no limit. */
static __always_inline __u64 bucket_burst(const struct mw_limit *limit)
{
	return limit->interval ? limit->window / limit->interval + 1 : 0;
}

/*
 * The most that a bucket can owe, mw_limit.most. At the SYN only what conforms
 * is charged: the burst, and an interval for each CPU that raced for the last
 * of it. A connection is charged when it is there already, and what came in
 * beyond the burst meanwhile is paid for, within beyond (or within the
 * interval, if that is longer). With intervals of up to a week and windows of
 * up to 30 days, as the configuration has them, nothing overflows.
 */
static __always_inline __u64 bucket_most(__u64 interval, __u64 window,
					 enum mw_charge charge, __u64 beyond)
{
	if (charge == MW_CHARGE_SYN)
		return window + interval * BUCKET_RACERS;
	return window + (interval > beyond ? interval : beyond);
}

/*
 * What is owed. A TAT further away than the limit lets it be is from before a
 * reload that made the limit more generous, or from another list's, and counts
 * as empty. The slack is for clocks: the program's is a tick behind the one
 * that connections are charged by.
 */
static __always_inline __u64 bucket_debt(__u64 tat, __u64 now,
					 const struct mw_limit *limit)
{
	__u64 debt = tat > now ? tat - now : 0;

	return debt > limit->most + BUCKET_SLACK ? 0 : debt;
}

static __always_inline bool bucket_conforms(__u64 tat, __u64 now,
					    const struct mw_limit *limit)
{
	return bucket_debt(tat, now, limit) <= limit->window;
}

/* The TAT after one event; it stops at the most that can be owed, or at the
 * end of time, instead of going on or wrapping. */
static __always_inline __u64 bucket_after(__u64 tat, __u64 now,
					  const struct mw_limit *limit)
{
	__u64 debt = bucket_debt(tat, now, limit), next;

	next = debt + limit->interval;
	if (next > limit->most)
		next = debt > limit->most ? debt : limit->most;
	return now > ~0ULL - next ? ~0ULL : now + next;
}

/*
 * Charges one event. Lock-free: another CPU's charge in between is seen by
 * the compare and the sum is exact. Two CPUs may both have found room for
 * the last event of a burst: both are charged, so the rate stays exact and
 * the burst is exceeded by at most one event a CPU. A swap lost BUCKET_TRIES
 * times in a row leaves one event uncharged. true: this event is the one that
 * took a bucket which conformed to where it does not.
 */
static __always_inline bool bucket_charge(__u64 *tat, __u64 now,
					  const struct mw_limit *limit)
{
	for (int i = 0; i < BUCKET_TRIES; i++) {
		__u64 seen = *(volatile __u64 *)tat;
		__u64 next = bucket_after(seen, now, limit);

		if (__sync_val_compare_and_swap(tat, seen, next) == seen)
			return bucket_conforms(seen, now, limit) &&
			       !bucket_conforms(next, now, limit);
	}
	return false;
}

/* Masked, so that the verifier sees that the way is one. */
static __always_inline struct mw_bucket *bucket_at(struct mw_set *set, int way)
{
	return &set->way[way & (BUCKET_WAYS - 1)];
}

/* The way that holds key, or BUCKET_NONE. */
static __always_inline int bucket_find(const struct mw_set *set, __u64 key)
{
	for (int i = 0; i < BUCKET_WAYS; i++)
		if (*(volatile __u64 *)&set->way[i].key == key)
			return i;
	return BUCKET_NONE;
}

/*
 * The way that a newcomer may take: the one with the least debt. Without
 * debt it is as good as empty and nothing is lost. Where all four are live a
 * newcomer gets it by chance only: were it always given away, two forged
 * sources per bucket and second would wash out an offender between two of
 * its attempts. The heaviest debtor of a set is not the one to go, as long as
 * one limit rules the table: in the list tables debts to several limits stand
 * side by side, and ns are what is compared. maps.h has the arithmetic.
 */
static __always_inline int bucket_victim(const struct mw_set *set, __u64 now,
					 __u32 random)
{
	int least = 0;

	for (int i = 1; i < BUCKET_WAYS; i++)
		if (set->way[i].tat < set->way[least].tat)
			least = i;
	if (set->way[least].tat > now && random % BUCKET_CHANCE)
		return BUCKET_NONE;
	return least;
}

/*
 * Gives the way to key, with an empty bucket. false: another CPU was faster,
 * look again. The key alone decides; the TAT is emptied after. Until then
 * (nanoseconds) key answers for the debt of its predecessor, and what another
 * CPU charges to either of them in between is lost: one event a CPU.
 * *evicted: the predecessor had debt.
 */
static __always_inline bool bucket_claim(struct mw_bucket *way, __u64 key,
					 __u64 now, bool *evicted)
{
	__u64 old = *(volatile __u64 *)&way->key;

	*evicted = false;
	if (old == key)
		return true;
	if (__sync_val_compare_and_swap(&way->key, old, key) != old)
		return false;
	*evicted = __sync_lock_test_and_set(&way->tat, now) > now;
	return true;
}

#endif
