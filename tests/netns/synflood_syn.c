// SPDX-License-Identifier: GPL-2.0
/* synflood syn: bare SYNs, and which of them are answered. */
#include "synflood.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

struct flood {
	const struct job *job;
	int out, in;
	uint64_t start;
	long sent, answered, reset;
	uint8_t *seen; /* a bit for each SYN */
	uint32_t base; /* sequence number of the first */
};

struct syn {
	uint8_t ip[40]; /* IPv4: the first 20 are unused */
	struct tcphdr tcp;
	uint8_t mss[4];
};

static struct address flood_source(const struct job *j, long n)
{
	struct address a = j->listed ? j->list[n % j->listed] : j->from;
	int width = a.family == AF_INET ? 4 : 16;
	uint64_t r = 0;

	for (int bit = 0; bit < j->random_bits; bit++) {
		if (bit % 64 == 0)
			r = random_at(j->seed, n * 2 + bit / 64);
		if (r >> (bit % 64) & 1)
			a.bytes[width - 1 - bit / 8] ^= 1 << (bit % 8);
	}
	return a;
}

static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t tcp_checksum(const struct syn *s, const struct address *from,
			     const struct address *to)
{
	int width = from->family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_TCP + sizeof(s->tcp) + sizeof(s->mss);

	sum = sum16(from->bytes, width, sum);
	sum = sum16(to->bytes, width, sum);
	sum = sum16(&s->tcp, sizeof(s->tcp) + sizeof(s->mss), sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* The kernel fills in length, identification and checksum of IPv4. */
static void syn_ip(struct syn *s, const struct address *from,
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
	ip6[5] = sizeof(s->tcp) + sizeof(s->mss);
	ip6[6] = IPPROTO_TCP;
	ip6[7] = 64;
	memcpy(ip6 + 8, from->bytes, 16);
	memcpy(ip6 + 24, to->bytes, 16);
}

static bool flood_one(struct flood *f)
{
	const struct job *j = f->job;
	struct address from = flood_source(j, f->sent);
	size_t skip = from.family == AF_INET ? 20 : 0;
	struct syn s = {.mss = {2, 4, 0x05, 0xb4}};
	struct sockaddr_storage to;
	socklen_t len = address_sockaddr(&j->to, 0, &to);

	syn_ip(&s, &from, &j->to);
	s.tcp.source = htons(1024 + (f->base + f->sent) % 64000);
	s.tcp.dest = htons(j->port);
	s.tcp.seq = htonl(f->base + f->sent);
	s.tcp.doff = (sizeof(s.tcp) + sizeof(s.mss)) / 4;
	s.tcp.syn = 1;
	s.tcp.window = htons(64240);
	s.tcp.check = tcp_checksum(&s, &from, &j->to);
	if (sendto(f->out, (uint8_t *)&s + skip, sizeof(s) - skip, 0,
		   (void *)&to, len) < 0) {
		if (errno == ENOBUFS || errno == EAGAIN)
			return false;
		die("sendto");
	}
	f->sent++;
	return true;
}

static void flood_answer(struct flood *f, const uint8_t *ip, ssize_t len)
{
	bool v4 = f->job->to.family == AF_INET;
	ssize_t header = v4 ? (ip[0] & 15) * 4 : 40;
	const uint8_t *from = v4 ? ip + 12 : ip + 8;
	struct tcphdr tcp;
	uint32_t n;

	if (len < header + (ssize_t)sizeof(tcp) ||
	    ip[v4 ? 9 : 6] != IPPROTO_TCP ||
	    memcmp(from, f->job->to.bytes, v4 ? 4 : 16))
		return;
	memcpy(&tcp, ip + header, sizeof(tcp));
	n = ntohl(tcp.ack_seq) - 1 - f->base;
	if (ntohs(tcp.source) != f->job->port || !tcp.ack || n >= f->sent ||
	    f->seen[n / 8] & 1 << n % 8)
		return;
	f->seen[n / 8] |= 1 << n % 8;
	if (tcp.rst) {
		f->reset++;
	} else if (tcp.syn) {
		f->answered++;
		if (f->job->listed)
			f->job->list_answered[n % f->job->listed]++;
	}
}

static void flood_drain(struct flood *f)
{
	uint8_t ip[128];
	ssize_t len;

	while ((len = recv(f->in, ip, sizeof(ip), MSG_DONTWAIT)) > 0)
		if (len >= 40)
			flood_answer(f, ip, len);
}

static void flood_open(struct flood *f)
{
	bool v4 = f->job->to.family == AF_INET;
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = if_nametoindex(f->job->dev),
	};
	int on = 1, room = 32 << 20;

	if (!at.sll_ifindex)
		die(f->job->dev);
	/* Of one protocol: sees what comes in, not what goes out. */
	f->in = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->out = socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
			IPPROTO_RAW);
	if (f->in < 0 || f->out < 0)
		die("socket");
	setsockopt(f->in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(f->in, (void *)&at, sizeof(at)))
		die("bind");
	if (v4 ? setsockopt(f->out, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on))
	       : setsockopt(f->out, IPPROTO_IPV6, IPV6_HDRINCL, &on,
			    sizeof(on)))
		die("HDRINCL");
}

static void flood_print(const struct flood *f)
{
	printf("sent=%ld answered=%ld reset=%ld left=%d seconds=%.3f "
	       "seed=%llu\n",
	       f->sent, f->answered, f->reset, f->sent < f->job->count,
	       (now_ns() - f->start) / 1e9, (unsigned long long)f->job->seed);
	fflush(stdout);
}

/* At most 64 at a time, so that answers are read between them. */
static void flood_send(struct flood *f, uint64_t elapsed)
{
	long until = due(f->job, elapsed);

	if (until > f->sent + 64)
		until = f->sent + 64;
	while (f->sent < until && flood_one(f))
		;
}

static void flood_run(struct flood *f)
{
	const struct job *j = f->job;
	uint64_t end = j->seconds * (uint64_t)SECOND, last = 0, told = 0;
	struct pollfd in = {.fd = f->in, .events = POLLIN};

	for (;;) {
		uint64_t elapsed = now_ns() - f->start;
		bool more = f->sent < j->count;

		if (elapsed >= end ||
		    (!more &&
		     elapsed >= last + j->wait_ms * (uint64_t)MILLISECOND))
			break;
		if (more) {
			flood_send(f, elapsed);
			last = elapsed;
		}
		if (j->every_ms &&
		    elapsed >= told + j->every_ms * (uint64_t)MILLISECOND) {
			flood_print(f);
			told = elapsed;
		}
		poll(&in, 1, more && !j->rate ? 0 : 1);
		flood_drain(f);
	}
}

int syn_main(const struct job *j)
{
	struct flood f = {
		.job = j,
		.seen = calloc(j->count / 8 + 1, 1),
		.base = random_at(j->seed, UINT32_MAX),
	};

	if (!f.seen)
		die("calloc");
	flood_open(&f);
	f.start = now_ns();
	flood_run(&f);
	flood_print(&f);
	for (size_t i = 0; i < j->listed && j->verbose; i++) {
		char text[INET6_ADDRSTRLEN];

		inet_ntop(j->list[i].family, j->list[i].bytes, text,
			  sizeof(text));
		printf("source=%s answered=%u\n", text, j->list_answered[i]);
	}
	free(f.seen);
	return 0;
}
