// SPDX-License-Identifier: GPL-2.0
/* Lists of addresses, prefixes and ranges, and of ipsum. */
#include "feed.h"

#define MAPPED "IPv4 inside IPv6; write it as IPv4"
#define WORDS                                                                \
	"more than one word; one entry a line, comments begin with # or ;, " \
	"and text = ignore in the list's section leaves out what stands "    \
	"behind an entry"
#define NO_RANGE "a range goes from address to address"

static const struct feed_bad bad[] = {
	{"", "f: " EMPTY, 0},
	{"# nothing\n;\n\n", "f:3: " EMPTY, 0},
	{"010.0.0.1\n", "f:1: '010.0.0.1': " NO_ADDRESS, 0},
	{"1.2.3\n", "f:1: '1.2.3': " NO_ADDRESS, 0},
	{"1\n", "f:1: '1': " NO_ADDRESS, 0},
	{"0x7f.1\n", "f:1: '0x7f.1': " NO_ADDRESS, 0},
	{"1.2.3.4.5\n", "f:1: '1.2.3.4.5': " NO_ADDRESS, 0},
	{"1.2.3.256\n", "f:1: '1.2.3.256': " NO_ADDRESS, 0},
	{"example.com\n", "f:1: 'example.com': " NO_ADDRESS, 0},
	{"176.221.42.3254.174.140.223\n",
	 "f:1: '176.221.42.3254.174.140.223': " NO_ADDRESS, 0},
	{"2001:db8::1::2\n", "f:1: '2001:db8::1::2': " NO_ADDRESS, 0},
	{"fe80::1%eth0\n", "f:1: 'fe80::1%eth0': " NO_ADDRESS, 0},
	{"[192.0.2.1]\n", "f:1: '[192.0.2.1]': " NO_ADDRESS, 0},
	{"[2001:db8::1]:25\n", "f:1: '[2001:db8::1]:25': " NO_ADDRESS, 0},
	{"[2001:db8::1\n", "f:1: '[2001:db8::1': " NO_ADDRESS, 0},
	{"/24\n", "f:1: '/24': " NO_ADDRESS, 0},
	{"1.2.3.4/33\n", "f:1: '1.2.3.4/33': the length is above /32", 0},
	{"2001:db8::/129\n", "f:1: '2001:db8::/129': the length is above /128",
	 0},
	{"1.2.3.4/\n", "f:1: '1.2.3.4/': " NO_LENGTH, 0},
	{"1.2.3.4/+8\n", "f:1: '1.2.3.4/+8': " NO_LENGTH, 0},
	{"1.2.3.4/-1\n", "f:1: '1.2.3.4/-1': " NO_RANGE, 0},
	{"1.2.3.4/024\n", "f:1: '1.2.3.4/024': " NO_LENGTH, 0},
	{"1.2.3.4/24x\n", "f:1: '1.2.3.4/24x': " NO_LENGTH, 0},
	{"1.2.3.4/4294967320\n", "f:1: '1.2.3.4/4294967320': " NO_LENGTH, 0},
	{"1.2.3.4/255.255.255.0\n", "f:1: '1.2.3.4/255.255.255.0': " NO_LENGTH,
	 0},
	{"1.2.3.4//24\n", "f:1: '1.2.3.4//24': " NO_LENGTH, 0},
	{"::ffff:1.2.3.4/96\n", "f:1: '::ffff:1.2.3.4/96': " MAPPED, 0},
	{"::ffff:1.2.3.4\n", "f:1: '::ffff:1.2.3.4': " MAPPED, 0},
	{"::ffff:0:0/96\n", "f:1: '::ffff:0:0/96': " MAPPED, 0},
	{"192.0.2.1 192.0.2.2\n", "f:1: '192.0.2.1 192.0.2.2': " WORDS, 0},
	{"192.0.2.1,192.0.2.2\n", "f:1: '192.0.2.1,192.0.2.2': " NO_ADDRESS, 0},
	{"192.0.2.9\n192.0.2.1\t7\n", "f:2: '192.0.2.1\\x097': " WORDS, 0},
	{"192.0.2.9\n192.0.2.1 permit\n", "f:2: '192.0.2.1 permit': " WORDS, 0},
	{"!1.2.3\n", "f:1: '1.2.3': " NO_ADDRESS, 0},
	{"!!192.0.2.1\n", "f:1: '!192.0.2.1': " NO_ADDRESS, 0},
	{"!192.0.2.1\n", "f:1: " EMPTY, 0},
	{"192.0.2.1\n!192.0.2.0/24\n",
	 "f: nothing is left: everything is excluded", 0},
	{"0.0.0.0/0\n", "f:1: '0.0.0.0/0': 0.0.0.0/0 is wider than /8" ALLOWS,
	 0},
	{"10.0.0.0/7\n",
	 "f:1: '10.0.0.0/7': 10.0.0.0/7 is wider than /8" ALLOWS, 0},
	{"::/0\n", "f:1: '::/0': ::/0 is wider than /19" ALLOWS, 0},
	{"2001::/16\n", "f:1: '2001::/16': 2001::/16 is wider than /19" ALLOWS,
	 0},
	{"0.0.0.0-255.255.255.255\n",
	 "f:1: '0.0.0.0-255.255.255.255': 0.0.0.0/0 is wider than /8" ALLOWS,
	 0},
	{"192.0.2.9-192.0.2.1\n",
	 "f:1: '192.0.2.9-192.0.2.1': the range ends before it begins", 0},
	{"192.0.2.9-2001:db8::\n",
	 "f:1: '192.0.2.9-2001:db8::': the range ends in the other family", 0},
	{"192.0.2.0/24-192.0.3.0\n",
	 "f:1: '192.0.2.0/24-192.0.3.0': a range goes from address to address",
	 0},
	{"192.0.2.1-\n", "f:1: '192.0.2.1-': " NO_ADDRESS, 0},
	{"-192.0.2.1\n", "f:1: '-192.0.2.1': " NO_ADDRESS, 0},
	{"192.0.2.1-192.0.2.3-192.0.2.5\n",
	 "f:1: '192.0.2.1-192.0.2.3-192.0.2.5': " NO_ADDRESS, 0},
	{"<!DOCTYPE html>\n",
	 "f:1: '<!DOCTYPE html>': looks like a web page, not like a list", 0},
	{"\x1f\x8b\x08 xx\n", "f:1: compressed (gzip); unpack it first", 0},
	{"BZh91AY\n", "f:1: compressed (bzip2); unpack it first", 0},
	{"\xff\xfe"
	 "1\0.\0",
	 "f:1: UTF-16 text; save it as UTF-8", 6},
	{"192.0.2.1\0\n", "f:1: a NUL byte; this is no text", 11},
	{"\x1b[2J192.0.2.1\n", "f:1: '\\x1b[2J192.0.2.1': " NO_ADDRESS, 0},
	{"192.0.2.1\n\n# x\n1.2.3\n", "f:4: '1.2.3': " NO_ADDRESS, 0},
	{"\xef\xbb\xbf"
	 "1.2.3\n",
	 "f:1: '1.2.3': " NO_ADDRESS, 0},
	{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\n",
	 "f:1: 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
	 "...': " NO_ADDRESS,
	 0},
	/* ipsum */
	{"192.0.2.1\t7\n192.0.2.2\n",
	 "f:2: '192.0.2.2': not ADDRESS, a tab and a count", 0},
	{"192.0.2.1\t7\n192.0.2.2\tx\n",
	 "f:2: '192.0.2.2\\x09x': not ADDRESS, a tab and a count", 0},
	{"192.0.2.1\t7\n1.2.3\t7\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
};

static const struct feed_good good[] = {
	{"192.0.2.1\n", "192.0.2.1 ", 1, 0, 0, 0, 1, 0},
	{"192.0.2.1", "192.0.2.1 ", 1, 0, 0, 0, 1, 0},
	{"\xef\xbb\xbf"
	 "192.0.2.1\r\n; c\r\n\r\n198.51.100.0/24 ; SBL1\r\n",
	 "192.0.2.1 198.51.100.0/24 ", 2, 0, 0, 0, 4, 0},
	{"  2001:db8::/32 # six\n\t192.0.2.77/24\n",
	 "192.0.2.0/24 2001:db8::/32 ", 2, 1, 0, 0, 2, 1},
	{"192.0.2.0-192.0.2.255\n", "192.0.2.0/24 ", 1, 0, 0, 0, 1, 0},
	{"192.0.2.1 - 192.0.2.4\n", "192.0.2.1 192.0.2.2/31 192.0.2.4 ", 1, 0,
	 0, 0, 1, 0},
	{"255.255.255.254-255.255.255.255\n", "255.255.255.254/31 ", 1, 0, 0, 0,
	 1, 0},
	{"2001:db8::-2001:db8::ffff\n", "2001:db8::/112 ", 1, 0, 0, 0, 1, 1},
	{"192.0.2.0/24\n192.0.2.7\n192.0.2.7\n192.0.2.128/25\n",
	 "192.0.2.0/24 192.0.2.7 192.0.2.128/25 ", 4, 0, 1, 2, 4, 0},
	{"!192.0.2.1\n192.0.2.0/30\n198.51.100.1\n",
	 "192.0.2.0 192.0.2.2/31 198.51.100.1 ", 2, 0, 0, 0, 3, 0},
	{"192.0.2.0/29\n!192.0.2.1 - 192.0.2.6\n", "192.0.2.0 192.0.2.7 ", 1, 0,
	 0, 0, 2, 0},
	{"192.0.2.0/30\n192.0.2.1\n!192.0.2.0\n", "192.0.2.1 192.0.2.2/31 ", 2,
	 0, 0, 1, 3, 0},
	{"2001:db8::/46\n! 2001:db8:2::/48 # ours\n",
	 "2001:db8::/47 2001:db8:3::/48 ", 1, 0, 0, 0, 2, 2},
	{"192.0.2.1\t7\n# x\n192.0.2.9\t12\n", "192.0.2.1 192.0.2.9 ", 2, 0, 0,
	 0, 3, 0},
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

/* Ranges against counting: the prefixes hold exactly first..last. */
static void ranges_are_exact(void **state)
{
	const char *why;
	struct mw_prefix first, last, at;

	(void)state;
	assert_int_equal(prefix_parse("10.0.0.0", &at, NULL, &why), 0);
	first = last = at;
	for (int a = 0; a < 64; a++)
		for (int b = a; b < 64; b++) {
			struct prefix_set set = {};

			first.addr[3] = a;
			last.addr[3] = b;
			assert_int_equal(prefix_add_range(&set, &first, &last),
					 0);
			for (int i = 0; i < 256; i++) {
				int holders = 0;

				at.addr[3] = i;
				for (size_t j = 0; j < set.n; j++)
					holders +=
						prefix_covers(&set.v[j], &at);
				assert_int_equal(holders, i >= a && i <= b);
			}
			prefix_free(&set);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
		cmocka_unit_test(ranges_are_exact),
	};

	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
