/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a connection: it is no longer counted where its socket says. */
#ifndef MAILWEIR_CLOSED_H
#define MAILWEIR_CLOSED_H

#include "maps_open.h"
#include "open.h"

enum { CLOSED_ESTABLISHED = 1, CLOSED_CLOSE_WAIT = 8 }; /* TCP_ of the kernel */

/* Until this host has closed its side, a process may be busy with it. */
static __always_inline bool connection_is_open(int state)
{
	return state == CLOSED_ESTABLISHED || state == CLOSED_CLOSE_WAIT;
}

static __always_inline void closed_uncount_at(struct mw_open_set *set,
					      __u64 tag)
{
	if (set && tag)
		open_change(set, tag, false);
}

static __always_inline void closed_uncount(const struct mw_opened *mark)
{
	__u32 source = mark->source_set, netblock = mark->netblock_set;

	closed_uncount_at(bpf_map_lookup_elem(&source_open, &source),
			  mark->source_tag);
	closed_uncount_at(bpf_map_lookup_elem(&netblock_open, &netblock),
			  mark->netblock_tag);
}

/* sk: of a type that the program may ask for its storage. */
static __always_inline void connection_closed(void *sk)
{
	struct mw_opened *mark = bpf_sk_storage_get(&opened_sockets, sk, 0, 0);

	if (!mark)
		return;
	closed_uncount(mark);
	bpf_sk_storage_delete(&opened_sockets, sk);
}

#endif
