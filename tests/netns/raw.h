/* SPDX-License-Identifier: GPL-2.0 */
/* TCP segments made by hand, for the tools of the network tests. What fails
 * ends the tool with the reason. */
#ifndef MAILWEIR_TESTS_RAW_H
#define MAILWEIR_TESTS_RAW_H

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

/* Network byte order; IPv4 in the first 4 bytes. */
struct address {
	int family;
	uint8_t bytes[16];
};

/* Options, then data, stand in more; raw_send() fills in the rest. */
struct segment {
	uint8_t ip[40]; /* IPv4: the first 20 are unused */
	struct tcphdr tcp;
	uint8_t more[512];
	size_t more_len;
};

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline bool address_parse(const char *text, struct address *a)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(a->family, text, a->bytes) == 1;
}

static inline socklen_t address_sockaddr(const struct address *a, uint16_t port,
					 struct sockaddr_storage *to)
{
	struct sockaddr_in6 *in6 = (void *)to;
	struct sockaddr_in *in = (void *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = a->family;
	if (a->family == AF_INET) {
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

static inline size_t raw_tcp_len(const struct segment *s)
{
	return sizeof(s->tcp) + s->more_len;
}

static inline uint32_t raw_sum(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return len % 2 ? sum + (p[len - 1] << 8) : sum;
}

static inline uint16_t raw_checksum(const struct segment *s,
				    const struct address *from,
				    const struct address *to)
{
	int width = from->family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_TCP + raw_tcp_len(s);

	sum = raw_sum(from->bytes, width, sum);
	sum = raw_sum(to->bytes, width, sum);
	sum = raw_sum(&s->tcp, raw_tcp_len(s), sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* The kernel fills in length, identification and checksum of IPv4. */
static inline void raw_ip(struct segment *s, const struct address *from,
			  const struct address *to)
{
	uint8_t *ip4 = s->ip + 20, *ip6 = s->ip;

	if (from->family == AF_INET) {
		ip4[0] = 0x45;
		ip4[8] = 64;
		ip4[9] = IPPROTO_TCP;
		memcpy(ip4 + 12, from->bytes, 4);
		memcpy(ip4 + 16, to->bytes, 4);
		return;
	}
	ip6[0] = 0x60;
	ip6[4] = raw_tcp_len(s) >> 8;
	ip6[5] = raw_tcp_len(s);
	ip6[6] = IPPROTO_TCP;
	ip6[7] = 64;
	memcpy(ip6 + 8, from->bytes, 16);
	memcpy(ip6 + 24, to->bytes, 16);
}

/* false: there is no room for it now. */
static inline bool raw_send(int out, struct segment *s,
			    const struct address *from,
			    const struct address *to)
{
	size_t skip = from->family == AF_INET ? 20 : 0;
	size_t size = sizeof(s->ip) - skip + raw_tcp_len(s);
	struct sockaddr_storage at;
	socklen_t len = address_sockaddr(to, 0, &at);

	raw_ip(s, from, to);
	s->tcp.window = htons(64240);
	s->tcp.check = 0;
	s->tcp.check = raw_checksum(s, from, to);
	if (sendto(out, s->ip + skip, size, 0, (void *)&at, len) >= 0)
		return true;
	if (errno != ENOBUFS && errno != EAGAIN)
		die("sendto");
	return false;
}

/* in: what comes in at dev, from the IP header on; out: what is sent. */
static inline void raw_open(const char *dev, int family, int *in, int *out)
{
	bool v4 = family == AF_INET;
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = if_nametoindex(dev),
	};
	int on = 1, room = 32 << 20;

	if (!at.sll_ifindex)
		die(dev);
	/* Of one protocol: sees what comes in, not what goes out. */
	*in = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	*out = socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (*in < 0 || *out < 0)
		die("socket");
	setsockopt(*in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(*in, (void *)&at, sizeof(at)))
		die("bind");
	if (v4 ? setsockopt(*out, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on))
	       : setsockopt(*out, IPPROTO_IPV6, IPV6_HDRINCL, &on, sizeof(on)))
		die("HDRINCL");
}

#endif
