/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frame -> struct segment: is this an attempt, or an ACK that may complete one,
 * and from whom? All bounds are checked here. The Linux stack sets the rule: a
 * packet that it would take as a SYN to a guarded port is an attempt; a packet
 * that it would discard is not judged; a packet that could hide an attempt from
 * this program is malformed. Compiles on the host.
 *
 * The includer provides two functions that reach the whole frame, also behind
 * the linear part of a multi-buffer frame (on the host ctx is a cast pointer):
 *	int frame_load(struct xdp_md *ctx, __u32 off, void *to, __u32 len);
 *	__u32 frame_length(struct xdp_md *ctx);
 *
 * packet_tags, packet_extension and packet_inside are global functions: the
 * verifier walks each of them only once, instead of once for each way that
 * leads to them.
 */
#ifndef MAILWEIR_PACKET_H
#define MAILWEIR_PACKET_H

#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "source.h"

enum {
	PACKET_TAGS = 8,	/* 802.1Q and 802.1ad tags at most */
	PACKET_EXTENSIONS = 16, /* IPv6 extension headers at most */
	PACKET_LINEAR = 0x7fff, /* read directly up to here; the verifier's */
	PACKET_TCP_PORTS = 4,	/* bytes of TCP up to the destination port */
	PACKET_TCP_FLAGS = 14,	/* bytes of TCP up to the flags */
	PACKET_TCP_LENGTH_AT = 12, /* its upper half: the header's words */
	PACKET_TCP_FLAGS_AT = 13,
	PACKET_TCP_HEADER = 20,
	PACKET_FLAGS_JUDGED = 0x17, /* ACK, RST, SYN, FIN */
	PACKET_FLAG_SYN = 0x02,
	PACKET_FLAGS_ACK = 0x16, /* ACK, RST, SYN */
	PACKET_FLAG_ACK = 0x10,
	PACKET_OFFSET4 = 0x1fff, /* of an IPv4 fragment */
	PACKET_MORE4 = 0x2000,	 /* fragments follow */
	PACKET_OFFSET6 = 0xfff8,
	PACKET_MORE6 = 0x0001,
	PACKET_MULTICAST6 = 0xff, /* first byte of a multicast address */
	PACKET_UNIT6 = 8, /* bytes; what lengths of extension headers count */
	PACKET_RPL = 3,	  /* types of routing headers: RFC 6554, */
	PACKET_SRV6 = 4,  /* RFC 8754 */
};

/* The bytes of the linear part are data..end. */
struct frame {
	void *data, *end;
	struct xdp_md *ctx;
};

enum packet_kind {
	PACKET_OTHER,
	PACKET_LATER_FRAGMENT,
	PACKET_MALFORMED,
	PACKET_ATTEMPT,
	PACKET_ACK,  /* to a guarded port; may complete a handshake */
	PACKET_MORE, /* not a kind: the walk goes on */
};

/* The fields with which a TCP header begins. */
struct segment_tcp {
	__u16 source, dest; /* ports */
	__u32 seq, ack;
};

/* A segment to a guarded port; network byte order. */
struct segment {
	struct packet from;
	__u8 to[16]; /* IPv4 in the first 4 bytes */
	struct segment_tcp tcp;
	bool paid; /* an ACK; its SYN was let by and, if SYNs are, charged */
	bool by_ack;
	__u8 zero[2];
};

/* How far the headers have been walked. Bytes from end on do not belong to the
 * packet or, if cut, are in fragments that follow. */
struct walk {
	__u32 off, end; /* from the start of the frame */
	__u8 next;	/* IP protocol number of the header at off */
	__u8 cut;	/* 1: the packet is a first fragment */
	__u8 routing;	/* type of a routing header right before off, or 0 */
	__u8 zero;
};

static int frame_load(struct xdp_md *ctx, __u32 off, void *to, __u32 len);
static __u32 frame_length(struct xdp_md *ctx);

/* 0, or negative where the frame ends before off + len. */
static __always_inline int frame_read(const struct frame *f, __u32 off,
				      void *to, const __u32 len)
{
	__u8 *from;

	if (off > PACKET_LINEAR)
		return frame_load(f->ctx, off, to, len);
	from = (__u8 *)f->data + off;
	/* Check and load have to use one register: the verifier does not see
	 * that two sums are equal. */
	asm volatile("" : "+r"(from));
	if (from + len > (__u8 *)f->end)
		return frame_load(f->ctx, off, to, len);
	__builtin_memcpy(to, from, len);
	return 0;
}

static __always_inline bool frame_holds(const struct frame *f, __u32 len)
{
	if (len <= (__u32)((__u8 *)f->end - (__u8 *)f->data))
		return true;
	return len <= frame_length(f->ctx);
}

static __always_inline __u16 packet_u16(const __u8 *at)
{
	return at[0] << 8 | at[1];
}

static __always_inline bool packet_is_vlan(__u16 type)
{
	return type == ETH_P_8021Q || type == ETH_P_8021AD;
}

static __always_inline bool packet_guarded(const struct mw_settings *s,
					   __u16 port)
{
	for (int i = 0; i < MW_PORTS; i++)
		if (s->ports[i] == port)
			return port != 0;
	return false;
}

/* Walks the tags. Returns off << 16 | type of what the tags carry. With too
 * many tags, the type is that of a tag; if the frame ends in the tags, 0 is
 * returned. */
__attribute__((noinline)) __u32 packet_tags(struct xdp_md *ctx)
{
	__u32 off = ETH_HLEN - 2;
	__u8 type[2];

	for (int i = 0; i <= PACKET_TAGS; i++) {
		if (frame_load(ctx, off, type, 2))
			return 0;
		if (!packet_is_vlan(packet_u16(type)))
			break;
		off += 4;
	}
	return (off + 2) << 16 | packet_u16(type);
}

/* Sets *off to the end of the tags and *type to the type of what they carry. */
static __always_inline enum packet_kind packet_ethernet(const struct frame *f,
							__u32 *off, __u16 *type)
{
	__u8 at[2];
	__u32 tags;

	*off = ETH_HLEN;
	if (frame_read(f, ETH_HLEN - 2, at, 2))
		return PACKET_OTHER;
	*type = packet_u16(at);
	if (!packet_is_vlan(*type))
		return PACKET_MORE;
	tags = packet_tags(f->ctx);
	*off = tags >> 16;
	*type = tags;
	return packet_is_vlan(*type) ? PACKET_MALFORMED : PACKET_MORE;
}

/* A first fragment. The kernel keeps a multiple of 8 bytes of a fragment that
 * others follow (ip_frag_queue; IPv6 refuses other lengths), and discards an
 * empty one. */
static __always_inline enum packet_kind packet_cut(struct walk *w)
{
	w->cut = 1;
	w->end = w->off + ((w->end - w->off) & ~7U);
	return w->end == w->off ? PACKET_OTHER : PACKET_MORE;
}

static __always_inline enum packet_kind packet_ipv4(const struct frame *f,
						    const struct iphdr *ip,
						    struct walk *w,
						    struct segment *g)
{
	__u32 header = ip->ihl * 4, total = __builtin_bswap16(ip->tot_len);
	__u16 fragment = __builtin_bswap16(ip->frag_off);

	/* A GSO packet of a neighbour on this host (iph_totlen); of others the
	 * stack discards it, and nobody sends one. */
	if (!total)
		total = frame_length(f->ctx) - w->off;
	if (ip->version != 4 || header < sizeof(*ip) || total < header ||
	    !frame_holds(f, w->off + total))
		return PACKET_OTHER;
	g->from.family = 4;
	__builtin_memcpy(g->from.source, &ip->saddr, 4);
	__builtin_memcpy(g->to, &ip->daddr, 4);
	w->end = w->off + total;
	w->off += header;
	w->next = ip->protocol;
	if (fragment & PACKET_OFFSET4)
		return PACKET_LATER_FRAGMENT;
	return fragment & PACKET_MORE4 ? packet_cut(w) : PACKET_MORE;
}

static __always_inline enum packet_kind packet_ipv6(const struct frame *f,
						    const struct ipv6hdr *ip,
						    struct walk *w,
						    struct segment *g)
{
	__u32 payload = __builtin_bswap16(ip->payload_len);

	/* ip6_rcv_core discards packets from a multicast source (ff00::/8). */
	if (ip->version != 6 ||
	    ip->saddr.in6_u.u6_addr8[0] == PACKET_MULTICAST6)
		return PACKET_OTHER;
	g->from.family = 6;
	__builtin_memcpy(g->from.source, &ip->saddr, 16);
	__builtin_memcpy(g->to, &ip->daddr, 16);
	w->off += sizeof(*ip);
	w->end = w->off + payload;
	w->next = ip->nexthdr;
	/* With payload length 0 and no jumbo option ip6_rcv_core trims nothing;
	 * a valid jumbo option means more than 64 KiB, which no frame holds. */
	if (!payload && ip->nexthdr == IPPROTO_HOPOPTS)
		w->end = frame_length(f->ctx);
	return frame_holds(f, w->end) ? PACKET_MORE : PACKET_OTHER;
}

static __always_inline enum packet_kind packet_fragment(struct walk *w,
							const __u8 *header)
{
	__u16 fragment = packet_u16(header + 2);

	w->off += PACKET_UNIT6;
	if (fragment & PACKET_OFFSET6)
		return PACKET_LATER_FRAGMENT;
	return fragment & PACKET_MORE6 ? packet_cut(w) : PACKET_MORE;
}

static __always_inline bool packet_is_extension(const struct walk *w,
						int family)
{
	switch (w->next) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_DSTOPTS:
		return family == 6;
	case IPPROTO_AH:
		return true;
	}
	return false;
}

/* The headers go on where the packet ends: in a first fragment they are hidden
 * in the next one; else the stack discards the packet. */
static __always_inline enum packet_kind packet_short(const struct walk *w)
{
	return w->cut ? PACKET_MALFORMED : PACKET_OTHER;
}

/* Walks one extension header (RFC 8200, RFC 4302). Returns an enum
 * packet_kind. */
__attribute__((noinline)) int packet_extension(struct xdp_md *ctx,
					       struct walk *w)
{
	enum packet_kind kind = PACKET_MORE;
	__u8 header[4], type;

	if (!w) /* never, but the verifier does not know */
		return PACKET_OTHER;
	type = w->next;
	if (w->off + PACKET_UNIT6 > w->end ||
	    frame_load(ctx, w->off, header, 4))
		return packet_short(w);
	w->next = header[0];
	w->routing = type == IPPROTO_ROUTING ? header[2] : 0;
	if (type == IPPROTO_FRAGMENT)
		kind = packet_fragment(w, header);
	else if (type == IPPROTO_AH)
		w->off += (header[1] + 2) * 4;
	else
		w->off += (header[1] + 1) * PACKET_UNIT6;
	return kind;
}

/* The kernel takes off an SRv6 or RPL header that a whole packet follows
 * (ipv6_srh_rcv, ipv6_rpl_srh_rcv), and receives that on the same interface
 * behind the program: the packet inside is the one to judge. */
static __always_inline bool packet_is_inside(const struct walk *w)
{
	switch (w->routing) {
	case PACKET_SRV6:
		return w->next == IPPROTO_IPV6 || w->next == IPPROTO_IPIP;
	case PACKET_RPL:
		return w->next == IPPROTO_IPV6;
	}
	return false;
}

/* Begins anew with the packet inside, which ends with the outer one at the
 * latest; in a first fragment of that it is hidden. Returns an enum
 * packet_kind. */
__attribute__((noinline)) int packet_inside(struct xdp_md *ctx, struct walk *w,
					    struct segment *g)
{
	struct frame f = {.ctx = ctx};
	enum packet_kind kind;
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} ip = {};
	__u32 end;
	bool v6;

	if (!w || !g) /* never */
		return PACKET_OTHER;
	if (w->cut)
		return PACKET_MALFORMED;
	end = w->end;
	v6 = w->next == IPPROTO_IPV6;
	if (frame_load(ctx, w->off, &ip, v6 ? sizeof(ip.v6) : sizeof(ip.v4)))
		return PACKET_OTHER;
	w->routing = 0;
	*g = (struct segment){};
	kind = v6 ? packet_ipv6(&f, &ip.v6, w, g)
		  : packet_ipv4(&f, &ip.v4, w, g);
	if (w->end > end)
		w->end = end;
	return kind;
}

static __always_inline enum packet_kind
packet_extensions(const struct frame *f, struct walk *w, struct segment *g)
{
	for (int i = 0; i < PACKET_EXTENSIONS; i++) {
		int kind;

		if (packet_is_extension(w, g->from.family))
			kind = packet_extension(f->ctx, w);
		else if (packet_is_inside(w))
			kind = packet_inside(f->ctx, w, g);
		else
			return PACKET_MORE;
		if (kind != PACKET_MORE)
			return kind;
	}
	return packet_is_extension(w, g->from.family) || packet_is_inside(w)
		       ? PACKET_MALFORMED
		       : PACKET_MORE;
}

/* A first fragment too short to show the flags of TCP. */
static __always_inline enum packet_kind
packet_tcp_hidden(const struct frame *f, const struct mw_settings *s,
		  const struct walk *w)
{
	__u8 ports[PACKET_TCP_PORTS];

	if (w->off + PACKET_TCP_PORTS > w->end ||
	    frame_read(f, w->off, ports, PACKET_TCP_PORTS))
		return PACKET_MALFORMED;
	return packet_guarded(s, packet_u16(ports + 2)) ? PACKET_MALFORMED
							: PACKET_OTHER;
}

static __always_inline enum packet_kind packet_flags(__u8 flags)
{
	if ((flags & PACKET_FLAGS_JUDGED) == PACKET_FLAG_SYN)
		return PACKET_ATTEMPT;
	/* An ACK completes a handshake with a FIN, too. */
	return (flags & PACKET_FLAGS_ACK) == PACKET_FLAG_ACK ? PACKET_ACK
							     : PACKET_OTHER;
}

static __always_inline enum packet_kind packet_tcp(const struct frame *f,
						   const struct mw_settings *s,
						   const struct walk *w,
						   struct segment *g)
{
	__u32 seen = w->end > w->off ? w->end - w->off : 0, header;
	__u8 tcp[PACKET_TCP_FLAGS];
	enum packet_kind kind;

	if (w->cut && seen < PACKET_TCP_FLAGS)
		return packet_tcp_hidden(f, s, w);
	if (!w->cut && seen < PACKET_TCP_HEADER)
		return PACKET_OTHER;
	if (frame_read(f, w->off, tcp, PACKET_TCP_FLAGS))
		return PACKET_OTHER;
	kind = packet_flags(tcp[PACKET_TCP_FLAGS_AT]);
	if (kind == PACKET_OTHER || !packet_guarded(s, packet_u16(tcp + 2)))
		return PACKET_OTHER;
	/* tcp_v4_rcv and tcp_v6_rcv discard a header shorter than TCP's, or
	 * longer than the segment. */
	header = (tcp[PACKET_TCP_LENGTH_AT] >> 4) * 4;
	if (header < PACKET_TCP_HEADER || (!w->cut && header > seen))
		return PACKET_OTHER;
	__builtin_memcpy(&g->tcp, tcp, sizeof(g->tcp));
	return kind;
}

static __always_inline enum packet_kind
packet_ip(const struct frame *f, struct walk *w, __u16 type, struct segment *g)
{
	union {
		struct iphdr v4;
		struct ipv6hdr v6;
	} ip;

	if (type == ETH_P_IP)
		return frame_read(f, w->off, &ip.v4, sizeof(ip.v4))
			       ? PACKET_OTHER
			       : packet_ipv4(f, &ip.v4, w, g);
	if (type == ETH_P_IPV6)
		return frame_read(f, w->off, &ip.v6, sizeof(ip.v6))
			       ? PACKET_OTHER
			       : packet_ipv6(f, &ip.v6, w, g);
	return PACKET_OTHER;
}

/* From the IP header on, which is at w->off. */
static __always_inline enum packet_kind
packet_network(const struct frame *f, const struct mw_settings *s,
	       struct walk *w, __u16 type, struct segment *g)
{
	enum packet_kind kind = packet_ip(f, w, type, g);

	if (kind == PACKET_MORE)
		kind = packet_extensions(f, w, g);
	if (kind != PACKET_MORE)
		return kind;
	return w->next == IPPROTO_TCP ? packet_tcp(f, s, w, g) : PACKET_OTHER;
}

/* A frame of Ethernet. Fills g if, and only if, the frame is an attempt
 * or an ACK. */
static __always_inline enum packet_kind
packet_parse(const struct frame *f, const struct mw_settings *s,
	     struct segment *g)
{
	struct walk w = {};
	enum packet_kind kind;
	__u16 type;

	kind = packet_ethernet(f, &w.off, &type);
	return kind == PACKET_MORE ? packet_network(f, s, &w, type, g) : kind;
}

/* The same of a frame that begins with its IP header, as those of a tunnel do.
 * The stack discards a packet whose version is not that of its protocol. */
static __always_inline enum packet_kind
packet_parse_ip(const struct frame *f, const struct mw_settings *s,
		struct segment *g)
{
	struct walk w = {};
	__u8 first;

	if (frame_read(f, 0, &first, 1))
		return PACKET_OTHER;
	return packet_network(f, s, &w, first >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP,
			      g);
}

#endif
