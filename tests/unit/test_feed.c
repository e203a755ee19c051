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

#include "user/feed.h"

static const struct feed_guard usual = {8, 19};

#define NO_ADDRESS "not an address; 192.0.2.1 or 2001:db8::1 is one"
#define NO_LENGTH  "the length is not a number; /24 is one"
#define MAPPED	   "IPv4 inside IPv6; write it as IPv4"
#define WORDS \
	"more than one word; one entry a line, and comments begin with # or ;"
#define POSTFIX                                                      \
	"continued lines, !, if and endif of cidr_table(5) are not read; " \
	"write each pattern with its action"
#define ALLOWS "; max_prefix in a list's section allows it where it is meant"
#define AGAIN  ": truncated or altered; fetch it again"
#define META   "{\"type\":\"metadata\",\"size\":"
#define ENTRY  "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n" /* 39 */

struct bad {
	const char *text, *error;
	size_t len; /* where text holds NUL */
};

static const struct bad bad[] = {
	{"", "f:0: no entries; an empty list is taken for a broken one", 0},
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
	{"192.0.2.9\n192.0.2.1 permit\n", "f:2: '192.0.2.1 permit': " WORDS,
	 0},
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
	{":127.0.0.2:\n127.16-31\n", "f:2: '127.16': " NO_ADDRESS, 0},
	{"$SOA 1\n1.2.3 :2:\n", "f:2: '1.2.3': " NO_ADDRESS, 0},
	/* Postfix */
	{"192.0.2.1 permit\n",
	 "f:1: no entries; an empty list is taken for a broken one", 0},
	{"192.0.2.1 reject\n192.0.2.2 maybe\n",
	 "f:2: 'maybe': not an action; permit, reject and dunno are", 0},
	{"192.0.2.1 reject\n192.0.2.2\n",
	 "f:2: '': not an action; permit, reject and dunno are", 0},
	{"192.0.2.1 reject\n!192.0.2.2 reject\n",
	 "f:2: '!192.0.2.2': " POSTFIX, 0},
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
	 "f:2: everything in it is excluded; nothing is left", 0},
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
	{ENTRY "{\"asn\":64500}\n" META "53,\"records\":1}\n",
	 "f:2: neither an entry with \"cidr\" nor metadata", 0},
	{ENTRY "{\"cidr\":\"192.0.\n",
	 "f:2: '{\"cidr\":\"192.0.': not a line of JSON; fetch the file again",
	 0},
	{"{\"cidr\":\"0.0.0.0/0\"}\n",
	 "f:1: '0.0.0.0/0': 0.0.0.0/0 is wider than /8" ALLOWS, 0},
	{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\n",
	 "f:1: 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"
	 "...': " NO_ADDRESS,
	 0},
	{"{\"cidr\":\"192.0.2.0\\u0000/8\"}\n" META "29,\"records\":1}\n",
	 "f:1: a NUL byte in \"cidr\"; fetch the file again", 0},
	{ENTRY META "39,\"records\":-1}\n",
	 "f:2: metadata without records and size; fetch the file again", 0},
	{ENTRY "{\"cidr\":\"198.51.100.0/24\"}{}\n" META "68,\"records\":1}\n",
	 "f:2: '{\"cidr\":\"198.51.100.0/24\"}{}': not a line of JSON; fetch "
	 "the file again",
	 0},
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
	err = feed_read(f, "f", &usual, set, report);
	fclose(f);
	return err;
}

static void bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		size_t len = bad[i].len ? bad[i].len : strlen(bad[i].text);
		struct feed_report report;
		struct prefix_set set;

		assert_true(feed(bad[i].text, len, &set, &report) < 0);
		assert_string_equal(report.error[0], bad[i].error);
		assert_int_equal(set.n, 0);
		feed_report_free(&report);
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
	{"192.0.2.1\t7\n# x\n192.0.2.9\t12\n", "192.0.2.1 192.0.2.9 ", 2, 0,
	 0, 0, 3, 0},
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
	{"$SOA 3600 bl.example ns\n:127.0.0.2:Listed, see $\n"
	 "192.0.2.0/30 :127.0.0.9:SBL1\n!192.0.2.1 ; ours\n2001:db8::/32\n",
	 "192.0.2.0 192.0.2.2/31 2001:db8::/32 ", 2, 0, 0, 0, 5, 1},
	{"# first match wins\n192.0.2.0/30\treject\n192.0.2.1 permit\n"
	 "198.51.100.1 dunno\n198.51.100.0/30 521 go away\n"
	 "198.51.100.0/31 permit\n2001:db8::/32 REJECT\n",
	 "192.0.2.0/30 198.51.100.0 198.51.100.2/31 2001:db8::/32 ", 3, 0, 0, 0,
	 7, 1},
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
		feed_report_free(&report);
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
	assert_string_equal(report.error[9], "f:10: 'x': " NO_ADDRESS);
	feed_report_free(&report);
}

/* A line without end: refused by its length, not read to the end. */
static void endless_line(void **state)
{
	struct feed_report report;
	struct prefix_set set;
	FILE *f = fopen("/dev/zero", "r");

	(void)state;
	assert_non_null(f);
	assert_true(feed_read(f, "f", &usual, &set, &report) < 0);
	assert_string_equal(report.error[0],
			    "f:1: a line longer than 4096 bytes; this is no "
			    "list");
	feed_report_free(&report);
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
	err = feed_read(f, "f", &usual, &set, report);
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
		assert_string_equal(report.error[0], huge[i].error);
		assert_in_range(s.served, 1, 1 << 16);
		feed_report_free(&report);
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
		feed_report_free(&report);
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
	feed_report_free(&report);
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
	assert_string_equal(report.error[0],
			    "f:2: '10.0.0.0/7': 10.0.0.0/7 is wider than "
			    "/8" ALLOWS);
	feed_report_free(&report);
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
	assert_int_equal(feed_read(f, "f", &wide, &set, &report), 0);
	assert_int_equal(set.n, 3);
	fclose(f);
	feed_report_free(&report);
	prefix_free(&set);
}

static void files(void **state)
{
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_true(feed_read_file("/nonexistent", &usual, &set, &report) < 0);
	assert_string_equal(report.error[0],
			    "/nonexistent: cannot be read: No such file or "
			    "directory");
	feed_report_free(&report);
	assert_true(feed_read_file("/", &usual, &set, &report) < 0);
	assert_string_equal(report.error[0], "/: a directory, not a file");
	feed_report_free(&report);
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
		cmocka_unit_test(endless_line),
		cmocka_unit_test(huge_lines),
		cmocka_unit_test(longest_line),
		cmocka_unit_test(broken_stream),
		cmocka_unit_test(one_reason_only),
		cmocka_unit_test(guard_of_the_list),
		cmocka_unit_test(files),
		cmocka_unit_test(ranges_are_exact),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
