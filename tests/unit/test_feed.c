// SPDX-License-Identifier: GPL-2.0
/* List files: what is taken, and the exact words for what is not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "feed.h"

static const struct feed_guard usual = {8, 19};

#define NO_ADDRESS "not an address; 192.0.2.1 or 2001:db8::1 is one"
#define NO_LENGTH  "the length is not a number; /24 is one"
#define MAPPED	   "IPv4 inside IPv6; write it as IPv4"
#define WORDS \
	"more than one word; one entry a line, and comments begin with # or ;"
#define POSTFIX                                                            \
	"continued lines, !, if and endif of cidr_table(5) are not read; " \
	"write each pattern with its action"
#define ALLOWS "; max_prefix in a list's section allows it where it is meant"
#define AGAIN  ": truncated or altered; fetch it again"
#define OTHER_JSON                                                              \
	"; JSON that is not Spamhaus DROP is read as CrowdSec decisions: make " \
	"other JSON a file of addresses, one a line"
#define META "{\"type\":\"metadata\",\"size\":"
#define BAN(duration, scope, type, value)                            \
	"{\"duration\":\"" duration "\",\"id\":1,\"scope\":\"" scope \
	"\",\"type\":\"" type "\",\"value\":\"" value "\"}"
#define ENTRY "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n" /* 39 */

struct bad {
	const char *text, *error;
	size_t len; /* where text holds NUL */
};

static const struct bad bad[] = {
	{"", "f: no entries; an empty list is taken for a broken one", 0},
	{"# nothing\n;\n\n",
	 "f:3: no entries; an empty list is taken for a broken one", 0},
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
	{"[2001:db8::1]\n", "f:1: '[2001:db8::1]': " NO_ADDRESS, 0},
	{"/24\n", "f:1: '/24': " NO_ADDRESS, 0},
	{"1.2.3.4/33\n", "f:1: '1.2.3.4/33': the length is above /32", 0},
	{"2001:db8::/129\n", "f:1: '2001:db8::/129': the length is above /128",
	 0},
	{"1.2.3.4/\n", "f:1: '1.2.3.4/': " NO_LENGTH, 0},
	{"1.2.3.4/+8\n", "f:1: '1.2.3.4/+8': " NO_LENGTH, 0},
	{"1.2.3.4/-1\n",
	 "f:1: '1.2.3.4/': a range goes from address to "
	 "address",
	 0},
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
	/* ipsum */
	{"192.0.2.1\t7\n192.0.2.2\n",
	 "f:2: '192.0.2.2': not ADDRESS, a tab and a count", 0},
	{"192.0.2.1\t7\n192.0.2.2\tx\n",
	 "f:2: '192.0.2.2\\x09x': not ADDRESS, a tab and a count", 0},
	{"192.0.2.1\t7\n1.2.3\t7\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
	/* ipset save */
	{"create a hash:ip family inet\nflush a\n",
	 "f:2: 'flush': ipset save has lines with create and add", 0},
	{"create a hash:ip,port family inet\nadd a 192.0.2.1,tcp:25\n",
	 "f:2: '192.0.2.1,tcp:25': not an address alone; save a set of type "
	 "hash:ip or hash:net",
	 0},
	{"add a\n", "f:1: add without an entry", 0},
	{"add a 010.0.0.1\n", "f:1: '010.0.0.1': " NO_ADDRESS, 0},
	{"add a 0.0.0.0/0\n",
	 "f:1: '0.0.0.0/0': 0.0.0.0/0 is wider than /8" ALLOWS, 0},
	{"create a hash:ip family inet\n",
	 "f:1: no entries; an empty list is taken for a broken one", 0},
	/* nft list set */
	{"table inet m {\n\tset s {\n\t\telements = { 192.0.2.1,\n",
	 "f:3: no } after elements: truncated", 0},
	{"table inet m {\n\tset s {\n\t\telements = { mail.example }\n",
	 "f:3: 'mail.example': " NO_ADDRESS, 0},
	{"table inet m {\n\tset s {\n\t}\n}\n",
	 "f:4: no entries; an empty list is taken for a broken one", 0},
	/* rbldnsd */
	{"$SOA 1\n!\n", "f:2: ! without a prefix", 0},
	{"$SOA 1\n127\n", "f:2: '127': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3.\n", "f:2: '1.2.3.': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3.4.5\n", "f:2: '1.2.3.4.5': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.256\n", "f:2: '1.2.256': " NO_ADDRESS, 0},
	{"$SOA 1\n010.1.2\n", "f:2: '010.1.2': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3/33\n", "f:2: '1.2.3/33': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3/024\n", "f:2: '1.2.3/024': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2-1.2.3\n", "f:2: '1.2': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.9-4\n", "f:2: '1.2.9.0': the range ends before it begins",
	 0},
	{"$SOA 1\n!1.2.9-4\n",
	 "f:2: '1.2.9.0': the range ends before it begins", 0},
	{"$SOA 1\n126-127\n",
	 "f:2: '126.0.0.0': 126.0.0.0/7 is wider than /8" ALLOWS, 0},
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
	/* Postfix */
	{"192.0.2.1 permit\n",
	 "f:1: no entries; an empty list is taken for a broken one", 0},
	{"192.0.2.1 reject\n192.0.2.2 maybe\n",
	 "f:2: 'maybe': not an action; permit, reject and dunno are", 0},
	{"192.0.2.1 reject\n192.0.2.2\n",
	 "f:2: '': not an action; permit, reject and dunno are", 0},
	{"192.0.2.1 reject\n!192.0.2.2 reject\n", "f:2: '!192.0.2.2': " POSTFIX,
	 0},
	{"192.0.2.1 reject\nif 192.0.2.2/31\n", "f:2: 'if': " POSTFIX, 0},
	{"192.0.2.1 reject\n too\n", "f:2: 'too': " POSTFIX, 0},
	{"1.2.3.0/24 permit\n1.2.3 reject\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
	{"192.0.2.0/24 permit\n192.0.2.1 reject\n",
	 "f:2: no entries; an empty list is taken for a broken one", 0},
	{"!1.2.3\n", "f:1: '1.2.3': " NO_ADDRESS, 0},
	{"!!192.0.2.1\n", "f:1: '!192.0.2.1': " NO_ADDRESS, 0},
	{"!192.0.2.1\n",
	 "f:1: no entries; an empty list is taken for a broken one", 0},
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
	 "f:1: '0.0.0.0': 0.0.0.0/0 is wider than /8" ALLOWS, 0},
	{"192.0.2.9-192.0.2.1\n",
	 "f:1: '192.0.2.9': the range ends before it begins", 0},
	{"192.0.2.9-2001:db8::\n",
	 "f:1: '192.0.2.9': the range ends in the other family", 0},
	{"192.0.2.0/24-192.0.3.0\n",
	 "f:1: '192.0.2.0/24': a range goes from address to address", 0},
	{"192.0.2.1-\n", "f:1: '': " NO_ADDRESS, 0},
	{"-192.0.2.1\n", "f:1: '': " NO_ADDRESS, 0},
	{"192.0.2.1-192.0.2.3-192.0.2.5\n",
	 "f:1: '192.0.2.3-192.0.2.5': " NO_ADDRESS, 0},
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
	{ENTRY,
	 "f:1: no metadata in the last line: truncated; fetch the file "
	 "again",
	 0},
	{ENTRY META "39,\"records\":2}\n",
	 "f:2: metadata says 2 records, the file has 1" AGAIN, 0},
	{ENTRY META "40,\"records\":1}\n",
	 "f:2: metadata says 40 bytes, the file has 39" AGAIN, 0},
	{ENTRY META "39}\n",
	 "f:2: metadata without records and size; fetch the file again", 0},
	{ENTRY META "39,\"records\":1}\n" ENTRY,
	 "f:3: a line behind the metadata; fetch the file again", 0},
	{ENTRY "{\"sbl\":6450}\n" META "53,\"records\":2}\n",
	 "f:2: neither an entry with \"cidr\" or \"asn\" nor metadata", 0},
	{ENTRY "{\"cidr\":\"192.0.\n",
	 "f:2: '{\"cidr\":\"192.0.': not a line of JSON; fetch the file again",
	 0},
	{"{\"cidr\":\"0.0.0.0/0\"}\n",
	 "f:1: '0.0.0.0/0': 0.0.0.0/0 is wider than /8" ALLOWS, 0},
	{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\n",
	 "f:1: 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
	 "...': " NO_ADDRESS,
	 0},
	{"{\"cidr\":\"192.0.2.0\\u0000/8\"}\n" META "27,\"records\":1}\n",
	 "f:1: neither an entry with \"cidr\" or \"asn\" nor metadata", 0},
	{ENTRY META "39,\"records\":-1}\n",
	 "f:2: metadata without records and size; fetch the file again", 0},
	{ENTRY "{\"cidr\":\"198.51.100.0/24\"}{}\n" META "68,\"records\":1}\n",
	 "f:2: '{\"cidr\":\"198.51.100.0/24\"}{}': not a line of JSON; fetch "
	 "the file again",
	 0},
	/* ASNs */
	{"AS0\n", "f:1: 'AS0': not an AS number; AS64500 is one", 0},
	{"AS4294967296\n",
	 "f:1: 'AS4294967296': not an AS number; AS64500 is one", 0},
	{"AS645x\n", "f:1: 'AS645x': not an AS number; AS64500 is one", 0},
	{"asd.example\n", "f:1: 'asd.example': " NO_ADDRESS, 0},
	{"192.0.2.1\nAS64500\n",
	 "f:2: AS64500: no table to look it up in; add [asn] with table = "
	 "FILE to the configuration",
	 0},
	{"{\"asn\":0}\n" META "10,\"records\":1}\n",
	 "f:1: neither an entry with \"cidr\" or \"asn\" nor metadata", 0},
	/* CrowdSec */
	{"[" BAN("1h", "Ip", "ban", "1.2.3") "]", "f:1: '1.2.3': " NO_ADDRESS,
	 0},
	{"[" BAN("1x", "Ip", "ban", "192.0.2.1") "]",
	 "f:1: '1x': not a duration; 3h59m55.7s is one", 0},
	{"[" BAN("1", "Ip", "ban", "192.0.2.1") "]",
	 "f:1: '1': not a duration; 3h59m55.7s is one", 0},
	{"[" BAN("1h", "Ip", "ban", "192.0.2.1"),
	 "f:1: ends inside a value: truncated; fetch the file again", 0},
	{"{\n \"new\": [\n" BAN("1h", "Ip", "ban", "192.0.2.1") "\n",
	 "f:3: ends inside a value: truncated; fetch the file again", 0},
	{"[" BAN("1h", "Ip", "ban", "192.0.2.1") ",}]",
	 "f:1: not JSON: unexpected character; fetch the file again", 0},
	{"[[1]]", "f:1: neither a decision nor a list of them" OTHER_JSON, 0},
	{"[\n\"192.0.2.1\",\n\"192.0.2.2\"\n]\n",
	 "f:4: neither a decision nor a list of them" OTHER_JSON, 0},
	{"{\n \"data\": [\n  {\"ipAddress\": \"192.0.2.1\"}\n ]\n}\n",
	 "f:5: a decision without scope, value or duration" OTHER_JSON, 0},
	{"[" BAN("1h", "Ip", "ban", "192.0.2.1") ",1]",
	 "f:1: neither a decision nor a list of them", 0},
	{"[{\"duration\":\"1h\"}]",
	 "f:1: a decision without scope, value or duration" OTHER_JSON, 0},
	{META "0,\"records\":0}\n" ENTRY,
	 "f:2: a line behind the metadata; fetch the file again", 0},
	{META "0,\"records\":0}\n",
	 "f:1: no entries; an empty list is taken for a broken one", 0},
};

static int feed(const char *text, size_t len, struct prefix_set *set,
		struct feed_report *report)
{
	FILE *f = fmemopen((void *)(len ? text : "\n"), len ? len : 1, "r");
	int err;

	assert_non_null(f);
	if (!len)
		getc(f);
	err = feed_read(f, &usual, NULL, set, report);
	fclose(f);
	return err;
}

static const char *error(const struct feed_report *report, size_t i)
{
	static char text[FEED_ERROR + 32];

	report_text(report, i, "f", text, sizeof(text));
	return text;
}

static void bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t len = bad[i].len ? bad[i].len : strlen(bad[i].text);
		struct feed_report report;
		struct prefix_set set;

		assert_true(feed(bad[i].text, len, &set, &report) < 0);
		assert_string_equal(error(&report, 0), bad[i].error);
		assert_int_equal(set.n, 0);
	}
}

struct good {
	const char *text, *prefixes; /* in order, separated by blanks */
	size_t entries, masked, duplicates, nested;
	size_t lines, entries6;
};

static const struct good good[] = {
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
	{ENTRY META "39,\"records\":1}\n", "192.0.2.0/24 ", 1, 0, 0, 0, 2, 0},
	{"!192.0.2.1\n192.0.2.0/30\n198.51.100.1\n",
	 "192.0.2.0 192.0.2.2/31 198.51.100.1 ", 2, 0, 0, 0, 3, 0},
	{"192.0.2.1\t7\n# x\n192.0.2.9\t12\n", "192.0.2.1 192.0.2.9 ", 2, 0, 0,
	 0, 3, 0},
	{"create drop4 hash:net family inet bucketsize 12 initval 0x77\n"
	 "add drop4 192.0.2.0/24 timeout 9 comment \"a nomatch, #1\"\n"
	 "add drop4 192.0.2.4 nomatch\nadd six 2001:db8::/32\n",
	 "192.0.2.0/30 192.0.2.5 192.0.2.6/31 192.0.2.8/29 192.0.2.16/28 "
	 "192.0.2.32/27 192.0.2.64/26 192.0.2.128/25 2001:db8::/32 ",
	 2, 0, 0, 0, 4, 1},
	{"table inet mail {\n\tset drop4 {\n\t\ttype ipv4_addr\n"
	 "\t\tflags interval,timeout\n\t\telements = { 192.0.2.0/25,\n"
	 "\t\t\t     198.51.100.1 timeout 1h comment \"a, } b\",\n"
	 "\t\t\t     203.0.113.10-203.0.113.11 }\n\t}\n}\n",
	 "192.0.2.0/25 198.51.100.1 203.0.113.10/31 ", 3, 0, 0, 0, 9, 0},
	{"add element inet m s { 2001:db8::1, 2001:db8::2 }\n",
	 "2001:db8::1 2001:db8::2 ", 2, 0, 0, 0, 1, 2},
	{"$SOA 3600 bl.example ns\n1.2.3\n5.6.7.1-4\n127.16-31\n126/8\n"
	 "125.1.2/23\n124-124\n123.16.0-31\n122.1.2.3:2:text\n121.1 text\n"
	 "120.1.0-120.1.1 ; c\n10.0.0.0-10.0.0.1\n",
	 "1.2.3.0/24 5.6.7.1 5.6.7.2/31 5.6.7.4 10.0.0.0/31 120.1.0.0/23 "
	 "121.1.0.0/16 122.1.2.3 123.16.0.0/19 124.0.0.0/8 125.1.2.0/23 "
	 "126.0.0.0/8 127.16.0.0/12 ",
	 11, 0, 0, 0, 12, 0},
	{"; bl.example\n;$SOA 1\n1.2.3/20\n!1.2.1-14\n! 1.2.15.0/25\n",
	 "1.2.0.0/24 1.2.15.128/25 ", 1, 1, 0, 0, 5, 0},
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
	{"# first match wins\n192.0.2.0/30\treject\n192.0.2.1 permit\n"
	 "198.51.100.1 dunno\n198.51.100.0/30 521 go away\n"
	 "198.51.100.0/31 permit\n2001:db8::/32 REJECT\n",
	 "192.0.2.0/30 198.51.100.0 198.51.100.2/31 2001:db8::/32 ", 3, 0, 0, 0,
	 7, 1},
	{"{\"deleted\":null,\"new\":[" BAN("3h59m55.75s", "Ip", "ban", "192.0.2.1") ",\n" BAN(
		 "1h", "RANGE", "ban",
		 "198.51.100.0/24") "," BAN("1h", "Ip", "captcha",
					    "192.0.2.9") "," BAN("-1h", "Ip",
								 "ban",
								 "192.0.2."
								 "8") "," BAN("1h",
									      "Country",
									      "ban",
									      "FR") "]}\n",
	 "192.0.2.1 198.51.100.0/24 ", 2, 0, 0, 0, 2, 0},
	{BAN("1h", "ip", "ban", "192.0.2.1") "\n" BAN("2h", "ip", "ban",
						      "192.0.2.2") "\n",
	 "192.0.2.1 192.0.2.2 ", 2, 0, 0, 0, 2, 0},
	{"[\n {\n  \"id\": 3,\n  \"decisions\": [\n" BAN(
		 "1h", "Ip", "ban", "2001:db8::1") "\n]\n}\n]\n",
	 "2001:db8::1 ", 1, 0, 0, 0, 8, 1},
	{"[]\n", "", 0, 0, 0, 0, 1, 0},
	{"192.0.2.0/29\n!192.0.2.1 - 192.0.2.6\n", "192.0.2.0 192.0.2.7 ", 1, 0,
	 0, 0, 2, 0},
	{"192.0.2.0/30\n192.0.2.1\n!192.0.2.0\n", "192.0.2.1 192.0.2.2/31 ", 2,
	 0, 0, 1, 3, 0},
	{"2001:db8::/46\n! 2001:db8:2::/48 # ours\n",
	 "2001:db8::/47 2001:db8:3::/48 ", 1, 0, 0, 0, 2, 2},
};

static void good_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		char all[512] = "", one[PREFIX_TEXT];
		struct feed_report report;
		struct prefix_set set;

		assert_int_equal(
			feed(good[i].text, strlen(good[i].text), &set, &report),
			0);
		for (size_t j = 0; j < set.n; j++) {
			prefix_text(&set.v[j], one);
			strcat(strcat(all, one), " ");
		}
		assert_string_equal(all, good[i].prefixes);
		assert_int_equal(report.entries, good[i].entries);
		assert_int_equal(report.masked, good[i].masked);
		assert_int_equal(report.duplicates, good[i].duplicates);
		assert_int_equal(report.nested, good[i].nested);
		assert_int_equal(report.lines, good[i].lines);
		assert_int_equal(report.entries6, good[i].entries6);
		assert_int_equal(report.entries4 + report.entries6, set.n);
		prefix_free(&set);
	}
}

static void ten_errors_and_a_count(void **state)
{
	struct feed_report report;
	struct prefix_set set;
	char text[13 * 2 + 1] = "";

	(void)state;
	for (int i = 0; i < 13; i++)
		strcat(text, "x\n");
	assert_true(feed(text, strlen(text), &set, &report) < 0);
	assert_int_equal(report.errors, 13);
	assert_string_equal(error(&report, 9), "f:10: 'x': " NO_ADDRESS);
}

/* Of other JSON it is said once how it is read. */
static void other_json(void **state)
{
	static const char text[] = "[[1],2]";
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_true(feed(text, strlen(text), &set, &report) < 0);
	assert_int_equal(report.errors, 2);
	assert_string_equal(error(&report, 1),
			    "f:1: neither a decision nor a list of them");
}

/* A line without end: refused by its length, not read to the end. */
static void endless_line(void **state)
{
	struct feed_report report;
	struct prefix_set set;
	FILE *f = fopen("/dev/zero", "r");

	(void)state;
	assert_non_null(f);
	assert_true(feed_read(f, &usual, NULL, &set, &report) < 0);
	assert_string_equal(error(&report, 0),
			    "f:1: a line longer than 4096 bytes; this is no "
			    "list");
	fclose(f);
}

/* A stream of one line of 1 GB, or one that breaks. */
struct stream {
	const char *start;
	size_t size, served;
};

static ssize_t stream_read(void *cookie, char *buffer, size_t size)
{
	struct stream *s = cookie;
	size_t start = s->served ? 0 : strlen(s->start);

	if (s->served >= s->size) {
		errno = EIO;
		return -1;
	}
	memset(buffer, '1', size);
	memcpy(buffer, s->start, start);
	s->served += size;
	return size;
}

static int feed_stream(struct stream *s, struct feed_report *report)
{
	const cookie_io_functions_t io = {.read = stream_read};
	FILE *f = fopencookie(s, "r", io);
	struct prefix_set set;
	int err;

	assert_non_null(f);
	err = feed_read(f, &usual, NULL, &set, report);
	assert_int_equal(set.n, 0);
	fclose(f);
	return err;
}

static const struct {
	const char *start, *error;
} huge[] = {
	{"192.0.2.", "f:1: a line longer than 4096 bytes; this is no list"},
	{"192.0.2.1\n# ",
	 "f:2: a line longer than 4096 bytes; this is no list"},
	{"{\"cidr\":\"", "f:1: a line longer than 4096 bytes; this is no list"},
	{"\xef\xbb\xbf", "f:1: a line longer than 4096 bytes; this is no list"},
	{"\x1f\x8b", "f:1: compressed (gzip); unpack it first"},
	{"<html>",
	 "f:1: '<html>111111111111111111111111111111111111111111111111111111"
	 "...': looks like a web page, not like a list"},
};

static void huge_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(huge) / sizeof(*huge); i++) {
		struct stream s = {huge[i].start, 1 << 30, 0};
		struct feed_report report;

		assert_int_equal(feed_stream(&s, &report), -EINVAL);
		assert_int_equal(report.errors, 1);
		assert_string_equal(error(&report, 0), huge[i].error);
		assert_in_range(s.served, 1, 1 << 16);
	}
}

/* Exactly as long as a line may be, and one byte more. */
static void longest_line(void **state)
{
	char text[FEED_LINE + 2] = "192.0.2.1 #";

	(void)state;
	for (int over = 0; over < 2; over++) {
		struct feed_report report;
		struct prefix_set set;

		memset(text + 11, 'x', FEED_LINE + over - 11);
		text[FEED_LINE + over] = '\n';
		assert_int_equal(
			feed(text, FEED_LINE + over + 1, &set, &report),
			over ? -EINVAL : 0);
		prefix_free(&set);
	}
}

static void broken_stream(void **state)
{
	struct stream s = {"192.0.2.1\n", 0, 0};
	struct feed_report report;

	(void)state;
	assert_int_equal(feed_stream(&s, &report), -EIO);
	assert_int_equal(report.errors, 0);
}

/* One too wide an entry is one error: the file is not called truncated. */
static void one_reason_only(void **state)
{
	static const char text[] =
		ENTRY "{\"cidr\":\"10.0.0.0/7\"}\n" META "61,\"records\":2}\n";
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_int_equal(feed(text, strlen(text), &set, &report), -EINVAL);
	assert_int_equal(report.errors, 1);
	assert_string_equal(error(&report, 0),
			    "f:2: '10.0.0.0/7': 10.0.0.0/7 is wider than "
			    "/8" ALLOWS);
}

/* What the list's max_prefix allows is taken, a range's parts as well. */
static void guard_of_the_list(void **state)
{
	static const struct feed_guard wide = {7, 16};
	static const char text[] = "10.0.0.0/7\n2001::/16\n12.0.0.0-13.255."
				   "255.255\n";
	struct feed_report report;
	struct prefix_set set;
	FILE *f = fmemopen((void *)text, strlen(text), "r");

	(void)state;
	assert_non_null(f);
	assert_int_equal(feed_read(f, &wide, NULL, &set, &report), 0);
	assert_int_equal(set.n, 3);
	fclose(f);
	prefix_free(&set);
}

/* Two prefixes of AS 64500, one of 64501, one too wide of 64502. */
static const struct asn_origin origins[] = {
	{64500, {4, 24, 0, {192, 0, 2}}},
	{64500, {6, 32, 0, {0x20, 0x01, 0x0d, 0xb8}}},
	{64501, {4, 24, 0, {198, 51, 100}}},
	{64502, {4, 7, 0, {10}}},
};
static const struct asn_table table = {(struct asn_origin *)origins, 4};

static const struct {
	const char *text, *prefixes; /* or, where error is told: NULL */
	const char *error;
	size_t max_errors;
} asns[] = {
	{"AS64500 # ours\n203.0.113.1\n",
	 "192.0.2.0/24 203.0.113.1 2001:db8::/32 ", NULL, 0},
	{"as64501\n! 198.51.100.0/25\n", "198.51.100.128/25 ", NULL, 0},
	{"{\"asn\":64501,\"rir\":\"arin\"}\n" META "27,\"records\":1}\n",
	 "198.51.100.0/24 ", NULL, 0},
	{"[" BAN("1h", "AS", "ban", "64501") "]", "198.51.100.0/24 ", NULL, 0},
	{"AS64501\nAS64503\n", NULL,
	 "f:2: AS64503 has no prefix in the [asn] table; is the table up to "
	 "date?",
	 0},
	{"AS64501\nAS64503\n", "198.51.100.0/24 ", NULL, 1},
	{"AS64502\n", NULL,
	 "f:1: AS64502 originates 10.0.0.0/7, wider than max_prefix", 9},
};

static void as_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(asns) / sizeof(*asns); i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = asns[i].max_errors};
		FILE *f = fmemopen((void *)asns[i].text, strlen(asns[i].text),
				   "r");
		struct feed_report report;
		struct prefix_set set;
		char all[512] = "", one[PREFIX_TEXT];
		int err = feed_read(f, &guard, &table, &set, &report);

		assert_int_equal(err, asns[i].error ? -EINVAL : 0);
		if (asns[i].error)
			assert_string_equal(error(&report, 0), asns[i].error);
		for (size_t j = 0; j < set.n; j++) {
			prefix_text(&set.v[j], one);
			strcat(strcat(all, one), " ");
		}
		assert_string_equal(all,
				    asns[i].prefixes ? asns[i].prefixes : "");
		prefix_free(&set);
		fclose(f);
	}
}

#define UNKNOWN                                                              \
	"f:1: AS64503 has no prefix in the [asn] table; is the table up to " \
	"date?"

/* Nothing but what is wrong, the last of it. */
static const struct {
	const char *text, *last;
	size_t max_errors, min_entries, errors;
} nothing_left[] = {
	{"AS64503\n", UNKNOWN, 0, 0, 1},
	{"AS64503\n", UNKNOWN, 0, 5, 1},
	{"AS64503\n", "f: nothing is left: none of its AS numbers has a prefix",
	 1, 0, 2},
	{"AS64503\nAS64501\n!198.51.100.0/24\n",
	 "f: nothing is left: everything is excluded", 1, 0, 2},
	{"AS64501\n", "f: 1 prefixes, fewer than min_entries = 5", 0, 5, 1},
};

static void nothing_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nothing_left) / sizeof(*nothing_left);
	     i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = nothing_left[i].max_errors,
			.min_entries = nothing_left[i].min_entries};
		FILE *f = fmemopen((void *)nothing_left[i].text,
				   strlen(nothing_left[i].text), "r");
		struct feed_report report;
		struct prefix_set set;

		assert_int_equal(feed_read(f, &guard, &table, &set, &report),
				 -EINVAL);
		assert_int_equal(report.errors, nothing_left[i].errors);
		assert_string_equal(error(&report, report.errors - 1),
				    nothing_left[i].last);
		fclose(f);
	}
}

/* What max_errors forgives, and what it does not. */
static const struct {
	const char *text;
	size_t max_errors, left; /* 0: refused */
} forgiven[] = {
	{"192.0.2.1\nx\n192.0.2.2\n", 1, 2},
	{"192.0.2.1\nx\ny\n192.0.2.2\n", 1, 0},
	{"192.0.2.1\n10.0.0.0/7\n0.0.0.0-10.0.0.0\n", 2, 1},
	{"x\n", 1, 0},
	{"192.0.2.1\n!x\n", 9, 0},
	{"192.0.2.1\n<html>\n", 9, 0},
	{"192.0.2.1 reject\n192.0.2.2 maybe\n", 9, 0},
	{ENTRY "{\"cidr\":\"x\"}\n" META "52,\"records\":2}\n", 1, 1},
	{ENTRY "{\"cidr\":\"x\"}\n", 9, 0},
};

static void max_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forgiven) / sizeof(*forgiven); i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = forgiven[i].max_errors};
		FILE *f = fmemopen((void *)forgiven[i].text,
				   strlen(forgiven[i].text), "r");
		struct feed_report report;
		struct prefix_set set;
		int err = feed_read(f, &guard, NULL, &set, &report);

		assert_int_equal(err, forgiven[i].left ? 0 : -EINVAL);
		assert_int_equal(set.n, forgiven[i].left);
		assert_true(report.errors > 0);
		prefix_free(&set);
		fclose(f);
	}
}

/* A decision ends with its time, counted from when the file was written. */
static void decisions_end(void **state)
{
	static const char text[] =
		"[" BAN("1h", "Ip", "ban", "192.0.2.1") "," BAN(
			"1h0m0.5s", "Ip", "ban",
			"192.0.2.2") "," BAN("61m", "Ip", "ban",
					     "192.0.2.3") "]";
	static const struct {
		long age;
		size_t left, ended;
	} rows[] = {{0, 3, 0},
		    {3599, 3, 0},
		    {3600, 2, 1},
		    {3601, 1, 2},
		    {3660, 0, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct feed_guard guard = {8, 19, .age = rows[i].age};
		FILE *f = fmemopen((void *)text, strlen(text), "r");
		struct feed_report report;
		struct prefix_set set;

		assert_int_equal(feed_read(f, &guard, NULL, &set, &report), 0);
		assert_int_equal(set.n, rows[i].left);
		assert_int_equal(report.ended, rows[i].ended);
		prefix_free(&set);
		fclose(f);
	}
}

/* When a file says that it was written, and until when it is good. */
enum { NOW = 1795543200 }; /* 2026-11-24 18:00:00 UTC */
#define NO_TIME \
	"not what $TIMESTAMP takes; 2026:11:24:18:00:00 is, or +3d behind it"
#define FUTURE \
	"a $TIMESTAMP of the future; set the clock or fetch the file again"

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
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		struct feed_report report;
		struct prefix_set set;
		char text[160];
		FILE *f;

		sprintf(text, "$TIMESTAMP %s\n1.2.3\n", times[i].text);
		f = fmemopen(text, strlen(text), "r");
		assert_int_equal(feed_read(f, &guard, NULL, &set, &report),
				 times[i].error ? -EINVAL : 0);
		if (times[i].error)
			assert_string_equal(error(&report, 0), times[i].error);
		else
			assert_int_equal(report.modified, times[i].modified);
		if (!times[i].error)
			assert_int_equal(report.expires, times[i].expires);
		prefix_free(&set);
		fclose(f);
	}
}

/* Tables of ASNs: what is taken of each format. */
static const struct {
	const char *text, *origins;
	const char *error;
} tables[] = {
	{"1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
	 "1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n"
	 "1.0.4.0\t1.0.6.255\t38803\tAU\tG\n"
	 "2001::\t2001:0:ffff:ffff:ffff:ffff:ffff:ffff\t6939\tUS\tHE\n",
	 "13335 1.0.0.0/24 38803 1.0.4.0/23 38803 1.0.6.0/24 6939 2001::/32 ",
	 NULL},
	{"; IP-ASN32-DAT file\n; Prefixes : 2\n1.0.0.0/24\t15169\n"
	 "2001:db8::/32\t64500\n",
	 "15169 1.0.0.0/24 64500 2001:db8::/32 ", NULL},
	{"TABLE_DUMP2|1400824800|B|157.130.10.233|701|0.0.0.0/0|701|IGP|1|0|0|"
	 "|NAG||\n"
	 "TABLE_DUMP2|1400824800|B|157.130.10.233|701|1.0.0.0/24|701 6453 "
	 "15169|IGP|157.130.10.233|0|0||NAG||\n"
	 "TABLE_DUMP2|1400824800|B|1.2.3.4|702|1.0.0.0/24|702 15169|IGP|1|0|0|"
	 "|NAG||\n"
	 "TABLE_DUMP2|1|B|1.2.3.4|702|2001:db8::/32|702 {64500,64501}|IGP|1|0|"
	 "0||NAG||\n",
	 "15169 1.0.0.0/24 15169 1.0.0.0/24 64500 2001:db8::/32 64501 "
	 "2001:db8::/32 ",
	 NULL},
	{"16848128\t16859135\t0\tNone\tNot routed\n", "",
	 "f:1: '16848128': addresses as numbers; take the table without -u32 "
	 "in its name"},
	{"1.0.0.0/24 15169\n", "",
	 "f:1: '1.0.0.0/24 15169': not of a table of ASNs; iptoasn TSV, pyasn "
	 "and bgpdump -m are"},
	{"1.0.0.0/24\t15169\n1.0.0/24\t15169\n", "1.0.0.0/24",
	 "f:2: '1.0.0/24': " NO_ADDRESS},
	{"1.0.0.9\t1.0.0.1\t3\tUS\tX\n", "",
	 "f:1: '1.0.0.9': the range does not end behind it"},
	{"A|1|B|1|2|1.0.0.0/24|3 x|IGP|1\n", "",
	 "f:1: 'x': not an AS number; 64500 is one"},
	{"A|1|B|1\n", "", "f:1: 'A': not a line of bgpdump -m"},
};

static void origin_tables(void **state)
{
	static const struct feed_guard guard = {.kind = FEED_ORIGINS};

	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		FILE *f = fmemopen((void *)tables[i].text,
				   strlen(tables[i].text), "r");
		char all[512] = "", one[PREFIX_TEXT];
		struct feed feed;
		int err = feed_parse(f, &guard, &feed);

		fclose(f);
		assert_int_equal(err, tables[i].error ? -EINVAL : 0);
		if (err) {
			assert_string_equal(error(&feed.report, 0),
					    tables[i].error);
			feed_free(&feed);
			continue;
		}
		assert_int_equal(feed.set.n, feed.asns.n);
		for (size_t j = 0; j < feed.set.n; j++) {
			prefix_text(&feed.set.v[j], one);
			sprintf(all + strlen(all), "%u %s ", feed.asns.v[j].asn,
				one);
		}
		assert_string_equal(all, tables[i].origins);
		feed_free(&feed);
	}
}

/* Each kind has its formats, and knows no other's. */
static void formats_of_a_kind(void **state)
{
	static const char *const first[] = {"crowdsec", "bgpdump"};
	static const struct feed_guard guard = {.kind = FEED_ORIGINS,
						.format = "plain"};
	FILE *f = fmemopen((void *)"192.0.2.1\n", 10, "r");
	struct feed feed;

	(void)state;
	for (int kind = 0; kind < 2; kind++)
		assert_string_equal(feed_format(kind, 0), first[kind]);
	assert_null(feed_format(FEED_ORIGINS, 3));
	for (int i = 0; feed_format(FEED_LIST, i); i++)
		assert_string_not_equal(feed_format(FEED_LIST, i), FEED_KEPT);
	assert_int_equal(feed_parse(f, &guard, &feed), -EINVAL);
	assert_string_equal(error(&feed.report, 0),
			    "f: 'plain': not a format for this");
	feed_free(&feed);
	fclose(f);
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
		cmocka_unit_test(ten_errors_and_a_count),
		cmocka_unit_test(other_json),
		cmocka_unit_test(endless_line),
		cmocka_unit_test(huge_lines),
		cmocka_unit_test(longest_line),
		cmocka_unit_test(broken_stream),
		cmocka_unit_test(one_reason_only),
		cmocka_unit_test(guard_of_the_list),
		cmocka_unit_test(as_numbers),
		cmocka_unit_test(nothing_is_left),
		cmocka_unit_test(max_errors),
		cmocka_unit_test(decisions_end),
		cmocka_unit_test(time_stamps),
		cmocka_unit_test(origin_tables),
		cmocka_unit_test(formats_of_a_kind),
		cmocka_unit_test(ranges_are_exact),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
