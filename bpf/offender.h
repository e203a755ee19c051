/* SPDX-License-Identifier: GPL-2.0 */
/*
 * [block]: when a source that comes to its limit again and again is blocked,
 * and for how long. Pure; now is seconds of CLOCK_MONOTONIC, never 0.
 */
#ifndef MAILWEIR_OFFENDER_H
#define MAILWEIR_OFFENDER_H

#include <stdbool.h>

#include "abi.h"

/* A source that came to its limit. Times are seconds of CLOCK_MONOTONIC; 0: no
 * time. */
struct mw_offender {
	__u64 key;	       /* source_key() */
	__u32 times[MW_TIMES]; /* when it came to its limit, the latest first */
	__u32 until;	       /* the end of its last block */
	__u32 blocks;	       /* blocks that are not forgotten */
	__u64 zero[2];
};

enum { MW_OFFENDER_SETS = 4096, MW_OFFENDER_WAYS = 4 };

struct mw_offender_set {
	struct mw_offender way[MW_OFFENDER_WAYS];
};

_Static_assert(sizeof(struct mw_offender_set) == 256, "mw_offender_set");

enum { OFFENDER_NONE = -1 };

/* Forgets a block for each max that has passed since the last block ended. */
static __always_inline void offender_decay(struct mw_offender *o, __u32 now,
					   const struct mw_escalation *e)
{
	__u64 step = e->max / MW_SECOND, steps;

	if (!o->blocks || now <= o->until || !step)
		return;
	steps = (now - o->until) / step;
	if (steps >= o->blocks) {
		o->blocks = 0;
		return;
	}
	o->blocks -= steps;
	o->until += steps * step;
}

/* How long the next block is, in ns: base, and growing times as long for each
 * block before, but no more than max. */
static __always_inline __u64 offender_term(__u32 blocks,
					   const struct mw_escalation *e)
{
	__u64 term = e->base;

	for (__u32 i = 0; i < 64 && i < blocks && term < e->max; i++)
		term *= e->growing;
	return term < e->max ? term : e->max;
}

/*
 * The source came to its limit once more. Returns for how many ns it is to be
 * blocked; 0: not yet. If two CPUs come here with one source at once, two times
 * may count as one; then the source is blocked one time later.
 */
static __always_inline __u64 offender_again(struct mw_offender *o, __u32 now,
					    const struct mw_escalation *e)
{
	__u32 first = (e->after - 1) % MW_TIMES;
	__u64 term;

	offender_decay(o, now, e);
	for (int i = MW_TIMES - 1; i > 0; i--)
		o->times[i] = o->times[i - 1];
	o->times[0] = now;
	if (!o->times[first] || (now - o->times[first]) * MW_SECOND > e->within)
		return 0;
	for (int i = 0; i < MW_TIMES; i++)
		o->times[i] = 0;
	term = offender_term(o->blocks, e);
	o->blocks++;
	o->until = now + term / MW_SECOND;
	return term;
}

/* Whether the record still matters: it has a time that counts, or a block that
 * is not forgotten. */
static __always_inline bool offender_alive(const struct mw_offender *o,
					   __u32 now,
					   const struct mw_escalation *e)
{
	if (o->times[0] && (now - o->times[0]) * MW_SECOND <= e->within)
		return true;
	return o->blocks && now < o->until + o->blocks * (e->max / MW_SECOND);
}

/* The mask shows the verifier that the way is inside the set. */
static __always_inline struct mw_offender *
offender_at(struct mw_offender_set *set, int way)
{
	return &set->way[way & (MW_OFFENDER_WAYS - 1)];
}

/* The way that holds key, or OFFENDER_NONE. */
static __always_inline int offender_find(const struct mw_offender_set *set,
					 __u64 key)
{
	for (int i = 0; i < MW_OFFENDER_WAYS; i++)
		if (*(const volatile __u64 *)&set->way[i].key == key)
			return i;
	return OFFENDER_NONE;
}

/* The way that a newcomer takes: one that does not matter any more, else that
 * of the source with the fewest blocks, of several the one that came to its
 * limit the longest ago. */
static __always_inline int offender_victim(const struct mw_offender_set *set,
					   __u32 now,
					   const struct mw_escalation *e)
{
	int victim = 0;

	for (int i = 0; i < MW_OFFENDER_WAYS; i++) {
		const struct mw_offender
			*o = &set->way[i],
			*v = &set->way[victim & (MW_OFFENDER_WAYS - 1)];

		if (!offender_alive(o, now, e))
			return i;
		if (o->blocks < v->blocks ||
		    (o->blocks == v->blocks && o->times[0] < v->times[0]))
			victim = i;
	}
	return victim;
}

#endif
