// SPDX-License-Identifier: GPL-2.0
/* Who is a regular, and whose history gives way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/history.h"

enum { MIDNIGHT = 500000 / 24 * 24 };

static void regular_rows(void **state)
{
	static const struct {
		const char *what;
		int since, last, now; /* hours after a midnight */
		bool regular;
	} rows[] = {
		{"one connection", 0, 0, 0, false},
		{"a day full of them", 0, 23, 23, false},
		{"the next day", 8, 32, 32, true},
		{"the next morning", 20, 33, 33, true},
		{"around midnight", 23, 24, 24, false},
		{"just six hours, another day", 23, 29, 29, true},
		{"five", 23, 28, 28, false},
		{"30 days later", 0, 48, 48 + 720, true},
		{"31 days later", 0, 48, 48 + 721, false},
		{"the clock went back", 0, 48, 10, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mw_history h = {1, MIDNIGHT + rows[i].since,
				       MIDNIGHT + rows[i].last};

		print_message("%s\n", rows[i].what);
		assert_int_equal(history_regular(&h, MIDNIGHT + rows[i].now),
				 rows[i].regular);
	}
}

static void connections_make_history(void **state)
{
	struct mw_history h = {.key = 1};

	(void)state;
	history_again(&h, MIDNIGHT);
	assert_false(history_regular(&h, MIDNIGHT));
	history_again(&h, MIDNIGHT + 25);
	assert_true(history_regular(&h, MIDNIGHT + 25));
	history_again(&h, MIDNIGHT + 3); /* a clock that went back */
	assert_int_equal(h.last, MIDNIGHT + 25);
	assert_int_equal(h.since, MIDNIGHT);
	history_again(&h, MIDNIGHT + 25 + 721); /* faded: from the beginning */
	assert_int_equal(h.since, MIDNIGHT + 25 + 721);
	history_set(&h, 0, 0);
	assert_false(history_alive(&h, MIDNIGHT));
}

static void who_gives_way(void **state)
{
	enum { NOW = MIDNIGHT + 100 };
	struct mw_history_set set = {
		{{1, NOW - 90, NOW - 1},  /* regular */
		 {2, NOW - 60, NOW - 10}, /* regular */
		 {3, NOW - 3, NOW - 3},	  /* not */
		 {4, NOW - 7, NOW - 7}}}; /* not, and longer ago */
	int taken = 0;

	(void)state;
	for (__u32 luck = 0; luck < 800; luck++) {
		int way = history_victim(&set, NOW, luck);

		assert_true(way == HISTORY_NONE || way == 3);
		taken += way == 3;
	}
	assert_int_equal(taken, 100);
	set.way[2] = set.way[3] = set.way[0];
	assert_int_equal(history_victim(&set, NOW, 0), HISTORY_NONE);
	set.way[1].last = NOW - 721; /* faded */
	assert_int_equal(history_victim(&set, NOW, 1), 1);
	assert_int_equal(history_find(&set, 1), 0);
	assert_int_equal(history_find(&set, 9), HISTORY_NONE);
}

enum { SETS = MW_SETS, SEED = 77 };

static __u8 taken[SETS]; /* histories in each set */

/* All sources of a prefix of len bits, of those that a source's key has, get a
 * history, if there is room. Returns how many did. */
static long fill(__u64 prefix, int len, int bits)
{
	long entered = 0;

	for (__u64 i = 0; i < 1ULL << (bits - len); i++) {
		__u64 key = prefix | i << (64 - bits);
		__u8 *n = &taken[history_place(key, SEED, SETS)];

		entered += *n < MW_HISTORY_WAYS;
		*n += *n < MW_HISTORY_WAYS;
	}
	return entered;
}

/* Of 100,000 sources below prefix, or of IPv4, how many in a thousand find
 * their set full. */
static long shut_out(__u64 prefix, int len)
{
	long full = 0;

	for (__u64 i = 0; i < 100000; i++) {
		__u64 random = source_hash(i, SEED + 1);
		__u64 key = prefix | (random >> len & ~0ULL << 4);

		full += taken[history_place(key, SEED, SETS)] ==
			MW_HISTORY_WAYS;
	}
	return full / 100;
}

/* P15: maps.h says how many. */
static void share_rows(void **state)
{
	static const struct {
		const char *what;
		__u64 prefix;
		int len, bits;	   /* of the prefix and of its sources */
		long least, most;  /* histories that it gets */
		long others, near; /* shut out, in a thousand, at most */
	} rows[] = {
		{"/48", 0x20010db800010000, 48, 64, 900, 1024, 5, 70},
		{"/44", 0x20010db800000000, 44, 64, 9000, 11000, 45, 700},
		{"/40", 0x20010db800000000, 40, 64, 15000, 16384, 70, 1000},
		{"IPv4 /24", SOURCE_IPV4 | 0x0a010200, 56, 64, 250, 256, 1, 10},
		{"IPv4 /16", SOURCE_IPV4 | 0x0a010000, 48, 64, 15000, 16384, 70,
		 1000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool v4 = rows[i].prefix >= SOURCE_IPV4;
		__u64 owner = source_masked(rows[i].prefix, v4 ? 48 : 32);
		long got, others, near;

		memset(taken, 0, sizeof(taken));
		got = fill(rows[i].prefix, rows[i].len, rows[i].bits);
		others = shut_out(0x2a00000000000000, 8);
		near = shut_out(owner, v4 ? 48 : 32);
		print_message("%s: %ld histories; %ld, near %ld in 1000\n",
			      rows[i].what, got, others, near);
		assert_in_range(got, rows[i].least, rows[i].most);
		assert_in_range(others, 0, rows[i].others);
		assert_in_range(near, 0, rows[i].near);
	}
}

/* The rest of the table is as large as before for who is honest: 131,072
 * sources, each of a prefix of its own, half fill it. Were each set as likely
 * as any other, the Poisson distribution would leave 1 in 27 of these out, as
 * more than four fall into one set. */
static void strangers_spread(void **state)
{
	long left_out = 0;

	(void)state;
	memset(taken, 0, sizeof(taken));
	for (__u64 i = 0; i < MW_HISTORY_WAYS * SETS / 2; i++) {
		__u64 key = source_hash(i, SEED + 2) >> 3 | 1ULL << 61;
		__u8 *n = &taken[history_place(key, SEED, SETS)];

		left_out += *n == MW_HISTORY_WAYS;
		*n += *n < MW_HISTORY_WAYS;
	}
	print_message("%ld left out\n", left_out);
	assert_in_range(left_out, 0, MW_HISTORY_WAYS * SETS / 2 / 25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regular_rows),
		cmocka_unit_test(connections_make_history),
		cmocka_unit_test(who_gives_way),
		cmocka_unit_test(share_rows),
		cmocka_unit_test(strangers_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
