/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The history of a source: when it completed its first and its last connection.
 * A source that goes over its limit or is blocked loses its history, and a
 * history fades when no connection came for 30 days. A source is a regular when
 * these two connections were on different days (UTC) and six hours apart or
 * more, so that a botnet does not become regular around midnight. Pure; time is
 * hours since 1970.
 */
#ifndef MAILWEIR_HISTORY_H
#define MAILWEIR_HISTORY_H

#include <stdbool.h>

#include "source.h"

/* When a source completed its first and its last connection, in hours since
 * 1970. A source that was forgotten begins anew. last 0: it has no history. */
struct mw_history {
	__u64 key;	   /* source_key() */
	__u32 since, last; /* read and written as one word */
};

enum { MW_HISTORY_WAYS = 4 };

/* A set of histories: one cache line. */
struct mw_history_set {
	struct mw_history way[MW_HISTORY_WAYS];
};

_Static_assert(sizeof(struct mw_history_set) == 64, "mw_history_set");

enum {
	/* hours */
	HISTORY_APART = 6,
	HISTORY_DAY = 24,
	HISTORY_FADES = 30 * HISTORY_DAY,
	HISTORY_CHANCE = 8, /* a newcomer enters a full set once in so often */
	HISTORY_NONE = -1,
	/* Who may own a prefix, and in how many parts of the table. */
	HISTORY_OWNER4 = 16,
	HISTORY_OWNER6 = 32,
	HISTORY_OWNER_SHARE = 16,
	HISTORY_SITE4 = 24,
	HISTORY_SITE6 = 48,
	HISTORY_SITE_SHARE = 256,
};

/* now: ns of CLOCK_MONOTONIC; wall: mw_settings.wall. */
static __always_inline __u32 history_hour(__u64 now, __u64 wall)
{
	return (now + wall) / MW_HOUR;
}

/* Whether there is a history that has not faded. */
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

/* Writes both hours in one store, as other CPUs read both at once. last 0: the
 * source has no history. */
static __always_inline void history_set(struct mw_history *h, __u32 since,
					__u32 last)
{
	union {
		__u32 hours[2];
		__u64 word;
	} next = {{since, last}};

	*(volatile history_word *)&h->since = next.word;
}

/* Enters one more connection. If the clock went back, nothing changes. */
static __always_inline void history_again(struct mw_history *h, __u32 hour)
{
	if (!history_alive(h, hour))
		history_set(h, hour, hour);
	else if (h->last < hour)
		history_set(h, h->since, hour);
}

/*
 * The set that keeps the history of a source; sets: how many there are, a power
 * of two. All
 * sources of an IPv6 /48 (IPv4: /24) share one set in 256, which lie anywhere
 * among the one in 16 that the sources of a /32 (/16) share; these lie anywhere
 * in the table. So nobody fills the table for others who has but one prefix.
 */
static __always_inline __u32 history_place(__u64 key, __u64 seed, __u32 sets)
{
	bool v4 = key >= SOURCE_IPV4;
	__u64 site =
		source_masked(key, v4 ? 32 + HISTORY_SITE4 : HISTORY_SITE6);
	__u64 owner =
		source_masked(key, v4 ? 32 + HISTORY_OWNER4 : HISTORY_OWNER6);
	__u64 at = source_hash(key, seed) & (sets / HISTORY_SITE_SHARE - 1);

	at = source_hash(site ^ at, seed) & (sets / HISTORY_OWNER_SHARE - 1);
	return source_hash(owner ^ at, seed) & (sets - 1);
}

/* The mask shows the verifier that the way is inside the set. */
static __always_inline struct mw_history *history_at(struct mw_history_set *set,
						     int way)
{
	return &set->way[way & (MW_HISTORY_WAYS - 1)];
}

/* The way that holds key, or HISTORY_NONE. */
static __always_inline int history_find(const struct mw_history_set *set,
					__u64 key)
{
	for (int i = 0; i < MW_HISTORY_WAYS; i++)
		if (*(const volatile __u64 *)&set->way[i].key == key)
			return i;
	return HISTORY_NONE;
}

/*
 * The way that a newcomer may take, or HISTORY_NONE: a free or faded one; else,
 * 1 time in 8, that of the stranger whose last connection is the longest ago.
 * The history of a regular is never replaced.
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
