// SPDX-License-Identifier: GPL-2.0
/* From over a limit, again and again, to a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/offender.h"

#define S   1000000000ULL
#define DAY (86400 * S)

static const struct mw_escalation three = {3600 * S, 600 * S, DAY, 3, 2, ""};

static void again_rows(void **state)
{
	static const struct {
		const char *what;
		__u32 now; /* seconds */
		__u64 term;
	} rows[] = {
		{"first", 1000, 0},
		{"second", 1001, 0},
		{"third within the hour: 10 minutes", 4600, 600 * S},
		{"then from the beginning", 5300, 0},
		{"second", 5301, 0},
		{"third, twice as long", 5302, 1200 * S},
		{"one", 10000, 0},
		{"two", 10001, 0},
		{"too late for the third", 13601, 0},
		{"but three in the last hour: four times", 13601, 2400 * S},
		{"a day without: one block is forgotten", 113602, 0},
		{"two", 113603, 0},
		{"so it is four times again", 113604, 2400 * S},
		{"a week without: all are", 913604, 0},
		{"two", 913605, 0},
		{"10 minutes", 913606, 600 * S},
	};
	struct mw_offender o = {.key = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		print_message("%s\n", rows[i].what);
		assert_true(offender_again(&o, rows[i].now, &three) ==
			    rows[i].term);
	}
}

static void never_longer_than_max(void **state)
{
	struct mw_escalation fast = three;
	struct mw_offender o = {.key = 1};
	__u32 now = 1000;
	__u64 term = 0;

	(void)state;
	fast.growing = 100;
	fast.after = 1;
	for (int i = 0; i < 100; i++) {
		term = offender_again(&o, now, &fast);
		assert_in_range(term, 600 * S, DAY);
		now += term / S + 1;
	}
	assert_true(term == DAY);
	assert_true(offender_alive(&o, now, &fast));
	assert_false(offender_alive(&o, now + 101 * 86400, &fast));
}

static void the_lightest_goes(void **state)
{
	struct mw_offender_set set = {{
		{.key = 1, .times = {990}, .blocks = 2, .until = 1500},
		{.key = 2, .times = {980}, .blocks = 1, .until = 1500},
		{.key = 3, .times = {999}},
		{.key = 4, .times = {998}},
	}};

	(void)state;
	assert_int_equal(offender_victim(&set, 1000, &three), 3);
	set.way[3].blocks = set.way[2].blocks = 9;
	assert_int_equal(offender_victim(&set, 1000, &three), 1);
	set.way[0].blocks = 0;
	set.way[0].times[0] = 0;
	assert_int_equal(offender_victim(&set, 1000, &three), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(again_rows),
		cmocka_unit_test(never_longer_than_max),
		cmocka_unit_test(the_lightest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
