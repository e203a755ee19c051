// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "text.h"

enum { WORD_SHOWN = 60 };

const char reader_web_page[] = "looks like a web page, not like a list";

/* --- errors -------------------------------------------------------------- */

void reader_refuse(struct reader *r, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_error(&r->feed->report, r->feed->report.lines, "%s", text);
}

void reader_fatal(struct reader *r, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_fatal(&r->feed->report, r->feed->report.lines, "%s", text);
}

void reader_refuse_word(struct reader *r, const char *word, const char *why)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	reader_refuse(r, "'%s': %s", shown, why);
}

void reader_fatal_word(struct reader *r, const char *word, const char *why)
{
	r->feed->report.fatal++;
	reader_refuse_word(r, word, why);
}

/* --- words --------------------------------------------------------------- */

static const char blanks[] = " \t\v\f\r";

char *reader_word(char **rest)
{
	char *word = *rest + strspn(*rest, blanks);
	size_t len = strcspn(word, blanks);

	if (!len)
		return NULL;
	*rest = word + len + (word[len] != 0);
	word[len] = 0;
	return word;
}

bool reader_begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

bool reader_is_number(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

char *reader_trim(char *line, bool comments)
{
	char *end;

	while (isspace((unsigned char)*line))
		line++;
	if (comments)
		line[strcspn(line, "#;")] = 0;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = 0;
	return line;
}

/* --- entries ------------------------------------------------------------- */

static void reader_add(struct reader *r, struct prefix_set *set,
		       const struct mw_prefix *p)
{
	struct mw_prefix entry = *p;
	int err;

	entry.ends = r->ends;
	err = prefix_add(set, &entry);
	if (err)
		r->err = err;
}

bool reader_ends_in(struct reader *r, double seconds)
{
	double steps = seconds / PREFIX_STEP;

	r->ends = steps > PREFIX_ENDS ? 0 : steps < 1 ? 1 : steps;
	/* Coarser, where it is far away: there is a class for each end. */
	if (r->ends > 4096)
		r->ends &= ~15;
	return seconds > 0;
}

static void entry_counted(struct reader *r, bool masked)
{
	r->feed->report.entries++;
	r->feed->report.masked += masked;
}

static bool too_wide(struct reader *r, const struct mw_prefix *p,
		     const char *word)
{
	int shortest =
		p->family == 4 ? r->guard->max_prefix4 : r->guard->max_prefix6;
	char text[PREFIX_TEXT], why[160];

	if (p->len >= shortest)
		return false;
	prefix_text(p, text);
	snprintf(why, sizeof(why),
		 "%s is wider than /%d; max_prefix in a list's section "
		 "allows it where it is meant",
		 text, shortest);
	reader_refuse_word(r, word, why);
	return true;
}

void reader_prefix(struct reader *r, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		reader_refuse_word(r, word, why);
		return;
	}
	if (too_wide(r, &p, word))
		return;
	entry_counted(r, masked);
	reader_add(r, &r->feed->set, &p);
}

static bool range_end(struct reader *r, const char *word, struct mw_prefix *p)
{
	const char *why;

	if (strchr(word, '/')) {
		reader_refuse_word(r, word,
				   "a range goes from address to address");
		return false;
	}
	if (prefix_parse(word, p, NULL, &why)) {
		reader_refuse_word(r, word, why);
		return false;
	}
	return true;
}

/* false: refused. */
static bool range_add(struct reader *r, struct prefix_set *set, char *from,
		      char *dash)
{
	struct mw_prefix first, last;
	int err;

	*dash = 0;
	from = reader_trim(from, false);
	dash = reader_trim(dash + 1, false);
	if (!range_end(r, from, &first) || !range_end(r, dash, &last))
		return false;
	err = prefix_add_range(set, &first, &last);
	if (err == -EINVAL)
		reader_refuse_word(
			r, from,
			first.family != last.family
				? "the range ends in the other family"
				: "the range ends before it begins");
	else if (err)
		r->err = err;
	return !err;
}

static void entry_range(struct reader *r, char *from, char *dash)
{
	size_t before = r->feed->set.n;

	if (!range_add(r, &r->feed->set, from, dash))
		return;
	for (size_t i = before; i < r->feed->set.n; i++) {
		if (!too_wide(r, &r->feed->set.v[i], from))
			continue;
		r->feed->set.n = before;
		return;
	}
	entry_counted(r, false);
}

static bool exclude_prefix(struct reader *r, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		reader_refuse_word(r, word, why);
		return false;
	}
	r->feed->report.masked += masked;
	reader_add(r, &r->feed->except, &p);
	return true;
}

void reader_exclude(struct reader *r, char *word)
{
	char *dash = strchr(word, '-');

	if (dash ? range_add(r, &r->feed->except, word, dash)
		 : exclude_prefix(r, word))
		r->feed->report.excluded++;
	else
		/* Without it the list would hold what it must not. */
		r->feed->report.fatal++;
}

void reader_entry(struct reader *r, char *word)
{
	char *dash = strchr(word, '-');

	if (dash)
		entry_range(r, word, dash);
	else if (word[strcspn(word, " \t\v\f\r")])
		reader_refuse_word(r, word,
				   "more than one word; one entry a line, and "
				   "comments begin with # or ;");
	else
		reader_prefix(r, word);
}

void reader_asn(struct reader *r, __u32 asn)
{
	const struct asn_entry entry = {asn, r->feed->report.lines, r->ends};
	int err = asn_add(&r->feed->asns, &entry);

	if (err)
		r->err = err;
	entry_counted(r, false);
}

/* --- tables -------------------------------------------------------------- */

/* Default routes and their halves say nothing of an origin. */
static bool is_default(const struct mw_prefix *p)
{
	return p->len < (p->family == 4 ? 8 : 16);
}

static void origins_from(struct reader *r, size_t before, __u32 asn)
{
	struct feed *feed = r->feed;
	size_t n = before;

	for (size_t i = before; i < feed->set.n && !r->err; i++) {
		if (is_default(&feed->set.v[i]))
			continue;
		feed->set.v[n++] = feed->set.v[i];
		r->err = asn_add(&feed->asns, &(struct asn_entry){asn});
	}
	feed->set.n = n;
	feed->report.entries++;
}

void reader_origin(struct reader *r, char *first, char *last, const char *asn)
{
	struct mw_prefix from, to;
	size_t before = r->feed->set.n;
	const char *why;
	__u32 number;
	int err;

	if (!strcmp(asn, "0"))
		return; /* not routed */
	if (asn_parse(asn, &number)) {
		reader_refuse_word(r, asn, "not an AS number; 64500 is one");
		return;
	}
	if (prefix_parse(first, &from, NULL, &why)) {
		reader_refuse_word(r, first, why);
		return;
	}
	if (last && !range_end(r, last, &to))
		return;
	err = last ? prefix_add_range(&r->feed->set, &from, &to)
		   : prefix_add(&r->feed->set, &from);
	if (err == -EINVAL)
		reader_refuse_word(r, first,
				   "the range does not end behind it");
	else
		r->err = err;
	origins_from(r, before, number);
}
