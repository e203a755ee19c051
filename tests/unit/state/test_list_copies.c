// SPDX-License-Identifier: GPL-2.0
/* The copies of lists: what their first line says, and whose they are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "out/log.h"
#include "state/list_copies.h"

#define COUNT(rows) (sizeof(rows) / sizeof(*(rows)))

static struct json_object *messages; /* what has been told */
static char dir[] = "/tmp/copies.XXXXXX", path[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || setenv("MAILWEIR_STATE", dir, 1))
		return -1;
	list_copies_path("drop", path, sizeof(path));
	messages = json_object_new_object();
	log_into(messages);
	return 0;
}

static int remove_dir(void **state)
{
	char lists[64];

	(void)state;
	snprintf(lists, sizeof(lists), "%s/lists", dir);
	log_into(NULL);
	json_object_put(messages);
	unlink(path);
	rmdir(lists);
	return rmdir(dir);
}

static void write_copy(__u32 generation, const struct list_copy *about)
{
	struct mw_prefix p = {4, 16, 0, {10, 1}};
	struct prefix_set set = {&p, 1, 1, 0};

	assert_int_equal(
		list_copies_write("drop", generation, about,
				  "/run/drop: 7 prefixes to allow", &set),
		0);
}

/* U33: a copy says what its list did. */
static void round_trip(void **state)
{
	struct list_copy about;

	(void)state;
	assert_int_equal(list_copies_about("drop", &about), -ENOENT);
	for (int action = MW_ALLOW; action <= MW_LIMIT; action++) {
		const struct list_copy said = {1, action, 1795629315};

		write_copy(7, &said);
		assert_int_equal(list_copies_settle(7), 0);
		assert_int_equal(list_copies_about("drop", &about), 0);
		assert_int_equal(about.prefixes, 1);
		assert_int_equal(about.action, action);
		assert_int_equal(about.loaded, 1795629315);
	}
	/* One for a generation that is not in force is none. */
	write_copy(8, &(struct list_copy){1, MW_ALLOW, 5});
	assert_int_equal(list_copies_settle(9), 0);
	assert_int_equal(list_copies_about("drop", &about), 0);
	assert_int_equal(about.action, MW_LIMIT);
}

static void first_lines(void **state)
{
	static const struct {
		const char *line;
		int err, action;
		size_t prefixes;
		__u64 loaded;
	} row[] = {
		{"# mailweir list drop: 12 prefixes to block, loaded 99, "
		 "accepted from /x\n",
		 0, MW_BLOCK, 12, 99},
		/* of an older mailweir */
		{"# mailweir list drop: 12 prefixes accepted from /x\n", 0, -1,
		 12, 0},
		{"# mailweir list drop: 12 prefixes to praise, loaded 99\n", 0,
		 -1, 12, 99},
		{"# mailweir list drop: many prefixes\n", -EINVAL, -1, 0, 0},
		{"10.1.0.0/16\n", -EINVAL, -1, 0, 0},
		{"\n", -EINVAL, -1, 0, 0},
		{"", -EINVAL, -1, 0, 0},
	};
	struct list_copy about;

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		FILE *f = fopen(path, "we");

		assert_non_null(f);
		fputs(row[i].line, f);
		fclose(f);
		assert_int_equal(list_copies_about("drop", &about), row[i].err);
		assert_int_equal(about.action, row[i].action);
		assert_int_equal(about.prefixes, row[i].prefixes);
		assert_int_equal(about.loaded, row[i].loaded);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(first_lines),
	};

	return cmocka_run_group_tests_name("copies", tests, make_dir,
					   remove_dir);
}
