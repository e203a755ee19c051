// SPDX-License-Identifier: GPL-2.0
/* Tables of Postfix. */
#include "feed.h"

#define NO_ACTION                                                          \
	"not an action of access(5) or postscreen(8); permit, reject and " \
	"dunno are"
#define POSTFIX                                                            \
	"continued lines, !, if and endif of cidr_table(5) are not read; " \
	"write each pattern with its action"

static const struct feed_bad bad[] = {
	/* Postfix */
	{"192.0.2.1 permit\n", "f:1: " EMPTY, 0},
	{"192.0.2.1 reject\n192.0.2.2 maybe\n", "f:2: 'maybe': " NO_ACTION, 0},
	{"192.0.2.1 reject\n192.0.2.2\n", "f:2: '': " NO_ACTION, 0},
	{"192.0.2.1 reject\n!192.0.2.2 reject\n", "f:2: '!192.0.2.2': " POSTFIX,
	 0},
	{"192.0.2.1 reject\nif 192.0.2.2/31\n", "f:2: 'if': " POSTFIX, 0},
	{"192.0.2.1 reject\n too\n", "f:2: 'too': " POSTFIX, 0},
	{"1.2.3.0/24 permit\n1.2.3 reject\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
	{"192.0.2.0/24 permit\n192.0.2.1 reject\n", "f:2: " EMPTY, 0},
};

static const struct feed_good good[] = {
	{"# first match wins\n192.0.2.0/30\treject\n192.0.2.1 permit\n"
	 "198.51.100.1 dunno\n198.51.100.0/30 521 go away\n"
	 "198.51.100.0/31 permit\n2001:db8::/32 REJECT\n",
	 "192.0.2.0/30 198.51.100.0 198.51.100.2/31 2001:db8::/32 ", 3, 0, 0, 0,
	 7, 1},
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
