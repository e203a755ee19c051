/* SPDX-License-Identifier: GPL-2.0 */
/* Who pays for an attempt or for a connection; charging the buckets, writing
 * the histories and, by escalate.h, blocking who comes to its limit too
 * often. */
#ifndef MAILWEIR_CHARGE_H
#define MAILWEIR_CHARGE_H

#include "escalate.h"
#include "state.h"

/* charge = syn: nobody pays for a refused attempt; if its source paid, TCP's
 * own retries would keep the sender out. */
static __always_inline void charge_payers_of_attempt(struct verdict *v)
{
	if (policy_refuses(v))
		v->charge = 0;
}

/*
 * charge = handshake: a connection that is over a limit was under way when
 * other connections filled the bucket. It is charged nevertheless, so that a
 * source that opens a thousand connections at once pays for a thousand. A
 * source that is over its own limit pays alone: its netblock and the strangers
 * do not. If the gate observes, nobody pays for a connection over a limit:
 * enforcing would have refused it.
 */
static __always_inline void
charge_payers_of_connection(const struct mw_settings *s, struct verdict *v)
{
	if (policy_refuses(v) && s->mode == MW_OBSERVE)
		v->charge = 0;
	else if (policy_own(v))
		v->charge = (v->charge | v->over) & POLICY_OWN;
	else
		v->charge |= v->over;
}

/* The bucket of key in its set, which may be new; NULL: the key gets none, and
 * this event is not charged. */
static __always_inline struct mw_bucket *
charge_bucket(struct mw_set *set, __u64 key, __u32 level, __u64 now)
{
	int way = bucket_find(set, key);
	bool evicted = false;
	__u32 luck;

	if (way != BUCKET_NONE)
		return bucket_at(set, way);
	/* Random for everybody who does not know the seed; the helper that
	 * makes random numbers takes 17 ns. */
	luck = source_hash(key ^ now, state_settings()->seed) >> 32;
	way = bucket_victim(set, now, luck);
	if (way == BUCKET_NONE) {
		count_no_room(level);
		return NULL;
	}
	/* Another CPU may have given the way to this very key. */
	if (!bucket_claim(bucket_at(set, way), key, now, &evicted))
		way = bucket_find(set, key);
	if (evicted)
		count_evicted(level);
	return way == BUCKET_NONE ? NULL : bucket_at(set, way);
}

/*
 * Charges one event to the level's bucket of p, if a limit rules the level. 1:
 * the bucket conformed before and does not now, else 0. word: a
 * state_leaf_word. A global function: the verifier walks its branches only
 * once, whatever leads to it. p is never NULL.
 */
__attribute__((noinline)) int charge_level(const struct packet *p, __u32 word,
					   __u32 level, __u64 now)
{
	const struct mw_settings *s = state_settings();
	union state_leaf_word leaf = {.word = word};
	const struct mw_limit *limit;
	struct mw_bucket *bucket;
	struct mw_set *set;
	__u64 key;

	if (!p || level >= MW_LEVELS) /* never */
		return 0;
	limit = policy_limit(s, &leaf.leaf, level);
	set = state_set(s, p, level, &key);
	bucket = set && limit ? charge_bucket(set, key, level, now) : NULL;
	return bucket ? bucket_charge(&bucket->tat, now, limit) : 0;
}

/* Charges one event to the levels of levels, bit per enum mw_level. Returns
 * those whose bucket conformed before and does not now. Global, as charge_level
 * is. p is never NULL. */
__attribute__((noinline)) __u32
charge_levels(const struct packet *p, __u32 word, __u32 levels, __u64 now)
{
	__u32 past = 0;

	for (int i = 0; i < MW_LEVELS; i++)
		if (levels & 1 << i && charge_level(p, word, i, now))
			past |= 1 << i;
	return past;
}

/* Gives a way to a newcomer; returns it, or HISTORY_NONE. Between the swap of
 * the key and the write of the hours (nanoseconds) the newcomer has the history
 * of the source that it replaced. */
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
		return HISTORY_NONE; /* another CPU was faster; next time */
	history_set(h, 0, 0);
	return way;
}

/* Enters one more connection into the history of its source. Two CPUs may both
 * write the same hour. */
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

/* Takes its history from a source. */
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

/* Charges a connection that has been judged. Where the gate observes, a
 * connection over a limit changes no history and leads to no block: enforcing
 * would have refused it. */
static __always_inline void charge_judged(const struct packet *p,
					  union state_leaf_word leaf, __u64 now,
					  struct verdict *v)
{
	bool own_rate = v->over & POLICY_OWN;
	bool too_many_open = v->crowded & 1 << MW_SOURCE;
	const struct mw_settings *s = state_settings();
	bool crossed;

	charge_payers_of_connection(s, v);
	crossed = charge_levels(p, leaf.word, v->charge, now) & v->strict &
		  POLICY_OWN;
	if (policy_refuses(v) && s->mode == MW_OBSERVE)
		return;
	/* A source over its own rate loses its history. A source with too many
	 * open connections keeps its history and adds nothing to it. */
	if (own_rate)
		charge_forget(p);
	else if (!too_many_open)
		charge_remember(p, now);
	if (!crossed)
		return;
	COUNT(times_over);
	if (s->escalation.after && escalate(p, now))
		charge_forget(p);
}

/* Judges, charges and counts a connection; established.h counts how many are
 * open. true: the connection is to be counted for its source alone. */
static __always_inline bool charge_connection(const struct packet *p, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	bool alone = true; /* on a list, or blocked */
	struct verdict v = {};

	if (!policy_access(&leaf.leaf, state_block(p, now) != BLOCK_NONE, &v)) {
		state_rates(p, leaf.word, now, STATE_TO_CHARGE, &v);
		charge_judged(p, leaf, now, &v);
		alone = policy_alone(state_settings(), &v);
	}
	count_connection(&v);
	return alone;
}

#endif
