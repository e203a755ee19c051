// SPDX-License-Identifier: GPL-2.0
/* What of the traffic is red, by the counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gate/traffic.h"

enum { UNHEARD = 1, HANDED_ON = 2, PAST = 4, MISSED = 8 };

static const struct {
	const char *what;
	bool listening;
	struct mw_counters c;
	int wrong;
} rows[] = {
	{"nothing came", true, {}, 0},
	{"nothing came, nobody listens", false, {}, 0},
	{"all became connections",
	 true,
	 {.pass_conforms = 1000, .handshakes = 1000, .connections = 1000},
	 0},
	{"a flood of forged SYNs beside them",
	 true,
	 {.pass_conforms = 9000000, .handshakes = 1000, .connections = 900},
	 0},
	{"nobody listens, and few came", false, {.pass_conforms = 99}, 0},
	{"nobody listens, and none became one",
	 false,
	 {.pass_conforms = 40, .pass_allow_list = 30, .pass_observed = 30},
	 UNHEARD},
	{"somebody listens, and they are forged",
	 true,
	 {.pass_conforms = 99999},
	 0},
	{"somebody listens, and none of very many became one",
	 true,
	 {.pass_conforms = 100000},
	 UNHEARD},
	{"P4: forwarded, with one local connection",
	 true,
	 {.pass_conforms = 2300, .handshakes = 2300, .connections = 1},
	 HANDED_ON},
	{"forwarded, and somebody listens here",
	 true,
	 {.pass_conforms = 101, .handshakes = 101},
	 HANDED_ON},
	{"some were forgotten and noted again",
	 true,
	 {.handshakes = 5000, .connections = 1000},
	 0},
	{"P6: connections without attempts",
	 true,
	 {.connections_elsewhere = 2},
	 PAST},
	{"past the gate beside others",
	 true,
	 {.connections = 900, .connections_elsewhere = 1},
	 PAST},
	{"one in two thousand, by a flood of ACKs",
	 true,
	 {.connections = 20000, .connections_elsewhere = 10},
	 0},
	{"P16: no memory",
	 true,
	 {.handshakes = 30, .connections_missed = 30},
	 MISSED},
	{"all at once",
	 false,
	 {.pass_conforms = 200,
	  .handshakes = 200,
	  .connections_elsewhere = 1,
	  .connections_missed = 1},
	 UNHEARD | HANDED_ON | PAST | MISSED},
};

static int kind(const char *text)
{
	return strstr(text, "none became a connection") ? UNHEARD
	       : strstr(text, "completed a handshake")	? HANDED_ON
	       : strstr(text, "came past the gate")	? PAST
	       : strstr(text, "net.core.optmem_max")	? MISSED
							: 0;
}

static void wrong_rows(void **state)
{
	char text[TRAFFIC_WRONG][TRAFFIC_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct traffic t = {.all = rows[i].c,
					  .listening = rows[i].listening};
		int n = traffic_wrong(&t, text), wrong = 0;

		print_message("%s\n", rows[i].what);
		for (int j = 0; j < n; j++) {
			wrong |= kind(text[j]);
			/* Whole, that is. */
			assert_true(strlen(text[j]) < TRAFFIC_TEXT - 1);
		}
		assert_int_equal(wrong, rows[i].wrong);
	}
}

static void since_the_last_reload(void **state)
{
	const struct mw_counters counted = {.handshakes = 2000,
					    .connections_missed = 7,
					    .connections_elsewhere = 7,
					    .pass_conforms = 300};
	struct traffic t = {.all = counted, .before = counted};
	char text[TRAFFIC_WRONG][TRAFFIC_TEXT];

	(void)state;
	/* Whether any attempt became a connection, a reload does not change. */
	assert_int_equal(traffic_wrong(&t, text), 1);
	assert_int_equal(kind(text[0]), UNHEARD);
	t.all.connections_missed++;
	assert_int_equal(traffic_wrong(&t, text), 2);
	assert_non_null(strstr(text[1], "1 connections were charged"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_rows),
		cmocka_unit_test(since_the_last_reload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
