/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who pays for an attempt or for a connection, and what is written down of it:
 * buckets, histories, blocks by [block].
 */
#ifndef MAILWEIR_CHARGE_H
#define MAILWEIR_CHARGE_H

#include "escalate.h"
#include "state.h"

/* charge = syn: a refused attempt is charged to nobody, else TCP's own
 * retries would keep a sender out. */
static __always_inline void charge_payers_of_attempt(struct verdict *v)
{
	if (v->over)
		v->charge = 0;
}

/*
 * charge = handshake: the connection is there, and if it is over a limit it
 * was under way when others filled the bucket. It is charged all the same, so
 * that who opens a thousand at once pays for a thousand; but who is over its
 * own limit pays alone. Where the gate observes, enforcing would have refused
 * it, so nobody pays.
 */
static __always_inline void
charge_payers_of_connection(const struct mw_settings *s, struct verdict *v)
{
	__u8 own = v->over & POLICY_OWN;

	if (v->over && s->mode == MW_OBSERVE)
		v->charge = 0;
	else if (own)
		v->charge = own;
	else
		v->charge |= v->over & ~POLICY_OPEN;
}

/* true: a bucket that conformed does not any more. Global: the verifier takes
 * its branches once, not for every way that leads to them. p is never NULL. */
__attribute__((noinline)) int charge_level(const struct packet *p, __u32 word,
					   int level, __u64 now)
{
	union state_leaf_word leaf = {.word = word};
	const struct mw_limit *limit =
		policy_limit(state_settings(), &leaf.leaf, level);
	bool evicted = false;
	__u64 key;
	struct mw_set *set =
		p ? state_set(state_settings(), p, level, &key) : NULL;
	__u32 luck;
	int way;

	if (!set || !limit)
		return 0;
	way = bucket_find(set, key);
	if (way == BUCKET_NONE) {
		/* As good as a die to who does not know the seed, without
		 * the 17 ns that a helper call takes. */
		luck = source_hash(key ^ now, state_settings()->seed) >> 32;
		way = bucket_victim(set, now, luck);
		if (way == BUCKET_NONE) {
			count_no_room(level);
			return 0;
		}
		/* The CPU that was faster may have brought in this very key;
		 * if not, this one event is not charged. */
		if (!bucket_claim(bucket_at(set, way), key, now, &evicted))
			way = bucket_find(set, key);
		if (way == BUCKET_NONE)
			return 0;
		if (evicted)
			count_evicted(level);
	}
	return bucket_charge(&bucket_at(set, way)->tat, now, limit);
}

/* The levels whose bucket this event took past its limit. */
static __always_inline __u32 charge_levels(const struct packet *p,
					   union state_leaf_word leaf,
					   __u64 now, const struct verdict *v)
{
	__u32 past = 0;

	for (int i = 0; i < MW_LEVELS; i++)
		if (v->charge & 1 << i && charge_level(p, leaf.word, i, now))
			past |= 1 << i;
	return past;
}

/* Until the word is written (nanoseconds), the newcomer has the history of
 * whom it replaced; and two CPUs may write the same hour. */
static __always_inline int charge_history_enter(struct mw_history_set *set,
						__u64 key, __u32 hour,
						__u32 luck)
{
	int way = history_victim(set, hour, luck);
	struct mw_history *h;
	__u64 old;

	if (way == HISTORY_NONE) {
		COUNT(history_no_room);
		return way;
	}
	h = history_at(set, way);
	old = *(volatile __u64 *)&h->key;
	if (history_alive(h, hour))
		COUNT(history_evicted);
	if (__sync_val_compare_and_swap(&h->key, old, key) != old)
		return HISTORY_NONE; /* the next connection tries again */
	history_set(h, 0, 0);
	return way;
}

/* Writes down one more connection of the source. */
__attribute__((noinline)) int charge_remember(const struct packet *p, __u64 now)
{
	const struct mw_settings *s = state_settings();
	__u32 hour = history_hour(now, s->wall);
	struct mw_history_set *set;
	__u64 key;
	int way;

	if (!p) /* never */
		return 0;
	set = state_history_set(p, &key);
	if (!set)
		return 0;
	way = history_find(set, key);
	if (way == HISTORY_NONE)
		way = charge_history_enter(
			set, key, hour, source_hash(key ^ now, s->seed) >> 32);
	if (way != HISTORY_NONE)
		history_again(history_at(set, way), hour);
	return 0;
}

/* Forgets the connections of the source. */
__attribute__((noinline)) int charge_forget(const struct packet *p)
{
	struct mw_history_set *set;
	__u64 key;
	int way;

	if (!p) /* never */
		return 0;
	set = state_history_set(p, &key);
	way = set ? history_find(set, key) : HISTORY_NONE;
	if (way != HISTORY_NONE)
		history_set(history_at(set, way), 0, 0);
	return 0;
}

/* What enforcing would have refused is nobody's fault, and no history. */
static __always_inline void charge_judged(const struct packet *p,
					  union state_leaf_word leaf, __u64 now,
					  struct verdict *v)
{
	bool own_limit = v->over & POLICY_OWN;
	bool too_many_open = v->over & POLICY_OPEN_SOURCE;
	const struct mw_settings *s = state_settings();
	bool crossed;

	charge_payers_of_connection(s, v);
	crossed = charge_levels(p, leaf, now, v) & v->strict & POLICY_OWN;
	if (v->over && s->mode == MW_OBSERVE)
		return;
	/* With more open than it may have it earns nothing, and loses only
	 * what a rate takes. */
	if (own_limit)
		charge_forget(p);
	else if (!too_many_open)
		charge_remember(p, now);
	if (!crossed)
		return;
	COUNT(times_over);
	if (s->escalation.after && escalate(p, now))
		charge_forget(p);
}

/* Everything that a connection of ours is good for but how many are open. */
static __always_inline void charge_connection(const struct packet *p, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	struct standing from = {};
	struct verdict v = {};

	if (!policy_access(&leaf.leaf, state_block(p, now) != BLOCK_NONE, &v)) {
		state_standing(p, &leaf.leaf, now, STATE_TO_CHARGE, &from);
		policy_rates(state_settings(), &leaf.leaf, &from, now, &v);
		charge_judged(p, leaf, now, &v);
	}
	count_connection(&v);
}

#endif
