/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection is established: it is charged once, and counted among those of
 * its source and netblock until uncount.h takes it back.
 */
#ifndef MAILWEIR_ESTABLISHED_H
#define MAILWEIR_ESTABLISHED_H

#include "charge.h"
#include "connection.h"
#include "uncount.h"

static __always_inline __u64 established_count_at(const struct packet *p,
						  int level, __u32 *at)
{
	struct mw_concurrent_set *set;
	__u64 tag;

	set = state_concurrent_set(p, level, &tag, at);
	if (set && concurrent_add(set, tag))
		return tag;
	COUNT(open_no_room);
	return 0;
}

/* Counts the connection at both levels, and writes to mark where. A global
 * function: the verifier walks its branches only once. p and mark are never
 * NULL. */
__attribute__((noinline)) int established_count(const struct packet *p,
						struct mw_concurrent_mark *mark)
{
	if (!p || !mark)
		return 0;
	mark->source_tag =
		established_count_at(p, MW_SOURCE, &mark->source_set);
	mark->netblock_tag =
		established_count_at(p, MW_NETBLOCK, &mark->netblock_set);
	return 0;
}

static __always_inline bool
established_counted_here(const struct packet *p,
			 const struct mw_concurrent_mark *mark)
{
	__u64 source, netblock;
	__u32 at;

	state_concurrent_set(p, MW_SOURCE, &source, &at);
	state_concurrent_set(p, MW_NETBLOCK, &netblock, &at);
	return mark->source_tag == source && mark->netblock_tag == netblock;
}

/* Counts a connection that was established before this generation: before the
 * gate was there, or when the prefix lengths were others. sk: a socket of a
 * type whose storage the calling program may use. */
static __always_inline void established_recount(void *sk,
						const struct connection *c)
{
	bool ours = connection_is_ours(state_settings(), c);
	struct mw_concurrent_mark *mark = bpf_sk_storage_get(
		&opened_sockets, sk, 0, ours ? BPF_SK_STORAGE_GET_F_CREATE : 0);

	if (!mark || (ours && established_counted_here(&c->from, mark)))
		return;
	uncount_mark(mark);
	if (ours)
		established_count(&c->from, mark);
	else
		bpf_sk_storage_delete(&opened_sockets, sk);
}

/*
 * Charges and counts a connection that has just been established. Two programs
 * of hook.bpf.c may come here with one connection: the socket's storage, which
 * the first one creates, tells the second that nothing is left to do.
 */
static __always_inline void established(void *sk, const struct connection *c,
					__u64 now)
{
	struct mw_concurrent_mark *mark;

	if (!connection_is_ours(state_settings(), c) ||
	    bpf_sk_storage_get(&opened_sockets, sk, 0, 0))
		return;
	mark = bpf_sk_storage_get(&opened_sockets, sk, 0,
				  BPF_SK_STORAGE_GET_F_CREATE);
	if (!mark) {
		COUNT(connections_missed);
		return;
	}
	charge_connection(&c->from, now);
	established_count(&c->from, mark);
}

#endif
