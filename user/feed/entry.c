// SPDX-License-Identifier: GPL-2.0
#include "feed/entry.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "out/text.h"

enum {
	WORD_SHOWN = 60, /* bytes of a word in an error */
	FAR = 4096,	 /* PREFIX_STEPs, eleven hours */
	FAR_STEPS = 16,
};

const char entry_web_page[] = "looks like a web page, not like a list";

/* --- errors -------------------------------------------------------------- */

void entry_refuse(struct format_input *in, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_error(&in->feed->report, in->feed->report.lines, "%s", text);
}

void entry_fatal(struct format_input *in, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_fatal(&in->feed->report, in->feed->report.lines, "%s", text);
}

void entry_refuse_word(struct format_input *in, const char *word,
		       const char *why)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	entry_refuse(in, "'%s': %s", shown, why);
}

void entry_fatal_word(struct format_input *in, const char *word,
		      const char *why)
{
	in->feed->report.fatal++;
	entry_refuse_word(in, word, why);
}

/* --- entries ------------------------------------------------------------- */

static void set_add(struct format_input *in, struct prefix_set *set,
		    const struct mw_prefix *p)
{
	struct mw_prefix entry = *p;
	int err;

	entry.ends = in->ends;
	err = prefix_add(set, &entry);
	if (err)
		in->err = err;
}

bool entry_ends_in(struct format_input *in, double seconds)
{
	double steps = seconds / PREFIX_STEP;

	in->ends = steps > PREFIX_ENDS ? 0 : steps < 1 ? 1 : steps;
	/* Every end takes a class of its own in the kernel's tables: ends that
	 * are far away share one. */
	if (in->ends > FAR)
		in->ends -= in->ends % FAR_STEPS;
	return seconds > 0;
}

static void entry_counted(struct format_input *in, bool masked)
{
	in->feed->report.entries++;
	in->feed->report.masked += masked;
}

static bool too_wide(struct format_input *in, const struct mw_prefix *p,
		     const char *word)
{
	int shortest = p->family == 4 ? in->guard->max_prefix4
				      : in->guard->max_prefix6;
	char text[PREFIX_TEXT], why[160];

	if (p->len >= shortest)
		return false;
	prefix_text(p, text);
	snprintf(why, sizeof(why),
		 "%s is wider than /%d; max_prefix in a list's section "
		 "allows it where it is meant",
		 text, shortest);
	entry_refuse_word(in, word, why);
	return true;
}

void entry_prefix(struct format_input *in, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		entry_refuse_word(in, word, why);
		return;
	}
	if (too_wide(in, &p, word))
		return;
	entry_counted(in, masked);
	set_add(in, &in->feed->set, &p);
}

static bool range_end(struct format_input *in, const char *word,
		      struct mw_prefix *p)
{
	const char *why;

	if (strchr(word, '/')) {
		entry_refuse_word(in, word,
				  "a range goes from address to address");
		return false;
	}
	if (prefix_parse(word, p, NULL, &why)) {
		entry_refuse_word(in, word, why);
		return false;
	}
	return true;
}

/* false: the range was refused. */
static bool range_add(struct format_input *in, struct prefix_set *set,
		      char *from, char *dash)
{
	struct mw_prefix first, last;
	int err;

	*dash = 0;
	from = words_trim(from, false);
	dash = words_trim(dash + 1, false);
	if (!range_end(in, from, &first) || !range_end(in, dash, &last))
		return false;
	err = prefix_add_range(set, &first, &last);
	if (err == -EINVAL)
		entry_refuse_word(in, from,
				  first.family != last.family
					  ? "the range ends in the other family"
					  : "the range ends before it begins");
	else if (err)
		in->err = err;
	return !err;
}

static void entry_range(struct format_input *in, char *from, char *dash)
{
	size_t before = in->feed->set.n;

	if (!range_add(in, &in->feed->set, from, dash))
		return;
	for (size_t i = before; i < in->feed->set.n; i++) {
		if (!too_wide(in, &in->feed->set.v[i], from))
			continue;
		in->feed->set.n = before;
		return;
	}
	entry_counted(in, false);
}

static bool exclude_prefix(struct format_input *in, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		entry_refuse_word(in, word, why);
		return false;
	}
	in->feed->report.masked += masked;
	set_add(in, &in->feed->except, &p);
	return true;
}

void entry_exclude(struct format_input *in, char *word)
{
	char *dash = strchr(word, '-');

	if (dash ? range_add(in, &in->feed->except, word, dash)
		 : exclude_prefix(in, word))
		in->feed->report.excluded++;
	else
		/* Without the exclusion the list would hold too much. */
		in->feed->report.fatal++;
}

void entry_add(struct format_input *in, char *word)
{
	char *dash = strchr(word, '-');

	if (dash)
		entry_range(in, word, dash);
	else if (words_many(word))
		entry_refuse_word(in, word,
				  "more than one word; one entry a line, and "
				  "comments begin with # or ;");
	else
		entry_prefix(in, word);
}

void entry_asn(struct format_input *in, __u32 asn)
{
	const struct asn_entry entry = {asn, in->feed->report.lines, in->ends};
	int err = asn_add(&in->feed->asns, &entry);

	if (err)
		in->err = err;
	entry_counted(in, false);
}

/* --- clients ------------------------------------------------------------- */

/* A log names a client with each of its messages: before the clients take more
 * than memory holds, those that are there already are dropped. */
enum { CLIENTS_SORT = 1 << 20 };

static int clients_unique(struct format_input *in)
{
	struct prefix_set *set = &in->feed->set;
	int err = prefix_sort(set);
	size_t n = 0;

	for (size_t i = 0; i < set->n && !err; i++)
		if (!n || prefix_compare(&set->v[i], &set->v[n - 1]))
			set->v[n++] = set->v[i];
	if (err)
		return err;
	in->feed->report.duplicates += set->n - n;
	set->n = n;
	in->sort_at = n * 2 > CLIENTS_SORT ? n * 2 : CLIENTS_SORT;
	return 0;
}

void entry_client(struct format_input *in, const struct mw_prefix *client)
{
	in->feed->report.entries++;
	in->err = prefix_add(&in->feed->set, client);
	if (!in->err && in->feed->set.n >= (in->sort_at ?: CLIENTS_SORT))
		in->err = clients_unique(in);
}

/* --- tables -------------------------------------------------------------- */

/* Is it a default route, or a part of one so wide that it says nothing of who
 * originates its addresses? */
static bool is_default(const struct mw_prefix *p)
{
	return p->len < (p->family == 4 ? 8 : 16);
}

static void origins_from(struct format_input *in, size_t before, __u32 asn)
{
	struct feed *feed = in->feed;
	size_t n = before;

	for (size_t i = before; i < feed->set.n && !in->err; i++) {
		if (is_default(&feed->set.v[i]))
			continue;
		feed->set.v[n++] = feed->set.v[i];
		in->err = asn_add(&feed->asns, &(struct asn_entry){asn});
	}
	feed->set.n = n;
	feed->report.entries++;
}

void entry_origin(struct format_input *in, char *first, char *last,
		  const char *asn)
{
	struct mw_prefix from, to;
	size_t before = in->feed->set.n;
	const char *why;
	__u32 number;
	int err;

	if (!strcmp(asn, "0"))
		return; /* not routed */
	if (asn_parse(asn, &number)) {
		entry_refuse_word(in, asn, "not an AS number; 64500 is one");
		return;
	}
	if (prefix_parse(first, &from, NULL, &why)) {
		entry_refuse_word(in, first, why);
		return;
	}
	if (last && !range_end(in, last, &to))
		return;
	err = last ? prefix_add_range(&in->feed->set, &from, &to)
		   : prefix_add(&in->feed->set, &from);
	if (err == -EINVAL)
		entry_refuse_word(in, first,
				  "the range does not end behind it");
	else
		in->err = err;
	origins_from(in, before, number);
}
