// SPDX-License-Identifier: GPL-2.0
/* Sets of ipset and nft. */
#include "feed.h"

static const struct feed_bad bad[] = {
	/* ipset save */
	{"create a hash:ip family inet\nlist a\n",
	 "f:2: 'list a': ipset save has lines with create and add, ipset "
	 "list has members",
	 0},
	{"create a hash:ip,port family inet\nadd a 192.0.2.1,tcp:25\n",
	 "f:2: 'a': an element is not an address alone; save a set of type "
	 "hash:ip or hash:net",
	 0},
	{"add a\n", "f:1: add without an entry", 0},
	{"add a 010.0.0.1\n", "f:1: '010.0.0.1': " NO_ADDRESS, 0},
	{"add a 0.0.0.0/0\n",
	 "f:1: '0.0.0.0/0': 0.0.0.0/0 is wider than /8" ALLOWS, 0},
	{"create a hash:ip family inet\n", "f:1: " EMPTY, 0},
	/* nft list set */
	{"table inet m {\n\tset s {\n\t\telements = { 192.0.2.1,\n",
	 "f:3: no } after elements: truncated", 0},
	{"table inet m {\n\tset s {\n\t\telements = { mail.example }\n",
	 "f:3: 'mail.example': " NO_ADDRESS, 0},
	{"table inet m {\n\tset s {\n\t}\n}\n", "f:4: " EMPTY, 0},
};

static const struct feed_good good[] = {
	{"create drop4 hash:net family inet bucketsize 12 initval 0x77\n"
	 "add drop4 192.0.2.0/24 timeout 9 comment \"a nomatch, #1\"\n"
	 "add drop4 192.0.2.4 nomatch\n",
	 "192.0.2.0/30 192.0.2.5 192.0.2.6/31 192.0.2.8/29 192.0.2.16/28 "
	 "192.0.2.32/27 192.0.2.64/26 192.0.2.128/25 ",
	 1, 0, 0, 0, 3, 0},
	{"table inet mail {\n\tset drop4 {\n\t\ttype ipv4_addr\n"
	 "\t\tflags interval,timeout\n\t\telements = { 192.0.2.0/25,\n"
	 "\t\t\t     198.51.100.1 timeout 1h comment \"a, } b\",\n"
	 "\t\t\t     203.0.113.10-203.0.113.11 }\n\t}\n}\n",
	 "192.0.2.0/25 198.51.100.1 203.0.113.10/31 ", 3, 0, 0, 0, 9, 0},
	{"add element inet m s { 2001:db8::1, 2001:db8::2 }\n",
	 "2001:db8::1 2001:db8::2 ", 2, 0, 0, 0, 1, 2},
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

	return cmocka_run_group_tests_name("sets", tests, NULL, NULL);
}
