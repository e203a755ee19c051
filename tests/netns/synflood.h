/* SPDX-License-Identifier: GPL-2.0 */
/* What synflood's two ways to make attempts share. */
#ifndef TESTS_SYNFLOOD_H
#define TESTS_SYNFLOOD_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "raw.h"

enum {
	COUNT_MAX = 10000000,
	SECONDS_MAX = 600,
	CONNECTS = 1024, /* under way at once */
	SECOND = 1000000000,
	MILLISECOND = 1000000,
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
