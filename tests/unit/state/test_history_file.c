// SPDX-License-Identifier: GPL-2.0
/* The history of sources: what is written, and what is not read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "state/history_file.h"
#include "out/log.h"

#define ROWS(rows) (sizeof(rows) / sizeof(*(rows)))

static struct json_object *messages; /* what has been told */
static char dir[] = "/tmp/known.XXXXXX", path[64], next[64];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || setenv("MAILWEIR_STATE", dir, 1))
		return -1;
	snprintf(path, sizeof(path), "%s/known", dir);
	snprintf(next, sizeof(next), "%s/known.next", dir);
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

/* The last of what has been told, and how much it was. */
static const char *told(const char *key, size_t *n)
{
	struct json_object *list = NULL;

	json_object_object_get_ex(messages, key, &list);
	*n = list ? json_object_array_length(list) : 0;
	return *n ? json_object_get_string(
			    json_object_array_get_idx(list, *n - 1))
		  : NULL;
}

static const char *last_error(void)
{
	size_t n;

	return told("errors", &n);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void read_file(char *text, size_t size)
{
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	text[fread(text, 1, size - 1, f)] = 0;
	fclose(f);
}

static struct history_entry source(const char *prefix, __u32 since, __u32 last)
{
	struct history_entry s = {.since = since, .last = last};
	const char *why;

	assert_int_equal(prefix_parse(prefix, &s.source, NULL, &why), 0);
	return s;
}

/* --- the file ------------------------------------------------------------ */

/* 2026-11-24T18 is hour 498762. */
static const char two[] = "mailweir known 1 2\n"
			  "192.0.2.1 2026-11-23T23 2026-11-24T18\n"
			  "2001:db8:0:1::/64 1970-01-01T00 9999-12-31T23\n";

static void round_trip(void **state)
{
	struct history_entry v[] = {
		source("2001:db8:0:1::/64", 0, 70389527),
		source("192.0.2.1", 498762 - 19, 498762),
	};
	const struct histories k = {v, ROWS(v)};
	struct histories again;
	char text[512];
	struct stat st;
	mode_t mask = umask(0);

	(void)state;
	assert_int_equal(histories_write(&k), 0);
	umask(0777);
	assert_int_equal(histories_write(&k), 0);
	umask(mask);
	read_file(text, sizeof(text));
	assert_string_equal(text, two);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(access(next, F_OK), -1);

	assert_int_equal(histories_read(&again), 0);
	assert_int_equal(again.n, 2);
	assert_memory_equal(&again.v[0], &v[1], sizeof(*v));
	assert_memory_equal(&again.v[1], &v[0], sizeof(*v));
	histories_free(&again);
	unlink(path);
}

static void none(void **state)
{
	const struct histories nobody = {};
	struct histories k;
	char text[64];
	size_t before, now;

	(void)state;
	told("errors", &before);
	assert_int_equal(histories_read(&k), 0);
	assert_int_equal(k.n, 0);
	histories_free(&k);
	assert_int_equal(histories_write(&nobody), 0);
	read_file(text, sizeof(text));
	assert_string_equal(text, "mailweir known 1 0\n");
	assert_int_equal(histories_read(&k), 0);
	assert_int_equal(k.n, 0);
	histories_free(&k);
	unlink(path);
	told("errors", &now);
	assert_int_equal(now, before);
}

/* In whichever order they come, and of one source both times. */
static void the_same_bytes(void **state)
{
	struct history_entry v[] = {
		source("192.0.2.9", 100, 200), source("192.0.2.10", 300, 300),
		source("2001:db8::/64", 5, 6), source("192.0.2.9", 50, 150),
		source("192.0.2.9", 120, 400),
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ROWS(v); i++) {
		const struct histories k = {v, ROWS(v)};
		struct history_entry first = v[0];

		assert_int_equal(histories_write(&k), 0);
		read_file(text, sizeof(text));
		assert_string_equal(text,
				    "mailweir known 1 3\n"
				    "192.0.2.9 1970-01-03T02 1970-01-17T16\n"
				    "192.0.2.10 1970-01-13T12 1970-01-13T12\n"
				    "2001:db8::/64 1970-01-01T05 "
				    "1970-01-01T06\n");
		memmove(v, v + 1, sizeof(v) - sizeof(*v));
		v[ROWS(v) - 1] = first;
	}
	unlink(path);
}

#define ONE	"192.0.2.1 2026-11-23T23 2026-11-24T18\n"
#define HEAD	"mailweir known 1 1\n"
#define NO_TIME "not a time as 2026-11-24T18"

static const struct {
	const char *text, *error;
} bad[] = {
	{"", "1: not a history of mailweir"},
	{"\n", "1: not a history of mailweir"},
	{"# known\n", "1: not a history of mailweir"},
	{"mailweir blocks 1 1\n" ONE, "1: not a history of mailweir"},
	{"mailweir known\n", "1: not a history of mailweir"},
	{ONE, "1: not a history of mailweir"},
	{"mailweir known 2 1\n" ONE,
	 "1: version 2, where this mailweir reads version 1"},
	{"mailweir known 0 something else\n",
	 "1: version 0, where this mailweir reads version 1"},
	{"mailweir known 1\n",
	 "1: 'mailweir known 1': not as mailweir writes it"},
	{"mailweir known 01 1\n" ONE,
	 "1: 'mailweir known 01 1': not as mailweir writes it"},
	{"mailweir known 4294967297 1\n" ONE,
	 "1: 'mailweir known 4294967297 1': not as mailweir writes it"},
	{"mailweir known 1 +1\n" ONE,
	 "1: 'mailweir known 1 +1': not as mailweir writes it"},
	{"mailweir known 1 1 \n" ONE,
	 "1: 'mailweir known 1 1 ': not as mailweir writes it"},
	{"mailweir known 1 1\r\n" ONE,
	 "1: 'mailweir known 1 1\\x0d': not as mailweir writes it"},
	{"mailweir known 1 -1\n" ONE,
	 "1: 'mailweir known 1 -1': not as mailweir writes it"},
	{"mailweir known 1 262145\n", "1: 262145 sources, more than 262144"},
	{"mailweir known 1 1", "1: 'mailweir known 1 1': not a whole line"},
	{HEAD, "1: 0 sources where the first line says 1: truncated"},
	{"mailweir known 1 2\n" ONE,
	 "2: 1 sources where the first line says 2: truncated"},
	{"mailweir known 1 0\n" ONE,
	 "2: more than the 0 sources that the first line says"},
	{HEAD ONE "\n", "3: more than the 1 sources that the first line says"},
	{HEAD "192.0.2.1 2026-11-23T23 2026-11-24T18",
	 "2: '192.0.2.1 2026-11-23T23 2026-11-24T18': not a whole line"},
	{HEAD "\n", "2: not a source and two times"},
	{HEAD "192.0.2.1\n", "2: not a source and two times"},
	{HEAD "192.0.2.1 2026-11-23T23\n", "2: not a source and two times"},
	{HEAD "192.0.2.1 2026-11-23T23 2026-11-24T18 x\n",
	 "2: not a source and two times"},
	{HEAD "192.0.2.1 2026-11-23T23 2026-11-24T18 \n",
	 "2: not a source and two times"},
	{HEAD "192.0.2.1  2026-11-23T23 2026-11-24T18\n",
	 "2: not a source and two times"},
	{HEAD "mail.example 2026-11-23T23 2026-11-24T18\n",
	 "2: 'mail.example': not an address; 192.0.2.1 or 2001:db8::1 is one"},
	{HEAD "\033[2J 2026-11-23T23 2026-11-24T18\n",
	 "2: '\\x1b[2J': not an address; 192.0.2.1 or 2001:db8::1 is one"},
	{HEAD "::ffff:192.0.2.1 2026-11-23T23 2026-11-24T18\n",
	 "2: '::ffff:192.0.2.1': IPv4 inside IPv6; write it as IPv4"},
	{HEAD "192.0.2.1/24 2026-11-23T23 2026-11-24T18\n",
	 "2: '192.0.2.1/24': bits behind its length"},
	{HEAD "2001:db8::1 2026-11-23T23 2026-11-24T18\n",
	 "2: '2001:db8::1': longer than /64, which no source is"},
	{HEAD "192.0.2.1 2026-11-24T18 2026-11-24T17\n",
	 "2: '192.0.2.1': its last connection is before its first"},
	{HEAD "192.0.2.1 2026-11-23T24 2026-11-24T18\n",
	 "2: '2026-11-23T24': " NO_TIME},
	{HEAD "192.0.2.1 2026-11-23 2026-11-24T18\n",
	 "2: '2026-11-23': " NO_TIME},
	{HEAD "192.0.2.1 2026-11-23T23 2026-11-24T18:00\n",
	 "2: '2026-11-24T18:00': " NO_TIME},
	{HEAD "192.0.2.1 2026-11-23T23 2026-11-31T18\n",
	 "2: '2026-11-31T18': " NO_TIME},
	{HEAD "192.0.2.1 2026-02-29T00 2026-11-24T18\n",
	 "2: '2026-02-29T00': " NO_TIME},
	{HEAD "192.0.2.1 2026-1-23T23 2026-11-24T18\n",
	 "2: '2026-1-23T23': " NO_TIME},
	{HEAD "192.0.2.1 2026-00-23T23 2026-11-24T18\n",
	 "2: '2026-00-23T23': " NO_TIME},
	{HEAD "192.0.2.1 1969-12-31T23 2026-11-24T18\n",
	 "2: '1969-12-31T23': " NO_TIME},
	{HEAD "192.0.2.1 2026-11-23T23 10000-01-01T00\n",
	 "2: '10000-01-01T00': " NO_TIME},
	{HEAD "192.0.2.1 2026-11-23t23 2026-11-24T18\n",
	 "2: '2026-11-23t23': " NO_TIME},
	{"mailweir known 1 2\n" ONE ONE, "3: not behind the source before it"},
	{"mailweir known 1 2\n" ONE "192.0.2.0 2026-11-23T23 2026-11-24T18\n",
	 "3: not behind the source before it"},
};

static void bad_files(void **state)
{
	static const char advice[] = "nothing of it is used";

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++) {
		char error[512];
		struct histories k;

		write_file(bad[i].text);
		assert_int_equal(histories_read(&k), -EINVAL);
		assert_null(k.v);
		assert_int_equal(k.n, 0);
		snprintf(error, sizeof(error), "%s:%s; %s", path, bad[i].error,
			 advice);
		assert_string_equal(last_error(), error);
	}
	unlink(path);
}

/* Wherever a file ends too early, and whichever byte is lost. */
static void truncated_files(void **state)
{
	char text[sizeof(two)];
	struct histories_error e;
	struct histories k;

	(void)state;
	for (size_t n = 1; n < sizeof(two) - 1; n++) {
		FILE *f = fmemopen((void *)two, n, "r");

		assert_int_equal(histories_parse(f, &k, &e), -EINVAL);
		assert_null(k.v);
		fclose(f);
	}
	for (size_t n = 0; n < sizeof(two) - 1; n++) {
		FILE *f;

		memcpy(text, two, sizeof(two));
		text[n] = 0;
		f = fmemopen(text, sizeof(two) - 1, "r");
		assert_int_equal(histories_parse(f, &k, &e), -EINVAL);
		fclose(f);
	}
}

static void not_a_file(void **state)
{
	char error[256];
	struct histories k;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(histories_read(&k), -EIO);
	snprintf(error, sizeof(error), "%s: cannot be read: Input/output error",
		 path);
	assert_string_equal(last_error(), error);
	rmdir(path);
}

/* What could not be read again is not written; nor what the disk refuses. The
 * last good file stays. */
static void bad_writes(void **state)
{
	static const struct {
		const char *prefix;
		__u32 since, last;
		const char *error;
	} rows[] = {
		{"192.0.2.1", 2, 1,
		 "192.0.2.1 has no history: its last connection is before "
		 "its first"},
		{"2001:db8::/65", 1, 2,
		 "2001:db8::/65 has no history: longer than /64, which no "
		 "source is"},
		{"192.0.2.1", 1, 70389528,
		 "192.0.2.1 has no history: a time behind the year 9999"},
	};
	char error[256];
	struct history_entry s = source("192.0.2.1", 1, 2);
	const struct histories k = {&s, 1};
	size_t before, now;

	(void)state;
	write_file(two);
	for (size_t i = 0; i < ROWS(rows); i++) {
		s = source(rows[i].prefix, rows[i].since, rows[i].last);
		assert_int_equal(histories_write(&k), -EINVAL);
		assert_string_equal(last_error(), rows[i].error);
	}
	s = source("192.0.2.1", 1, 2);
	assert_int_equal(mkdir(next, 0700), 0);
	told("errors", &before);
	assert_int_equal(histories_write(&k), -EISDIR);
	snprintf(error, sizeof(error), "%s: cannot be written: Is a directory",
		 next);
	assert_string_equal(told("errors", &now), error);
	assert_int_equal(now, before + 1);
	rmdir(next);
	read_file(error, sizeof(error));
	assert_string_equal(error, two);
	unlink(path);
}

/* Of too many, those that connected last. */
static void too_many(void **state)
{
	enum { MORE = 3 };
	struct histories k = {calloc(HISTORIES_MOST + MORE, sizeof(*k.v)),
			      HISTORIES_MOST + MORE};
	struct histories again;
	size_t n;

	(void)state;
	for (size_t i = 0; i < k.n; i++) {
		k.v[i].source =
			(struct mw_prefix){4, 32, 0, {10, i >> 16, i >> 8, i}};
		/* The oldest in the middle. */
		k.v[i].last = i == 1000 || i == 5000 || i == 70000 ? 9 : 10;
	}
	assert_int_equal(histories_write(&k), 0);
	assert_string_equal(told("warnings", &n),
			    "3 of 262147 histories are left out, of the "
			    "sources that connected least recently: mailweir "
			    "keeps 262144");
	assert_int_equal(histories_read(&again), 0);
	assert_int_equal(again.n, HISTORIES_MOST);
	for (size_t i = 0; i < again.n; i++)
		assert_int_equal(again.v[i].last, 10);
	histories_free(&again);
	histories_free(&k);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),	   cmocka_unit_test(none),
		cmocka_unit_test(the_same_bytes),  cmocka_unit_test(bad_files),
		cmocka_unit_test(truncated_files), cmocka_unit_test(not_a_file),
		cmocka_unit_test(bad_writes),	   cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests_name("known", tests, make_dir,
					   remove_dir);
}
