/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a SYN to the frame that answers it with a SYN cookie, as the Linux stack
 * would: a SYN-ACK with the option MSS and no other. Window scale and SACK
 * would have to stand in a time stamp, as in the stack's own cookies; but what
 * the kernel adds to the time stamps of a peer is its secret (unless
 * net.ipv4.tcp_timestamps is 2), and the kernel takes no ACK of another one.
 * Without time stamps its cookies carry no ECN either. Pure; compiles on the
 * host, where the includer provides what packet.h wants.
 */
#ifndef MAILWEIR_COOKIE_H
#define MAILWEIR_COOKIE_H

#include <linux/tcp.h>

#include "packet.h"

enum {
	COOKIE_TCP_MOST = 60, /* bytes of a TCP header */
	COOKIE_WORDS = 6,     /* of 4 bytes: the TCP header of an answer */
	COOKIE_VID = 0xfff,   /* of a VLAN tag */
	COOKIE_PLAIN4 = 0x45, /* version 4, a header of five words */
	COOKIE_GROUPS4 = 224, /* first byte of multicast and reserved IPv4 */
	COOKIE_LOOPBACK4 = 127,
	COOKIE_MSS4 = 20 + 20, /* bytes of headers in an MTU */
	COOKIE_MSS6 = 40 + 20,
	COOKIE_LEAST4 = 256, /* MSS that the stack announces at least */
	COOKIE_LEAST6 = 1220,
	COOKIE_MOST4 = 65535 - COOKIE_MSS4,
	COOKIE_MOST6 = 65535, /* "any" */
};

/* A SYN that may be answered. */
struct cookie_syn {
	__u8 mac[12];  /* the frame's first bytes: to, from */
	__u16 vid;     /* of the VLAN tag, host byte order; 0: of none */
	__u8 tagged;   /* bytes of the tag: 0 or 4 */
	__u8 family;   /* 4 or 6 */
	__u32 len;     /* of its TCP header */
	__u32 ip[10];  /* its IP header, of IPv4 the first five */
	__u32 tcp[15]; /* its TCP header */
};

/* Where the addresses stand in an IP header, in words. */
enum { COOKIE_FROM4 = 3, COOKIE_TO4 = 4, COOKIE_FROM6 = 2, COOKIE_TO6 = 6 };

/* A folded sum is in the order of the bytes in memory; it goes into the first
 * or the second half of a word. */
static __always_inline void cookie_put(__u32 *word, __u16 sum, const int half)
{
	__builtin_memcpy((__u8 *)word + 2 * half, &sum, 2);
}

/* --- reading ------------------------------------------------------------- */

/* Adds up 32-bit words for an Internet checksum (RFC 1071). */
static __always_inline __u64 cookie_sum(const __u32 *word, const int n)
{
	__u64 sum = 0;

	for (int i = 0; i < n; i++)
		sum += word[i];
	return sum;
}

static __always_inline __u16 cookie_fold(__u64 sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return ~sum;
}

/* The option means more than a cookie's answer can grant. */
static __always_inline bool cookie_wants_stack(__u8 kind)
{
	switch (kind) {
	case 19:  /* TCP MD5 */
	case 29:  /* TCP-AO */
	case 30:  /* MPTCP */
	case 34:  /* Fast Open */
	case 253: /* experiments: Fast Open, SMC */
	case 254:
		return true;
	}
	return false;
}

/* The place of the option behind the one at at; 0: the stack reads no further
 * (tcp_parse_options), negative: the option is for the stack. A global
 * function: what it returns is one unknown number to the verifier, whatever
 * leads to it. s is never NULL. */
__attribute__((noinline)) int cookie_next(const struct cookie_syn *s, __u32 at)
{
	const __u8 *tcp;
	__u8 kind, size;

	if (!s || at >= COOKIE_TCP_MOST - 1 || at + 1 >= s->len)
		return 0;
	tcp = (const __u8 *)s->tcp;
	kind = tcp[at];
	size = tcp[at + 1];
	if (kind == 1)
		return at + 1;
	if (!kind || size < 2 || at + size > s->len)
		return 0;
	return cookie_wants_stack(kind) ? -1 : (int)at + size;
}

/* false: one of the options is for the stack. */
static __always_inline bool cookie_options(const struct cookie_syn *s)
{
	int at = sizeof(struct tcphdr);

	for (int i = 0; i < COOKIE_TCP_MOST && at > 0; i++)
		at = cookie_next(s, at);
	return at >= 0;
}

/* As frame_read(), word by word: the kernel's architectures read words from any
 * place, but the compiler does not know. */
static __always_inline int cookie_load(const struct frame *f, __u32 off,
				       __u32 *to, const int words)
{
	const __u32 *from = (const __u32 *)((const __u8 *)f->data + off);

	asm volatile("" : "+r"(from));
	if ((const __u8 *)(from + words) > (const __u8 *)f->end)
		return frame_load(f->ctx, off, to, words * 4);
	for (int i = 0; i < words; i++)
		to[i] = from[i];
	return 0;
}

/* Sets mac, vid and tagged, and *type to what the frame carries. false: it is
 * for more hosts than this one, or has more than one tag. */
static __always_inline bool cookie_ethernet(const struct frame *f,
					    struct cookie_syn *s, __u16 *type)
{
	__u8 at[ETH_HLEN], tag[4];

	if (frame_read(f, 0, at, ETH_HLEN) || at[0] & 1)
		return false;
	__builtin_memcpy(s->mac, at, sizeof(s->mac));
	*type = packet_u16(at + ETH_HLEN - 2);
	if (!packet_is_vlan(*type))
		return true;
	if (*type != ETH_P_8021Q || frame_read(f, ETH_HLEN, tag, 4))
		return false;
	s->tagged = 4;
	s->vid = packet_u16(tag) & COOKIE_VID;
	*type = packet_u16(tag + 2);
	return true;
}

/* false: it has options, or is a fragment, or the stack discards it. */
static __always_inline bool cookie_ipv4(const struct frame *f, __u32 off,
					struct cookie_syn *s)
{
	const __u8 *ip = (const __u8 *)s->ip;

	if (cookie_load(f, off, s->ip, 5))
		return false;
	s->family = 4;
	return ip[0] == COOKIE_PLAIN4 &&
	       !(packet_u16(ip + 6) & (PACKET_OFFSET4 | PACKET_MORE4)) &&
	       ip[9] == IPPROTO_TCP && !cookie_fold(cookie_sum(s->ip, 5)) &&
	       ip[12] && ip[12] != COOKIE_LOOPBACK4 && ip[12] < COOKIE_GROUPS4;
}

/* false: it has extension headers, or comes from nobody. */
static __always_inline bool cookie_ipv6(const struct frame *f, __u32 off,
					struct cookie_syn *s)
{
	const __u8 *ip = (const __u8 *)s->ip;

	if (cookie_load(f, off, s->ip, 10))
		return false;
	s->family = 6;
	return ip[0] >> 4 == 6 && ip[6] == IPPROTO_TCP &&
	       ip[8] != PACKET_MULTICAST6 &&
	       (s->ip[COOKIE_FROM6] || s->ip[COOKIE_FROM6 + 1]);
}

static __always_inline bool cookie_tcp(const struct frame *f, __u32 off,
				       struct cookie_syn *s)
{
	const __u8 *tcp = (const __u8 *)s->tcp;
	__u32 more;

	if (cookie_load(f, off, s->tcp, 5) ||
	    (tcp[PACKET_TCP_FLAGS_AT] & PACKET_FLAGS_JUDGED) != PACKET_FLAG_SYN)
		return false;
	s->len = (tcp[PACKET_TCP_LENGTH_AT] >> 4) * 4;
	if (s->len < sizeof(struct tcphdr))
		return false;
	more = s->len - sizeof(struct tcphdr);
	/* The compiler knows more than the verifier of Linux 6.1. */
	asm volatile("" : "+r"(more));
	if (more < 4)
		return true;
	if (more > COOKIE_TCP_MOST - sizeof(struct tcphdr)) /* never */
		return false;
	return !frame_load(f->ctx, off + sizeof(struct tcphdr), s->tcp + 5,
			   more);
}

/* Reads a frame that packet_parse() has taken for an attempt into s, which is
 * zero. false: it is for the stack. */
static __always_inline bool cookie_read(const struct frame *f,
					struct cookie_syn *s)
{
	__u32 off;
	__u16 type;

	if (!cookie_ethernet(f, s, &type))
		return false;
	off = ETH_HLEN + s->tagged;
	if (type == ETH_P_IP)
		return cookie_ipv4(f, off, s) &&
		       cookie_tcp(f, off + sizeof(struct iphdr), s);
	return type == ETH_P_IPV6 && cookie_ipv6(f, off, s) &&
	       cookie_tcp(f, off + sizeof(struct ipv6hdr), s);
}

/* The port that the SYN is to, network byte order. */
static __always_inline __u16 cookie_port(const struct cookie_syn *s)
{
	return ((const __u16 *)s->tcp)[1];
}

/* --- what the stack would offer ------------------------------------------ */

/* The MSS that a socket announces: of the device's MTU, or the one that its
 * program has set by TCP_MAXSEG, if that is less; 0: none. */
static __always_inline __u16 cookie_mss(__u8 family, __u32 mtu, __u16 set)
{
	__u32 least = family == 4 ? COOKIE_LEAST4 : COOKIE_LEAST6;
	__u32 most = family == 4 ? COOKIE_MOST4 : COOKIE_MOST6;
	__u32 headers = family == 4 ? COOKIE_MSS4 : COOKIE_MSS6;
	__u32 mss = mtu > headers + least ? mtu - headers : least;

	mss = mss < most ? mss : most;
	return set && set < mss ? set : mss;
}

/* The window of a listener with so many bytes of room (tcp_select_initial_
 * window). clamp: the most that it may be; 0: any. */
static __always_inline __u16 cookie_window(__u32 room, __u32 clamp, __u16 mss)
{
	if (clamp && clamp < room)
		room = clamp;
	if (mss && room > mss)
		room -= room % mss;
	return room < 65535 ? room : 65535;
}

/* --- writing ------------------------------------------------------------- */

/* A tag with VLAN 0 says no more than a priority: the stack's answer has no
 * tag, and of others the VLAN alone. */
static __always_inline __u32 cookie_network(const struct cookie_syn *s)
{
	return s->vid ? ETH_HLEN + 4 : ETH_HLEN;
}

static __always_inline __u32 cookie_length(const struct cookie_syn *s)
{
	return cookie_network(s) +
	       (s->family == 4 ? sizeof(struct iphdr)
			       : sizeof(struct ipv6hdr)) +
	       COOKIE_WORDS * 4;
}

/* frame has cookie_network() bytes. */
static __always_inline void cookie_write_ethernet(const struct cookie_syn *s,
						  __u16 *frame)
{
	const __u16 type = s->family == 4 ? ETH_P_IP : ETH_P_IPV6;
	const __u16 *mac = (const __u16 *)s->mac;

	for (int i = 0; i < 3; i++) {
		frame[i] = mac[3 + i];
		frame[3 + i] = mac[i];
	}
	frame[6] = __builtin_bswap16(s->vid ? ETH_P_8021Q : type);
	if (!s->vid)
		return;
	frame[7] = __builtin_bswap16(s->vid);
	frame[8] = __builtin_bswap16(type);
}

/* addresses: the sum of those of the packet. */
static __always_inline void cookie_write_tcp(const struct cookie_syn *s,
					     const struct mw_terms *t,
					     __u32 cookie, __u64 addresses,
					     __u32 *tcp)
{
	__u32 word[COOKIE_WORDS] = {
		s->tcp[0] << 16 | s->tcp[0] >> 16,
		__builtin_bswap32(cookie),
		__builtin_bswap32(__builtin_bswap32(s->tcp[1]) + 1),
		__builtin_bswap32(COOKIE_WORDS << 28 |
				  (PACKET_FLAG_SYN | PACKET_FLAG_ACK) << 16 |
				  t->window),
		0,
		__builtin_bswap32(2 << 24 | 4 << 16 | t->mss),
	};
	__u64 sum = addresses + cookie_sum(word, COOKIE_WORDS) +
		    __builtin_bswap32(IPPROTO_TCP << 16 | COOKIE_WORDS * 4);

	cookie_put(&word[4], cookie_fold(sum), 0);
	for (int i = 0; i < COOKIE_WORDS; i++)
		tcp[i] = word[i];
}

/* ip has room for the header and the TCP header behind it. */
static __always_inline void cookie_write4(const struct cookie_syn *s,
					  const struct mw_terms *t,
					  __u32 cookie, __u32 *ip)
{
	__u32 word[5] = {
		__builtin_bswap32((__u32)COOKIE_PLAIN4 << 24 | t->tos << 16 |
				  (sizeof(word) + COOKIE_WORDS * 4)),
		__builtin_bswap32(0x4000), /* not to be fragmented */
		__builtin_bswap32((__u32)t->ttl << 24 | IPPROTO_TCP << 16),
		s->ip[COOKIE_TO4],
		s->ip[COOKIE_FROM4],
	};

	cookie_write_tcp(s, t, cookie, (__u64)word[3] + word[4], ip + 5);
	cookie_put(&word[2], cookie_fold(cookie_sum(word, 5)), 1);
	for (int i = 0; i < 5; i++)
		ip[i] = word[i];
}

/* The same of IPv6. The stack draws a random flow label for each answer; the
 * cookie is as good. */
static __always_inline void cookie_write6(const struct cookie_syn *s,
					  const struct mw_terms *t,
					  __u32 cookie, __u32 *ip)
{
	__u32 label = (cookie ^ cookie >> 12) & 0xfffff;
	__u32 word[10] = {
		__builtin_bswap32(6U << 28 | t->tos << 20 | label),
		__builtin_bswap32((__u32)COOKIE_WORDS * 4 << 16 |
				  IPPROTO_TCP << 8 | t->ttl),
	};

	for (int i = 0; i < 4; i++) {
		word[2 + i] = s->ip[COOKIE_TO6 + i];
		word[6 + i] = s->ip[COOKIE_FROM6 + i];
	}
	cookie_write_tcp(s, t, cookie, cookie_sum(word + 2, 8), ip + 10);
	for (int i = 0; i < 10; i++)
		ip[i] = word[i];
}

#endif
