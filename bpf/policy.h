/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decision, and nothing else: what the tables say of an attempt goes in,
 * the verdict and who is to be charged comes out. Pure, so that the program
 * and `mailweir test` give the same answer by the same lines.
 *
 *	allow list -> run-time block -> block list -> rates
 *
 * The first match decides. What is observed is judged beside it: it marks
 * what it would have dropped, and is not charged for that; the rest goes on as
 * if it were not there, and charges, or an observed limit would open a hole in
 * the enforced ones.
 */
#ifndef MAILWEIR_POLICY_H
#define MAILWEIR_POLICY_H

#include <stdbool.h>

#include "bucket.h"

struct verdict {
	__u8 reason; /* enum mw_reason */
	__u8 charge; /* bit per enum mw_level: conforms, to be charged */
	__u8 over;   /* bit per enum mw_level: enforced, and would refuse */
	__u8 list;   /* bits: POLICY_BY_LIST, POLICY_BY_OBSERVED */
	__u16 would; /* bit per enum mw_reason: would have dropped */
};

/* Whose doing a drop, or a would-be drop, is. */
enum { POLICY_BY_LIST = 1, POLICY_BY_OBSERVED = 2 };

/* true: v is the verdict. false: the rates decide. */
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
		v->would |= 1 << MW_BLOCK_LIST;
		v->list |= POLICY_BY_OBSERVED;
	}
	return false;
}

/* The limit that rules a level for this leaf; NULL: none does. */
static __always_inline const struct mw_limit *
policy_limit(const struct mw_settings *s, const struct mw_leaf *leaf, int level)
{
	const struct mw_limit *limit = 0;

	if (level == MW_SOURCE && leaf->action != MW_LIMIT)
		limit = &s->source;
	else if (level == MW_NETBLOCK)
		limit = &s->netblock;
	else if (level == MW_LIST && leaf->action == MW_LIMIT)
		limit = &s->rules[leaf->slot % MW_LIST_SLOTS].limit;
	else if (level == MW_OBSERVED_LIST && leaf->observed == MW_LIMIT)
		limit = &s->rules[leaf->observed_slot % MW_LIST_SLOTS].limit;
	return limit && limit->interval ? limit : 0;
}

static __always_inline enum mw_reason policy_reason(int level)
{
	if (level == MW_SOURCE)
		return MW_LIMIT_SOURCE;
	return level == MW_NETBLOCK ? MW_LIMIT_NETBLOCK : MW_LIMIT_LIST;
}

/* One level's say. tat: of its bucket, 0 where it has none. */
static __always_inline void policy_rate(const struct mw_limit *limit, int level,
					__u64 tat, __u64 now, struct verdict *v)
{
	enum mw_reason reason = policy_reason(level);
	__u8 list = level == MW_LIST		? POLICY_BY_LIST
		    : level == MW_OBSERVED_LIST ? POLICY_BY_OBSERVED
						: 0;

	if (!limit)
		return;
	if (bucket_conforms(tat, now, limit)) {
		v->charge |= 1 << level;
		return;
	}
	if (limit->mode == MW_OBSERVE) {
		v->would |= 1 << reason;
		v->list |= list;
		return;
	}
	v->over |= 1 << level;
	if (v->reason == MW_CONFORMS) {
		v->reason = reason;
		v->list |= list;
	}
}

/* Every level is asked; who is charged then is one of the next two. */
static __always_inline void policy_rates(const struct mw_settings *s,
					 const struct mw_leaf *leaf,
					 const __u64 tat[MW_LEVELS], __u64 now,
					 struct verdict *v)
{
	static const int order[] = {MW_LIST, MW_SOURCE, MW_NETBLOCK,
				    MW_OBSERVED_LIST};

	v->reason = MW_CONFORMS;
	for (int i = 0; i < MW_LEVELS; i++)
		policy_rate(policy_limit(s, leaf, order[i]), order[i],
			    tat[order[i]], now, v);
}

/* charge = syn: a refused attempt is charged to nobody, else TCP's own
 * retries would keep a sender out. */
static __always_inline void policy_charge_attempt(struct verdict *v)
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
static __always_inline void policy_charge_connection(const struct mw_settings *s,
						     struct verdict *v)
{
	__u8 own = v->over & (1 << MW_SOURCE | 1 << MW_LIST);

	if (v->over && s->mode == MW_OBSERVE)
		v->charge = 0;
	else if (own)
		v->charge = own;
	else
		v->charge |= v->over;
}

/* Last: an observing gate drops nothing, and says what it would have. */
static __always_inline void policy_mode(const struct mw_settings *s,
					struct verdict *v)
{
	if (s->mode == MW_ENFORCE || v->reason < MW_FIRST_DROP)
		return;
	v->would |= 1 << v->reason;
	v->reason = MW_OBSERVED;
}

#endif
