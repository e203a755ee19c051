/* SPDX-License-Identifier: GPL-2.0 */
/* Counts verdicts and connections; turns a verdict into an XDP action, as the
 * last step of the program that judges attempts. */
#ifndef MAILWEIR_COUNT_H
#define MAILWEIR_COUNT_H

#include <stddef.h>

#include "maps.h"
#include "policy.h"

static __always_inline struct mw_counters *count_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/* Adds one to a counter. at: its offsetof() in struct mw_counters. */
static __always_inline void count_one(size_t at)
{
	struct mw_counters *c = count_here();

	if (c)
		((__u64 *)c)[at / 8]++;
}

#define COUNT(field) count_one(offsetof(struct mw_counters, field))

#define COUNT_LEVEL(ID, name, level, what) \
	if ((level) == MW_##ID)            \
		COUNT(name##_##what);      \
	else

/* A newcomer to the level's table took a bucket that was not empty. */
static __always_inline void count_evicted(__u32 level)
{
	MW_EACH_PREFIX_LEVEL(COUNT_LEVEL, level, evicted)
	COUNT(list_evicted);
}

/* A newcomer to the level's table got no bucket. */
static __always_inline void count_no_room(__u32 level)
{
	MW_EACH_PREFIX_LEVEL(COUNT_LEVEL, level, no_room)
	COUNT(list_no_room);
}

static __always_inline void count_connection(const struct verdict *v)
{
	struct mw_counters *c = count_here();

	if (!c)
		return;
	c->connections++;
	c->connections_over += policy_refuses(v);
}

static __always_inline void count_list(__u8 action, __u32 slot, __u8 by,
				       const struct verdict *v)
{
	struct mw_list_counters *c;

	if (action == MW_NONE)
		return;
	c = bpf_map_lookup_elem(&list_counters, &slot);
	if (!c)
		return;
	c->attempts++;
	if (!(v->list & by))
		return;
	if (by == POLICY_BY_LIST && v->reason >= MW_FIRST_DROP)
		c->dropped++;
	else
		c->would_drop++;
}

static __always_inline void count_lists(const struct mw_leaf *leaf,
					const struct verdict *v)
{
	count_list(leaf->action, leaf->slot, POLICY_BY_LIST, v);
	count_list(leaf->observed, leaf->observed_slot, POLICY_BY_OBSERVED, v);
}

/* Counts a verdict of any packet, and says what becomes of the packet. */
static __always_inline int count_packet(struct mw_counters *c,
					const struct verdict *v)
{
	__u32 reason = v->reason;

	/* The compiler, which knows the range of reason, must not remove the
	 * check, as the verifier does not know. */
	asm volatile("" : "+r"(reason));
	if (!c || reason >= MW_REASONS) /* never */
		return XDP_PASS;
	c->packets++;
	(&c->pass_not_attempt)[reason]++;
	for (int i = MW_FIRST_DROP; i < MW_REASONS; i++)
		if (v->would & 1U << i)
			(&c->would_drop_malformed)[i - MW_FIRST_DROP]++;
	return reason >= MW_FIRST_DROP ? XDP_DROP : XDP_PASS;
}

/* Counts the verdict of a packet that is no attempt. */
static __always_inline int count_other(const struct verdict *v)
{
	return count_packet(count_here(), v);
}

/* Counts the verdict of an attempt, for the lists that the leaf names too. */
static __always_inline int count_attempt(const struct mw_leaf *leaf,
					 const struct verdict *v)
{
	struct mw_counters *c = count_here();

	count_lists(leaf, v);
	if (c)
		c->attempts++;
	return count_packet(c, v);
}

#endif
