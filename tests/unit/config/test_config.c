// SPDX-License-Identifier: GPL-2.0
/* The configuration file: what good ones mean. */
#include "config_text.h"

#define EXAMPLE "scripts/etc/mailweir.conf"

/* Settings of good files, all of them compared. */

/* 64:ff9b::/96, as in network byte order. */
#define KNOWN_NAT64               \
	{                         \
		HTONL(0x0064ff9b) \
	}
#define HTONL(word) __builtin_bswap32(word)
#define NAT64	    .nat64 = {1, {KNOWN_NAT64}}
#define PORT25	    .ports = {25}, NAT64
#define SIZES	    SOURCES(32, 64), NETBLOCKS(24, 48)
#define LENGTHS	    SIZES, HANDSHAKE
#define ANSWERS	    .answer = MW_ANSWER_AUTO, .answer_above = NSEC / 2000
/* Lists have the lengths of sources. Every row has this. */
#define SOURCES(v4, v6)                                                    \
	ANSWERS, .level[MW_SOURCE].len4 = v4, .level[MW_SOURCE].len6 = v6, \
		 .level[MW_LIST].len4 = v4, .level[MW_LIST].len6 = v6,     \
		 .level[MW_OBSERVED_LIST].len4 = v4,                       \
		 .level[MW_OBSERVED_LIST].len6 = v6
#define NETBLOCKS(v4, v6) \
	.level[MW_NETBLOCK].len4 = v4, .level[MW_NETBLOCK].len6 = v6
#define HANDSHAKE    .charge = MW_CHARGE_HANDSHAKE
#define TABLE_OF(of) .level[of].sets = MW_SETS, .level[of].open_sets = MW_SETS
#define TABLES                                                      \
	TABLE_OF(MW_SOURCE), TABLE_OF(MW_NETBLOCK),                 \
		.level[MW_LIST].sets = MW_SETS / 4,                 \
		.level[MW_OBSERVED_LIST].sets = MW_SETS / 4,        \
		.level[MW_TOTAL].sets = 1, .history_sets = MW_SETS, \
		.blocks = MW_BLOCKS
#define DEFAULTS PORT25, LENGTHS, TABLES
#define LIMIT(T, after, m)                                \
	{                                                 \
		.interval = T, .window = after, .mode = m \
	}
#define LIMIT_OF(of, T, after, m) .level[of].limit = LIMIT(T, after, m)

/* clang-format off */
static const struct {
	const char *text;
	struct mw_settings want;
} good[] = {
	{ "", { DEFAULTS } },
	{ "[tables]\nsources = 4096\nnetblocks = 16777216\nhistory = 5000\n"
	  "blocks = 5000\nconnections = 600000\n",
	  { PORT25, LENGTHS, .level[MW_SOURCE].sets = 1024,
	    .level[MW_NETBLOCK].sets = 1 << 22, .history_sets = 2048,
	    .level[MW_LIST].sets = 256, .level[MW_OBSERVED_LIST].sets = 256,
	    .level[MW_TOTAL].sets = 1, .blocks = 5000,
	    .level[MW_SOURCE].open_sets = 131072,
	    .level[MW_NETBLOCK].open_sets = 131072 } },
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
	{ "[gate]\ncharge = syn\n", { PORT25, SIZES, TABLES } },
	{ "[gate]\nnative = prefer\n", { DEFAULTS } },
	{ "[gate]\nnative = require\n",
	  { DEFAULTS, .native = MW_NATIVE_REQUIRE } },
	{ "[gate]\nnative = no\n", { DEFAULTS, .native = MW_NATIVE_NO } },
	{ "[gate]\nanswer = auto\nanswer_above = 120000/1m\n", { DEFAULTS } },
	{ "[gate]\nnat64 = 64:ff9b::/96\n", { DEFAULTS } },
	{ "[gate]\nnat64 = 2001:db8:64::/96 , 64:ff9b::/96\n",
	  { LENGTHS, TABLES, .ports = { 25 },
	    .nat64 = { 2, { KNOWN_NAT64, { HTONL(0x20010db8),
					   HTONL(0x00640000) } } } } },
	{ "[gate]\nnat64 = 2001:db8::/32\n",
	  { LENGTHS, TABLES, .ports = { 25 },
	    .nat64 = { 2, { KNOWN_NAT64, { HTONL(0x20010db8), 0,
					   HTONL(0x20000000) } } } } },
	{ "[gate]\nports = 25, 465,587 ,\t2525\n",
	  { LENGTHS, TABLES, NAT64, .ports = { 25, 465, 587, 2525 } } },
	{ "[gate]\nports = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,65535\n",
	  { LENGTHS, TABLES, NAT64,
	    .ports = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		       65535 } } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, NSEC, 29 * NSEC, MW_ENFORCE) } },
	{ "[limit source]\nrate = 60/60s\nburst = 1\nmode = observe\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, NSEC, 0, MW_OBSERVE) } },
	{ "[limit source]\nrate = 10/1h\nburst = 2\n",
	  { DEFAULTS,
	    LIMIT_OF(MW_SOURCE, 360 * NSEC, 360 * NSEC, MW_ENFORCE) } },
	{ "[limit source]\nrate = 1/7d\nburst = 5\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, 604800 * NSEC, 4 * 604800 * NSEC,
				  MW_ENFORCE) } },
	{ "[limit source]\nrate = 1000000/1s\nburst = 1000000\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, 1000, 999999000, MW_ENFORCE) } },
	{ "[limit source]\nrate = 7/1m\nburst = 2\n", /* rounded down */
	  { DEFAULTS,
	    LIMIT_OF(MW_SOURCE, 8571428571, 8571428571, MW_ENFORCE) } },
	{ "[limit source]\nrate = 1/1d\nburst = 31\n", /* 30 days, just */
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, 86400 * NSEC, 30 * 86400 * NSEC,
				  MW_ENFORCE) } },
	{ "[limit netblock]\nrate = 5/10s\nburst = 4\nmode = enforce\n"
	  "ipv4_prefix_length = 20\nipv6_prefix_length = 40\n",
	  { PORT25, TABLES, HANDSHAKE, SOURCES(32, 64), NETBLOCKS(20, 40),
	    LIMIT_OF(MW_NETBLOCK, 2 * NSEC, 6 * NSEC, MW_ENFORCE) } },
	{ "[limit netblock]\nrate = 5/10s\nburst = 4\n" /* order is free */
	  "ipv4_prefix_length = 28\nipv6_prefix_length = 56\n"
	  "[limit source]\nburst = 2\nrate = 1/1s\n"
	  "ipv4_prefix_length = 28\nipv6_prefix_length = 56\n",
	  { PORT25, TABLES, HANDSHAKE, SOURCES(28, 56), NETBLOCKS(28, 56),
	    LIMIT_OF(MW_SOURCE, NSEC, NSEC, MW_ENFORCE),
	    LIMIT_OF(MW_NETBLOCK, 2 * NSEC, 6 * NSEC, MW_ENFORCE) } },
	/* No netblock limit: its lengths are never longer than the source's. */
	{ "[limit source]\nburst = 2\nrate = 1/1s\n"
	  "ipv4_prefix_length = 16\nipv6_prefix_length = 32\n",
	  { PORT25, TABLES, HANDSHAKE, SOURCES(16, 32), NETBLOCKS(16, 32),
	    LIMIT_OF(MW_SOURCE, NSEC, NSEC, MW_ENFORCE) } },
	{ "[limit source]\nconnections = 10\n",
	  { DEFAULTS, .level[MW_SOURCE].open = 10,
	    .level[MW_SOURCE].limit.mode = MW_ENFORCE } },
	{ "[limit netblock]\nconnections = 65535\nmode = observe\n",
	  { DEFAULTS, .level[MW_NETBLOCK].open = 65535 } },
	{ "[limit total]\nrate = 100/1s\nburst = 500\n",
	  { DEFAULTS, LIMIT_OF(MW_TOTAL, NSEC / 100, 499 * (NSEC / 100),
				 MW_ENFORCE) } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n"
	  "[block]\nafter = 3 times in 1h\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, NSEC, 29 * NSEC, MW_ENFORCE),
	    .escalation = { 3600 * NSEC, 600 * NSEC, 86400 * NSEC, 3, 2,
			    "over its limit 3 times in 1h" } } },
	{ "[limit source]\nrate = 60/1m\nburst = 30\n"
	  "[block]\nafter = 1 time in 1d\nfor = 1h\ngrowing = 1\n"
	  "max = 1h\n",
	  { DEFAULTS, LIMIT_OF(MW_SOURCE, NSEC, 29 * NSEC, MW_ENFORCE),
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
	assert_null(cfg.list[0].guard.set);
	assert_false(cfg.list[0].guard.ignore_text);
	assert_false(cfg.list[0].guard.may_be_empty);
	config_free(&cfg);
	read_good("[list a]\naction = block\nfile = a\nmin_entries = 0\n"
		  "set = inet filter bad, worse\ntext = ignore\n",
		  &cfg);
	assert_string_equal(cfg.list[0].guard.set, "inet filter bad, worse");
	assert_true(cfg.list[0].guard.ignore_text);
	assert_true(cfg.list[0].guard.may_be_empty);
	config_free(&cfg);
}

static void test_answers(void **state)
{
	struct config cfg;

	(void)state;
	read_good("[gate]\nanswer = no\nanswer_above = 5/10s\n", &cfg);
	assert_int_equal(cfg.settings.answer, MW_ANSWER_NO);
	assert_true(cfg.settings.answer_above == 2 * NSEC);
	config_free(&cfg);
}

static void test_list_of_asns(void **state)
{
	struct config cfg;

	(void)state;
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
		LIMIT_OF(MW_SOURCE, NSEC, 29 * NSEC, MW_ENFORCE),
		LIMIT_OF(MW_NETBLOCK, NSEC / 10, 199 * NSEC / 10, MW_ENFORCE),
	};
	struct config_errors errors;
	char text[16384], *hash = text;
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
	assert_int_equal(cfg.settings.level[MW_SOURCE].limit.mode, MW_OBSERVE);
	config_free(&cfg);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_settings),
		cmocka_unit_test(test_good_lists),
		cmocka_unit_test(test_file_lies_beside_config),
		cmocka_unit_test(test_number_of_lists),
		cmocka_unit_test(test_list_guards),
		cmocka_unit_test(test_list_of_asns),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
