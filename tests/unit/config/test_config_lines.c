// SPDX-License-Identifier: GPL-2.0
/* Lines, sections and keys that are refused, and what is said of them. */
#include "config_text.h"

#define KEYS_GATE                                \
	"keys are ports, mode, charge, native, " \
	"answer, answer_above, nat64, max_list_memory"
#define KEYS_LIMIT                                                \
	"keys are rate, burst, connections, ipv4_prefix_length, " \
	"ipv6_prefix_length, mode"
#define KEYS_LIST                                                     \
	"keys are action, file, asn, mode, rate, burst, max_prefix, " \
	"format, set, text, except, min_entries, max_shrink, max_errors, expires"
#define SECTIONS_ARE                                              \
	"sections are [gate], [limit source], [limit netblock], " \
	"[limit total], [block], [tables], [asn], [list NAME]"
#define WANT_NAME                                                            \
	"is not a good name; write 1 to 31 of a-z, 0-9, - and _, beginning " \
	"with a letter or digit"
#define WANT_LINE \
	"is neither a section nor a setting; write [SECTION] or KEY = VALUE"
#define SOURCE	"[limit source]\n"
#define RATED	SOURCE "rate = 60/1m\nburst = 30\n"
#define LISTED	"[list a]\naction = block\nfile = a\n"
#define B20	"bbbbbbbbbbbbbbbbbbbb"
#define B100	B20 B20 B20 B20 B20
#define BLANK20 "                    "
#define BLANKS	BLANK20 BLANK20 BLANK20 BLANK20 BLANK20

/* clang-format off */
static const struct bad bad[] = {
	/* Lines */
	{ "[gate]\nrate 60\n", { "x.conf:2: 'rate 60' " WANT_LINE } },
	{ "[gate]\nmode: enforce\n",
	  { "x.conf:2: 'mode: enforce' " WANT_LINE } },
	{ "[gate]\nmo:de = enforce\n",
	  { "x.conf:2: 'mo:de = enforce' " WANT_LINE } },
	{ "[gate]\n= enforce\n", { "x.conf:2: '= enforce' " WANT_LINE } },
	{ "[gate]\nmode ;= enforce\n", { "x.conf:2: 'mode' " WANT_LINE } },
	{ "\n\nfoo\xff\x1e\n",
	  { "x.conf:3: control character \\x1e; write plain text" } },
	{ "\n\nfoo\xff\\\n", { "x.conf:3: 'foo\\xff\\' " WANT_LINE } },
	{ "[gate]\n mode = enforce\n",
	  { "x.conf:2: indented line ' mode = enforce'; begin it in the first "
	    "column" } },
	{ "[gate]\nmode = observe\n\tenforce\n",
	  { "x.conf:3: indented line '\\x09enforce'; begin it in the first "
	    "column" } },
	{ "  [gate]\n",
	  { "x.conf:1: indented line '  [gate]'; begin it in the first "
	    "column" } },
	{ LISTED "mode = " B100 B20 B20 B20 B20 "bbbbbbbbbbb\n",
	  { "x.conf:4: line of 198 bytes; write 197 at most" } },
	{ "[gate]\n" BLANKS BLANKS "mode = enforce\n",
	  { "x.conf:2: line of 214 bytes; write 197 at most" } },
	{ "[list a" B100 B100 "]\n",
	  { "x.conf:1: line of 208 bytes; write 197 at most" } },
	{ "[gate]\nmode = observe\rports = 26\n",
	  { "x.conf:2: control character \\x0d; write plain text" } },
	{ "\xfe\xff[gate]\n", { "x.conf:1: '\\xfe\\xff[gate]' " WANT_LINE } },
	{ "[gate]\n\xef\xbb\xbfmode = observe\n",
	  { "x.conf:2: unknown key '\\xef\\xbb\\xbfmode' in [gate]; "
	    KEYS_GATE } },

	/* Sections */
	{ "mode = enforce\n",
	  { "x.conf:1: mode stands before any section; begin with [gate]" } },
	{ "[gate\nmode = enforce\n",
	  { "x.conf:1: section '[gate' is not closed; end it with ]",
	    "x.conf:2: mode stands before any section; begin with [gate]" } },
	{ "[gate ; ]\n",
	  { "x.conf:1: section '[gate' is not closed; end it with ]" } },
	{ "[gate] mode = enforce\n",
	  { "x.conf:1: '[gate] mode = enforce' goes on behind its ]; begin a "
	    "new line" } },
	{ "[gate]]\n",
	  { "x.conf:1: '[gate]]' goes on behind its ]; begin a new line" } },
	{ "[gatte]\nmode = enforce\nno = matter\n",
	  { "x.conf:1: unknown section [gatte]; did you mean [gate]? "
	    SECTIONS_ARE } },
	{ "[Limit Source]\n",
	  { "x.conf:1: unknown section [Limit Source]; did you mean "
	    "[limit source]? " SECTIONS_ARE } },
	{ "[]\n", { "x.conf:1: unknown section []; " SECTIONS_ARE } },
	{ "[\x7f]\n",
	  { "x.conf:1: control character \\x7f; write plain text" } },
	{ "[\xe2\x80\xae]\n",
	  { "x.conf:1: unknown section [\\xe2\\x80\\xae]; " SECTIONS_ARE } },
	{ "[total]\n", { "x.conf:1: unknown section [total]; "
	    SECTIONS_ARE } },
	{ "[gate]\n\n[gate]\nmode = enforce\nno = matter\n",
	  { "x.conf:3: [gate] is given twice, first on line 1; put all its "
	    "lines there" } },
	{ RATED RATED,
	  { "x.conf:4: [limit source] is given twice, first on line 1; put "
	    "all its lines there" } },
	{ LISTED "[gate]\n" LISTED,
	  { "x.conf:5: [list a] is given twice, first on line 1; put all its "
	    "lines there" } },
	{ "[list]\n", { "x.conf:1: [list] has no name; write [list NAME]" } },
	{ "[list ]\n", { "x.conf:1: [list ] " WANT_NAME } },
	{ "[list  a]\n", { "x.conf:1: [list  a] " WANT_NAME } },
	{ "[list Drop]\n", { "x.conf:1: [list Drop] " WANT_NAME } },
	{ "[list -a]\n", { "x.conf:1: [list -a] " WANT_NAME } },
	{ "[list _a]\n", { "x.conf:1: [list _a] " WANT_NAME } },
	{ "[list a/../b]\n", { "x.conf:1: [list a/../b] " WANT_NAME } },
	{ "[list a2345678901234567890123456789012]\n",
	  { "x.conf:1: [list a2345678901234567890123456789012] " WANT_NAME } },
	{ "[list " B100 "]\n",
	  { "x.conf:1: [list " B20 B20 "bbbbbbbbbbbbbb... " WANT_NAME } },

	/* Keys */
	{ "[limit source]\nburst = 30\nrte = 60/1m\nrate = 60/1m\n",
	  { "x.conf:3: unknown key 'rte' in [limit source]; did you mean "
	    "'rate'? " KEYS_LIMIT } },
	{ RATED "ipv4prefixlength = 24\nprefix_length = 24\n",
	  { "x.conf:4: unknown key 'ipv4prefixlength' in [limit source]; did "
	    "you mean 'ipv4_prefix_length'? " KEYS_LIMIT,
	    "x.conf:5: unknown key 'prefix_length' in [limit source]; "
	    KEYS_LIMIT } },
	{ "[gate]\nfrobnicate = 1\n",
	  { "x.conf:2: unknown key 'frobnicate' in [gate]; " KEYS_GATE } },
	{ LISTED "Max-Prefix = 8\n",
	  { "x.conf:4: unknown key 'Max-Prefix' in [list a]; did you mean "
	    "'max_prefix'? " KEYS_LIST } },
	{ LISTED "ports = 25\n",
	  { "x.conf:4: unknown key 'ports' in [list a]; " KEYS_LIST } },
	{ "[gate]\nmode = observe\nmode = enforce\n",
	  { "x.conf:3: mode is given twice, first on line 2; write it once" } },
	{ "[gate]\nmode = # enforce\n",
	  { "x.conf:2: mode has no value; write such as mode = observe" } },
	{ "[list a]\naction = block\nfile =\n",
	  { "x.conf:3: file has no value; write such as file = "
	    "lists.d/NAME.cidr" } },

	/* One after the other */
	{ "[gate]\nmode = no\n[list x]\nfile = a\n[gote]\n",
	  { "x.conf:2: mode is 'no'; write observe or enforce",
	    "x.conf:3: [list x] has no action; add a line such as "
	    "action = block",
	    "x.conf:5: unknown section [gote]; did you mean [gate]? "
	    SECTIONS_ARE } },
};
/* clang-format on */

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		check_bad(&bad[i], strlen(bad[i].text));
}

static void test_nul_bytes(void **state)
{
	static const char in_value[] = "[gate]\nmode = en\0force\n";
	static const char in_comment[] = "# a\0b\n";
	static const struct bad row[] = {
		{in_value,
		 {"x.conf:2: control character \\x00; write plain text"}},
		{in_comment,
		 {"x.conf:1: control character \\x00; write plain text"}},
	};

	(void)state;
	check_bad(&row[0], sizeof(in_value) - 1);
	check_bad(&row[1], sizeof(in_comment) - 1);
}

static void test_longest_line(void **state)
{
	char text[1024], path[200];
	struct config cfg;

	(void)state;
	memset(path, 'p', sizeof(path));
	path[197 - strlen("file = ")] = '\0';
	snprintf(text, sizeof(text),
		 "[list a]\naction = block\nfile = %s\r\n#%s%s\n", path, path,
		 path);
	read_good(text, &cfg);
	assert_string_equal(cfg.list[0].file, path);
	config_free(&cfg);
}

static void test_ten_errors_are_shown(void **state)
{
	struct config_errors errors;
	struct config cfg;
	char text[400] = "[gate]\n", want[200];
	int i;

	(void)state;
	for (i = 0; i < 12; i++)
		sprintf(text + strlen(text), "wrong%d = 1\n", i);
	assert_int_equal(read_as("x.conf", text, strlen(text), &cfg, &errors),
			 -EINVAL);
	assert_int_equal(errors.errors, 12);
	for (i = 0; i < CONFIG_SHOWN; i++) {
		sprintf(want, "x.conf:%d: unknown key 'wrong%d' in [gate]; %s",
			i + 2, i, KEYS_GATE);
		assert_string_equal(errors.error[i], want);
	}
	config_errors_free(&errors);
	assert_int_equal(errors.errors, 0);
	assert_empty(&cfg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_ten_errors_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
