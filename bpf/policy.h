/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decision, and nothing else: what the tables say of an attempt goes in,
 * the verdict comes out, with the levels that are to be charged. Pure, so that
 * the program and `mailweir test` give the same answer by the same lines.
 *
 *	allow list -> run-time block -> block list -> rates
 *
 * The first match decides. An observed list or limit is judged side by side: it
 * marks what it would have dropped, and is not charged for that attempt. The
 * enforced limits are judged and charged as if the observed one did not exist;
 * else an observed limit would open a hole in the enforced ones.
 */
#ifndef MAILWEIR_POLICY_H
#define MAILWEIR_POLICY_H

#include <stdbool.h>

#include "bucket.h"
#include "counters.h"
#include "lookup_parts.h"

#define POLICY_CLOSE (MW_SECOND / 10) /* see policy_close() */

/* What the tables say of a source. */
struct standing {
	__u64 tat[MW_LEVELS]; /* of its bucket at each level; 0: it has none */
	__u32 open[MW_PREFIX_LEVELS]; /* connections */
	bool regular;		      /* [limit total] is not for regulars */
};

struct verdict {
	__u8 reason;  /* enum mw_reason */
	__u8 list;    /* bits: POLICY_BY_LIST, POLICY_BY_OBSERVED */
	__u8 charge;  /* bit per enum mw_level: the level is to be charged */
	__u8 strict;  /* bit per enum mw_level: its limit is enforced */
	__u8 over;    /* bit per enum mw_level: its enforced rate refuses */
	__u8 crowded; /* bit per enum mw_level: too many connections open */
	bool near;    /* an observed limit is exceeded by < POLICY_CLOSE */
	__u32 would;  /* bit per enum mw_reason: it would have dropped */
	__u64 beyond; /* ns by which the fullest bucket exceeds its limit */
};

#define POLICY_BITS(field) (8 * sizeof(((struct verdict *)0)->field))
_Static_assert(MW_LEVELS <= POLICY_BITS(charge), "a bit per level");
_Static_assert(MW_LEVELS <= POLICY_BITS(strict), "a bit per level");
_Static_assert(MW_LEVELS <= POLICY_BITS(over), "a bit per level");
_Static_assert(MW_LEVELS <= POLICY_BITS(crowded), "a bit per level");
_Static_assert(MW_REASONS <= POLICY_BITS(would), "a bit per reason");

/* Which list of the leaf dropped, or would have dropped. */
enum { POLICY_BY_LIST = 1, POLICY_BY_OBSERVED = 2 };

/* The levels whose buckets a source shares with nobody. */
enum { POLICY_OWN = 1 << MW_SOURCE | 1 << MW_LIST };

/* Whether an enforced limit refuses. */
static __always_inline bool policy_refuses(const struct verdict *v)
{
	return v->over | v->crowded;
}

/* The levels of POLICY_OWN at which an enforced limit refuses. */
static __always_inline __u8 policy_own(const struct verdict *v)
{
	return (v->over | v->crowded) & POLICY_OWN;
}

/* What the lists and blocks say. true: v is the verdict. false: the rates
 * decide. blocked: a run-time block holds the source. */
static __always_inline bool policy_access(const struct mw_leaf *leaf,
					  bool blocked, struct verdict *v)
{
	if (leaf->action == MW_ALLOW) {
		v->reason = MW_ALLOW_LIST;
		return true;
	}
	if (blocked) {
		v->reason = MW_RUNTIME_BLOCK;
		return true;
	}
	if (leaf->action == MW_BLOCK) {
		v->reason = MW_BLOCK_LIST;
		v->list |= POLICY_BY_LIST;
		return true;
	}
	if (leaf->observed == MW_BLOCK) {
		v->would |= 1U << MW_BLOCK_LIST;
		v->list |= POLICY_BY_OBSERVED;
	}
	return false;
}

/* The limit that rules a level for a source with this leaf; NULL: none. */
static __always_inline const struct mw_limit *
policy_limit(const struct mw_settings *s, const struct mw_leaf *leaf,
	     __u32 level)
{
	const struct mw_limit *limit = &s->level[level].limit;

	if (level == MW_SOURCE && leaf->action == MW_LIMIT)
		return 0; /* the list's limit rules instead */
	if (level == MW_LIST && leaf->action == MW_LIMIT)
		limit = &s->rules[leaf->slot % MW_LIST_SLOTS].limit;
	if (level == MW_OBSERVED_LIST && leaf->observed == MW_LIMIT)
		limit = &s->rules[leaf->observed_slot % MW_LIST_SLOTS].limit;
	return limit->interval ? limit : 0;
}

#define POLICY_REASON(ID, name, level) \
	if ((level) == MW_##ID)        \
		return MW_LIMIT_##ID;

static __always_inline enum mw_reason policy_reason(__u32 level)
{
	MW_EACH_PREFIX_LEVEL(POLICY_REASON, level)
	return level == MW_TOTAL ? MW_LIMIT_TOTAL : MW_LIMIT_LIST;
}

/* What the limit of a level says. tat: of the source's bucket there; 0:
 * none. */
static __always_inline void policy_rate(const struct mw_limit *limit,
					__u32 level, __u64 tat, __u64 now,
					struct verdict *v)
{
	enum mw_reason reason = policy_reason(level);
	__u8 list = level == MW_LIST		? POLICY_BY_LIST
		    : level == MW_OBSERVED_LIST ? POLICY_BY_OBSERVED
						: 0;
	__u64 debt;

	if (!limit)
		return;
	v->strict |= (limit->mode == MW_ENFORCE) << level;
	if (bucket_conforms(tat, now, limit)) {
		v->charge |= 1 << level;
		return;
	}
	debt = bucket_debt(tat, now, limit) - limit->window;
	if (limit->mode == MW_OBSERVE) {
		v->near |= debt < POLICY_CLOSE;
		v->would |= 1U << reason;
		v->list |= list;
		return;
	}
	v->beyond = debt > v->beyond ? debt : v->beyond;
	v->over |= 1 << level;
	if (v->reason == MW_CONFORMS) {
		v->reason = reason;
		v->list |= list;
	}
}

/* What the number of open connections at a prefix level says. */
static __always_inline void policy_open(const struct mw_level_settings *s,
					__u32 level, __u32 open,
					struct verdict *v)
{
	enum mw_reason reason = MW_OPEN_SOURCE + level;

	if (!s->open || open < s->open)
		return;
	if (s->limit.mode == MW_OBSERVE) {
		v->would |= 1U << reason;
		return;
	}
	v->crowded |= 1 << level;
	if (v->reason == MW_CONFORMS)
		v->reason = reason;
}

static __always_inline void policy_level(const struct mw_settings *s,
					 const struct mw_leaf *leaf,
					 const struct standing *from,
					 __u32 level, __u64 now,
					 struct verdict *v)
{
	if (level != MW_TOTAL || !from->regular)
		policy_rate(policy_limit(s, leaf, level), level,
			    from->tat[level], now, v);
}

/* What all levels say. The first one that refuses gives the reason: a level of
 * the source's own, if one does. charge.h decides who pays. */
static __always_inline void policy_rates(const struct mw_settings *s,
					 const struct mw_leaf *leaf,
					 const struct standing *from, __u64 now,
					 struct verdict *v)
{
	v->reason = MW_CONFORMS;
	for (int i = 0; i < MW_LEVELS; i++)
		if (POLICY_OWN & 1 << i)
			policy_level(s, leaf, from, i, now, v);
	for (int i = 0; i < MW_LEVELS; i++)
		if (!(POLICY_OWN & 1 << i))
			policy_level(s, leaf, from, i, now, v);
	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		policy_open(&s->level[i], i, from->open[i], v);
}

/*
 * Whether an attempt is refused by so little that the coarse clock may be the
 * cause: it is a tick behind the fine clock or, on a starved machine, more.
 * Attempts are judged by the coarse clock, but connections charged by the fine
 * one: a burst whose connections are quicker than the tick would lose its last
 * attempt.
 */
static __always_inline bool policy_close(const struct mw_settings *s,
					 const struct verdict *v)
{
	return s->charge == MW_CHARGE_HANDSHAKE &&
	       (v->near ||
		(v->over && !v->crowded && v->beyond < POLICY_CLOSE));
}

/* Whether what a connection takes is counted for its source alone, as the
 * source has taken more than its own, or enforcing would have refused it. */
static __always_inline bool policy_alone(const struct mw_settings *s,
					 const struct verdict *v)
{
	return policy_own(v) || (policy_refuses(v) && s->mode == MW_OBSERVE);
}

/*
 * For the ACK of a SYN cookie that was not used before: its SYN was let by a
 * moment ago and, if attempts are charged, charged. It is refused for what its
 * own source did since, not for its netblock or for the total: its sender takes
 * the connection for established, and would wait for minutes.
 */
static __always_inline void policy_paid(const struct mw_settings *s,
					struct verdict *v)
{
	if (s->charge == MW_CHARGE_SYN || !policy_own(v))
		*v = (struct verdict){.reason = MW_CONFORMS};
}

/* The last step: an observing gate drops nothing, but marks what it would have
 * dropped. */
static __always_inline void policy_mode(const struct mw_settings *s,
					struct verdict *v)
{
	if (s->mode == MW_ENFORCE || v->reason < MW_FIRST_DROP)
		return;
	v->would |= 1U << v->reason;
	v->reason = MW_OBSERVED;
}

#endif
