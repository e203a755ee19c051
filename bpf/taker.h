/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which socket in the gate's network namespace would take an ACK. While a
 * listener has sent SYN cookies, the ACK of a cookie makes a connection without
 * any SYN before it, as often as the ACK comes, for a minute or two: it is an
 * attempt, as a SYN is.
 */
#ifndef MAILWEIR_TAKER_H
#define MAILWEIR_TAKER_H

#include <linux/bpf.h>
#include <linux/tcp.h>

#include <bpf/bpf_helpers.h>

#include "packet.h"

enum taker {
	TAKER_NONE,	/* no socket */
	TAKER_LISTENER, /* a listener, which did not send a cookie for it */
	TAKER_COOKIE,	/* a listener, which sent a cookie for it */
	TAKER_OPENING,	/* a handshake that is not complete */
	TAKER_SOCKET,	/* a connection */
};

/* The helper wants whole headers; it reads the version, the addresses, the
 * ports, the numbers and the flags. */
static __always_inline bool taker_knows_cookie(struct bpf_sock *listener,
					       const struct segment *g)
{
	struct tcphdr tcp = {.doff = sizeof(tcp) / 4, .ack = 1};
	struct ipv6hdr ip6 = {.version = 6};
	struct iphdr ip4 = {.version = 4};

	__builtin_memcpy(&tcp, &g->tcp, sizeof(g->tcp));
	if (g->from.family == 4) {
		__builtin_memcpy(&ip4.saddr, g->from.source, 4);
		__builtin_memcpy(&ip4.daddr, g->to, 4);
		return !bpf_tcp_check_syncookie(listener, &ip4, sizeof(ip4),
						&tcp, sizeof(tcp));
	}
	__builtin_memcpy(&ip6.saddr, g->from.source, 16);
	__builtin_memcpy(&ip6.daddr, g->to, 16);
	return !bpf_tcp_check_syncookie(listener, &ip6, sizeof(ip6), &tcp,
					sizeof(tcp));
}

/* The caller releases the socket. */
static __always_inline struct bpf_sock *taker_find(struct xdp_md *ctx,
						   const struct segment *g)
{
	struct bpf_sock_tuple at = {};

	if (g->from.family == 4) {
		__builtin_memcpy(&at.ipv4.saddr, g->from.source, 4);
		__builtin_memcpy(&at.ipv4.daddr, g->to, 4);
		at.ipv4.sport = g->tcp.source;
		at.ipv4.dport = g->tcp.dest;
		return bpf_skc_lookup_tcp(ctx, &at, sizeof(at.ipv4),
					  BPF_F_CURRENT_NETNS, 0);
	}
	__builtin_memcpy(&at.ipv6.saddr, g->from.source, 16);
	__builtin_memcpy(&at.ipv6.daddr, g->to, 16);
	at.ipv6.sport = g->tcp.source;
	at.ipv6.dport = g->tcp.dest;
	return bpf_skc_lookup_tcp(ctx, &at, sizeof(at.ipv6),
				  BPF_F_CURRENT_NETNS, 0);
}

/* Returns an enum taker. A global function: the verifier walks its branches
 * only once. g is never NULL. */
__attribute__((noinline)) int taker_of(struct xdp_md *ctx,
				       const struct segment *g)
{
	struct bpf_sock *sk = g ? taker_find(ctx, g) : NULL;
	enum taker taker = TAKER_SOCKET;

	if (!sk)
		return TAKER_NONE;
	if (sk->state == BPF_TCP_LISTEN)
		taker = taker_knows_cookie(sk, g) ? TAKER_COOKIE
						  : TAKER_LISTENER;
	else if (sk->state == BPF_TCP_NEW_SYN_RECV ||
		 sk->state == BPF_TCP_SYN_RECV)
		taker = TAKER_OPENING;
	bpf_sk_release(sk);
	return taker;
}

#endif
