// SPDX-License-Identifier: GPL-2.0
/* synflood syn: bare SYNs, and which of them are answered. */
#include "synflood.h"

#include <poll.h>

struct flood {
	const struct job *job;
	int out, in;
	uint64_t start;
	long sent, answered, reset, lost;
	long marked, waited; /* see flood_lose() */
	uint64_t mark;
	uint8_t *seen; /* a bit for each SYN */
	uint32_t base; /* sequence number of the first */
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

static bool flood_one(struct flood *f)
{
	const struct job *j = f->job;
	struct address from = flood_source(j, f->sent);
	struct segment s = {
		.tcp = {.source = htons(1024 + (f->base + f->sent) % 64000),
			.dest = htons(j->port),
			.seq = htonl(f->base + f->sent),
			.doff = (sizeof(s.tcp) + 4) / 4,
			.syn = 1},
		.more = {2, 4, 0x05, 0xb4}, /* MSS */
		.more_len = 4,
	};

	if (!raw_send(f->out, &s, &from, &j->to))
		return false;
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
	f->lost -= n < f->waited; /* not lost, but late */
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

/* The SYNs before the until-th have been waited for. */
static void flood_give_up(struct flood *f, long until)
{
	for (; f->waited < until; f->waited++)
		f->lost += !(f->seen[f->waited / 8] & 1 << f->waited % 8);
}

/* A SYN is lost if no answer came for -w or, as the SYNs are looked at once in
 * -w, for up to twice as long. */
static void flood_lose(struct flood *f, uint64_t elapsed)
{
	if (elapsed < f->mark + f->job->wait_ms * (uint64_t)MILLISECOND)
		return;
	flood_give_up(f, f->marked);
	f->marked = f->sent;
	f->mark = elapsed;
}

static void flood_print(const struct flood *f)
{
	printf("sent=%ld answered=%ld reset=%ld lost=%ld left=%d seconds=%.3f "
	       "seed=%llu\n",
	       f->sent, f->answered, f->reset, f->lost, f->sent < f->job->count,
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
		flood_lose(f, elapsed);
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
	raw_open(j->dev, j->to.family, &f.in, &f.out);
	f.start = now_ns();
	flood_run(&f);
	flood_give_up(&f, f.sent);
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
