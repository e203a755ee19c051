/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a socket of the kernel to struct connection. As a connection has
 * completed its handshake, the address that it comes from is not forged.
 */
#ifndef MAILWEIR_CONNECTION_H
#define MAILWEIR_CONNECTION_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "kernel.h"
#include "packet.h"
#include "state.h"

enum {
	CONNECTION_INET = 2, /* AF_ of the kernel */
	CONNECTION_INET6 = 10,
	CONNECTION_LOOPBACK = 127,    /* first byte of an IPv4 address */
	CONNECTION_NO_COOKIE = 0x200, /* bit of net.ipv4.tcp_fastopen */
	/* A route's metrics: 32-bit numbers from RTAX_LOCK = 1 on, of which
	 * RTAX_FASTOPEN_NO_COOKIE is 17; the pointer's low bits are flags. */
	CONNECTION_NO_COOKIE_AT = 4 * (17 - 1),
};

#define CONNECTION_METRICS_FLAGS 3UL

struct connection {
	struct packet from;
	__u64 netns;   /* cookie */
	__u32 acked;   /* the number that the peer acknowledged last */
	__u32 began;   /* by Fast Open: the number of the peer's SYN */
	__u16 peer;    /* port; as both numbers in network byte order */
	__u16 port;    /* local, host byte order */
	bool internal; /* the peer is an address of this machine */
};

/* The source of a connection of an IPv6 socket, network byte order. A socket
 * for both families has IPv4 as ::ffff:a.b.c.d. */
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

static __always_inline void connection_peer4(const struct sock_common *s,
					     struct connection *c)
{
	__u32 word = s->skc_daddr;

	c->from.family = 4;
	__builtin_memcpy(c->from.source, &word, 4);
	c->internal = word == s->skc_rcv_saddr;
}

static __always_inline void connection_peer6(const struct sock_common *s,
					     struct connection *c)
{
	__u32 word[4], other = 0;

	for (int i = 0; i < 4; i++) {
		word[i] = s->skc_v6_daddr.s6_addr32[i];
		other |= word[i] ^ s->skc_v6_rcv_saddr.s6_addr32[i];
	}
	connection_from6(&c->from, word);
	c->internal = !other;
}

/* false: neither IPv4 nor IPv6. */
static __always_inline bool connection_of_sock(const struct tcp_sock *tp,
					       struct connection *c)
{
	const struct sock_common *s = &tp->inet_conn.icsk_inet.sk.__sk_common;

	c->netns = s->skc_net.net->net_cookie;
	c->acked = __builtin_bswap32(tp->snd_una);
	c->peer = s->skc_dport;
	c->port = s->skc_num;
	if (s->skc_family == CONNECTION_INET)
		connection_peer4(s, c);
	else if (s->skc_family == CONNECTION_INET6)
		connection_peer6(s, c);
	else
		return false;
	if (c->from.family == 4 && c->from.source[0] == CONNECTION_LOOPBACK)
		c->internal = true;
	source_translate(state_settings(), &c->from);
	return true;
}

/*
 * A SYN made the connection, by Fast Open, and its handshake is not complete.
 * The SYN had a cookie, which its sender got at the address that it names; else
 * this returns false, as the SYN proves nothing: the administrator may do
 * without cookies, for all, by a socket option, or by a route.
 */
static __always_inline bool connection_by_cookie(const struct tcp_sock *tp,
						 struct connection *c)
{
	const struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	const struct net *net = sk->__sk_common.skc_net.net;
	const struct tcp_request_sock *request = tp->fastopen_rsk;
	const struct dst_entry *route = sk->sk_dst_cache;
	__u32 metric = 0;

	if (!request)
		return false;
	if (route)
		bpf_probe_read_kernel(
			&metric, sizeof(metric),
			(void *)((route->_metrics & ~CONNECTION_METRICS_FLAGS) +
				 CONNECTION_NO_COOKIE_AT));
	c->began = __builtin_bswap32(BPF_CORE_READ(request, rcv_isn));
	return !(net->ipv4.sysctl_tcp_fastopen & CONNECTION_NO_COOKIE) &&
	       !BPF_CORE_READ_BITFIELD(tp, fastopen_no_cookie) && !metric;
}

/* The socket is in the gate's network namespace, and its port is guarded. */
static __always_inline bool connection_is_here(const struct mw_settings *s,
					       const struct connection *c)
{
	return packet_guarded(s, c->port) && c->netns == s->netns;
}

#endif
