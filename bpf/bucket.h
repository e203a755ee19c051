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

/* A GCRA state. A bucket whose tat is not after now is empty. */
struct mw_bucket {
	__u64 key; /* source_key() */
	__u64 tat; /* theoretical arrival time */
};

/* A set of buckets: one cache line. */
struct mw_set {
	struct mw_bucket way[4];
};

_Static_assert(sizeof(struct mw_bucket) == 16, "mw_bucket");
_Static_assert(sizeof(struct mw_set) == 64, "mw_set");

enum {
	BUCKET_WAYS = 4,
	BUCKET_TRIES = 8,  /* of a compare-and-swap that others keep winning */
	BUCKET_CHANCE = 8, /* a newcomer enters a full set once in so often */
	BUCKET_RACERS = 1024, /* CPUs that may charge one bucket at once */
	BUCKET_NONE = -1,
};

#define BUCKET_SLACK MW_SECOND

/* The burst as the configuration writes it; 0: no limit. */
static __always_inline __u64 bucket_burst(const struct mw_limit *limit)
{
	return limit->interval ? limit->window / limit->interval + 1 : 0;
}

/*
 * The most that a bucket can owe, in ns: mw_limit.most. With charge = syn only
 * what conforms is charged, so a bucket owes the burst at most, and an interval
 * for each CPU that raced for the last event of the burst. With charge =
 * handshake a connection is charged when it exists already; connections that
 * came beyond the burst are charged too, until the bucket owes beyond (or an
 * interval, if that is longer) on top of the window. The configuration allows
 * intervals of a week and windows of 30 days: no sum here overflows.
 */
static __always_inline __u64 bucket_most(__u64 interval, __u64 window,
					 enum mw_charge charge, __u64 beyond)
{
	if (charge == MW_CHARGE_SYN)
		return window + interval * BUCKET_RACERS;
	return window + (interval > beyond ? interval : beyond);
}

/*
 * What the bucket owes, in ns. A TAT beyond what this limit can make it was
 * made by the stricter limit of an earlier generation, or by another list's
 * limit: such a bucket counts as empty. The slack is for the clocks: attempts
 * are judged by the coarse one, which is a tick behind the fine one by which
 * connections are charged.
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

/* The TAT after one event. The bucket owes limit->most at most, and the TAT
 * does not wrap at the end of time. */
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
 * Charges one event. true: the bucket conformed before this event and does not
 * after it. Lock-free: the compare-and-swap sees what another CPU charged
 * meanwhile, so the sum is exact. Two CPUs may both have found room for the
 * last event of a burst; both events are charged, so the rate stays exact and
 * the burst is exceeded by one event a CPU at most. An event whose swap fails
 * BUCKET_TRIES times in a row is not charged.
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

/* The set that a key with this hash belongs to. */
static __always_inline __u32 bucket_place(__u64 hash,
					  const struct mw_settings *s,
					  __u32 level)
{
	return hash & (s->level[level].sets - 1);
}

/* The mask shows the verifier that the way is inside the set. */
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
 * The way that a newcomer may take, or BUCKET_NONE: the way with the least
 * debt. If it has no debt, nothing is lost. If all ways have debt, the newcomer
 * gets the way by chance only: if every newcomer got one, two forged sources
 * per bucket and second would wash out an offender between two of its attempts.
 * The heaviest debtor of a set keeps its way, as long as one limit rules the
 * table; in the tables of lists, debts to several limits stand side by side and
 * are compared in ns. maps.h has the arithmetic.
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
 * Gives the way to key, with an empty bucket. false: another CPU gave the way
 * to a third key first. *evicted: the key that had the way before had debt. The
 * swap of the key decides; the TAT is emptied after it. For the nanoseconds in
 * between, key answers for the debt of the key before, and what another CPU
 * charges to one of the two is lost: one event a CPU.
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
