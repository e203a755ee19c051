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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regular_rows),
		cmocka_unit_test(connections_make_history),
		cmocka_unit_test(who_gives_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
