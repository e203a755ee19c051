/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a connection: its source and its netblock have one less open, and
 * the ACK that established it is not to establish another. */
#ifndef MAILWEIR_UNCOUNT_H
#define MAILWEIR_UNCOUNT_H

#include "maps_concurrent.h"
#include "concurrent.h"

enum {
	UNCOUNT_ESTABLISHED = 1, /* TCP_ of the kernel */
	UNCOUNT_CLOSE = 7,
	UNCOUNT_CLOSE_WAIT = 8,
};

/* A connection is open until this host has closed its side: a process may be
 * busy with it although the sender has closed. */
static __always_inline bool uncount_is_open(int state)
{
	return state == UNCOUNT_ESTABLISHED || state == UNCOUNT_CLOSE_WAIT;
}

static __always_inline void uncount_mark(const struct mw_concurrent_mark *mark)
{
	struct mw_concurrent_set *set;

	for (int i = 0; i < MW_PREFIX_LEVELS; i++) {
		__u32 at = mark->set[i];

		set = maps_concurrent_set(i, &at);
		if (set && mark->tag[i])
			concurrent_take(set, mark->tag[i]);
	}
}

/* Takes back what the storage of sk says that its connection counts. sk: here
 * and below a socket of a type whose storage the calling program may use. */
static __always_inline void uncount_closed(void *sk)
{
	struct mw_concurrent_mark *mark =
		bpf_sk_storage_get(&opened_sockets, sk, 0, 0);

	if (!mark)
		return;
	uncount_mark(mark);
	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		mark->tag[i] = 0;
}

/* sk is gone for the kernel: the ACK that established its connection has had
 * its use. */
static __always_inline void uncount_flow(void *sk)
{
	struct mw_concurrent_mark *mark =
		bpf_sk_storage_get(&opened_sockets, sk, 0, 0);
	volatile __u64 *at;
	__u32 place;

	if (!mark || !mark->flow)
		return;
	place = flow_place(mark->flow);
	at = bpf_map_lookup_elem(&flows, &place);
	if (at && *at == mark->flow)
		*at = mark->flow | FLOW_ENDED;
}

#endif
