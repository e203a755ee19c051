// SPDX-License-Identifier: GPL-2.0
/* What is true of files of every format. */
#include "feed.h"

#define META  "{\"type\":\"metadata\",\"size\":"
#define ENTRY "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n" /* 39 */

static void ten_errors_and_a_count(void **state)
{
	struct feed_report report;
	struct prefix_set set;
	char text[13 * 2 + 1] = "";

	(void)state;
	for (int i = 0; i < 13; i++)
		strcat(text, "x\n");
	assert_true(feed_text(text, &usual, NULL, &set, &report) < 0);
	assert_int_equal(report.errors, 13);
	assert_string_equal(feed_error(&report, 9), "f:10: 'x': " NO_ADDRESS);
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
	assert_string_equal(feed_error(&report, 0),
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
	for (size_t i = 0; i < ROWS(huge); i++) {
		struct stream s = {huge[i].start, 1 << 30, 0};
		struct feed_report report;

		assert_int_equal(feed_stream(&s, &report), -EINVAL);
		assert_int_equal(report.errors, 1);
		assert_string_equal(feed_error(&report, 0), huge[i].error);
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
		FILE *f;

		memset(text + 11, 'x', FEED_LINE + over - 11);
		text[FEED_LINE + over] = '\n';
		f = feed_open(text, FEED_LINE + over + 1);
		assert_int_equal(feed_read(f, &usual, NULL, &set, &report),
				 over ? -EINVAL : 0);
		prefix_free(&set);
		fclose(f);
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

/* What the list's max_prefix allows is taken, a range's parts as well. */
static void guard_of_the_list(void **state)
{
	static const struct feed_guard wide = {7, 16};
	static const char text[] = "10.0.0.0/7\n2001::/16\n12.0.0.0-13.255."
				   "255.255\n";
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_int_equal(feed_text(text, &wide, NULL, &set, &report), 0);
	assert_int_equal(set.n, 3);
	prefix_free(&set);
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
	{"192.0.2.1 reject\n192.0.2.2 maybe\n", 1, 1},
	{"192.0.2.1 reject\n192.0.2 reject\n", 9, 0},
	{ENTRY "{\"cidr\":\"x\"}\n" META "52,\"records\":2}\n", 1, 1},
	{ENTRY "{\"cidr\":\"x\"}\n", 9, 0},
};

static void max_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(forgiven); i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = forgiven[i].max_errors};
		struct feed_report report;
		struct prefix_set set;
		int err = feed_text(forgiven[i].text, &guard, NULL, &set,
				    &report);

		assert_int_equal(err, forgiven[i].left ? 0 : -EINVAL);
		assert_int_equal(set.n, forgiven[i].left);
		assert_true(report.errors > 0);
		prefix_free(&set);
	}
}

/* Each kind has its formats, and knows no other's. */
static void formats_of_a_kind(void **state)
{
	static const char *const first[] = {"crowdsec", "bgpdump"};
	static const struct feed_guard guard = {.kind = FEED_ORIGINS,
						.format = "plain"};
	FILE *f = feed_open("192.0.2.1\n", 0);
	struct feed feed;

	(void)state;
	for (int kind = 0; kind < 2; kind++)
		assert_string_equal(feed_format(kind, 0), first[kind]);
	assert_null(feed_format(FEED_ORIGINS, 3));
	for (int i = 0; feed_format(FEED_LIST, i); i++)
		assert_string_not_equal(feed_format(FEED_LIST, i), FEED_KEPT);
	assert_int_equal(feed_parse(f, &guard, &feed), -EINVAL);
	assert_string_equal(feed_error(&feed.report, 0),
			    "f: 'plain': not a format for this");
	feed_free(&feed);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_errors_and_a_count),
		cmocka_unit_test(endless_line),
		cmocka_unit_test(huge_lines),
		cmocka_unit_test(longest_line),
		cmocka_unit_test(broken_stream),
		cmocka_unit_test(guard_of_the_list),
		cmocka_unit_test(max_errors),
		cmocka_unit_test(formats_of_a_kind),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
