/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has a history: a source that completed connections on two different
 * days (UTC), six hours apart or more, so that a botnet does not qualify
 * around midnight, and was neither over its limit nor blocked since the
 * first. It fades when nothing came for 30 days. Pure; time is hours since
 * 1970.
 */
#ifndef MAILWEIR_HISTORY_H
#define MAILWEIR_HISTORY_H

#include <stdbool.h>

#include "abi.h"

enum {
	/* hours */
	HISTORY_APART = 6,
	HISTORY_DAY = 24,
	HISTORY_FADES = 30 * HISTORY_DAY,
	HISTORY_CHANCE = 8, /* a newcomer enters a full set once in so often */
	HISTORY_NONE = -1,
};

/* now: CLOCK_MONOTONIC; wall: of the settings. */
static __always_inline __u32 history_hour(__u64 now, __u64 wall)
{
	return (now + wall) / MW_HOUR;
}

static __always_inline bool history_alive(const struct mw_history *h,
					  __u32 hour)
{
	return h->last && hour <= h->last + HISTORY_FADES;
}

static __always_inline bool history_regular(const struct mw_history *h,
					    __u32 hour)
{
	return history_alive(h, hour) && h->last >= h->since + HISTORY_APART &&
	       h->last / HISTORY_DAY != h->since / HISTORY_DAY;
}

typedef __u64 __attribute__((may_alias)) history_word;

/* In one store, as other CPUs read both. last 0: forgotten. */
static __always_inline void history_set(struct mw_history *h, __u32 since,
					__u32 last)
{
	union {
		__u32 hours[2];
		__u64 word;
	} next = {{since, last}};

	*(volatile history_word *)&h->since = next.word;
}

/* One more connection. A clock that went back moves nothing. */
static __always_inline void history_again(struct mw_history *h, __u32 hour)
{
	if (!history_alive(h, hour))
		history_set(h, hour, hour);
	else if (h->last < hour)
		history_set(h, h->since, hour);
}

/* Masked, so that the verifier sees that the way is one. */
static __always_inline struct mw_history *history_at(struct mw_history_set *set,
						     int way)
{
	return &set->way[way & (MW_HISTORY_WAYS - 1)];
}

static __always_inline int history_find(const struct mw_history_set *set,
					__u64 key)
{
	for (int i = 0; i < MW_HISTORY_WAYS; i++)
		if (*(const volatile __u64 *)&set->way[i].key == key)
			return i;
	return HISTORY_NONE;
}

/*
 * The way that a newcomer may take: a free or faded one; else, 1 time in 8,
 * that of the source without two days whose last connection is the longest
 * ago. The record of a regular is never replaced.
 */
static __always_inline int history_victim(const struct mw_history_set *set,
					  __u32 hour, __u32 luck)
{
	int victim = HISTORY_NONE;

	for (int i = 0; i < MW_HISTORY_WAYS; i++) {
		const struct mw_history *h = &set->way[i];

		if (!history_alive(h, hour))
			return i;
		if (history_regular(h, hour))
			continue;
		if (victim == HISTORY_NONE ||
		    h->last < set->way[victim & (MW_HISTORY_WAYS - 1)].last)
			victim = i;
	}
	return luck % HISTORY_CHANCE ? HISTORY_NONE : victim;
}

#endif
