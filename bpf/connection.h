/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection: an attempt that completed its handshake on this host, on a
 * guarded port, in the gate's network namespace. It is charged here, so that a
 * forged SYN costs the address that it names nothing.
 */
#ifndef MAILWEIR_CONNECTION_H
#define MAILWEIR_CONNECTION_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "state.h"
#include "uncount.h"
#include "escalate.h"

enum { CONNECTION_INET = 2, CONNECTION_INET6 = 10 }; /* AF_ of the kernel */

struct connection {
	struct packet from;
	__u64 netns; /* cookie */
	__u16 port;  /* local, host byte order */
};

/* What is read of the kernel's own; found by name, wherever it stands. */
#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
struct net {
	__u64 net_cookie;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
};

struct sock {
	struct sock_common __sk_common;
};

struct bpf_iter__tcp {
	struct sock_common *sk_common;
};
#pragma clang attribute pop

/* A listener for both families sees IPv4 as ::ffff:a.b.c.d. */
static __always_inline void connection_from6(struct packet *p,
					     const __u32 word[4])
{
	bool mapped =
		!word[0] && !word[1] && word[2] == __builtin_bswap32(0xffff);

	p->family = mapped ? 4 : 6;
	if (mapped)
		__builtin_memcpy(p->source, &word[3], 4);
	else
		__builtin_memcpy(p->source, word, 16);
}

static __always_inline bool connection_of_sock(const struct sock *sk,
					       struct connection *c)
{
	const struct sock_common *s = &sk->__sk_common;
	__u32 word[4];

	c->port = s->skc_num;
	c->netns = s->skc_net.net->net_cookie;
	if (s->skc_family == CONNECTION_INET) {
		word[0] = s->skc_daddr;
		c->from.family = 4;
		__builtin_memcpy(c->from.source, word, 4);
		return true;
	}
	if (s->skc_family != CONNECTION_INET6)
		return false;
	for (int i = 0; i < 4; i++)
		word[i] = s->skc_v6_daddr.s6_addr32[i];
	connection_from6(&c->from, word);
	return true;
}

static __always_inline bool connection_of_sockops(struct bpf_sock_ops *ctx,
						  struct connection *c)
{
	__u32 word[4];

	c->port = ctx->local_port;
	c->netns = bpf_get_netns_cookie(ctx);
	if (ctx->family == CONNECTION_INET) {
		word[0] = ctx->remote_ip4;
		c->from.family = 4;
		__builtin_memcpy(c->from.source, word, 4);
		return true;
	}
	if (ctx->family != CONNECTION_INET6)
		return false;
	word[0] = ctx->remote_ip6[0];
	word[1] = ctx->remote_ip6[1];
	word[2] = ctx->remote_ip6[2];
	word[3] = ctx->remote_ip6[3];
	connection_from6(&c->from, word);
	return true;
}

static __always_inline bool connection_is_ours(const struct mw_settings *s,
					       const struct connection *c)
{
	return packet_guarded(s, c->port) && c->netns == s->netns;
}

/* --- how many are open ----------------------------------------------------- */

static __always_inline __u64 established_count_at(const struct packet *p,
						  int level, __u32 *at)
{
	struct mw_concurrent_set *set;
	__u64 tag;

	set = state_concurrent_set(p, level, &tag, at);
	if (set && concurrent_change(set, tag, true))
		return tag;
	COUNT(open_no_room);
	return 0;
}

/* Global: the verifier takes its branches once. Never NULL. */
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

/* One that was there before us, or before the prefix lengths changed. sk: of
 * a type that the program may ask for its storage. */
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

/* --- charging -------------------------------------------------------------- */

/* Until the word is written (nanoseconds), the newcomer has the history of
 * whom it replaced; and two CPUs may write the same hour. */
static __always_inline int charge_history_enter(struct mw_history_set *set,
						__u64 key, __u32 hour,
						__u32 luck)
{
	int way = history_victim(set, hour, luck);
	struct mw_history *h;
	__u64 old;

	if (way == HISTORY_NONE) {
		COUNT(history_no_room);
		return way;
	}
	h = &set->way[way & 3];
	old = *(volatile __u64 *)&h->key;
	if (history_alive(h, hour))
		COUNT(history_evicted);
	if (__sync_val_compare_and_swap(&h->key, old, key) != old)
		return HISTORY_NONE; /* the next connection tries again */
	history_set(h, 0, 0);
	return way;
}

/* Another connection, which is or is not beyond the source's limit. */
__attribute__((noinline)) int charge_history(const struct packet *p, __u64 now,
					     bool good)
{
	const struct mw_settings *s = state_settings();
	__u32 hour = history_hour(now, s->wall);
	struct mw_history_set *set;
	__u64 key;
	int way;

	if (!p) /* never */
		return 0;
	set = state_history_set(p, &key);
	if (!set)
		return 0;
	way = history_find(set, key);
	if (good && way == HISTORY_NONE)
		way = charge_history_enter(
			set, key, hour, source_hash(key ^ now, s->seed) >> 32);
	if (way == HISTORY_NONE)
		return 0;
	if (good)
		history_again(&set->way[way & 3], hour);
	else
		history_set(&set->way[way & 3], 0, 0);
	return 0;
}

/* What enforcing would have refused is nobody's fault, and no history. */
static __always_inline void charge_judged(const struct packet *p,
					  union state_leaf_word leaf, __u64 now,
					  struct verdict *v)
{
	const struct mw_settings *s = state_settings();
	__u32 past;

	charge_payers_of_connection(s, v);
	past = charge_levels(p, leaf, now, v);
	if (v->over && s->mode == MW_OBSERVE)
		return;
	/* With more open than it may have it earns nothing, and loses only
	 * what a rate takes. */
	if (v->over & POLICY_OWN || !(v->over & POLICY_OPEN_SOURCE))
		charge_history(p, now, !(v->over & POLICY_OWN));
	if (past & v->strict & POLICY_OWN) {
		COUNT(times_over);
		if (s->escalation.after && escalate(p, now))
			charge_history(p, now, false);
	}
}

/* Everything that a connection of ours is good for but how many are open. */
static __always_inline void charge_connection(const struct packet *p, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	struct standing from = {};
	struct verdict v = {};

	if (!policy_access(&leaf.leaf, state_block(p, now) != BLOCK_NONE, &v)) {
		state_standing(p, &leaf.leaf, now, true, &from);
		policy_rates(state_settings(), &leaf.leaf, &from, now, &v);
		charge_judged(p, leaf, now, &v);
	}
	count_connection(&v);
}

/* The sockets' storage also tells that the other of the two tracepoint
 * programs was here first. */
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
