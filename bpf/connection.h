/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a socket of the kernel to struct connection. The gate's connections are
 * those to a guarded port in its network namespace. As a connection has
 * completed its handshake, the address that it comes from is not forged.
 */
#ifndef MAILWEIR_CONNECTION_H
#define MAILWEIR_CONNECTION_H

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "packet.h"

enum { CONNECTION_INET = 2, CONNECTION_INET6 = 10 }; /* AF_ of the kernel */

struct connection {
	struct packet from;
	__u64 netns; /* cookie */
	__u16 port;  /* local, host byte order */
};

/* The fields that are read of the kernel's structs. The loader finds them by
 * name, wherever they stand in the running kernel. */
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

/* false: a socket of neither family. */
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

/* false: a socket of neither family. */
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

/* Whether the gate charges and counts the connection. */
static __always_inline bool connection_is_ours(const struct mw_settings *s,
					       const struct connection *c)
{
	return packet_guarded(s, c->port) && c->netns == s->netns;
}

#endif
