// SPDX-License-Identifier: GPL-2.0
/* Tables of Postfix. */
#include "feed.h"

#define NO_ACTION                                                          \
	"not an action of access(5) or postscreen(8); permit, reject and " \
	"dunno are"
#define NEGATED                                                        \
	"! of cidr_table(5) is not read; write the patterns that are " \
	"meant"

static const struct feed_bad bad[] = {
	{"192.0.2.1 permit\n",
	 "f:1: no entries: 1 rules permit and none rejects; a list with action "
	 "= allow takes what is permitted",
	 0},
	{"192.0.2.1 reject\n192.0.2.2 maybe\n", "f:2: 'maybe': " NO_ACTION, 0},
	{"192.0.2.1 reject\n192.0.2.2\n", "f:2: '': " NO_ACTION, 0},
	{"192.0.2.1 reject\n!192.0.2.2 reject\n", "f:2: '!192.0.2.2': " NEGATED,
	 0},
	{"192.0.2.1 reject\nif !192.0.2.2/31\n",
	 "f:2: '!192.0.2.2/31': " NEGATED, 0},
	{"if 192.0.2.2/31\n192.0.2.2 reject\n",
	 "f:2: no endif at the end: truncated", 0},
	{"192.0.2.1 reject\nendif\n", "f:2: endif without if", 0},
	{"if 192.0.2.1/24\nendif\n",
	 "f:1: '192.0.2.1/24': host bits behind if, which Postfix skips; write "
	 "the network's first address",
	 0},
	{" reject\n",
	 "f:1: 'reject': a line that begins with a blank goes on with the one "
	 "before, and there is none",
	 0, "postfix"},
	{"1.2.3.0/24 permit\n1.2.3 reject\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
	{"192.0.2.0/24 permit\n192.0.2.1 reject\n", "f:2: " EMPTY, 0},
};

static const struct feed_good good[] = {
	{"# first match wins\n192.0.2.0/30\treject\n192.0.2.1 permit\n"
	 "198.51.100.1 dunno\n198.51.100.0/30 521 go away\n"
	 "198.51.100.0/31 permit\n2001:db8::/32 REJECT\n",
	 "192.0.2.0/30 198.51.100.0 198.51.100.2/31 2001:db8::/32 ", 3, 0, 0, 0,
	 7, 1},
	/* lines that go on, with comments between */
	{"192.0.2.0/24\n\treject\n198.51.100.0/24 reject go\n# a comment\n"
	 "   away\n\n  now\n203.0.113.1 permit\n",
	 "192.0.2.0/24 198.51.100.0/24 ", 2, 0, 0, 0, 8, 0, "postfix"},
	/* if: cut to what is inside, also in each other */
	{"if 192.0.2.0/24\n192.0.2.7 dunno\n0.0.0.0/0 reject\n198.51.100.1 "
	 "reject\nif 198.51.100.0/24\n0.0.0.0/0 reject\nendif\nendif\n"
	 "10.1.0.0/16 reject\n",
	 "10.1.0.0/16 192.0.2.0/30 192.0.2.4/31 192.0.2.6 192.0.2.8/29 "
	 "192.0.2.16/28 192.0.2.32/27 192.0.2.64/26 192.0.2.128/25 ",
	 2, 0, 0, 0, 9, 0},
	{"192.0.2.1 reject, permit\n192.0.2.2 permit, reject\n", "192.0.2.1 ",
	 1, 0, 0, 0, 2, 0},
};

static void bad_files(void **state)
{
	(void)state;
	check_bad(bad, ROWS(bad));
}

static void good_files(void **state)
{
	(void)state;
	check_good(good, ROWS(good));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
	};

	return cmocka_run_group_tests_name("postfix", tests, NULL, NULL);
}
