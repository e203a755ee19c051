// SPDX-License-Identifier: GPL-2.0
/* JSON: Spamhaus DROP and CrowdSec. */
#include "feed.h"

#define AGAIN	": truncated or altered; fetch it again"
#define NO_JSON "neither an address nor an object with one"
#define NO_BAN	"neither a decision of CrowdSec nor a list of them"
#define META	"{\"type\":\"metadata\",\"size\":"
#define BAN(duration, scope, type, value)                            \
	"{\"duration\":\"" duration "\",\"id\":1,\"scope\":\"" scope \
	"\",\"type\":\"" type "\",\"value\":\"" value "\"}"
#define ENTRY "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n" /* 39 */

static const struct feed_bad bad[] = {
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
	{"{\"cidr\":\"192.0.2.0\\u0000/8\"}\n" META "27,\"records\":1}\n",
	 "f:1: neither an entry with \"cidr\" or \"asn\" nor metadata", 0},
	{ENTRY META "39,\"records\":-1}\n",
	 "f:2: metadata without records and size; fetch the file again", 0},
	{ENTRY "{\"cidr\":\"198.51.100.0/24\"}{}\n" META "68,\"records\":1}\n",
	 "f:2: '{\"cidr\":\"198.51.100.0/24\"}{}': not a line of JSON; fetch "
	 "the file again",
	 0},
	{"{\"asn\":0}\n" META "10,\"records\":1}\n",
	 "f:1: neither an entry with \"cidr\" or \"asn\" nor metadata", 0},
	{META "0,\"records\":0}\n" ENTRY,
	 "f:2: a line behind the metadata; fetch the file again", 0},
	{META "0,\"records\":0}\n", "f:1: " EMPTY, 0},
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
	{"[[1]]", "f:1: " NO_JSON, 0},
	{"[\n\"192.0.2.1\",\n\"mail.example\"\n]\n",
	 "f:4: 'mail.example': " NO_ADDRESS, 0},
	{"{\n \"data\": [\n  {\"ip6Address\": \"2001:db8::1\"}\n ]\n}\n",
	 "f:5: an object without an address: none of its members is called ip, "
	 "ip_address, ipAddress, dst_ip, address, cidr, network, prefix, range "
	 "or value",
	 0},
	{"[" BAN("1h", "Ip", "ban", "192.0.2.1") ",1]", "f:1: " NO_BAN, 0},
	{"[{\"duration\":\"1h\"}]",
	 "f:1: a decision of CrowdSec without scope, value or duration", 0},
};

static const struct feed_good good[] = {
	{ENTRY META "39,\"records\":1}\n", "192.0.2.0/24 ", 1, 0, 0, 0, 2, 0},
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

/* Every value that is none is told. */
static void other_json(void **state)
{
	static const char text[] = "[[1],2]";
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_true(feed_text(text, &usual, NULL, &set, &report) < 0);
	assert_int_equal(report.errors, 2);
	assert_string_equal(feed_error(&report, 1), "f:1: " NO_JSON);
}

/* One too wide an entry is one error: the file is not called truncated. */
static void one_reason_only(void **state)
{
	static const char text[] =
		ENTRY "{\"cidr\":\"10.0.0.0/7\"}\n" META "61,\"records\":2}\n";
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	assert_int_equal(feed_text(text, &usual, NULL, &set, &report), -EINVAL);
	assert_int_equal(report.errors, 1);
	assert_string_equal(feed_error(&report, 0),
			    "f:2: '10.0.0.0/7': 10.0.0.0/7 is wider than "
			    "/8" ALLOWS);
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
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct feed_guard guard = {8, 19, .age = rows[i].age};
		struct feed_report report;
		struct prefix_set set;

		assert_int_equal(feed_text(text, &guard, NULL, &set, &report),
				 0);
		assert_int_equal(set.n, rows[i].left);
		assert_int_equal(report.ended, rows[i].ended);
		prefix_free(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_files),
		cmocka_unit_test(good_files),
		cmocka_unit_test(other_json),
		cmocka_unit_test(one_reason_only),
		cmocka_unit_test(decisions_end),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
