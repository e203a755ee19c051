// SPDX-License-Identifier: GPL-2.0
#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "format.h"

/* --- lines --------------------------------------------------------------- */

/* Files that are no lists at all, by how they begin. */
static const struct {
	const char *bytes;
	size_t len;
	const char *why;
} foreign[] = {
	{"\x1f\x8b", 2, "compressed (gzip); unpack it first"},
	{"BZh", 3, "compressed (bzip2); unpack it first"},
	{"\xfd"
	 "7zXZ",
	 5, "compressed (xz); unpack it first"},
	{"PK\x03\x04", 4, "compressed (zip); unpack it first"},
	{"\xff\xfe", 2, "UTF-16 text; save it as UTF-8"},
	{"\xfe\xff", 2, "UTF-16 text; save it as UTF-8"},
};

/* 1: a line; 0: the end, or nothing further makes sense. */
static int line_read(struct reader *r)
{
	int c = 0;

	r->len = 0;
	r->before = r->bytes;
	while (r->len <= FEED_LINE && (c = getc_unlocked(r->f)) != EOF &&
	       c != '\n')
		r->line[r->len++] = c;
	r->bytes += r->len + (c == '\n');
	if (ferror(r->f))
		r->err = -EIO;
	if (r->err || (!r->len && c == EOF))
		return 0;
	r->report->lines++;
	r->line[r->len] = 0;
	return 1;
}

/* What runs past FEED_LINE is not read to its end. */
static bool line_too_long(struct reader *r)
{
	if (r->len <= FEED_LINE)
		return false;
	if (*r->line == '<')
		reader_refuse_word(r, r->line, reader_web_page);
	else
		reader_refuse(r, "a line longer than %d bytes; this is no list",
			      FEED_LINE);
	return true;
}

/* Other files than lists are told by the first line, however long. */
static bool line_foreign(struct reader *r)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		if (r->len < foreign[i].len ||
		    memcmp(r->line, foreign[i].bytes, foreign[i].len))
			continue;
		reader_refuse(r, "%s", foreign[i].why);
		return true;
	}
	return false;
}

static void line_drop_bom(struct reader *r)
{
	if (r->len < 3 || memcmp(r->line, "\xef\xbb\xbf", 3))
		return;
	r->len -= 3;
	memmove(r->line, r->line + 3, r->len + 1);
}

/* --- the whole ----------------------------------------------------------- */

/* Sorted, duplicates out, nested ones counted. */
static void set_finish(struct reader *r)
{
	struct prefix_set *set = r->set;
	struct mw_prefix outer;
	size_t n = 0;

	r->err = prefix_sort(set);
	if (r->err)
		return;
	for (size_t i = 0; i < set->n; i++) {
		if (n && !prefix_compare(&set->v[i], &set->v[n - 1])) {
			r->report->duplicates++;
			continue;
		}
		if (n && prefix_covers(&outer, &set->v[i]))
			r->report->nested++;
		else
			outer = set->v[i];
		set->v[n++] = set->v[i];
	}
	set->n = n;
}

static void read_lines(struct reader *r)
{
	while (!r->err && line_read(r)) {
		bool first = r->report->lines == 1;

		if ((first && line_foreign(r)) || line_too_long(r))
			return;
		if (first)
			line_drop_bom(r);
		if (memchr(r->line, 0, r->len)) {
			reader_refuse(r, "a NUL byte; this is no text");
			continue;
		}
		if (!r->format)
			r->format = format_detect(r->line);
		if (r->format)
			format_line(r);
	}
	if (!r->err && !r->report->errors)
		format_end(r);
	if (!r->err && !r->report->errors && !r->set->n)
		reader_refuse(r, "no entries; an empty list is taken for a "
				 "broken one");
}

/* What is excluded, in the file or by the configuration, goes out; what is
 * left must be enough. */
static void set_guard(struct reader *r)
{
	const struct prefix_set *outside = r->guard->except;

	if (!r->err && r->except.n)
		r->err = prefix_subtract(r->set, &r->except);
	if (!r->err && outside)
		r->err = prefix_subtract(r->set, outside);
	if (r->err)
		return;
	for (size_t i = 0; i < r->set->n; i++)
		r->set->v[i].family == 4 ? r->report->entries4++
					 : r->report->entries6++;
	if (!r->set->n)
		reader_refuse(r,
			      "everything in it is excluded; nothing is left");
	else if (r->set->n < r->guard->min_entries)
		reader_refuse(r, "%zu prefixes, fewer than min_entries = %zu",
			      r->set->n, r->guard->min_entries);
}

int feed_read(FILE *f, const char *name, const struct feed_guard *guard,
	      struct prefix_set *set, struct feed_report *report)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err;

	memset(set, 0, sizeof(*set));
	memset(report, 0, sizeof(*report));
	if (!r)
		return -ENOMEM;
	*r = (struct reader){
		.f = f,
		.name = name,
		.guard = guard,
		.format = guard->format ? format_named(guard->format) : NULL,
		.set = set,
		.report = report};
	read_lines(r);
	if (!r->err && !report->errors) {
		set_finish(r);
		set_guard(r);
	}
	err = r->err ? r->err : report->errors ? -EINVAL : 0;
	if (err)
		prefix_free(set);
	prefix_free(&r->except);
	free(r->rules);
	free(r);
	return err;
}

static int refuse_file(struct feed_report *report, const char *path,
		       const char *why)
{
	memset(report, 0, sizeof(*report));
	if (asprintf(&report->error[0], "%s: %s", path, why) < 0)
		return -ENOMEM;
	report->errors = 1;
	return -EINVAL;
}

int feed_read_file(const char *path, const struct feed_guard *guard,
		   struct prefix_set *set, struct feed_report *report)
{
	char why[128];
	struct stat st;
	FILE *f = fopen(path, "re");
	int err;

	memset(set, 0, sizeof(*set));
	if (!f) {
		snprintf(why, sizeof(why), "cannot be read: %s",
			 strerror(errno));
		return refuse_file(report, path, why);
	}
	if (!fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
		err = refuse_file(report, path, "a directory, not a file");
	else
		err = feed_read(f, path, guard, set, report);
	report->modified = st.st_mtime;
	fclose(f);
	return err;
}

void feed_report_free(struct feed_report *report)
{
	for (int i = 0; i < FEED_SHOWN; i++)
		free(report->error[i]);
	memset(report, 0, sizeof(*report));
}

const char *feed_format(int i)
{
	return format_name(i);
}
