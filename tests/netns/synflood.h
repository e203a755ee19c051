/* SPDX-License-Identifier: GPL-2.0 */
/* What synflood's two ways to make attempts share. */
#ifndef TESTS_SYNFLOOD_H
#define TESTS_SYNFLOOD_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	COUNT_MAX = 10000000,
	SECONDS_MAX = 600,
	CONNECTS = 1024, /* under way at once */
	SECOND = 1000000000,
	MILLISECOND = 1000000,
};

/* Network byte order; IPv4 in the first 4 bytes. */
struct address {
	int family;
	uint8_t bytes[16];
};

struct job {
	struct address to, from;
	const char *dev;
	bool has_from, verbose, smtp;
	struct address *list;
	uint32_t *list_answered;
	size_t listed;
	int random_bits; /* -1: none */
	uint16_t port;
	long count, seconds, rate, wait_ms, every_ms;
	uint64_t seed;
};

static inline void die(const char *what)
{
	perror(what);
	exit(1);
}

static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (uint64_t)SECOND + t.tv_nsec;
}

/* splitmix64: the n-th number of a seed, without the ones before it. */
static inline uint64_t random_at(uint64_t seed, uint64_t n)
{
	uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
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

/* How many should have gone out by now. */
static inline long due(const struct job *j, uint64_t elapsed)
{
	uint64_t n = j->count;

	if (j->rate)
		n = elapsed * j->rate / SECOND + 1;
	return n < (uint64_t)j->count ? (long)n : j->count;
}

/* Each prints its lines; 0, or exits with 1 where the kernel refuses. */
int syn_main(const struct job *j);
int connect_main(const struct job *j);

#endif
