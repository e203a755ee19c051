/* SPDX-License-Identifier: GPL-2.0 */
/* What the tables say of a source, in the form that policy.h judges. The
 * program that judges attempts and those that charge and count connections
 * share it. */
#ifndef MAILWEIR_STATE_H
#define MAILWEIR_STATE_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "block.h"
#include "bucket.h"
#include "concurrent.h"
#include "count.h"
#include "history.h"
#include "lookup.h"
#include "maps.h"
#include "policy.h"
#include "source.h"

/* The settings of this generation; user space freezes them at loading. */
const volatile struct mw_settings settings = {};

/* The compiler must not see where the pointer comes from: it would take the
 * values of the initializer above for those that user space has set. */
static __always_inline const struct mw_settings *state_settings(void)
{
	const struct mw_settings *s = (const struct mw_settings *)&settings;

	asm volatile("" : "+r"(s));
	return s;
}

static __always_inline struct mw_block *block_get(void *in,
						  const struct mw_prefix *key)
{
	(void)in;
	return bpf_map_lookup_elem(&blocks, key);
}

#define STATE_AT(map, i) bpf_map_lookup_elem(&(map), &(i))

static __always_inline const void *lookup_at(const void *in, enum mw_part part,
					     __u32 i)
{
	(void)in;
	switch (part) {
	case MW_LEAVES:
		return STATE_AT(leaves, i);
	case MW_TOP4:
		return STATE_AT(top4, i);
	case MW_WORDS4:
		return STATE_AT(words4, i);
	case MW_RUNS4:
		return STATE_AT(runs4, i);
	case MW_TOP6:
		return STATE_AT(top6, i);
	case MW_TREES6:
		return STATE_AT(trees6, i);
	case MW_NODES6:
		return STATE_AT(nodes6, i);
	case MW_WORDS6:
		return STATE_AT(words6, i);
	case MW_RANGES6:
		return STATE_AT(ranges6, i);
	case MW_LOWS6:
		return STATE_AT(lows6, i);
	case MW_PARTS:
		break;
	}
	return NULL;
}

/* A leaf as one word, which a global function can return. To the verifier the
 * word is one unknown number, whichever way led to it. */
union state_leaf_word {
	struct mw_leaf leaf;
	__u32 word;
};

__attribute__((noinline)) __u32 state_leaf(const struct packet *p, __u64 now)
{
	union state_leaf_word none = {}, word;
	const struct mw_leaf *leaf;
	__u32 class;

	if (!p) /* never */
		return none.word;
	if (p->family == 4)
		class = lookup_class4(NULL, source_u64(p->source) >> 32);
	else
		class = lookup_class6(NULL, source_u64(p->source),
				      source_u64(p->source + 8));
	leaf = lookup_leaf(NULL, class, now);
	if (!leaf)
		return none.word;
	word.leaf = *leaf;
	return word.word;
}

static __always_inline __u64 state_flow_key(enum flow_kind kind,
					    const struct packet *from,
					    __u16 port, __u32 number)
{
	return flow_key(kind, from, port, number, state_settings()->seed);
}

/* The place of key. NULL: never. */
static __always_inline volatile __u64 *state_flow(__u64 key)
{
	__u32 place = flow_place(key);

	return bpf_map_lookup_elem(&flows, &place);
}

/* Does not wait for what the place holds. */
static __always_inline void state_flow_put(__u64 key)
{
	volatile __u64 *at = state_flow(key);

	if (at)
		*at = key;
}

/* Returns what the place held before. */
static __always_inline __u64 state_flow_note(__u64 key)
{
	volatile __u64 *at = state_flow(key);
	__u64 was = at ? *at : 0;

	if (at && !flow_is(was, key))
		*at = key;
	return was;
}

static __always_inline bool state_flow_noted(__u64 key)
{
	volatile __u64 *at = state_flow(key);

	return at && flow_is(*at, key);
}

/* The length of the run-time block that holds p, or BLOCK_NONE. A global
 * function: the verifier walks its loops only once, whatever leads to it. */
__attribute__((noinline)) int state_block(const struct packet *p, __u64 now)
{
	const struct mw_block_lengths *lengths;
	__u32 zero = 0;

	lengths = bpf_map_lookup_elem(&block_lengths, &zero);
	if (!p || !lengths) /* never */
		return BLOCK_NONE;
	return block_find(NULL, lengths, state_settings(), p->family, p->source,
			  now);
}

#define STATE_SET(ID, name, level, at) \
	if ((level) == MW_##ID)        \
		return bpf_map_lookup_elem(&name##_buckets, at);

/* The set that a key with this hash belongs to, of a level. */
static __always_inline struct mw_set *state_set_of(__u32 level, __u64 hash)
{
	__u32 at = bucket_place(hash, state_settings(), level);

	MW_EACH_PREFIX_LEVEL(STATE_SET, level, &at)
	if (level == MW_TOTAL)
		return bpf_map_lookup_elem(&total_bucket, &at);
	if (level == MW_LIST)
		return bpf_map_lookup_elem(&list_buckets, &at);
	return bpf_map_lookup_elem(&observed_buckets, &at);
}

/* The set in which a level keeps the bucket of p; *key: the bucket's key. */
static __always_inline struct mw_set *state_set(const struct mw_settings *s,
						const struct packet *p,
						__u32 level, __u64 *key)
{
	*key = source_level_key(s, level, p->family, p->source);
	return state_set_of(level, source_hash(*key, s->seed));
}

/* The TAT of the bucket of p at a level; 0: it has none. */
static __always_inline __u64 state_tat(const struct packet *p, __u32 level)
{
	struct mw_set *set;
	__u64 key;
	int way;

	if (!p || level >= MW_LEVELS) /* never */
		return 0;
	set = state_set(state_settings(), p, level, &key);
	way = set ? bucket_find(set, key) : BUCKET_NONE;
	return way == BUCKET_NONE ? 0 : bucket_at(set, way)->tat;
}

static __always_inline struct mw_history_set *
state_history_set(const struct packet *p, __u64 *key)
{
	const struct mw_settings *s = state_settings();
	__u32 at;

	*key = source_level_key(s, MW_SOURCE, p->family, p->source);
	at = history_place(*key, s->seed, s->history_sets);
	return bpf_map_lookup_elem(&history, &at);
}

__attribute__((noinline)) int state_regular(const struct packet *p, __u64 now)
{
	__u32 hour = history_hour(now, state_settings()->wall);
	struct mw_history_set *set;
	__u64 key;
	int way;

	if (!p) /* never */
		return false;
	set = state_history_set(p, &key);
	way = set ? history_find(set, key) : HISTORY_NONE;
	return way != HISTORY_NONE &&
	       history_regular(history_at(set, way), hour);
}

/* The set in which a level counts the open connections of p, and its place *at;
 * *tag: concurrent_tag() of p's key there. */
static __always_inline struct mw_concurrent_set *
state_concurrent_set(const struct packet *p, __u32 level, __u64 *tag, __u32 *at)
{
	const struct mw_settings *s = state_settings();
	__u64 key = source_level_key(s, level, p->family, p->source);
	__u64 hash = source_hash(key, s->seed);
	__u32 i = concurrent_place(hash, s, level);

	*tag = concurrent_tag(hash);
	*at = i;
	return maps_concurrent_set(level, &i);
}

__attribute__((noinline)) __u32 state_concurrent(const struct packet *p,
						 __u32 level)
{
	struct mw_concurrent_set *set;
	__u64 tag;
	__u32 at;

	if (!p || level >= MW_PREFIX_LEVELS) /* never */
		return 0;
	set = state_concurrent_set(p, level, &tag, &at);
	return set ? concurrent_count(set, tag) : 0;
}

/* What the tables are asked for: whether the source is a regular decides who
 * is charged always, but judges only what is over the total. */
enum state_purpose { STATE_TO_JUDGE, STATE_TO_CHARGE };

/* Asks the tables for what some limit wants to know, and for no more. */
static __always_inline void
state_standing(const struct packet *p, const struct mw_leaf *leaf, __u64 now,
	       enum state_purpose purpose, struct standing *from)
{
	const struct mw_settings *s = state_settings();

#pragma unroll
	for (int i = 0; i < MW_LEVELS; i++)
		if (policy_limit(s, leaf, i))
			from->tat[i] = state_tat(p, i);
	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		if (s->level[i].open)
			from->open[i] = state_concurrent(p, i);
	if (s->level[MW_TOTAL].limit.interval &&
	    (purpose == STATE_TO_CHARGE ||
	     !bucket_conforms(from->tat[MW_TOTAL], now,
			      &s->level[MW_TOTAL].limit)))
		from->regular = state_regular(p, now);
}

/* Judges p by the limits of all levels, at the time now. word: a
 * state_leaf_word; purpose: an enum state_purpose. A global function: the
 * verifier walks its branches only once. p and v are never NULL. */
__attribute__((noinline)) int state_rates(const struct packet *p, __u32 word,
					  __u64 now, __u32 purpose,
					  struct verdict *v)
{
	union state_leaf_word leaf = {.word = word};
	struct standing from = {};

	if (!p || !v) /* never */
		return 0;
	state_standing(p, &leaf.leaf, now, purpose, &from);
	policy_rates(state_settings(), &leaf.leaf, &from, now, v);
	return 0;
}

#endif
