// SPDX-License-Identifier: GPL-2.0
#include "feed/entry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "out/text.h"

enum {
	WORD_SHOWN = 60, /* bytes of a word in an error */
	FAR = 4096,	 /* PREFIX_STEPs, eleven hours */
	FAR_STEPS = 16,	 /* near enough for an end that is far away */
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

void entry_note(struct format_input *in, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	report_note(&in->feed->report, in->feed->report.lines, "%s", text);
}

void entry_note_word(struct format_input *in, const char *word,
		     const char *what)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	entry_note(in, "'%s': %s", shown, what);
}

void entry_missed(struct format_input *in, const char *line)
{
	if (in->missed_line)
		return;
	in->missed_line = in->feed->report.lines;
	text_escape(line, strlen(line), in->missed, sizeof(in->missed));
}

/* Programs may run in several containers whose output is one file, and what
 * stands behind another one's name are perhaps the words of a sender. */
void entry_own(struct format_input *in)
{
	const struct log_head *head = &in->head;
	char name[FEED_MISSED];

	snprintf(name, sizeof(name), "%.*s", (int)head->container_len,
		 head->container ? head->container : "");
	if (!in->own++)
		memcpy(in->container, name, sizeof(name));
	else if (strcmp(name, in->container))
		entry_fatal_word(in, name,
				 "another container that seems to be a mail "
				 "server; give the log of one");
}

/* --- guards -------------------------------------------------------------- */

bool entry_ends_in(struct format_input *in, double seconds)
{
	double steps = seconds / PREFIX_STEP + 0.5;
	__u32 ends = steps > PREFIX_ENDS ? 0 : steps < 1 ? 1 : steps;

	/* Every end takes a class of its own in the kernel's tables: ends that
	 * are far away share one. */
	if (ends > FAR)
		ends = (ends + FAR_STEPS / 2) / FAR_STEPS * FAR_STEPS;
	in->ends = ends > PREFIX_ENDS ? PREFIX_ENDS : ends;
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

/* --- words that name addresses ------------------------------------------- */

/* An address or a prefix; IPv6 may stand in brackets, as Postfix has it. */
static int read_prefix(const char *word, struct mw_prefix *p, bool *masked,
		       const char **why)
{
	const char *close = *word == '[' ? strchr(word, ']') : NULL;
	char inner[2 * PREFIX_TEXT];

	if (!close || (close[1] && close[1] != '/') ||
	    !memchr(word, ':', close - word) || strlen(word) >= sizeof(inner))
		return prefix_parse(word, p, masked, why);
	snprintf(inner, sizeof(inner), "%.*s%s", (int)(close - word - 1),
		 word + 1, close + 1);
	return prefix_parse(inner, p, masked, why);
}

/* One end of a range, len bytes at text, perhaps with blanks around. */
static int read_end(const char *text, size_t len, struct mw_prefix *p,
		    const char **why)
{
	char copy[2 * PREFIX_TEXT], *end;
	size_t address;
	int err;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
	end = words_trim(copy, false);
	address = strcspn(end, "/");
	if (!end[address] || len >= sizeof(copy))
		return read_prefix(end, p, NULL, why);
	end[address] = 0;
	err = read_prefix(end, p, NULL, why);
	*why = err ? *why : "a range goes from address to address";
	return -EINVAL;
}

static int read_range(const char *word, const char *dash, struct entry_words *e,
		      const char **why)
{
	int err = read_end(word, dash - word, &e->first, why);

	if (!err)
		err = read_end(dash + 1, strlen(dash + 1), &e->last, why);
	if (err)
		return err;
	if (e->first.family != e->last.family)
		*why = "the range ends in the other family";
	else if (prefix_compare(&e->first, &e->last) > 0)
		*why = "the range ends before it begins";
	else
		return 0;
	return -EINVAL;
}

int entry_read(const char *word, struct entry_words *e, const char **why)
{
	const char *dash = strchr(word, '-');

	memset(e, 0, sizeof(*e));
	e->range = dash != NULL;
	return dash ? read_range(word, dash, e, why)
		    : read_prefix(word, &e->first, &e->masked, why);
}

int entry_into(struct prefix_set *set, const struct entry_words *e, __u16 ends)
{
	struct mw_prefix first = e->first;

	first.ends = ends;
	return e->range ? prefix_add_range(set, &first, &e->last)
			: prefix_add(set, &first);
}

int entry_mask(const char *word)
{
	struct mw_prefix mask;
	const char *why;
	int len = 0;

	if (prefix_parse(word, &mask, NULL, &why))
		return -1;
	while (len < mask.len && mask.addr[len / 8] & 128 >> len % 8)
		len++;
	for (int i = len; i < mask.len; i++)
		if (mask.addr[i / 8] & 128 >> i % 8)
			return -1;
	return len;
}

/* --- entries ------------------------------------------------------------- */

/* false: refused. */
static bool read_word(struct format_input *in, const char *word,
		      struct entry_words *e)
{
	const char *why;

	if (!entry_read(word, e, &why))
		return true;
	entry_refuse_word(in, word, why);
	return false;
}

/* Adds what the words name, with an entry's guards. */
static void add_words(struct format_input *in, const struct entry_words *e,
		      const char *word)
{
	struct prefix_set *set = &in->feed->set;
	size_t before = set->n;

	in->err = entry_into(set, e, in->ends);
	for (size_t i = before; i < set->n && !in->err; i++) {
		if (!too_wide(in, &set->v[i], word))
			continue;
		set->n = before;
		return;
	}
	entry_counted(in, e->masked);
}

void entry_add(struct format_input *in, const char *word)
{
	struct entry_words e;

	if (read_word(in, word, &e))
		add_words(in, &e, word);
}

void entry_with_text(struct format_input *in, const char *word,
		     const char *text)
{
	char line[FEED_LINE + 2], *rest = line, *next;
	struct entry_words e;
	const char *why;

	snprintf(line, sizeof(line), "%s", text);
	next = words_entry(&rest);
	if (next && (*next == '-' || !entry_read(next, &e, &why)))
		entry_refuse_word(in, next,
				  "a second address on the line; format = "
				  "dshield or spamd reads the ends of a range, "
				  "fail2ban several addresses a line");
	else
		entry_add(in, word);
}

void entry_prefix(struct format_input *in, const char *word)
{
	struct entry_words e = {};
	const char *why;

	if (read_prefix(word, &e.first, &e.masked, &why))
		entry_refuse_word(in, word, why);
	else
		add_words(in, &e, word);
}

void entry_given(struct format_input *in, const struct mw_prefix *p)
{
	const struct entry_words e = {.first = *p};
	char text[PREFIX_TEXT];

	prefix_text(p, text);
	add_words(in, &e, text);
}

void entry_range(struct format_input *in, const char *first, const char *last)
{
	struct entry_words e = {.range = true};
	const char *why;
	int err = read_end(first, strlen(first), &e.first, &why);

	if (err)
		entry_refuse_word(in, first, why);
	else if (read_end(last, strlen(last), &e.last, &why))
		entry_refuse_word(in, last, why);
	else if (e.first.family != e.last.family ||
		 prefix_compare(&e.first, &e.last) > 0)
		entry_refuse_word(in, last, "the range ends before it begins");
	else
		add_words(in, &e, first);
}

void entry_exclude(struct format_input *in, const char *word)
{
	struct feed *feed = in->feed;
	struct entry_words e;

	if (!read_word(in, word, &e)) {
		/* Without the exclusion the list would hold too much. */
		feed->report.fatal++;
		return;
	}
	in->err = entry_into(&feed->except, &e, 0);
	feed->report.masked += e.masked;
	feed->report.excluded++;
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

void entry_origin(struct format_input *in, const char *first, const char *last,
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
	if (last && read_end(last, strlen(last), &to, &why)) {
		entry_refuse_word(in, last, why);
		return;
	}
	err = last ? prefix_add_range(&in->feed->set, &from, &to)
		   : prefix_add(&in->feed->set, &from);
	if (err == -EINVAL)
		entry_refuse_word(in, first,
				  "the range does not end behind it");
	else
		in->err = err;
	origins_from(in, before, number);
}
