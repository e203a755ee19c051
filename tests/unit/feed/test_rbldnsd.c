// SPDX-License-Identifier: GPL-2.0
/* Zones of rbldnsd. */
#include "feed.h"

#define NO_TIME \
	"not what $TIMESTAMP takes; 2026:11:24:18:00:00 is, or +3d behind it"
#define FUTURE \
	"a $TIMESTAMP of the future; set the clock or fetch the file again"

static const struct feed_bad bad[] = {
	/* rbldnsd */
	{"$SOA 1\n!\n", "f:2: ! without a prefix", 0},
	{"$SOA 1\n127\n", "f:2: '127': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3.\n", "f:2: '1.2.3.': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3.4.5\n", "f:2: '1.2.3.4.5': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.256\n", "f:2: '1.2.256': " NO_ADDRESS, 0},
	{"$SOA 1\n010.1.2\n", "f:2: '010.1.2': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3/33\n", "f:2: '1.2.3/33': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3/024\n", "f:2: '1.2.3/024': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2-1.2.3\n", "f:2: '1.2-1.2.3': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.9-4\n",
	 "f:2: '1.2.9.0-1.2.4.255': the range ends before it begins", 0},
	{"$SOA 1\n!1.2.9-4\n",
	 "f:2: '1.2.9.0-1.2.4.255': the range ends before it begins", 0},
	{"$SOA 1\n126-127\n",
	 "f:2: '126.0.0.0-127.255.255.255': 126.0.0.0/7 is wider than /8" ALLOWS,
	 0},
	{"$SOA 1\n2001:db8:\n", "f:2: '2001:db8:': " NO_ADDRESS, 0},
	{"$SOA 1\n2001:db8/200\n",
	 "f:2: '2001:db8::/200': the length is above /128", 0},
	{"$MAXRANGE4 /24\n1.2.2-3\n",
	 "f:2: '1.2.2-3': 512 addresses, and the file's $MAXRANGE4 allows 256",
	 0},
	{"# of us\n#$MAXRANGE4 65535\n$MAXRANGE4 /8\n1.2/16\n",
	 "f:4: '1.2/16': 65536 addresses, and the file's $MAXRANGE4 allows "
	 "65535",
	 0},
	{"$MAXRANGE4 /0\n",
	 "f:1: '/0': not what $MAXRANGE4 takes; /16 or 65536 is", 0},
	{"$maxrange4\n", "f:1: '': not what $MAXRANGE4 takes; /16 or 65536 is",
	 0},
};

static const struct feed_good good[] = {
	{"$SOA 3600 bl.example ns\n1.2.3\n5.6.7.1-4\n127.16-31\n126/8\n"
	 "125.1.2/23\n124-124\n123.16.0-31\n122.1.2.3:2:text\n121.1 text\n"
	 "120.1.0-120.1.1 ; c\n10.0.0.0-10.0.0.1\n",
	 "1.2.3.0/24 5.6.7.1 5.6.7.2/31 5.6.7.4 10.0.0.0/31 120.1.0.0/23 "
	 "121.1.0.0/16 122.1.2.3 123.16.0.0/19 124.0.0.0/8 125.1.2.0/23 "
	 "126.0.0.0/8 127.16.0.0/12 ",
	 11, 0, 0, 0, 12, 0},
	{"; bl.example\n;$SOA 1\n1.2.0/20\n!1.2.1-14\n! 1.2.15.0/25\n",
	 "1.2.0.0/24 1.2.15.128/25 ", 1, 0, 0, 0, 5, 0},
	{"$MAXRANGE4 256\n1.2.3\n1.2.4.9-1.2.5.7\n::1\n2001:db8/32\n",
	 "1.2.3.0/24 1.2.4.9 1.2.4.10/31 1.2.4.12/30 1.2.4.16/28 1.2.4.32/27 "
	 "1.2.4.64/26 1.2.4.128/25 1.2.5.0/29 ::1 2001:db8::/32 ",
	 4, 0, 0, 0, 5, 2},
	{":127.0.1.2: $\n2001:21ab:c000/36\n2001:21ab:def7:4242 :127.0.1.3: x\n"
	 "2001:db8:1:2:3:4:5\n2605:6001:42::/52\n::1\n!2605:6001:42:8::/61\n",
	 "::1 2001:db8:1:2:3:4:5:0/112 2001:21ab:c000::/36 "
	 "2001:21ab:def7:4242::/64 2605:6001:42::/61 2605:6001:42:10::/60 "
	 "2605:6001:42:20::/59 2605:6001:42:40::/58 2605:6001:42:80::/57 "
	 "2605:6001:42:100::/56 2605:6001:42:200::/55 2605:6001:42:400::/54 "
	 "2605:6001:42:800::/53 ",
	 5, 0, 0, 0, 7, 13},
	{"$SOA 3600 bl.example ns\n:127.0.0.2:Listed, see $\n"
	 "192.0.2.0/30 :127.0.0.9:SBL1\n!192.0.2.1 ; ours\n2001:db8::/32\n",
	 "192.0.2.0 192.0.2.2/31 2001:db8::/32 ", 2, 0, 0, 0, 5, 1},
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

/* When a file says that it was written, and until when it is good. */
enum { NOW = 1795543200 }; /* 2026-11-24 18:00:00 UTC */

static const struct {
	const char *text, *error;
	long long modified, expires;
} times[] = {
	{"2026:11:24:18:00:00", NULL, NOW, 0},
	{"2026-11-24-17-00 +1h", NULL, NOW - 3600, NOW},
	{"20261124 20261124180000", NULL, NOW - 18 * 3600, NOW},
	{"2026:11:24:17 +90", NULL, NOW - 3600, NOW - 3510},
	{"2026:11:23:18 +1D", NULL, NOW - 86400, NOW},
	{"2020:02:29 +2w", NULL, 1582934400, 1582934400 + 14 * 86400},
	{"2000:03:01 2100:03:01", NULL, 951868800, 4107542400},
	{"1999:12:31:23:59:59 -", NULL, 946684799, 0},
	{"0 2026:11:25", NULL, 0, NOW + 6 * 3600},
	{"- 0", NULL, 0, 0},
	{"2026:11:24:18:00:01", "f:1: '2026:11:24:18:00:01': " FUTURE},
	{"0 +1d", "f:1: '+1d': " NO_TIME},
	{"2026:02:29", "f:1: '2026:02:29': " NO_TIME},
	{"2026:11:24:24", "f:1: '2026:11:24:24': " NO_TIME},
	{"2026:11", "f:1: '2026:11': " NO_TIME},
	{"2026:11:24:18:00:00:00", "f:1: '2026:11:24:18:00:00:00': " NO_TIME},
	{"2026:11:24 +1y", "f:1: '+1y': " NO_TIME},
	{"2026:11:24 +1h1m", "f:1: '+1h1m': " NO_TIME},
	{"2026:11:24 +0", "f:1: '+0': " NO_TIME},
	{"yesterday", "f:1: 'yesterday': " NO_TIME},
	{"", "f:1: '': " NO_TIME},
	{"2026:11:24 -\n#$TIMESTAMP 2026:11:23 +1d\n;$TIMESTAMP 0 2026:11:25",
	 NULL, NOW - 42 * 3600, NOW - 18 * 3600},
};

static void time_stamps(void **state)
{
	static const struct feed_guard guard = {8, 19, .now = NOW};

	(void)state;
	for (size_t i = 0; i < ROWS(times); i++) {
		struct feed_report report;
		struct prefix_set set;
		char text[160];

		sprintf(text, "$TIMESTAMP %s\n1.2.3\n", times[i].text);
		assert_int_equal(feed_text(text, &guard, NULL, &set, &report),
				 times[i].error ? -EINVAL : 0);
		if (times[i].error)
			assert_string_equal(feed_error(&report, 0),
					    times[i].error);
		else
			assert_int_equal(report.modified, times[i].modified);
		if (!times[i].error)
			assert_int_equal(report.expires, times[i].expires);
		prefix_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
		cmocka_unit_test(time_stamps),
	};

	return cmocka_run_group_tests_name("rbldnsd", tests, NULL, NULL);
}
