// SPDX-License-Identifier: GPL-2.0
#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json_tokener.h>

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

/* 1: a line, or FEED_LINE bytes of a longer one; 0: the end. */
static int line_read(struct reader *r)
{
	int c = 0;

	r->goes_on = r->cut;
	r->len = 0;
	r->before = r->bytes;
	while (r->len <= FEED_LINE && (c = getc_unlocked(r->f)) != EOF &&
	       c != '\n')
		r->line[r->len++] = c;
	r->bytes += r->len + (c == '\n');
	r->cut = r->len > FEED_LINE;
	if (ferror(r->f))
		r->err = -EIO;
	if (r->err || (!r->len && c == EOF))
		return 0;
	r->feed->report.lines += !r->goes_on;
	r->line[r->len] = 0;
	return 1;
}

/* What runs past FEED_LINE is not read to its end, unless it may. A log can
 * begin with lines that do not tell whose it is. */
static bool line_too_long(struct reader *r)
{
	bool may = r->format ? r->format->long_lines
			     : r->guard->kind == FEED_CLIENTS;

	if (!r->cut || may)
		return false;
	if (*r->line == '<')
		reader_fatal_word(r, r->line, reader_web_page);
	else
		reader_fatal(r, "a line longer than %d bytes; this is no list",
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
		reader_fatal(r, "%s", foreign[i].why);
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

/* --- parsing ------------------------------------------------------------- */

/* One line to the format that it tells. false: nothing further makes sense. */
static bool line_take(struct reader *r)
{
	bool first = !r->before;

	if (first && line_foreign(r))
		return false;
	if (first)
		line_drop_bom(r);
	if (!r->format && !r->goes_on)
		r->format = format_detect(r->line, r->guard->kind);
	if (line_too_long(r))
		return false;
	if (memchr(r->line, 0, r->len)) {
		reader_fatal(r, "a NUL byte; this is no text");
		return false;
	}
	if (r->format)
		r->format->line(r);
	return true;
}

static void none_found(struct reader *r)
{
	if (r->guard->kind == FEED_CLIENTS && !r->format)
		reader_fatal(r, "no address, and no line that Postfix or "
				"rspamd wrote");
	else
		reader_fatal(r, "no entries; an empty list is taken for a "
				"broken one");
}

static void parse(struct reader *r)
{
	struct feed_report *report = &r->feed->report;

	while (!r->err && line_read(r) && line_take(r))
		;
	if (!r->err && !report_refused(report, r->guard->max_errors) &&
	    r->format && r->format->end)
		r->format->end(r);
	if (!r->err && !report_refused(report, r->guard->max_errors) &&
	    !r->feed->set.n && !r->feed->asns.n &&
	    !(r->format && r->format->may_be_empty))
		none_found(r);
}

int feed_parse(FILE *f, const struct feed_guard *guard, struct feed *feed)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err;

	memset(feed, 0, sizeof(*feed));
	if (!r)
		return -ENOMEM;
	r->f = f;
	r->guard = guard;
	r->format =
		guard->format ? format_named(guard->format, guard->kind) : NULL;
	r->feed = feed;
	if (guard->format && !r->format)
		reader_fatal_word(r, guard->format, "not a format for this");
	else
		parse(r);
	err = r->err						 ? r->err
	      : report_refused(&feed->report, guard->max_errors) ? -EINVAL
								 : 0;
	if (r->json)
		json_tokener_free(r->json);
	free(r->rules);
	free(r->queue);
	free(r);
	return err;
}

/* --- finishing ----------------------------------------------------------- */

static bool asn_is_wide(const struct mw_prefix *p,
			const struct feed_guard *guard)
{
	return p->len <
	       (p->family == 4 ? guard->max_prefix4 : guard->max_prefix6);
}

static int resolve_one(const struct asn_entry *a, const struct asn_table *table,
		       const struct feed_guard *guard, struct prefix_set *set,
		       struct feed_report *report)
{
	size_t n;
	const struct asn_origin *o = asn_find(table, a->asn, &n);
	int err = 0;

	if (!n)
		report_error(report, a->line,
			     "AS%u has no prefix in the [asn] table; is the "
			     "table up to date?",
			     a->asn);
	for (size_t i = 0; i < n && !err; i++) {
		struct mw_prefix p = o[i].prefix;
		char text[PREFIX_TEXT];

		p.ends = a->ends;
		err = prefix_add(set, &p);
		if (!asn_is_wide(&p, guard))
			continue;
		prefix_text(&p, text);
		report_fatal(report, a->line,
			     "AS%u originates %s, wider than max_prefix",
			     a->asn, text);
	}
	return err;
}

int feed_resolve(const struct asn_set *asns, const struct asn_table *table,
		 const struct feed_guard *guard, struct prefix_set *set,
		 struct feed_report *report)
{
	int err = 0;

	if (asns->n && !table) {
		report_fatal(report, asns->v[0].line,
			     "AS%u: no table to look it up in; add [asn] with "
			     "table = FILE to the configuration",
			     asns->v[0].asn);
		return -EINVAL;
	}
	for (size_t i = 0; i < asns->n && !err; i++)
		err = resolve_one(&asns->v[i], table, guard, set, report);
	return err;
}

/* Of two entries that are the same the one that ends later. */
static void keep_longer(struct mw_prefix *p, const struct mw_prefix *other)
{
	if (p->ends && (!other->ends || other->ends > p->ends))
		p->ends = other->ends;
}

/* Sorted, duplicates out, nested ones counted. */
static int set_sort(struct feed *feed)
{
	struct prefix_set *set = &feed->set;
	struct mw_prefix outer;
	int err = prefix_sort(set);
	size_t n = 0;

	for (size_t i = 0; i < set->n && !err; i++) {
		if (n && !prefix_compare(&set->v[i], &set->v[n - 1])) {
			keep_longer(&set->v[n - 1], &set->v[i]);
			feed->report.duplicates++;
			continue;
		}
		if (n && prefix_covers(&outer, &set->v[i]))
			feed->report.nested++;
		else
			outer = set->v[i];
		set->v[n++] = set->v[i];
	}
	set->n = n;
	return err;
}

/* What is excluded, in the file or by the configuration, goes out. What is
 * left of a prefix can be one that stands there, too. */
static int set_except(struct feed *feed, const struct feed_guard *guard)
{
	struct prefix_set *set = &feed->set;
	size_t n = 0;
	int err = 0;

	if (feed->except.n)
		err = prefix_subtract(set, &feed->except);
	if (!err && guard->except && guard->except->n)
		err = prefix_subtract(set, guard->except);
	for (size_t i = 0; i < set->n && !err; i++) {
		if (n && !prefix_compare(&set->v[i], &set->v[n - 1]))
			keep_longer(&set->v[n - 1], &set->v[i]);
		else
			set->v[n++] = set->v[i];
	}
	if (!err)
		set->n = n;
	return err;
}

/* What is left must be enough, where nothing else is wrong already. before:
 * how many there were until some were excluded. */
static void set_guard(struct feed *feed, const struct feed_guard *guard,
		      size_t before)
{
	struct feed_report *report = &feed->report;

	for (size_t i = 0; i < feed->set.n; i++)
		feed->set.v[i].family == 4 ? report->entries4++
					   : report->entries6++;
	if (report_refused(report, guard->max_errors))
		return;
	if (!feed->set.n && report->entries)
		report_fatal(report, 0, "nothing is left: %s",
			     before ? "everything is excluded"
				    : "none of its AS numbers has a prefix");
	else if (feed->set.n < guard->min_entries)
		report_fatal(report, 0,
			     "%zu prefixes, fewer than min_entries = %zu",
			     feed->set.n, guard->min_entries);
}

int feed_finish(struct feed *feed, const struct feed_guard *guard,
		const struct asn_table *table)
{
	int err = feed_resolve(&feed->asns, table, guard, &feed->set,
			       &feed->report);
	size_t before = feed->set.n;

	if (!err)
		err = set_sort(feed);
	if (!err)
		err = set_except(feed, guard);
	if (!err)
		set_guard(feed, guard, before);
	if (!err && report_refused(&feed->report, guard->max_errors))
		err = -EINVAL;
	if (err)
		prefix_free(&feed->set);
	return err;
}

void feed_free(struct feed *feed)
{
	prefix_free(&feed->set);
	prefix_free(&feed->except);
	asn_free(&feed->asns);
}

const char *feed_format(enum feed_kind kind, int i)
{
	return format_name(kind, i);
}
