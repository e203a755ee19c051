// SPDX-License-Identifier: GPL-2.0
/* bucket.h and source.h on the host: rows of time, event and expectation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/bucket.h"
#include "bpf/source.h"

#define S   1000000000ULL
#define END (~0ULL)

#define DAY (86400 * S)

/* Charged at the SYN: a racing CPU each may owe an interval more. */
static const struct mw_limit one_a_second = {S, 2 * S, 1026 * S};
static const struct mw_limit no_burst = {S, 0, 1024 * S};
static const struct mw_limit daily = {DAY, 6 * DAY, 1030 * DAY};
/* By connections: a source pays for a day; a netblock, where sources have no
 * limit, for its burst. */
static const struct mw_limit paying = {S, 2 * S, 2 * S + DAY};
static const struct mw_limit shared = {S, 2 * S, 3 * S};

struct row {
	const char *what;
	const struct mw_limit *limit;
	__u64 tat, now;
	bool conforms;
	__u64 after; /* TAT if charged */
};

static const struct row rows[] = {
	{"empty bucket at boot", &one_a_second, 0, 0, true, S},
	{"empty bucket later", &one_a_second, 0, 50 * S, true, 51 * S},
	{"second of the burst", &one_a_second, 51 * S, 50 * S, true, 52 * S},
	{"third of the burst", &one_a_second, 52 * S, 50 * S, true, 53 * S},
	{"burst used up", &one_a_second, 53 * S, 50 * S, false, 54 * S},
	{"1 ns too early", &one_a_second, 53 * S, 51 * S - 1, false, 54 * S},
	{"just in time", &one_a_second, 53 * S, 51 * S, true, 54 * S},
	{"clock stands still", &one_a_second, 54 * S, 51 * S, false, 55 * S},
	{"clock goes back", &one_a_second, 54 * S, 40 * S, false, 55 * S},
	{"debt long gone", &one_a_second, 54 * S, 900 * S, true, 901 * S},
	{"no burst, first", &no_burst, 0, 7 * S, true, 8 * S},
	{"no burst, second", &no_burst, 8 * S, 7 * S, false, 9 * S},
	{"no burst, exactly", &no_burst, 8 * S, 8 * S, true, 9 * S},
	{"TAT of a stricter limit before", &one_a_second, 2000 * S, 5 * S, true,
	 6 * S},
	{"TAT far in the future", &one_a_second, END - S, 5 * S, true, 6 * S},
	{"TAT at the end of time", &one_a_second, END, 5 * S, true, 6 * S},
	{"debt of racing CPUs", &one_a_second, 1000 * S, 5 * S, false,
	 1001 * S},
	{"now near the end of time", &one_a_second, 0, END - S / 2, true, END},
	{"slow limit, full burst", &daily, 6 * 86400 * S, 0, true,
	 7 * 86400 * S},
	{"slow limit, beyond", &daily, 6 * 86400 * S + 1, 0, false,
	 7 * 86400 * S + 1},
	{"source over its limit pays", &paying, 53 * S, 50 * S, false, 54 * S},
	{"for a thousand", &paying, 1053 * S, 50 * S, false, 1054 * S},
	{"until a day is owed", &paying, 52 * S + DAY, 50 * S, false,
	 52 * S + DAY},
	{"nearly a day", &paying, 51 * S + DAY + S / 2, 50 * S, false,
	 52 * S + DAY},
	{"a clock behind does not forgive", &paying, 52 * S + DAY,
	 50 * S - S / 100, false, 52 * S + DAY},
	{"more than can be owed is not ours", &paying, 54 * S + DAY, 50 * S,
	 true, 51 * S},
	{"netblock at its limit", &shared, 52 * S, 50 * S, true, 53 * S},
	{"netblock over it owes no more", &shared, 53 * S, 50 * S, false,
	 53 * S},
	{"netblock a little over", &shared, 52 * S + 1, 50 * S, false, 53 * S},
	{"netblock and a clock behind", &shared, 53 * S, 50 * S - S / 100,
	 false, 53 * S},
};

static void most_rows(void **state)
{
	static const struct {
		__u64 interval, window, most;
		enum mw_charge charge;
		__u64 beyond;
	} most[] = {
		{S, 29 * S, 1053 * S, MW_CHARGE_SYN, DAY},
		{S, 29 * S, 1053 * S, MW_CHARGE_SYN, 0},
		{S, 29 * S, 29 * S + DAY, MW_CHARGE_HANDSHAKE, DAY},
		{S, 29 * S, 30 * S, MW_CHARGE_HANDSHAKE, 0},
		{S, 29 * S, 89 * S, MW_CHARGE_HANDSHAKE, 60 * S},
		{7 * DAY, 0, 7 * DAY, MW_CHARGE_HANDSHAKE, DAY},
		{7 * DAY, 0, 7168 * DAY, MW_CHARGE_SYN, DAY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++)
		assert_true(bucket_most(most[i].interval, most[i].window,
					most[i].charge,
					most[i].beyond) == most[i].most);
}

static void gcra_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		__u64 tat = r->tat;

		print_message("# %s\n", r->what);
		assert_int_equal(bucket_conforms(r->tat, r->now, r->limit),
				 r->conforms);
		assert_true(bucket_after(r->tat, r->now, r->limit) == r->after);
		bucket_charge(&tat, r->now, r->limit);
		assert_true(tat == r->after);
	}
}

/* rate x time + burst, and not one more, over an hour of a busy sender. */
static void rate_is_exact(void **state)
{
	const struct mw_limit limit = {S / 3, 9 * (S / 3), 1033 * (S / 3)};
	__u64 tat = 0, admitted = 0, hour = 3600 * S;

	(void)state;
	for (__u64 now = S; now <= S + hour; now += S / 50) {
		if (!bucket_conforms(tat, now, &limit))
			continue;
		bucket_charge(&tat, now, &limit);
		admitted++;
	}
	assert_in_range(admitted, 3600 * 3 + 9, 3600 * 3 + 11);
}

static struct mw_set set_of(__u64 a, __u64 b, __u64 c, __u64 d)
{
	return (struct mw_set){{{1, a}, {2, b}, {3, c}, {4, d}}};
}

static void victims(void **state)
{
	struct mw_set expired = set_of(5 * S, 9 * S, 99 * S, 99 * S);
	struct mw_set live = set_of(99 * S, 90 * S, 91 * S, 92 * S);
	int taken = 0;

	(void)state;
	assert_int_equal(bucket_victim(&expired, 10 * S, 1), 0);
	for (__u32 dice = 0; dice < 8000; dice++) {
		int way = bucket_victim(&live, 10 * S, dice);

		if (way == BUCKET_NONE)
			continue;
		assert_int_equal(way, 1); /* least debt, never the heaviest */
		taken++;
	}
	assert_int_equal(taken, 1000);
}

static void claims(void **state)
{
	struct mw_set set = set_of(5 * S, 90 * S, 91 * S, 92 * S);
	bool evicted;

	(void)state;
	assert_int_equal(bucket_find(&set, 3), 2);
	assert_int_equal(bucket_find(&set, 7), BUCKET_NONE);
	assert_true(bucket_claim(&set.way[0], 7, 10 * S, &evicted));
	assert_false(evicted);
	assert_int_equal(bucket_find(&set, 7), 0);
	assert_true(bucket_debt(set.way[0].tat, 10 * S, &one_a_second) == 0);
	assert_true(bucket_claim(&set.way[1], 8, 10 * S, &evicted));
	assert_true(evicted);
	assert_true(bucket_debt(set.way[1].tat, 10 * S, &one_a_second) == 0);
}

struct key_row {
	__u8 family, address[16], len4, len6;
	__u64 key;
};

static const struct key_row keys[] = {
	{4, {192, 0, 2, 7}, 32, 64, 0xffffffffc0000207ULL},
	{4, {192, 0, 2, 7}, 24, 48, 0xffffffffc0000200ULL},
	{4, {192, 0, 2, 7}, 1, 1, 0xffffffff80000000ULL},
	{6, {0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9}, 32, 64, 0x20010db801020304ULL},
	{6, {0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9}, 24, 48, 0x20010db801020000ULL},
	{6, {0x20, 1, 0xd, 0xb8, 1, 2, 3, 4, 9}, 24, 1, 0},
	{6,
	 {0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 9},
	 24,
	 63,
	 0xffffffff01020304ULL},
};

static void source_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_true(source_key(keys[i].family, keys[i].address,
				       keys[i].len4,
				       keys[i].len6) == keys[i].key);
}

/* 65,536 neighbours over 4,096 places: a good mix leaves about 0 empty and
 * no place with more than 50; the seed moves them. */
static void source_spread(void **state)
{
	static int hits[4096];
	int moved = 0;

	(void)state;
	for (__u64 key = 0; key < 65536; key++) {
		__u64 k = SOURCE_IPV4 | (0xc0000000 + key);

		hits[source_hash(k, 42) % 4096]++;
		moved += source_hash(k, 42) % 4096 != source_hash(k, 43) % 4096;
	}
	for (int i = 0; i < 4096; i++)
		assert_in_range(hits[i], 1, 50);
	assert_true(moved > 65000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gcra_rows),	 cmocka_unit_test(most_rows),
		cmocka_unit_test(rate_is_exact), cmocka_unit_test(victims),
		cmocka_unit_test(claims),	 cmocka_unit_test(source_keys),
		cmocka_unit_test(source_spread),
	};

	return cmocka_run_group_tests_name("bucket", tests, NULL, NULL);
}
