/* SPDX-License-Identifier: GPL-2.0 */
/* [block]: blocks a source that comes to its limit again and again. */
#ifndef MAILWEIR_ESCALATE_H
#define MAILWEIR_ESCALATE_H

#include "offender.h"
#include "state.h"

/* The record of the source, which may be new; NULL: it gets none. */
static __always_inline struct mw_offender *
escalate_offender(const struct packet *p, __u32 seconds)
{
	const struct mw_settings *s = state_settings();
	__u64 key = source_level_key(s, MW_SOURCE, p->family, p->source), old;
	__u32 at = source_hash(key, s->seed) % MW_OFFENDER_SETS;
	struct mw_offender_set *set = bpf_map_lookup_elem(&offenders, &at);
	struct mw_offender *o;
	int way;

	if (!set)
		return NULL;
	way = offender_find(set, key);
	if (way != OFFENDER_NONE)
		return offender_at(set, way);
	o = offender_at(set, offender_victim(set, seconds, &s->escalation));
	old = *(volatile __u64 *)&o->key;
	if (offender_alive(o, seconds, &s->escalation))
		COUNT(offender_evicted);
	/* Another CPU gave the way to another source first; this source's time
	 * at its limit is not counted. */
	if (__sync_val_compare_and_swap(&o->key, old, key) != old)
		return NULL;
	__builtin_memset((char *)o + sizeof(o->key), 0,
			 sizeof(*o) - sizeof(o->key));
	return o;
}

/* Blocks the source for term ns. A block that an operator made without an end,
 * or that ends later, stays. */
static __always_inline void escalate_block(const struct packet *p, __u64 now,
					   __u64 term)
{
	const struct mw_settings *s = state_settings();
	struct mw_block block = {
		.expires = now + term,
		.created = (now + s->wall) / MW_SECOND,
		.by = MW_BLOCK_SELF,
	};
	struct mw_prefix key;
	struct mw_block *old;

	__builtin_memcpy(block.why, s->escalation.why, sizeof(block.why));
	block_key(&key, p->family, p->source,
		  source_length(s, MW_SOURCE, p->family));
	old = block_get(NULL, &key);
	if (old && (!old->expires || old->expires >= block.expires))
		return;
	if (bpf_map_update_elem(&blocks, &key, &block, BPF_ANY))
		COUNT(blocked_no_room);
	else
		COUNT(blocked);
}

/* The source came to its limit once more. 1: it is blocked now, else 0. A
 * global function: the verifier walks its branches only once. p is never
 * NULL. */
__attribute__((noinline)) int escalate(const struct packet *p, __u64 now)
{
	__u32 seconds = now / MW_SECOND + 1;
	struct mw_offender *o;
	__u64 term;

	o = p ? escalate_offender(p, seconds) : NULL;
	if (!o)
		return 0;
	term = offender_again(o, seconds, &state_settings()->escalation);
	if (term)
		escalate_block(p, now, term);
	return term != 0;
}

#endif
