// SPDX-License-Identifier: GPL-2.0
/* Prefixes as read to a list: sorted, without what is excluded, guarded. */
#include "feed/feed.h"

#include <errno.h>

#include "feed/sort.h"

static bool asn_is_wide(const struct mw_prefix *p,
			const struct feed_guard *guard)
{
	return p->len <
	       (p->family == 4 ? guard->max_prefix4 : guard->max_prefix6);
}

/* Adds the n prefixes of an AS to set. */
static int add_origins(const struct asn_entry *a, const struct asn_origin *o,
		       size_t n, const struct feed_guard *guard,
		       struct prefix_set *set, struct feed_report *report)
{
	int err = 0;

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

static int asn_compare(const void *a, const void *b)
{
	const struct asn_entry *x = a, *y = b;

	return (x->asn > y->asn) - (x->asn < y->asn);
}

/* Copies each number once, with its first line and the end that is last: of a
 * small file that names one AS many times the prefixes could fill memory. */
static int asns_once(const struct asn_set *asns, struct asn_set *once)
{
	int err = 0;
	size_t n = 0;

	for (size_t i = 0; i < asns->n && !err; i++)
		err = asn_add(once, &asns->v[i]);
	if (!err)
		err = sort_stable(once->v, once->n, sizeof(*once->v),
				  asn_compare);
	for (size_t i = 0; i < once->n && !err; i++) {
		struct asn_entry *last = n ? &once->v[n - 1] : NULL;
		__u32 ends = once->v[i].ends;

		if (!last || last->asn != once->v[i].asn)
			once->v[n++] = once->v[i];
		else if (last->ends && (!ends || ends > last->ends))
			last->ends = ends;
	}
	once->n = n;
	return err;
}

/* An AS that announces nothing today is none to be blocked, and counted. A
 * table that knows less than half of the numbers is taken for a wrong one. */
static void guard_origins(const struct asn_entry *unknown, size_t silent,
			  size_t all, struct feed_report *report)
{
	report->silent += silent;
	if (silent * 2 > all)
		report_error(report, unknown->line,
			     "AS%u has no prefix in the [asn] table, which "
			     "knows %zu of %zu AS numbers here; is the table "
			     "up to date?",
			     unknown->asn, all - silent, all);
}

static int resolve(const struct asn_set *once, const struct asn_table *table,
		   const struct feed_guard *guard, struct prefix_set *set,
		   struct feed_report *report)
{
	const struct asn_entry *unknown = NULL; /* the first of the file */
	size_t silent = 0;
	int err = 0;

	for (size_t i = 0; i < once->n && !err; i++) {
		const struct asn_entry *a = &once->v[i];
		size_t n;
		const struct asn_origin *o = asn_find(table, a->asn, &n);

		err = add_origins(a, o, n, guard, set, report);
		silent += !n;
		if (!n && (!unknown || a->line < unknown->line))
			unknown = a;
	}
	if (!err)
		guard_origins(unknown, silent, once->n, report);
	return err;
}

int feed_resolve(const struct asn_set *asns, const struct asn_table *table,
		 const struct feed_guard *guard, struct prefix_set *set,
		 struct feed_report *report)
{
	struct asn_set once = {};
	int err;

	if (asns->n && !table) {
		report_fatal(report, asns->v[0].line,
			     "AS%u: no table to look it up in; add [asn] with "
			     "table = FILE to the configuration",
			     asns->v[0].asn);
		return -EINVAL;
	}
	if (!asns->n)
		return 0;
	err = asns_once(asns, &once);
	if (!err)
		err = resolve(&once, table, guard, set, report);
	asn_free(&once);
	return err;
}

/* Gives p the end of other, its duplicate, where that is later. */
static void keep_longer(struct mw_prefix *p, const struct mw_prefix *other)
{
	if (p->ends && (!other->ends || other->ends > p->ends))
		p->ends = other->ends;
}

/* Sorts the set, drops duplicates, counts nested prefixes. */
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

/* Drops each prefix that lies in another one which does not end earlier: every
 * hole would be cut out of all of them. */
static void drop_nested(struct prefix_set *set)
{
	const struct mw_prefix *outer = NULL;
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct mw_prefix p = set->v[i];

		if (outer && prefix_covers(outer, &p) &&
		    (!outer->ends || (p.ends && p.ends <= outer->ends)))
			continue;
		set->v[n] = p;
		if (!outer || !prefix_covers(outer, &p))
			outer = &set->v[n];
		n++;
	}
	set->n = n;
}

/* Takes out what the file or the configuration excludes. What is left of one
 * prefix can be another prefix of the set: duplicates are dropped again. */
static int set_except(struct feed *feed, const struct feed_guard *guard)
{
	bool except = guard->except && guard->except->n;
	struct prefix_set *set = &feed->set;
	size_t n = 0;
	int err = 0;

	if (feed->except.n || except)
		drop_nested(set);
	if (feed->except.n)
		err = prefix_subtract(set, &feed->except);
	if (!err && except)
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

/* Counts what is left, and refuses a set that is too small where nothing else
 * is wrong already. before: prefixes before some were excluded. */
static void set_guard(struct feed *feed, const struct feed_guard *guard,
		      size_t before)
{
	struct feed_report *report = &feed->report;

	for (size_t i = 0; i < feed->set.n; i++)
		feed->set.v[i].family == 4 ? report->entries4++
					   : report->entries6++;
	if (report_refused(report, guard->max_errors))
		return;
	if (guard->may_be_empty && !guard->min_entries)
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

/* Makes each prefix behind NAT64 the IPv4 one that it is. One that holds more,
 * or is a wide one in IPv4, stays as it is, and is noted: nobody meant that. */
static void translate(const struct mw_nat64 *nat64, int widest,
		      struct prefix_set *set, struct feed_report *report)
{
	for (size_t i = 0; i < set->n; i++) {
		struct mw_prefix p = set->v[i];
		char text[PREFIX_TEXT];

		if (p.family != 6 || !prefix_holds_nat64(nat64, &p))
			continue;
		if (prefix_translate(nat64, &p) && p.len >= widest) {
			set->v[i] = p;
			continue;
		}
		prefix_text(&set->v[i], text);
		report_note(report, 0,
			    "%s: who comes through NAT64 is judged as IPv4, "
			    "which this prefix does not reach",
			    text);
	}
}

static void set_translate(struct feed *feed, const struct feed_guard *guard)
{
	if (!guard->nat64)
		return;
	translate(guard->nat64, guard->max_prefix4, &feed->set, &feed->report);
	translate(guard->nat64, 0, &feed->except, &feed->report);
}

int feed_finish(struct feed *feed, const struct feed_guard *guard,
		const struct asn_table *table)
{
	int err = feed_resolve(&feed->asns, table, guard, &feed->set,
			       &feed->report);
	size_t before = feed->set.n;

	if (!err) {
		set_translate(feed, guard);
		err = set_sort(feed);
	}
	if (!err)
		err = set_except(feed, guard);
	if (!err)
		set_guard(feed, guard, before);
	if (!err && report_refused(&feed->report, guard->max_errors))
		err = -EINVAL;
	if (err)
		prefix_free(&feed->set);
	feed->finished = !err;
	return err;
}

void feed_free(struct feed *feed)
{
	prefix_free(&feed->set);
	prefix_free(&feed->except);
	asn_free(&feed->asns);
}
