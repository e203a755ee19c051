// SPDX-License-Identifier: GPL-2.0
/* The table of keys: each row against the parser, and against the example. */
#include "config_text.h"

#define EXAMPLE "scripts/etc/mailweir.conf"

enum { MOST_KEYS = 200 };

/* What makes a section good by itself, without the key that is tried. */
static const struct {
	const char *section, *key, *line;
} needed[] = {
	{"limit source", "rate", "rate = 60/1m"},
	{"limit source", "burst", "burst = 30"},
	{"limit netblock", "rate", "rate = 60/1m"},
	{"limit netblock", "burst", "burst = 30"},
	{"limit total", "rate", "rate = 60/1m"},
	{"limit total", "burst", "burst = 30"},
	{"block", "after", "after = 3 times in 1h"},
	{"asn", "table", "table = t"},
	{"list NAME", "action", "action = limit"},
	{"list NAME", "rate", "rate = 60/1m"},
	{"list NAME", "burst", "burst = 30"},
	{"list NAME", "file", "file = f"},
};

/* A file with the section of key, and key = value in it unless value is NULL.
 * What [block] needs stands in front. */
static void put_file(char *text, size_t size, const struct config_key *key,
		     const char *value)
{
	size_t used = 0;

	if (!strcmp(key->section, "block"))
		used += snprintf(text, size,
				 "[limit source]\nrate = 60/1m\n"
				 "burst = 30\n");
	if (!strcmp(key->section, "list NAME"))
		used += snprintf(text + used, size - used, "[list a]\n");
	else
		used += snprintf(text + used, size - used, "[%s]\n",
				 key->section);
	for (size_t i = 0; i < COUNT(needed); i++)
		if (!strcmp(needed[i].section, key->section) &&
		    (!value || strcmp(needed[i].key, key->name)))
			used += snprintf(text + used, size - used, "%s\n",
					 needed[i].line);
	if (value)
		snprintf(text + used, size - used, "%s = %s\n", key->name,
			 value);
}

static void test_examples_are_good(void **state)
{
	struct config_key key;
	struct config cfg;
	char text[512];

	(void)state;
	for (int i = 0; config_key(i, &key); i++) {
		/* It would take away what the section needs, or add to it. */
		put_file(text, sizeof(text), &key,
			 strcmp(key.name, "action") ? key.example : "limit");
		print_message("%s\n", text);
		read_good(text, &cfg);
		config_free(&cfg);
	}
}

/* All that a key can set, of both, and no pointer. */
static void assert_same(const struct config *a, const struct config *b)
{
	const struct config_list *x = &a->list[0], *y = &b->list[0];

	assert_memory_equal(&a->settings, &b->settings, sizeof(a->settings));
	assert_true(a->list_memory == b->list_memory);
	assert_int_equal(a->lists, b->lists);
	assert_memory_equal(&x->rule, &y->rule, sizeof(x->rule));
	assert_memory_equal(&x->guard, &y->guard, sizeof(x->guard));
	assert_true(x->expires == y->expires);
	assert_int_equal(x->max_shrink, y->max_shrink);
}

static void test_a_default_written_out_changes_nothing(void **state)
{
	struct config with, without;
	struct config_key key;
	char text[512];
	int n = 0;

	(void)state;
	for (int i = 0; config_key(i, &key); i++) {
		if (!key.initial)
			continue;
		put_file(text, sizeof(text), &key, key.initial);
		print_message("%s\n", text);
		read_good(text, &with);
		put_file(text, sizeof(text), &key, NULL);
		read_good(text, &without);
		assert_same(&with, &without);
		config_free(&with);
		config_free(&without);
		n++;
	}
	assert_true(n > 10);
}

/* A key without what it may be is none that a manual could explain. */
static void test_rows_are_whole(void **state)
{
	struct config_key key, other;

	(void)state;
	for (int i = 0; config_key(i, &key); i++) {
		print_message("[%s] %s\n", key.section, key.name);
		assert_true(*key.name && *key.example && *key.want);
		assert_true(strlen(key.want) < sizeof(key.want) - 1);
		for (int j = 0; j < i; j++) {
			assert_true(config_key(j, &other));
			assert_false(!strcmp(key.section, other.section) &&
				     !strcmp(key.name, other.name));
		}
	}
	assert_false(config_key(-1, &key));
}

static int row_of(const char *section, const char *name)
{
	struct config_key key;

	for (int i = 0; config_key(i, &key); i++)
		if (!strcmp(key.section, section) && !strcmp(key.name, name))
			return i;
	print_message("[%s] has no key %s\n", section, name);
	return -1;
}

/*
 * The key that a line of the example shows, or none: "key = value" and
 * "#key = value" in a section, and "#   key ..." of the lists, which have
 * theirs in a table.
 */
static bool shown_key(const char *line, char section[64], char name[64])
{
	char header[64];
	int end = 0;

	line += *line == '#';
	if (sscanf(line, "[%63[^]]]", header) == 1) {
		bool list = !strncmp(header, "list ", strlen("list "));

		strcpy(section, list ? "list NAME" : header);
		return false;
	}
	if (sscanf(line, "   %n%63[a-z0-9_]", &end, name) == 1 && end == 3) {
		strcpy(section, "list NAME");
		return true;
	}
	end = 0;
	return sscanf(line, "%63[a-z0-9_] =%n", name, &end) == 1 && end;
}

static void test_the_example_shows_every_key(void **state)
{
	char line[256], section[64] = "", name[64];
	bool shown[MOST_KEYS] = {};
	FILE *f = fopen(EXAMPLE, "r");
	struct config_key key;

	(void)state;
	assert_non_null(f); /* tests run in the top directory */
	while (fgets(line, sizeof(line), f)) {
		int row;

		if (!shown_key(line, section, name))
			continue;
		row = row_of(section, name);
		assert_in_range(row, 0, MOST_KEYS - 1);
		shown[row] = true;
	}
	fclose(f);
	for (int i = 0; config_key(i, &key); i++) {
		print_message("[%s] %s\n", key.section, key.name);
		assert_true(shown[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_examples_are_good),
		cmocka_unit_test(test_a_default_written_out_changes_nothing),
		cmocka_unit_test(test_the_example_shows_every_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
