// SPDX-License-Identifier: GPL-2.0
/* AS numbers in lists. */
#include "feed.h"

#define META "{\"type\":\"metadata\",\"size\":"
#define BAN(duration, scope, type, value)                            \
	"{\"duration\":\"" duration "\",\"id\":1,\"scope\":\"" scope \
	"\",\"type\":\"" type "\",\"value\":\"" value "\"}"
#define UNKNOWN                                                                 \
	"f:1: AS64503 has no prefix in the [asn] table, which knows 0 of 1 AS " \
	"numbers here; is the table up to date?"

static const struct feed_bad bad[] = {
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
};

static void bad_files(void **state)
{
	(void)state;
	check_bad(bad, ROWS(bad));
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
	size_t max_errors, silent;
} asns[] = {
	{"AS64500 # ours\n203.0.113.1\n",
	 "192.0.2.0/24 203.0.113.1 2001:db8::/32 ", NULL, 0},
	{"as64501\n! 198.51.100.0/25\n", "198.51.100.128/25 ", NULL, 0},
	{"{\"asn\":64501,\"rir\":\"arin\"}\n" META "27,\"records\":1}\n",
	 "198.51.100.0/24 ", NULL, 0},
	{"[" BAN("1h", "AS", "ban", "64501") "]", "198.51.100.0/24 ", NULL, 0},
	/* T18: an AS that has withdrawn everything is counted. */
	{"AS64501\nAS64503\n", "198.51.100.0/24 ", NULL, 0, 1},
	{"AS64503\nAS64501\nAS64503\nAS64501\n", "198.51.100.0/24 ", NULL, 0,
	 1},
	/* U14: an AS that is named many times is resolved once. */
	{"AS64501\nAS64501\nAS64501\n", "198.51.100.0/24 ", NULL, 0},
	{"AS64501\nAS64504\nAS64503\n", NULL,
	 "f:2: AS64504 has no prefix in the [asn] table, which knows 1 of 3 AS "
	 "numbers here; is the table up to date?",
	 0, 2},
	{"AS64501\nAS64504\nAS64503\n", "198.51.100.0/24 ", NULL, 1, 2},
	{"AS64502\n", NULL,
	 "f:1: AS64502 originates 10.0.0.0/7, wider than max_prefix", 9},
};

static void as_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(asns); i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = asns[i].max_errors};
		struct feed_report report;
		struct prefix_set set;
		int err =
			feed_text(asns[i].text, &guard, &table, &set, &report);

		assert_int_equal(err, asns[i].error ? -EINVAL : 0);
		if (asns[i].error)
			assert_string_equal(feed_error(&report, 0),
					    asns[i].error);
		assert_int_equal(report.silent, asns[i].silent);
		assert_string_equal(feed_prefixes(&set),
				    asns[i].prefixes ? asns[i].prefixes : "");
		prefix_free(&set);
	}
}

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
	 "f: nothing is left: everything is excluded", 1, 0, 1},
	{"AS64501\n", "f: 1 prefixes, fewer than min_entries = 5", 0, 5, 1},
};

static void nothing_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(nothing_left); i++) {
		const struct feed_guard guard = {
			8, 19, .max_errors = nothing_left[i].max_errors,
			.min_entries = nothing_left[i].min_entries};
		struct feed_report report;
		struct prefix_set set;

		assert_int_equal(feed_text(nothing_left[i].text, &guard, &table,
					   &set, &report),
				 -EINVAL);
		assert_int_equal(report.errors, nothing_left[i].errors);
		assert_string_equal(feed_error(&report, report.errors - 1),
				    nothing_left[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(as_numbers),
		cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests_name("asn lists", tests, NULL, NULL);
}
