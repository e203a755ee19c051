/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Answers a SYN that has passed, where the stack would answer it with a SYN
 * cookie: with that cookie, which the kernel makes, by sending the frame back.
 * The kernel takes the ACK as that of a cookie of its own; taker.h has more of
 * that. Nothing is stored for a SYN, and none is dropped.
 *
 * An answer is the listener's that the kernel finds for the SYN in the gate's
 * network namespace. A rule of nftables may send the SYN elsewhere, to a
 * container, and that listener would not know the ACK. So the program answers
 * only for a listener that has answered with a cookie itself a short time ago,
 * and so gets its SYNs; and only for an address of this machine, as a listener
 * for all addresses is found for those of any other machine, too.
 */
#ifndef MAILWEIR_ANSWER_H
#define MAILWEIR_ANSWER_H

#include <bpf/bpf_core_read.h>

#include "cookie.h"
#include "kernel.h"
#include "state.h"

enum {
	/* A listener's last cookie is recent for so many jiffies: for 30 s to 5
	 * minutes, as a second has 1000 to 100. The kernel takes the ACK of a
	 * cookie for two minutes. */
	ANSWER_RECENT = 30000,
	ANSWER_HOPS6 = 64, /* net.ipv6.conf.*.hop_limit, unless it is set */
	ANSWER_SCALE = 8,  /* TCP_RMEM_TO_WIN_SCALE */
};

#define ANSWER_BURST (MW_SECOND / 10) /* SYNs at once, at the rate */

/* --- whether ------------------------------------------------------------- */

/* One more is within the rate of a CPU, which no other CPU asks. */
static __always_inline bool answer_conforms(__u64 *tat, __u64 now,
					    __u64 interval)
{
	__u64 from = *tat > now ? *tat : now;

	if (from - now + interval > ANSWER_BURST && from != now)
		return false;
	*tat = from + interval;
	return true;
}

/* The address is one of this machine, and the frame has the tag of that. */
static __always_inline bool answer_is_own(const struct cookie_syn *s)
{
	struct mw_prefix key = {
		.family = s->family,
		.len = s->family == 4 ? 32 : 128,
	};
	const __u32 *vid;

	if (s->family == 4)
		__builtin_memcpy(key.addr, &s->ip[COOKIE_TO4], 4);
	else
		__builtin_memcpy(key.addr, &s->ip[COOKIE_TO6], 16);
	vid = bpf_map_lookup_elem(&own, &key);
	return vid && *vid == s->vid;
}

/* The interface would lose an answer. */
static __always_inline bool answer_is_deaf(__u32 interface)
{
	struct mw_prefix key = {};

	__builtin_memcpy(key.addr, &interface, sizeof(interface));
	return bpf_map_lookup_elem(&own, &key);
}

/* The listener, or its group, has sent a cookie lately. */
static __always_inline bool answer_is_listening(const struct tcp_sock *tp)
{
	const struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	const struct sock_reuseport *group = sk->sk_reuseport_cb;
	__u32 stamp = tp->rx_opt.ts_recent_stamp;

	if (group)
		stamp = BPF_CORE_READ(group, synq_overflow_ts);
	return stamp && (__u32)bpf_jiffies64() - stamp < ANSWER_RECENT;
}

/* --- with what ----------------------------------------------------------- */

/* Bytes that the listener offers of its buffer (tcp_win_from_space). Before
 * Linux 6.6 net.ipv4.tcp_adv_win_scale said so. */
static __always_inline __u32 answer_room(const struct tcp_sock *tp)
{
	const struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	const struct net *net = sk->__sk_common.skc_net.net;
	__u32 bytes = sk->sk_rcvbuf;
	int scale;

	if (bpf_core_field_exists(tp->scaling_ratio))
		return (__u64)bytes * tp->scaling_ratio >> ANSWER_SCALE;
	scale = net->ipv4.sysctl_tcp_adv_win_scale;
	return scale <= 0 ? bytes >> (-scale & 31)
			  : bytes - (bytes >> (scale & 31));
}

static __always_inline void answer_hops(const struct tcp_sock *tp, __u8 family,
					struct mw_terms *t)
{
	const struct inet_sock *inet = &tp->inet_conn.icsk_inet;
	const struct ipv6_pinfo *v6 = inet->pinet6;
	const struct net *net = inet->sk.__sk_common.skc_net.net;
	int hops;

	if (family == 4) {
		hops = inet->uc_ttl;
		t->tos = inet->tos;
		t->ttl = hops >= 0 ? hops : net->ipv4.sysctl_ip_default_ttl;
		return;
	}
	t->ttl = ANSWER_HOPS6;
	if (!v6)
		return;
	hops = (short)BPF_CORE_READ_BITFIELD_PROBED(v6, hop_limit);
	t->tos = BPF_CORE_READ(v6, tclass);
	if (hops >= 0)
		t->ttl = hops;
}

static __always_inline void answer_terms(const struct tcp_sock *tp, __u8 family,
					 __u32 mtu, struct mw_terms *t)
{
	t->mss = cookie_mss(family, mtu, tp->rx_opt.user_mss);
	t->window = cookie_window(answer_room(tp), tp->window_clamp, t->mss);
	answer_hops(tp, family, t);
}

/* In bounds that the verifier sees: it has forgotten those that were read, and
 * wants each by itself. */
static __always_inline __u32 answer_tcp_length(const struct cookie_syn *s)
{
	__u32 len = s->len;

	asm volatile("" : "+r"(len));
	if (len > COOKIE_TCP_MOST)
		return COOKIE_TCP_MOST;
	asm volatile("" : "+r"(len));
	return len < sizeof(struct tcphdr) ? sizeof(struct tcphdr) : len;
}

/* The kernel's cookie, if the listener would send one, else negative. The
 * kernel then takes the ACKs of its cookies for two minutes. */
static __always_inline __s64 answer_cookie(struct bpf_sock *listener,
					   struct cookie_syn *s)
{
	return bpf_tcp_gen_syncookie(listener, s->ip, sizeof(s->ip),
				     (struct tcphdr *)s->tcp,
				     answer_tcp_length(s));
}

/* The same cookie, for whatever listener. */
static __always_inline __s64 answer_raw(struct cookie_syn *s)
{
	struct tcphdr *tcp = (struct tcphdr *)s->tcp;

	if (s->family == 4)
		return bpf_tcp_raw_gen_syncookie_ipv4(
			(struct iphdr *)s->ip, tcp, answer_tcp_length(s));
	return bpf_tcp_raw_gen_syncookie_ipv6((struct ipv6hdr *)s->ip, tcp,
					      answer_tcp_length(s));
}

/* The caller releases the socket. */
static __always_inline struct bpf_sock *
answer_socket(struct xdp_md *ctx, const struct cookie_syn *s)
{
	struct bpf_sock_tuple at = {};
	__u32 size = sizeof(at.ipv4);

	if (s->family == 4) {
		at.ipv4.saddr = s->ip[COOKIE_FROM4];
		at.ipv4.daddr = s->ip[COOKIE_TO4];
		__builtin_memcpy(&at.ipv4.sport, s->tcp, 4);
	} else {
		__builtin_memcpy(at.ipv6.saddr, &s->ip[COOKIE_FROM6], 32);
		__builtin_memcpy(&at.ipv6.sport, s->tcp, 4);
		size = sizeof(at.ipv6);
	}
	return bpf_skc_lookup_tcp(ctx, &at, size, BPF_F_CURRENT_NETNS, 0);
}

/* a has the terms of who gets the SYN. */
static __always_inline bool answer_is_known(const struct xdp_md *ctx,
					    const struct mw_answering *a,
					    const struct cookie_syn *s,
					    __u64 now)
{
	const __u32 *to = &s->ip[s->family == 4 ? COOKIE_TO4 : COOKIE_TO6];

	return a->asked == now && a->interface == ctx->ingress_ifindex &&
	       a->family == s->family && a->vid == s->vid &&
	       a->port == cookie_port(s) && a->to[0] == to[0] &&
	       (s->family == 4 ||
		(a->to[1] == to[1] && a->to[2] == to[2] && a->to[3] == to[3]));
}

/* Sets a to the terms of a listener. false: nobody answers for it. */
static __always_inline bool answer_learn(struct xdp_md *ctx,
					 struct bpf_sock *listener,
					 const struct cookie_syn *s,
					 struct mw_answering *a)
{
	const struct tcp_sock *tp;
	__u32 mtu = 0;

	a->asked = 0;
	if (!answer_is_own(s) || answer_is_deaf(ctx->ingress_ifindex))
		return false;
	tp = bpf_skc_to_tcp_sock(listener);
	if (!tp || !answer_is_listening(tp) ||
	    bpf_check_mtu(ctx, 0, &mtu, 0, 0) < 0)
		return false;
	answer_terms(tp, s->family, mtu, &a->terms);
	a->family = s->family;
	a->interface = ctx->ingress_ifindex;
	a->vid = s->vid;
	a->port = cookie_port(s);
	if (s->family == 4)
		a->to[0] = s->ip[COOKIE_TO4];
	else
		__builtin_memcpy(a->to, &s->ip[COOKIE_TO6], 16);
	return true;
}

/* Asks the socket that gets the SYN for the cookie, and keeps the terms in a;
 * negative: no listener would send one. */
static __always_inline __s64 answer_ask(struct xdp_md *ctx,
					struct cookie_syn *s, __u64 now,
					struct mw_answering *a)
{
	struct bpf_sock *sk = answer_socket(ctx, s);
	__s64 cookie = -1;

	if (!sk)
		return -1;
	if (sk->state == BPF_TCP_LISTEN && answer_learn(ctx, sk, s, a))
		cookie = answer_cookie(sk, s);
	bpf_sk_release(sk);
	if (cookie >= 0)
		a->asked = now;
	return cookie;
}

/* --- the answer ---------------------------------------------------------- */

/* Gives the frame the length of its answer, and takes off a tag that the answer
 * has not. false: the frame is as it was. */
static __always_inline bool answer_fit(struct xdp_md *ctx,
				       const struct cookie_syn *s)
{
	__u32 off = ETH_HLEN + s->tagged - cookie_network(s);
	int more = (int)(off + cookie_length(s)) - (int)frame_length(ctx);

	if (more && bpf_xdp_adjust_tail(ctx, more))
		return false;
	return !off || !bpf_xdp_adjust_head(ctx, off);
}

/* Returns an XDP action. A global function: the stack has room for no more in
 * one. s and t are never NULL. */
__attribute__((noinline)) int answer_write(struct xdp_md *ctx,
					   const struct cookie_syn *s,
					   const struct mw_terms *t,
					   __u32 cookie)
{
	__u8 *data = (__u8 *)(long)ctx->data;
	const __u8 *end = (__u8 *)(long)ctx->data_end;
	__u32 *ip;

	if (!s || !t)
		return XDP_DROP;
	ip = (__u32 *)(data + cookie_network(s));
	asm volatile("" : "+r"(ip));
	if (data + ETH_HLEN + 4 > end)
		return XDP_DROP; /* never */
	cookie_write_ethernet(s, (__u16 *)data);
	if (s->family == 4) {
		if ((const __u8 *)(ip + 5 + COOKIE_WORDS) > end)
			return XDP_DROP; /* never */
		cookie_write4(s, t, cookie, ip);
	} else {
		if ((const __u8 *)(ip + 10 + COOKIE_WORDS) > end)
			return XDP_DROP; /* never */
		cookie_write6(s, t, cookie, ip);
	}
	return XDP_TX;
}

/*
 * XDP_TX: the frame is the answer. XDP_PASS: the SYN is for the stack. A socket
 * is asked once in a tick of the clock; that takes twice as long as all the
 * rest. The other SYNs of the tick to the same port get the same cookies
 * without it, but for those from who may have a socket: a SYN may belong to a
 * connection that has ended here and not there, or the reverse.
 *
 * A global function: the verifier walks its branches only once. a is never
 * NULL.
 */
__attribute__((noinline)) int answer(struct xdp_md *ctx, __u64 now,
				     struct mw_answering *a, bool met)
{
	struct frame f = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.ctx = ctx,
	};
	struct cookie_syn s = {};
	__s64 cookie;

	if (!a || !cookie_read(&f, &s) || !cookie_options(&s))
		return XDP_PASS;
	if (!met && answer_is_known(ctx, a, &s, now))
		cookie = answer_raw(&s);
	else
		cookie = answer_ask(ctx, &s, now, a);
	if (cookie < 0 || !answer_fit(ctx, &s))
		return XDP_PASS;
	return answer_write(ctx, &s, &a->terms, cookie);
}

static __always_inline void answer_count(struct mw_answering *a, __u64 now)
{
	if (!a->last || now > a->last + MW_ANSWER_PAUSE)
		a->since = now;
	a->last = now;
	COUNT(answered);
}

/* An ACK came from that address and port a short time ago. */
static __always_inline bool answer_has_met(const struct segment *g)
{
	return state_flow_noted(
		state_flow_key(FLOW_PEER, &g->from, g->tcp.source, 0));
}

/* Answers a SYN that has passed, if it is one too many for the stack. As many
 * from regulars as from all are let by beyond that. */
static __always_inline int answer_above(struct xdp_md *ctx,
					const struct segment *g, __u64 now)
{
	const struct mw_settings *s = state_settings();
	struct mw_answering *a;
	__u32 zero = 0;
	int action;

	if (s->answer != MW_ANSWER_AUTO)
		return XDP_PASS;
	a = bpf_map_lookup_elem(&answering, &zero);
	if (!a || answer_conforms(&a->tat, now, s->answer_above))
		return XDP_PASS;
	if (state_regular(&g->from, now) &&
	    answer_conforms(&a->regular, now, s->answer_above))
		return XDP_PASS;
	action = answer(ctx, now, a, answer_has_met(g));
	if (action == XDP_TX)
		answer_count(a, now);
	return action;
}

#endif
