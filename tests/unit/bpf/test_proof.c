// SPDX-License-Identifier: GPL-2.0
/* history.h, offender.h and concurrent.h on the host. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bpf/history.h"
#include "bpf/offender.h"
#include "bpf/concurrent.h"

#define S   1000000000ULL
#define DAY (86400 * S)

/* --- history ------------------------------------------------------------- */

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

/* --- offenders ----------------------------------------------------------- */

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

/* --- open connections ---------------------------------------------------- */

static __u64 tag_of(int source)
{
	return concurrent_tag((source + 1ULL) << 20);
}

/* Against plain counters; 10 sources for 8 ways. */
static void open_model(void **state)
{
	const char *given = getenv("MW_SEED");
	unsigned int seed = given ? atol(given) : time(NULL);
	struct mw_concurrent_set set = {};
	int model[10] = {}, live = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 1000000; i++) {
		int source = rand() % 10;
		bool more = rand() % 2;
		bool done = more ? concurrent_add(&set, tag_of(source))
				 : concurrent_take(&set, tag_of(source));

		if (!more) {
			assert_int_equal(done, model[source] > 0);
			model[source] -= done;
			live -= done && !model[source];
		} else {
			assert_int_equal(done, model[source] || live < 8);
			live += done && !model[source];
			model[source] += done;
		}
		assert_int_equal(concurrent_count(&set, tag_of(source)),
				 model[source]);
	}
}

static void open_most(void **state)
{
	struct mw_concurrent_set set = {};

	(void)state;
	for (int i = 0; i < MW_CONCURRENT_MOST; i++)
		assert_true(concurrent_add(&set, tag_of(1)));
	assert_false(concurrent_add(&set, tag_of(1)));
	assert_int_equal(concurrent_count(&set, tag_of(1)), MW_CONCURRENT_MOST);
	assert_int_equal(concurrent_count(&set, tag_of(2)), 0);
	assert_true(concurrent_add(&set, tag_of(2)));
}

static struct mw_concurrent_set shared;

/* More and less in pairs, of eight sources; all come to nothing. */
static void *pairs(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	for (int i = 0; i < 300000; i++) {
		__u64 tag = tag_of(rand_r(&seed) % 8);

		if (concurrent_add(&shared, tag) &&
		    !concurrent_take(&shared, tag))
			return "one could not be taken back";
	}
	return NULL;
}

static void open_threads(void **state)
{
	pthread_t threads[4];
	void *bad = NULL, *result;

	(void)state;
	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, pairs, (void *)i), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		bad = result ? result : bad;
	}
	assert_null(bad);
	for (int i = 0; i < 8; i++)
		assert_int_equal(concurrent_count(&shared, tag_of(i)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(regular_rows),
		cmocka_unit_test(connections_make_history),
		cmocka_unit_test(who_gives_way),
		cmocka_unit_test(again_rows),
		cmocka_unit_test(never_longer_than_max),
		cmocka_unit_test(the_lightest_goes),
		cmocka_unit_test(open_model),
		cmocka_unit_test(open_most),
		cmocka_unit_test(open_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
