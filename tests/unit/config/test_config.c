// SPDX-License-Identifier: GPL-2.0
/* The configuration file: what good ones mean, what bad ones are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "out/text.h"

#define NSEC	   1000000000ull
#define EXAMPLE	   "scripts/mailweir.conf"
#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

static int read_as(const char *name, const char *text, size_t len,
		   struct config *cfg, struct config_errors *errors)
{
	/* fmemopen(3) refuses size 0 in older C libraries. */
	FILE *f = len ? fmemopen((void *)text, len, "r")
		      : fopen("/dev/null", "r");
	int err;

	assert_non_null(f);
	err = config_read(f, name, cfg, errors);
	fclose(f);
	return err;
}

static void show(const struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->errors && i < CONFIG_SHOWN; i++)
		print_message("%s\n", errors->error[i]);
}

static void read_good(const char *text, struct config *cfg)
{
	struct config_errors errors;
	int err = read_as("x.conf", text, strlen(text), cfg, &errors);

	show(&errors);
	assert_int_equal(err, 0);
	assert_int_equal(errors.errors, 0);
	config_errors_free(&errors);
}

static void assert_empty(const struct config *cfg)
{
	static const struct config empty;

	assert_memory_equal(cfg, &empty, sizeof(empty));
}

/* Settings of good files, all of them compared. */

#define PORT25	  .ports = {25}
#define SIZES	  .source_len4 = 32, .source_len6 = 64, NETBLOCKS
#define LENGTHS	  SIZES, HANDSHAKE
#define NETBLOCKS .netblock_len4 = 24, .netblock_len6 = 48
#define HANDSHAKE .charge = MW_CHARGE_HANDSHAKE
#define DEFAULTS  PORT25, LENGTHS
#define LIMIT(T, after, m)                                \
	{                                                 \
		.interval = T, .window = after, .mode = m \
	}

/* clang-format off */
static const struct {
	const char *text;
	struct mw_settings want;
} good[] = {
	{ "", { DEFAULTS } },
	{ "# only a comment\n\n  \n; and another\n", { DEFAULTS } },
	{ "[gate]", { DEFAULTS } },
	{ "[gate]\nmode = observe ; comment\n", { DEFAULTS } },
	{ "[gate]\nmode=enforce\n", { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]  # this\nmode = enforce # that\n",
	  { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]\nmode\t=\tenforce\t \n", { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]\r\nmode = enforce\r\n", { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]\r\nmode = enforce\r", { DEFAULTS, .mode = MW_ENFORCE } },
	{ "\xef\xbb\xbf[gate]\nmode = enforce",
	  { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]\n    # an indented comment\nmode = enforce\n",
	  { DEFAULTS, .mode = MW_ENFORCE } },
	{ "[gate]\ncharge = handshake\n", { DEFAULTS } },
	{ "[gate]\ncharge = syn\n", { PORT25, SIZES } },
	{ "[gate]\nports = 25, 465,587 ,\t2525\n",
	  { LENGTHS, .ports = { 25, 465, 587, 2525 } } },
	{ "[gate]\nports = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,65535\n",
	  { LENGTHS, .ports = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
				 15, 65535 } } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n",
	  { DEFAULTS, .source = LIMIT(NSEC, 29 * NSEC, MW_ENFORCE) } },
	{ "[limit source]\nrate = 60/60s\nburst = 1\nmode = observe\n",
	  { DEFAULTS, .source = LIMIT(NSEC, 0, MW_OBSERVE) } },
	{ "[limit source]\nrate = 10/1h\nburst = 2\n",
	  { DEFAULTS, .source = LIMIT(360 * NSEC, 360 * NSEC, MW_ENFORCE) } },
	{ "[limit source]\nrate = 1/7d\nburst = 5\n",
	  { DEFAULTS, .source = LIMIT(604800 * NSEC, 4 * 604800 * NSEC,
				  MW_ENFORCE) } },
	{ "[limit source]\nrate = 1000000/1s\nburst = 1000000\n",
	  { DEFAULTS, .source = LIMIT(1000, 999999000, MW_ENFORCE) } },
	{ "[limit source]\nrate = 7/1m\nburst = 2\n", /* rounded down */
	  { DEFAULTS, .source = LIMIT(8571428571, 8571428571, MW_ENFORCE) } },
	{ "[limit source]\nrate = 1/1d\nburst = 31\n", /* 30 days, just */
	  { DEFAULTS, .source = LIMIT(86400 * NSEC, 30 * 86400 * NSEC,
				  MW_ENFORCE) } },
	{ "[limit netblock]\nrate = 5/10s\nburst = 4\nmode = enforce\n"
	  "ipv4_prefix_length = 20\nipv6_prefix_length = 40\n",
	  { PORT25, HANDSHAKE, .source_len4 = 32, .source_len6 = 64,
	    .netblock_len4 = 20, .netblock_len6 = 40,
	    .netblock = LIMIT(2 * NSEC, 6 * NSEC, MW_ENFORCE) } },
	{ "[limit netblock]\nrate = 5/10s\nburst = 4\n" /* order is free */
	  "ipv4_prefix_length = 28\nipv6_prefix_length = 56\n"
	  "[limit source]\nburst = 2\nrate = 1/1s\n"
	  "ipv4_prefix_length = 28\nipv6_prefix_length = 56\n",
	  { PORT25, HANDSHAKE, .source_len4 = 28, .source_len6 = 56,
	    .netblock_len4 = 28, .netblock_len6 = 56,
	    .source = LIMIT(NSEC, NSEC, MW_ENFORCE),
	    .netblock = LIMIT(2 * NSEC, 6 * NSEC, MW_ENFORCE) } },
	/* No netblock limit: its lengths are never longer than the source's. */
	{ "[limit source]\nburst = 2\nrate = 1/1s\n"
	  "ipv4_prefix_length = 16\nipv6_prefix_length = 32\n",
	  { PORT25, HANDSHAKE, .source_len4 = 16, .source_len6 = 32,
	    .netblock_len4 = 16, .netblock_len6 = 32,
	    .source = LIMIT(NSEC, NSEC, MW_ENFORCE) } },
	{ "[limit source]\nconnections = 10\n",
	  { DEFAULTS, .source_open = 10, .source.mode = MW_ENFORCE } },
	{ "[limit netblock]\nconnections = 65535\nmode = observe\n",
	  { DEFAULTS, .netblock_open = 65535 } },
	{ "[limit total]\nrate = 100/1s\nburst = 500\n",
	  { DEFAULTS, .total = LIMIT(NSEC / 100, 499 * (NSEC / 100),
				 MW_ENFORCE) } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n"
	  "[block]\nafter = 3 times in 1h\n",
	  { DEFAULTS, .source = LIMIT(NSEC, 29 * NSEC, MW_ENFORCE),
	    .escalation = { 3600 * NSEC, 600 * NSEC, 86400 * NSEC, 3, 2,
			    "over its limit 3 times in 1h" } } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n"
	  "[block]\nafter = 1 time in 1d\nfor = 1h\ngrowing = 1\n"
	  "max = 1h\n",
	  { DEFAULTS, .source = LIMIT(NSEC, 29 * NSEC, MW_ENFORCE),
	    .escalation = { 86400 * NSEC, 3600 * NSEC, 3600 * NSEC, 1, 1,
			    "over its limit 1 time in 1d" } } },
};
/* clang-format on */

static void test_good_settings(void **state)
{
	struct config cfg;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		print_message("good %zu: %s\n", i, good[i].text);
		read_good(good[i].text, &cfg);
		assert_memory_equal(&cfg.settings, &good[i].want,
				    sizeof(cfg.settings));
		assert_int_equal(cfg.lists, 0);
		config_free(&cfg);
		assert_empty(&cfg);
	}
}

/* Good lists */

/* clang-format off */
static const struct {
	const char *text;
	struct config_list want;
} good_list[] = {
	{ "[list partners]\naction = allow\nfile = /lists/partners.cidr\n",
	  { .name = "partners", .file = "/lists/partners.cidr",
	    .rule = { .action = MW_ALLOW, .mode = MW_ENFORCE },
	    .guard = { 8, 19 }, .line = 1 } },
	{ "\n[list drop]\nfile = drop v4.json ; of today\naction = block\n"
	  "mode = observe\nmax_prefix = 7\n",
	  { .name = "drop", .file = "drop v4.json",
	    .rule = { .action = MW_BLOCK, .mode = MW_OBSERVE },
	    .guard = { 7, 19 }, .line = 2 } },
	{ "[list 0-dial_up]\naction = limit\nrate = 2/1m\nburst = 3\n"
	  "file = d\xc3\xa9j\xc3\xa0;vu#.txt\nmax_prefix = /0 , /128\n",
	  { .name = "0-dial_up", .file = "d\xc3\xa9j\xc3\xa0;vu#.txt",
	    .rule = { .action = MW_LIMIT, .mode = MW_ENFORCE,
		      .limit = LIMIT(30 * NSEC, 60 * NSEC, MW_ENFORCE) },
	    .guard = { 0, 128 }, .line = 1 } },
	{ "[list l]\naction = limit\nrate = 1/1h\nburst = 1\nmode = observe\n"
	  "file = ../a=b:c\nmax_prefix = 32,0\n",
	  { .name = "l", .file = "../a=b:c",
	    .rule = { .action = MW_LIMIT, .mode = MW_OBSERVE,
		      .limit = LIMIT(3600 * NSEC, 0, MW_OBSERVE) },
	    .guard = { 32, 0 }, .line = 1 } },
	{ "[list a234567890123456789012345678901]\naction = allow\nfile = x\n"
	  "mode = enforce\n",
	  { .name = "a234567890123456789012345678901", .file = "x",
	    .rule = { .action = MW_ALLOW, .mode = MW_ENFORCE },
	    .guard = { 8, 19 }, .line = 1 } },
};
/* clang-format on */

static void test_good_lists(void **state)
{
	const struct config_list *want;
	struct config cfg;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good_list); i++) {
		print_message("list %zu: %s\n", i, good_list[i].text);
		want = &good_list[i].want;
		read_good(good_list[i].text, &cfg);
		assert_int_equal(cfg.lists, 1);
		assert_string_equal(cfg.list[0].name, want->name);
		assert_string_equal(cfg.list[0].file, want->file);
		assert_memory_equal(&cfg.list[0].rule, &want->rule,
				    sizeof(want->rule));
		assert_int_equal(cfg.list[0].guard.max_prefix4,
				 want->guard.max_prefix4);
		assert_int_equal(cfg.list[0].guard.max_prefix6,
				 want->guard.max_prefix6);
		assert_int_equal(cfg.list[0].line, want->line);
		config_free(&cfg);
	}
}

static void test_list_guards(void **state)
{
	struct config cfg;

	(void)state;
	read_good("[list a]\naction = block\nfile = a\n", &cfg);
	assert_int_equal(cfg.list[0].guard.min_entries, 0);
	assert_int_equal(cfg.list[0].max_shrink, 50);
	assert_int_equal(cfg.list[0].expires, 0);
	assert_null(cfg.list[0].except);
	assert_int_equal(cfg.list[0].guard.max_errors, 0);
	assert_int_equal(cfg.list_memory, 512 << 20);
	assert_null(cfg.asn_table);
	config_free(&cfg);
	read_good("[list a]\naction = block\nfile = a\nexcept = /our/own\n"
		  "min_entries = 1000\nmax_shrink = 5%\nexpires = 3d\n",
		  &cfg);
	assert_int_equal(cfg.list[0].guard.min_entries, 1000);
	assert_int_equal(cfg.list[0].max_shrink, 5);
	assert_int_equal(cfg.list[0].expires, 3 * 86400);
	assert_string_equal(cfg.list[0].except, "/our/own");
	config_free(&cfg);
	read_good("[gate]\nmax_list_memory = 8\n[asn]\ntable = t\n"
		  "[list a]\naction = allow\nasn = AS64500,64501, as7\n"
		  "max_errors = 3\n",
		  &cfg);
	assert_int_equal(cfg.list_memory, 8 << 20);
	assert_string_equal(cfg.asn_table, "t");
	assert_null(cfg.list[0].file);
	assert_int_equal(cfg.list[0].guard.max_errors, 3);
	assert_int_equal(cfg.list[0].asns.n, 3);
	assert_int_equal(cfg.list[0].asns.v[0].asn, 64500);
	assert_int_equal(cfg.list[0].asns.v[2].asn, 7);
	assert_int_equal(cfg.list[0].asns.v[2].line, 7);
	config_free(&cfg);
}

static void test_file_lies_beside_config(void **state)
{
	static const char *const row[][3] = {
		/* config, file, result */
		{"x.conf", "a.txt", "a.txt"},
		{"/etc/mailweir/x.conf", "a.txt", "/etc/mailweir/a.txt"},
		{"conf/x.conf", "lists.d/a", "conf/lists.d/a"},
		{"/x.conf", "a", "/a"},
		{"/etc/x.conf", "/srv/a", "/srv/a"},
	};
	struct config_errors errors;
	struct config cfg;
	char text[200];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(row); i++) {
		snprintf(text, sizeof(text),
			 "[list a]\naction = block\nfile = %s\n", row[i][1]);
		assert_int_equal(
			read_as(row[i][0], text, strlen(text), &cfg, &errors),
			0);
		assert_string_equal(cfg.list[0].file, row[i][2]);
		config_free(&cfg);
	}
}

static size_t put_lists(char *text, int n)
{
	size_t used = 0;
	int i;

	for (i = 0; i < n; i++)
		used += sprintf(text + used,
				"[list n%d]\naction = block\nfile = f%d\n", i,
				i);
	return used;
}

static void test_number_of_lists(void **state)
{
	struct config_errors errors;
	struct config cfg;
	char text[8192];
	size_t len;

	(void)state;
	put_lists(text, MW_LISTS);
	read_good(text, &cfg);
	assert_int_equal(cfg.lists, MW_LISTS);
	assert_string_equal(cfg.list[63].name, "n63");
	assert_string_equal(cfg.list[63].file, "f63");
	assert_int_equal(cfg.list[63].line, 63 * 3 + 1);
	config_free(&cfg);

	len = put_lists(text, MW_LISTS + 1);
	assert_int_equal(read_as("x.conf", text, len, &cfg, &errors), -EINVAL);
	assert_int_equal(errors.errors, 1);
	assert_string_equal(errors.error[0],
			    "x.conf:193: [list n64] is one list too many; "
			    "write 64 at most");
	config_errors_free(&errors);
	assert_empty(&cfg);
}

/* Bad files: every message, in order. */

#define KEYS_GATE "keys are ports, mode, charge, max_list_memory"
#define KEYS_LIMIT \
	"keys are rate, burst, connections, ipv4_prefix_length, " \
	"ipv6_prefix_length, mode"
#define KEYS_LIST                                                    \
	"keys are action, file, asn, mode, rate, burst, max_prefix, "  \
	"format, except, min_entries, max_shrink, max_errors, expires"
#define SECTIONS_ARE \
	"sections are [gate], [limit source], [limit netblock], " \
	"[limit total], [block], [asn], [list NAME]"
#define WANT_AFTER \
	"write such as 3 times in 1h, from 1 to 8 times in 30d at most"
#define WANT_ASN "numbers such as 64500 or AS64500, separated by commas"
#define WANT_RATE                                                          \
	"write COUNT/DURATION such as 60/1m, COUNT from 1 to 1000000 and " \
	"DURATION from 1s to 7d"
#define WANT_BURST "write a whole number from 1 to 1000000"
#define WANT_PORTS "write 1 to 65535, separated by commas"
#define WANT_LEN6 \
	"write a whole number from 1 to 64, as sources are kept as 64-bit keys"
#define WANT_MAX_PREFIX                                                  \
	"write an IPv4 length from 0 to 32 and, after a comma, an IPv6 " \
	"length from 0 to 128, such as 8, 19"
#define WANT_NAME                                                            \
	"is not a good name; write 1 to 31 of a-z, 0-9, - and _, beginning " \
	"with a letter or digit"
#define WANT_LINE \
	"is neither a section nor a setting; write [SECTION] or KEY = VALUE"

#define WANT_PERCENT "write a percentage from 0% to 100%, such as 50%"

#define SOURCE	"[limit source]\n"
#define RATED	SOURCE "rate = 60/1m\nburst = 30\n"
#define LISTED	"[list a]\naction = block\nfile = a\n"
#define LIMITED "[list a]\naction = limit\nfile = a\n"
#define B20	"bbbbbbbbbbbbbbbbbbbb"
#define B100	B20 B20 B20 B20 B20
#define BLANK20 "                    "
#define BLANKS	BLANK20 BLANK20 BLANK20 BLANK20 BLANK20

/* clang-format off */
static const struct bad {
	const char *text, *want[3];
} bad[] = {
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

	/* Values of [gate] */
	{ "[gate]\nmode = obsrve\n",
	  { "x.conf:2: mode is 'obsrve'; write observe or enforce" } },
	{ "[gate]\nmode = Enforce\n",
	  { "x.conf:2: mode is 'Enforce'; write observe or enforce" } },
	{ "[gate]\nmode = enforce;now\n",
	  { "x.conf:2: mode is 'enforce;now'; write observe or enforce" } },
	{ "[gate]\nmode = \xe2\x80\xaeobserve\n",
	  { "x.conf:2: mode is '\\xe2\\x80\\xaeobserve'; write observe or "
	    "enforce" } },
	{ "[gate]\ncharge = ack\n",
	  { "x.conf:2: charge is 'ack'; write handshake or syn" } },
	{ "[gate]\nports = 0\n",
	  { "x.conf:2: '0' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25, 65536\n",
	  { "x.conf:2: '65536' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25,,26\n",
	  { "x.conf:2: '' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25,\n",
	  { "x.conf:2: '' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25 26\n",
	  { "x.conf:2: '25 26' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 20-25\n",
	  { "x.conf:2: '20-25' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = smtp\n",
	  { "x.conf:2: 'smtp' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 025\n",
	  { "x.conf:2: '025' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25, 587, 25\n",
	  { "x.conf:2: port 25 is given twice; write it once" } },
	{ "[gate]\nports = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n",
	  { "x.conf:2: ports has more than 16; write 16 or fewer" } },

	/* Values of limits */
	{ SOURCE, { "x.conf:1: [limit source] has no rate; add a line such "
		    "as rate = 60/1m",
		    "x.conf:1: [limit source] has no burst; add a line such "
		    "as burst = 30" } },
	{ "\n[limit netblock]\nrate = 60/1m\n\n[gate]\n",
	  { "x.conf:2: [limit netblock] has no burst; add a line such as "
	    "burst = 30" } },
	{ SOURCE "connections = 5\nburst = 3\n",
	  { "x.conf:1: [limit source] has no rate; add a line such as "
	    "rate = 60/1m" } },
	{ SOURCE "connections = 0\n",
	  { "x.conf:2: connections is '0'; write a whole number from 1 to "
	    "65535" } },
	{ "[limit total]\nrate = 60/1m\n",
	  { "x.conf:1: [limit total] has no burst; add a line such as "
	    "burst = 30" } },
	{ "[limit netblock]\nconnections = 5\n[gate]\ncharge = syn\n",
	  { "x.conf:2: connections are counted when handshakes complete here, "
	    "which charge = syn does not look at; remove the line" } },

	/* Values of [block] */
	{ RATED "[block]\nfor = 10m\n",
	  { "x.conf:4: [block] has no after; add a line such as "
	    "after = 3 times in 1h" } },
	{ RATED "[block]\nafter = 3\n",
	  { "x.conf:5: after is '3'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 0 times in 1h\n",
	  { "x.conf:5: after is '0 times in 1h'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 9 times in 1h\n",
	  { "x.conf:5: after is '9 times in 1h'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1\n",
	  { "x.conf:5: after is '3 times in 1'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1h\ngrowing = 0\n",
	  { "x.conf:6: growing is '0'; write a whole number from 1 to 100" } },
	{ RATED "[block]\nafter = 3 times in 1h\nfor = 2d\n",
	  { "x.conf:6: max is shorter than for; write a longer max" } },
	{ RATED "[block]\nafter = 3 times in 31d\n",
	  { "x.conf:5: after is '3 times in 31d'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1h\nmax = 31d\n",
	  { "x.conf:6: max is '31d'; write a duration such as 1d, 30d at "
	    "most" } },
	{ "[limit total]\nrate = 1/1s\nburst = 2\n[gate]\ncharge = syn\n",
	  { "x.conf:1: [limit total] is for sources that are not regular, "
	    "and with charge = syn no source becomes regular; remove the "
	    "section" } },
	{ RATED "[block]\nafter = 3 times in 1h\n[gate]\ncharge = syn\n",
	  { "x.conf:4: [block] counts completed handshakes, which "
	    "charge = syn does not look at; remove the section" } },
	{ "[block]\nafter = 3 times in 1h\n",
	  { "x.conf:1: [block] blocks sources that are over a limit of their "
	    "own, and there is none; add [limit source]" } },
	{ "[limit source]\nrate = 60/1m\nburst = 1\n"
	  "[block]\nafter = 3 times in 1h\n",
	  { "x.conf:3: with burst = 1 each connection of a source uses up "
	    "its burst, and [block] counts that; write burst = 2 or more" } },
	{ SOURCE "burst = 1\nrate = 60\n",
	  { "x.conf:3: rate is '60'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 0/1m\n",
	  { "x.conf:3: rate is '0/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = -1/1m\n",
	  { "x.conf:3: rate is '-1/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 1000001/1s\n",
	  { "x.conf:3: rate is '1000001/1s'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/m\n",
	  { "x.conf:3: rate is '60/m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/60\n",
	  { "x.conf:3: rate is '60/60'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/0s\n",
	  { "x.conf:3: rate is '60/0s'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/1w\n",
	  { "x.conf:3: rate is '60/1w'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/8d\n",
	  { "x.conf:3: rate is '60/8d'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 1.5/1m\n",
	  { "x.conf:3: rate is '1.5/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60 / 1m\n",
	  { "x.conf:3: rate is '60 / 1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 18446744073709551617/1m\n",
	  { "x.conf:3: rate is '18446744073709551617/1m'; " WANT_RATE } },
	{ SOURCE "rate = 60/1m\nburst = 0\n",
	  { "x.conf:3: burst is '0'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = 1000001\n",
	  { "x.conf:3: burst is '1000001'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = +5\n",
	  { "x.conf:3: burst is '+5'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = 0x10\n",
	  { "x.conf:3: burst is '0x10'; " WANT_BURST } },
	{ SOURCE "burst = 32\nrate = 1/1d\n",
	  { "x.conf:2: burst is 32, which this rate refills in more than 30 "
	    "days; write 31 at most" } },
	{ SOURCE "rate = 1/7d\nburst = 1000000\n", /* past 64 bits */
	  { "x.conf:3: burst is 1000000, which this rate refills in more than "
	    "30 days; write 5 at most" } },
	{ RATED "mode = off\n",
	  { "x.conf:4: mode is 'off'; write observe or enforce" } },
	{ RATED "ipv4_prefix_length = 33\n",
	  { "x.conf:4: ipv4_prefix_length is '33'; write a whole number from 1 "
	    "to 32" } },
	{ RATED "ipv4_prefix_length = 0\n",
	  { "x.conf:4: ipv4_prefix_length is '0'; write a whole number from 1 "
	    "to 32" } },
	{ RATED "ipv4_prefix_length = /24\n",
	  { "x.conf:4: ipv4_prefix_length is '/24'; write a whole number from "
	    "1 to 32" } },
	{ RATED "ipv6_prefix_length = 65\n",
	  { "x.conf:4: ipv6_prefix_length is '65'; " WANT_LEN6 } },
	{ RATED "ipv6_prefix_length = 128\n",
	  { "x.conf:4: ipv6_prefix_length is '128'; " WANT_LEN6 } },
	{ RATED "ipv4_prefix_length = 20\nipv6_prefix_length = 40\n"
	  "[limit netblock]\nrate = 1/1s\nburst = 1\n"
	  "ipv6_prefix_length = 41\n",
	  { "x.conf:6: ipv4_prefix_length of [limit netblock] is 24 and that "
	    "of [limit source] 20; write 20 or less",
	    "x.conf:9: ipv6_prefix_length of [limit netblock] is 41 and that "
	    "of [limit source] 40; write 40 or less" } },
	{ "[limit netblock]\nipv4_prefix_length = 25\nrate = 1/1s\nburst = 1\n"
	  RATED "ipv4_prefix_length = 24\n",
	  { "x.conf:2: ipv4_prefix_length of [limit netblock] is 25 and that "
	    "of [limit source] 24; write 24 or less" } },

	/* Values of lists */
	{ "[list a]\n",
	  { "x.conf:1: [list a] has no action; add a line such as "
	    "action = block",
	    "x.conf:1: [list a] has neither file nor asn; add a line such as "
	    "file = lists.d/NAME.cidr or asn = 64500, 64501" } },
	{ "[list a]\naction = deny\nfile = a\n",
	  { "x.conf:2: action is 'deny'; write allow, block or limit" } },
	{ LIMITED,
	  { "x.conf:1: [list a] limits and has no rate; add a line such as "
	    "rate = 60/1m",
	    "x.conf:1: [list a] limits and has no burst; add a line such as "
	    "burst = 30" } },
	{ LISTED "rate = 1/1m\nburst = 2\n",
	  { "x.conf:4: rate belongs to action = limit and [list a] has "
	    "action = block; remove the line",
	    "x.conf:5: burst belongs to action = limit and [list a] has "
	    "action = block; remove the line" } },
	{ "[list a]\nrate = 1/1m\naction = allow\nfile = a\n",
	  { "x.conf:2: rate belongs to action = limit and [list a] has "
	    "action = allow; remove the line" } },
	{ LIMITED "rate = often\nburst = 2\n",
	  { "x.conf:4: rate is 'often'; " WANT_RATE } },
	{ LIMITED "rate = 1/1d\nburst = 40\n",
	  { "x.conf:5: burst is 40, which this rate refills in more than 30 "
	    "days; write 31 at most" } },
	{ "[list a]\nmode = observe\naction = allow\nfile = a\n",
	  { "x.conf:2: an allow list drops nothing to observe; remove "
	    "mode = observe" } },
	{ LISTED "max_prefix = 33\n",
	  { "x.conf:4: max_prefix is '33'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = 8, 129\n",
	  { "x.conf:4: max_prefix is '8, 129'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = 8, 19, 20\n",
	  { "x.conf:4: max_prefix is '8, 19, 20'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = //8\n",
	  { "x.conf:4: max_prefix is '//8'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = /\n",
	  { "x.conf:4: max_prefix is '/'; " WANT_MAX_PREFIX } },
	{ LISTED "min_entries = 0\n",
	  { "x.conf:4: min_entries is '0'; write a whole number from 1 to "
	    "100000000" } },
	{ LISTED "max_shrink = 50\n",
	  { "x.conf:4: max_shrink is '50'; " WANT_PERCENT } },
	{ LISTED "max_shrink = 101%\n",
	  { "x.conf:4: max_shrink is '101%'; " WANT_PERCENT } },
	{ LISTED "max_shrink = %\n",
	  { "x.conf:4: max_shrink is '%'; " WANT_PERCENT } },
	{ LISTED "expires = 3\n",
	  { "x.conf:4: expires is '3'; write a duration such as 12h or 3d" } },
	{ LISTED "max_errors = -1\n",
	  { "x.conf:4: max_errors is '-1'; write a whole number from 0 to "
	    "1000000" } },
	{ LISTED "asn = 64500, AS0\n",
	  { "x.conf:4: 'AS0' is not an AS number; write " WANT_ASN } },
	{ LISTED "asn = 64500,,\n",
	  { "x.conf:4: '' is not an AS number; write " WANT_ASN } },
	{ LISTED "asn = 4294967296\n",
	  { "x.conf:4: '4294967296' is not an AS number; write " WANT_ASN } },
	{ "[asn]\n",
	  { "x.conf:1: [asn] has no table; add a line such as table = "
	    "ip2asn-combined.tsv" } },
	{ "[asn]\ntable = a\n[asn]\ntable = b\n",
	  { "x.conf:3: [asn] is given twice, first on line 1; put all its "
	    "lines there" } },
	{ "[gate]\nmax_list_memory = 7\n",
	  { "x.conf:2: max_list_memory is '7'; write a whole number of MiB "
	    "from 8 to 65536" } },
	{ LISTED "max_prefix = , 19\n",
	  { "x.conf:4: max_prefix is ', 19'; " WANT_MAX_PREFIX } },

	/* One after the other */
	{ "[gate]\nmode = no\n[list x]\nfile = a\n[gote]\n",
	  { "x.conf:2: mode is 'no'; write observe or enforce",
	    "x.conf:3: [list x] has no action; add a line such as "
	    "action = block",
	    "x.conf:5: unknown section [gote]; did you mean [gate]? "
	    SECTIONS_ARE } },
};
/* clang-format on */

static void check_bad(const struct bad *b, size_t len)
{
	struct config_errors errors;
	struct config cfg;
	int err = read_as("x.conf", b->text, len, &cfg, &errors);
	size_t n;

	show(&errors);
	assert_int_equal(err, -EINVAL);
	for (n = 0; n < COUNT(b->want) && b->want[n]; n++) {
		assert_true(n < errors.errors);
		assert_string_equal(errors.error[n], b->want[n]);
	}
	assert_int_equal(errors.errors, n);
	assert_empty(&cfg);
	config_errors_free(&errors);
}

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

static void assert_unreadable(const char *path, const char *want)
{
	struct config_errors errors;
	struct config cfg;

	memset(&cfg, 0xff, sizeof(cfg));
	assert_int_equal(config_read_file(path, &cfg, &errors), -EINVAL);
	assert_int_equal(errors.errors, 1);
	assert_string_equal(errors.error[0], want);
	config_errors_free(&errors);
	assert_empty(&cfg);
}

static void test_unreadable(void **state)
{
	(void)state;
	assert_unreadable("/nonexistent/mailweir.conf",
			  "/nonexistent/mailweir.conf: cannot be read: No such "
			  "file or directory; give -c FILE or create it from "
			  "the example mailweir.conf");
	assert_unreadable("/", "/: cannot be read: Is a directory; give -c "
			       "FILE or create it from the example "
			       "mailweir.conf");
	assert_unreadable("/dev/zero", "/dev/zero: is larger than 1 MiB; give "
				       "a configuration");
}

/* With the lists as they are, and with their comment signs taken away. */
static void test_example(void **state)
{
	static const struct mw_settings want = {
		DEFAULTS,
		.source = LIMIT(NSEC, 29 * NSEC, MW_ENFORCE),
		.netblock = LIMIT(NSEC / 10, 199 * NSEC / 10, MW_ENFORCE),
	};
	struct config_errors errors;
	char text[8192], *hash = text;
	struct config cfg;
	size_t len;
	FILE *f;

	(void)state;
	f = fopen(EXAMPLE, "r");
	assert_non_null(f); /* tests run in the top directory */
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	assert_int_equal(config_read_file(EXAMPLE, &cfg, &errors), 0);
	assert_int_equal(cfg.lists, 0);
	assert_memory_equal(&cfg.settings, &want, sizeof(want));
	config_free(&cfg);

	while ((hash = strstr(hash, "\n#")) != NULL) {
		hash += 1;
		if (hash[1] != ' ' && hash[1] != '\n')
			*hash = '\n';
	}
	read_good(text, &cfg);
	assert_int_equal(cfg.lists, 3);
	assert_string_equal(cfg.list[0].name, "partners");
	assert_string_equal(cfg.list[1].name, "drop");
	assert_string_equal(cfg.list[2].name, "dialup");
	assert_int_equal(cfg.list[2].rule.limit.window, 60 * NSEC);
	assert_int_equal(cfg.settings.source.mode, MW_OBSERVE);
	config_free(&cfg);
}

static void test_duration(void **state)
{
	static const struct {
		const char *text;
		__u64 seconds; /* 0: refused */
	} row[] = {
		{"1s", 1},
		{"90s", 90},
		{"10m", 600},
		{"1h", 3600},
		{"1d", 86400},
		{"3650d", 315360000},
		{"315360000s", 315360000},
		{"", 0},
		{"s", 0},
		{"10", 0},
		{"0s", 0},
		{"1w", 0},
		{"1S", 0},
		{"1 s", 0},
		{" 1s", 0},
		{"1s ", 0},
		{"-1s", 0},
		{"+1s", 0},
		{"01s", 0},
		{"1.5h", 0},
		{"1h30m", 0},
		{"1ms", 0},
		{"3651d", 0},
		{"315360001s", 0},
		{"18446744073709551617s", 0},
		{"99999999999999999999999999d", 0},
	};
	size_t i;
	__u64 ns;

	(void)state;
	for (i = 0; i < COUNT(row); i++) {
		print_message("duration '%s'\n", row[i].text);
		ns = 0;
		assert_int_equal(config_duration(row[i].text, &ns),
				 row[i].seconds ? 0 : -EINVAL);
		assert_int_equal(ns, row[i].seconds * NSEC);
	}
}

static void test_escape(void **state)
{
	static const struct {
		const char *in, *out; /* out has room for 9 bytes */
	} row[] = {
		{"", ""},
		{"12345678", "12345678"},
		{"123456789", "12345..."},
		{" ~\\", " ~\\"},
		{"\x1f\x7f", "\\x1f\\x7f"},
		{"\xff\n1", "\\xff..."},
		{"1\xff\xff", "1\\xff..."},
		{"12\xff\xff", "12..."},
		{"1234\xff", "1234\\xff"},
		{"12345\xff", "12345..."},
	};
	char out[10];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(row); i++) {
		out[9] = '#';
		text_escape(row[i].in, strlen(row[i].in), out, 9);
		assert_string_equal(out, row[i].out);
		assert_int_equal(out[9], '#');
	}
	text_escape("a\0b", 3, out, sizeof(out));
	assert_string_equal(out, "a\\x00b");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_settings),
		cmocka_unit_test(test_good_lists),
		cmocka_unit_test(test_file_lies_beside_config),
		cmocka_unit_test(test_number_of_lists),
		cmocka_unit_test(test_list_guards),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_nul_bytes),
		cmocka_unit_test(test_longest_line),
		cmocka_unit_test(test_ten_errors_are_shown),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
