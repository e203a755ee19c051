/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection that came in through the gate is established: it is charged
 * once, and counted among those of its source and netblock until uncount.h
 * takes it back. Its socket may be in any network namespace and on any port.
 */
#ifndef MAILWEIR_ESTABLISHED_H
#define MAILWEIR_ESTABLISHED_H

#include "charge.h"
#include "connection.h"
#include "uncount.h"

static __always_inline __u64 established_count_at(const struct packet *p,
						  __u32 level, __u32 *at)
{
	struct mw_concurrent_set *set;
	__u64 tag;

	set = state_concurrent_set(p, level, &tag, at);
	if (set && concurrent_add(set, tag))
		return tag;
	COUNT(open_no_room);
	return 0;
}

/* Counts the connection, for its source alone or at all levels, and writes to
 * mark where. A global function: the verifier walks its branches only once. p
 * and mark are never NULL. */
__attribute__((noinline)) int established_count(const struct packet *p,
						struct mw_concurrent_mark *mark,
						bool alone)
{
	if (!p || !mark)
		return 0;
	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		mark->tag[i] =
			alone && !(POLICY_OWN & 1 << i)
				? 0
				: established_count_at(p, i, &mark->set[i]);
	return 0;
}

/* false: it came past the gate, or there was no room. */
static __always_inline bool
established_is_counted(const struct mw_concurrent_mark *mark)
{
	__u64 any = 0;

	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		any |= mark->tag[i];
	return any;
}

static __always_inline bool
established_counted_here(const struct packet *p,
			 const struct mw_concurrent_mark *mark)
{
	bool here = true;
	__u64 tag;
	__u32 at;

	for (int i = 0; i < MW_PREFIX_LEVELS; i++) {
		bool skipped = !mark->tag[i] && !(POLICY_OWN & 1 << i);

		state_concurrent_set(p, i, &tag, &at);
		here &= skipped || mark->tag[i] == tag;
	}
	return here;
}

/* Of a connection that is open already; no rate is asked for it. */
static __always_inline bool established_alone(const struct packet *p, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	const struct mw_settings *s = state_settings();
	struct verdict v = {};

	if (policy_access(&leaf.leaf, state_block(p, now) != BLOCK_NONE, &v))
		return true;
	policy_open(&s->level[MW_SOURCE], MW_SOURCE,
		    state_concurrent(p, MW_SOURCE), &v);
	return policy_alone(s, &v);
}

/* Counts a connection that was established before this generation: before the
 * gate was there, or when the prefix lengths were others. The kernel does not
 * say how a connection came in that was there before the gate; those to guarded
 * ports in the gate's network namespace are counted. sk: a socket of a type
 * whose storage the calling program may use. */
static __always_inline void
established_recount(void *sk, const struct connection *c, __u64 now)
{
	struct mw_concurrent_mark *mark =
		bpf_sk_storage_get(&opened_sockets, sk, 0, 0);

	if (mark) {
		if (!established_is_counted(mark) ||
		    established_counted_here(&c->from, mark))
			return;
		uncount_mark(mark);
	} else if (connection_is_here(state_settings(), c) && !c->internal) {
		mark = bpf_sk_storage_get(&opened_sockets, sk, 0,
					  BPF_SK_STORAGE_GET_F_CREATE);
	}
	if (mark)
		established_count(&c->from, mark,
				  established_alone(&c->from, now));
}

static __always_inline __u64 established_key(const struct connection *c,
					     enum flow_kind kind)
{
	__u32 number = kind == FLOW_ACK	  ? c->acked
		       : kind == FLOW_SYN ? c->began
					  : 0;

	return state_flow_key(kind, &c->from, c->peer, number);
}

/* The ACK that established the connection came in through the gate. The
 * kernel's SYNPROXY, which stands before a listener here, makes that ACK itself
 * when one of the same peer has come in. */
static __always_inline bool established_by_gate(const struct connection *c,
						bool here)
{
	return state_flow_noted(established_key(c, FLOW_ACK)) ||
	       (here && state_flow_noted(established_key(c, FLOW_PEER)));
}

/*
 * The storage of the connection's socket. Two programs of hook.bpf.c may come
 * here with one connection: the storage, which the first one creates, tells the
 * second that nothing is left to do. NULL: so it is, or there is no memory.
 */
static __always_inline struct mw_concurrent_mark *established_mark(void *sk)
{
	struct mw_concurrent_mark *mark;

	if (bpf_sk_storage_get(&opened_sockets, sk, 0, 0))
		return NULL;
	mark = bpf_sk_storage_get(&opened_sockets, sk, 0,
				  BPF_SK_STORAGE_GET_F_CREATE);
	if (!mark)
		COUNT(connections_missed);
	return mark;
}

static __always_inline bool established_allowed(const struct packet *p,
						__u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};

	return leaf.leaf.action == MW_ALLOW;
}

/* Charges and counts a connection that has just been established. One here that
 * came past the gate has the storage, too: established_recount() is not to take
 * it for one from before the gate. */
static __always_inline void established(void *sk, const struct connection *c,
					__u64 now)
{
	bool here = connection_is_here(state_settings(), c);
	bool by_gate = established_by_gate(c, here);
	struct mw_concurrent_mark *mark;

	if (!by_gate && !here)
		return;
	mark = established_mark(sk);
	if (!mark)
		return;
	if (by_gate) {
		established_count(&c->from, mark,
				  charge_connection(&c->from, now));
		mark->flow = established_key(c, FLOW_ACK);
	} else if (!c->internal && !established_allowed(&c->from, now)) {
		COUNT(connections_elsewhere);
	}
}

/* Charges a Fast Open connection that is over, and whose handshake nobody has
 * completed: its server may have taken a mail out of its SYN. */
static __always_inline void
established_fast(void *sk, const struct connection *c, __u64 now)
{
	if (state_flow_noted(established_key(c, FLOW_SYN)) &&
	    established_mark(sk))
		charge_connection(&c->from, now);
}

/* What has become of a socket whose handshake was under way. to: its state. */
static __always_inline void established_next(void *sk, struct tcp_sock *tp,
					     int to, __u64 now)
{
	struct connection c = {};

	if (!tp || !connection_of_sock(tp, &c))
		return;
	if (uncount_is_open(to))
		established(sk, &c, now);
	else if (connection_by_cookie(tp, &c))
		established_fast(sk, &c, now);
}

#endif
