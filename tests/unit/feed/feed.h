/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of list files share: files as text, and rows of what must come
 * of them. Both steps of reading, without the child between them. */
#ifndef MAILWEIR_TESTS_FEED_H
#define MAILWEIR_TESTS_FEED_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed/feed.h"

#define ROWS(rows) (sizeof(rows) / sizeof(*(rows)))

#define NO_ADDRESS "not an address; 192.0.2.1 or 2001:db8::1 is one"
#define NO_LENGTH  "the length is not a number; /24 is one"
#define EMPTY                                                          \
	"no entries; an empty list is taken for a broken one, unless " \
	"min_entries = 0 in its section says that it may be empty"
#define WHICH  "; set = NAME in the list's section says which is meant"
#define ALLOWS "; max_prefix in a list's section allows it where it is meant"

/* What a list's section says where it says nothing. */
static const struct feed_guard usual = {8, 19};

/* set and report are the caller's; set is empty on an error. */
static inline int feed_read(FILE *f, const struct feed_guard *guard,
			    const struct asn_table *table,
			    struct prefix_set *set, struct feed_report *report)
{
	struct feed feed;
	int err = feed_parse(f, guard, &feed);

	if (!err)
		err = feed_finish(&feed, guard, table);
	*set = feed.set;
	*report = feed.report;
	feed.set = (struct prefix_set){};
	if (err)
		prefix_free(set);
	feed_free(&feed);
	return err;
}

/* A file of len bytes; 0: of a string. */
static inline FILE *feed_open(const char *text, size_t len)
{
	FILE *f;

	len = len ? len : strlen(text);
	f = len ? fmemopen((void *)text, len, "r") : fopen("/dev/null", "r");
	assert_non_null(f);
	return f;
}

static inline int feed_text(const char *text, const struct feed_guard *guard,
			    const struct asn_table *table,
			    struct prefix_set *set, struct feed_report *report)
{
	FILE *f = feed_open(text, 0);
	int err = feed_read(f, guard, table, set, report);

	fclose(f);
	return err;
}

/* Error i, of a file called f. */
static inline const char *feed_error(const struct feed_report *report, size_t i)
{
	static char text[FEED_ERROR + 32];

	report_text(report, i, "f", text, sizeof(text));
	return text;
}

/* The prefixes in order, a blank behind each. */
static inline const char *feed_prefixes(const struct prefix_set *set)
{
	static char all[2048];
	char one[PREFIX_TEXT];

	*all = 0;
	for (size_t i = 0; i < set->n; i++) {
		prefix_text(&set->v[i], one);
		assert_true(strlen(all) + strlen(one) + 2 < sizeof(all));
		strcat(strcat(all, one), " ");
	}
	return all;
}

/* A file that is refused, and the words of its first error. */
struct feed_bad {
	const char *text, *error;
	size_t len;	    /* where text holds NUL */
	const char *format; /* NULL: by its content */
};

static inline void check_bad(const struct feed_bad *bad, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct feed_guard guard = {8, 19,
						 .format = bad[i].format};
		FILE *f = feed_open(bad[i].text, bad[i].len);
		struct feed_report report;
		struct prefix_set set;

		if (feed_read(f, &guard, NULL, &set, &report) >= 0)
			print_error("taken: %s\n", bad[i].text);
		assert_int_equal(set.n, 0);
		assert_true(report.errors > 0);
		assert_string_equal(feed_error(&report, 0), bad[i].error);
		fclose(f);
	}
}

/* A file that is taken: its prefixes, and what is counted of it. */
struct feed_good {
	const char *text, *prefixes;
	size_t entries, masked, duplicates, nested;
	size_t lines, entries6;
	const char *format; /* NULL: by its content */
};

static inline void check_good(const struct feed_good *good, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct feed_guard guard = {8, 19,
						 .format = good[i].format};
		struct feed_report report;
		struct prefix_set set;
		int err = feed_text(good[i].text, &guard, NULL, &set, &report);

		if (err)
			print_error("%s\n%s\n", good[i].text,
				    feed_error(&report, 0));
		assert_int_equal(err, 0);
		assert_string_equal(feed_prefixes(&set), good[i].prefixes);
		assert_int_equal(report.entries, good[i].entries);
		assert_int_equal(report.masked, good[i].masked);
		assert_int_equal(report.duplicates, good[i].duplicates);
		assert_int_equal(report.nested, good[i].nested);
		assert_int_equal(report.lines, good[i].lines);
		assert_int_equal(report.entries6, good[i].entries6);
		assert_int_equal(report.entries4 + report.entries6, set.n);
		prefix_free(&set);
	}
}

/* A file of the field, under a list's rules, and what must come of it. */
struct feed_case {
	const char *name, *text;
	const char *prefixes; /* in order, a blank behind each, and @SECONDS
				 where it ends; NULL: refused */
	const char *told;     /* the first error; or, of a file that is taken,
				 the first note; NULL: there is none */
	struct feed_guard guard;
	size_t ended, unfit, len /* of text with NULs; 0: a string */;
};

#define GUARD(...)                 \
	{                          \
		8, 19, __VA_ARGS__ \
	}

static inline const char *feed_ends(const struct prefix_set *set)
{
	static char all[2048];
	char one[PREFIX_TEXT];
	size_t len = 0;

	*all = 0;
	for (size_t i = 0; i < set->n; i++) {
		prefix_text(&set->v[i], one);
		len += snprintf(all + len, sizeof(all) - len, "%s", one);
		if (set->v[i].ends)
			len += snprintf(all + len, sizeof(all) - len, "@%d",
					set->v[i].ends * PREFIX_STEP);
		len += snprintf(all + len, sizeof(all) - len, " ");
		assert_true(len < sizeof(all));
	}
	return all;
}

static inline void check_case(const struct feed_case *c)
{
	FILE *f = feed_open(c->text, c->len);
	char note[FEED_ERROR + 32] = "";
	struct feed_report report;
	struct prefix_set set;
	int err = feed_read(f, &c->guard, NULL, &set, &report);

	fclose(f);
	if (report.notes)
		report_note_text(&report, 0, "f", note, sizeof(note));
	if (!!err == !!c->prefixes)
		print_error("%s: %s\n", c->name,
			    report.errors ? feed_error(&report, 0) : "taken");
	assert_int_equal(err, c->prefixes ? 0 : -EINVAL);
	assert_string_equal(feed_ends(&set), c->prefixes ? c->prefixes : "");
	assert_string_equal(err ? feed_error(&report, 0) : note,
			    c->told ? c->told : "");
	assert_int_equal(report.ended, c->ended);
	assert_int_equal(report.unfit, c->unfit);
	prefix_free(&set);
}

static inline void check_cases(const struct feed_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		print_message("# %s\n", cases[i].name);
		check_case(&cases[i]);
	}
}

/* The test of a table of cases: name_(). */
#define CASES(name)                            \
	static void name##_(void **state)      \
	{                                      \
		(void)state;                   \
		check_cases(name, ROWS(name)); \
	}

#endif
