/* SPDX-License-Identifier: GPL-2.0 */
/* Frames from a few words. Independent of bpf/packet.h. */
#ifndef MAILWEIR_TESTS_PKT_H
#define MAILWEIR_TESTS_PKT_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

enum { PKT_MAX = 12000 };

enum {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	PSH = 0x08,
	ACK = 0x10,
	URG = 0x20,
	ECE = 0x40,
	CWR = 0x80,
};

/*
 * Zero is the usual: an untagged IPv4 SYN from 192.0.2.1 to port 25 without
 * options or payload. The chain is read letter by letter, a number before a
 * letter repeats it: h hop-by-hop, d destination options, r routing, a AH (8
 * bytes the others, 12 AH); H, O and D are options of 2048 (H hop-by-hop),
 * 2040 and 2048 bytes; f atomic fragment, q one with the reserved bits set, F
 * first fragment with more to come, L the last one, M one in between; e ESP,
 * n no next header, i ICMP, u UDP end it. s is an SRv6 header of 24 bytes, l an
 * RPL header of 8, no segment left in either; V an IPv6 and v an IPv4 header,
 * of a packet inside.
 */
struct pkt {
	const char *from; /* IPv6 where it has a colon */
	const char *to;	  /* default 192.0.2.254, 2001:db8::254 */
	const char *chain;
	const char *inner_from; /* of v, or V; default 192.0.2.1, or the */
	const char *inner_to;	/* outer one; and 192.0.2.254, or that */
	int inner_lie;		/* added to the length field of the last one */
	int tags;		/* VLAN tags */
	__u16 tag_type;		/* default 0x8100 */
	__u16 tci;		/* default priority 0, vid 0 */
	__u16 ethertype;	/* default by family */
	int options;		/* bytes of IPv4 options, a multiple of 4 */
	int option;		/* their type, default end of list */
	__u16 frag;		/* IPv4 flags and offset, host order */
	int protocol;		/* IPv4, default TCP */
	int flags;		/* default SYN; -1: none */
	int port;		/* default 25 */
	int source_port;	/* default 12345 */
	int payload;		/* bytes behind the TCP header */
	int doff;		/* default 5 */
	int tcp;	  /* bytes of TCP in all, default 20 + payload; -1: 0 */
	int lie;	  /* added to the length field */
	bool zero_length; /* length field 0 */
	int pad;	  /* bytes behind the packet */
	int version;	  /* of IP, default right */
	int ihl;	  /* default right */
};

struct pkt_frame {
	__u8 data[PKT_MAX];
	int len;
	int ip, tcp;  /* where they begin; tcp 0: there is none */
	int fragment; /* where the first IPv6 fragment header begins, or 0 */
	int inner;    /* where the last packet inside begins, or 0 */
};

static inline __u8 *pkt_put(struct pkt_frame *f, int n)
{
	__u8 *at = f->data + f->len;

	f->len += n;
	return at;
}

static inline void pkt_u16(__u8 *at, int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static inline void pkt_ethernet(struct pkt_frame *f, const struct pkt *p,
				int type)
{
	memcpy(pkt_put(f, 12), "\x02\0\0\0\0\1\x02\0\0\0\0\2", 12);
	for (int i = 0; i < p->tags; i++) {
		__u8 *tag = pkt_put(f, 4);

		pkt_u16(tag, p->tag_type ? p->tag_type : 0x8100);
		pkt_u16(tag + 2, p->tci);
	}
	pkt_u16(pkt_put(f, 2), p->ethertype ? p->ethertype : type);
}

static inline void pkt_tcp(struct pkt_frame *f, const struct pkt *p)
{
	int len = p->tcp < 0 ? 0 : p->tcp ? p->tcp : 20 + p->payload;
	__u8 tcp[20] = {};

	f->tcp = f->len;
	pkt_u16(tcp, p->source_port ? p->source_port : 12345);
	pkt_u16(tcp + 2, p->port ? p->port : 25);
	tcp[12] = (p->doff ? p->doff : 5) << 4;
	tcp[13] = p->flags < 0 ? 0 : p->flags ? p->flags : SYN;
	memcpy(pkt_put(f, len), tcp, len < 20 ? len : 20);
}

struct pkt_letter {
	char letter;
	int type, len;
	int offset; /* of a fragment, with its low bits */
};

static inline const struct pkt_letter *pkt_letter(char letter)
{
	static const struct pkt_letter letters[] = {
		{'h', 0, 8},	 {'H', 0, 2048},  {'d', 60, 8},
		{'D', 60, 2048}, {'O', 60, 2040}, {'r', 43, 8},
		{'a', 51, 12},	 {'f', 44, 8},	  {'q', 44, 8, 6},
		{'F', 44, 8, 1}, {'L', 44, 8, 8}, {'M', 44, 8, 9},
		{'e', 50},	 {'n', 59},	  {'i', 58},
		{'u', 17},	 {'s', 43, 24},	  {'l', 43, 8},
		{'V', 41, 40},	 {'v', 4, 20},
	};

	for (unsigned int i = 0; i < sizeof(letters) / sizeof(*letters); i++)
		if (letters[i].letter == letter)
			return &letters[i];
	abort();
}

/* Options that a receiver skips: it takes 8 of them and 7 bytes of padding. */
static inline void pkt_fill(__u8 *at, int left)
{
	while (left > 7) {
		int len = left < 257 ? left : 257;

		at[0] = 0x1e;
		at[1] = len - 2;
		at += len;
		left -= len;
	}
}

/* The address of a packet inside, where it is of that family. */
static inline const char *pkt_inner_address(const char *is, bool v6,
					    const char *usual)
{
	return is && !strchr(is, ':') == !v6 ? is : usual;
}

/* The header of a packet inside. */
static inline __u8 *pkt_inner(__u8 *at, const struct pkt *p, bool v6)
{
	const char *to6 = p->to ? p->to : "2001:db8::254";
	const char *from = pkt_inner_address(p->inner_from, v6,
					     v6 ? p->from : "192.0.2.1");
	const char *to =
		pkt_inner_address(p->inner_to, v6, v6 ? to6 : "192.0.2.254");

	at[0] = v6 ? 0x60 : 0x45;
	at[v6 ? 7 : 8] = 64;
	inet_pton(v6 ? AF_INET6 : AF_INET, from, at + (v6 ? 8 : 12));
	inet_pton(v6 ? AF_INET6 : AF_INET, to, at + (v6 ? 24 : 16));
	return at + (v6 ? 6 : 9);
}

/* The lengths of the packets inside, which all end with the frame. */
static inline void pkt_inner_lengths(struct pkt_frame *f, const struct pkt *p,
				     const int *starts, int n)
{
	for (int i = 0; i < n; i++) {
		int lie = i == n - 1 ? p->inner_lie : 0;
		__u8 *ip = f->data + starts[i];
		int len = f->len - starts[i];

		if (ip[0] == 0x60)
			pkt_u16(ip + 4, len - 40 + lie);
		else
			pkt_u16(ip + 2, len + lie);
	}
}

/* Writes one header; returns the byte that names what follows, or NULL. */
static inline __u8 *pkt_header(struct pkt_frame *f, const struct pkt_letter *l,
			       const struct pkt *p, __u8 *next)
{
	int start = f->len;
	__u8 *at = pkt_put(f, l->len);

	*next = l->type;
	if (!l->len)
		return NULL;
	if (l->type == 41 || l->type == 4) {
		f->inner = start;
		return pkt_inner(at, p, l->type == 41);
	}
	if (l->letter == 's' || l->letter == 'l') {
		at[1] = l->len / 8 - 1;
		at[2] = l->letter == 's' ? 4 : 3;
	} else if (l->type == 51) {
		at[1] = l->len / 4 - 2;
	} else if (l->type == 44) {
		pkt_u16(at + 2, l->offset);
		f->fragment = f->fragment ? f->fragment : start;
	} else {
		at[1] = l->len / 8 - 1;
		pkt_fill(at + 2, l->len - 2);
	}
	return at;
}

enum { PKT_INNER = 16 };

/* Writes the headers and the TCP segment; next points to the byte that names
 * each. */
static inline void pkt_behind(struct pkt_frame *f, const struct pkt *p,
			      __u8 *next)
{
	const char *chain = p->chain ? p->chain : "";
	int starts[PKT_INNER], n = 0;
	char *end = NULL;

	for (; next && *chain; chain++) {
		long times = strtol(chain, &end, 10);

		times = end == chain ? 1 : times;
		chain = end;
		while (next && times--) {
			int before = f->inner;

			next = pkt_header(f, pkt_letter(*chain), p, next);
			if (f->inner != before && n < PKT_INNER)
				starts[n++] = f->inner;
		}
	}
	if (next) {
		*next = p->protocol ? p->protocol : 6;
		pkt_tcp(f, p);
	}
	pkt_inner_lengths(f, p, starts, n);
}

/* One option that takes all the room; as route or time stamp it is empty. */
static inline void pkt_options(__u8 *at, const struct pkt *p)
{
	if (!p->option)
		return;
	if (p->option == 1) {
		memset(at, 1, p->options);
		return;
	}
	at[0] = p->option;
	at[1] = p->options;
	if (p->options > 4)
		at[2] = p->option == 68 ? 5 : 4;
}

static inline void pkt_ipv4(struct pkt_frame *f, const struct pkt *p)
{
	int start = f->ip = f->len, header = 20 + p->options;
	__u8 *ip = pkt_put(f, header), *next = ip + 9;

	ip[0] = (p->version ? p->version : 4) << 4 |
		(p->ihl ? p->ihl : header / 4);
	pkt_u16(ip + 6, p->frag);
	ip[8] = 64;
	inet_pton(AF_INET, p->from ? p->from : "192.0.2.1", ip + 12);
	inet_pton(AF_INET, p->to ? p->to : "192.0.2.254", ip + 16);
	pkt_options(ip + 20, p);
	pkt_behind(f, p, next);
	pkt_u16(ip + 2, p->zero_length ? 0 : f->len - start + p->lie);
}

static inline void pkt_ipv6(struct pkt_frame *f, const struct pkt *p)
{
	__u8 *ip = pkt_put(f, 40), *next = ip + 6;
	int start = f->len;

	f->ip = start - 40;
	ip[0] = (p->version ? p->version : 6) << 4;
	ip[7] = 64;
	inet_pton(AF_INET6, p->from, ip + 8);
	inet_pton(AF_INET6, p->to ? p->to : "2001:db8::254", ip + 24);
	pkt_behind(f, p, next);
	pkt_u16(ip + 4, p->zero_length ? 0 : f->len - start + p->lie);
}

static inline void pkt_build(struct pkt_frame *f, const struct pkt *p)
{
	bool v6 = p->from && strchr(p->from, ':');

	memset(f, 0, sizeof(*f));
	pkt_ethernet(f, p, v6 ? 0x86dd : 0x0800);
	if (v6)
		pkt_ipv6(f, p);
	else
		pkt_ipv4(f, p);
	f->len += p->pad;
}

#endif
