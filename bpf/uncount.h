/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a connection: its source and its netblock have one less open. */
#ifndef MAILWEIR_UNCOUNT_H
#define MAILWEIR_UNCOUNT_H

#include "maps_concurrent.h"
#include "concurrent.h"

enum {
	UNCOUNT_ESTABLISHED = 1,
	UNCOUNT_CLOSE_WAIT = 8
}; /* TCP_ of the kernel */

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

/* Takes back what the storage of sk says that its connection counts. sk: a
 * socket of a type whose storage the calling program may use. */
static __always_inline void uncount_closed(void *sk)
{
	struct mw_concurrent_mark *mark =
		bpf_sk_storage_get(&opened_sockets, sk, 0, 0);

	if (!mark)
		return;
	uncount_mark(mark);
	bpf_sk_storage_delete(&opened_sockets, sk);
}

#endif
