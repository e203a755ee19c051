// SPDX-License-Identifier: GPL-2.0
#include "reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { WORD_SHOWN = 60 };

const char reader_web_page[] = "looks like a web page, not like a list";

/* --- errors -------------------------------------------------------------- */

void reader_refuse(struct reader *r, const char *format, ...)
{
	char text[512];
	va_list args;

	if (r->report->errors++ >= FEED_SHOWN)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (asprintf(&r->report->error[r->report->errors - 1], "%s:%zu: %s",
		     r->name, r->report->lines, text) < 0) {
		r->report->error[--r->report->errors] = NULL;
		r->err = -ENOMEM;
	}
}

void reader_refuse_word(struct reader *r, const char *word, const char *why)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	reader_refuse(r, "'%s': %s", shown, why);
}

/* --- entries ------------------------------------------------------------- */

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

static void entry_counted(struct reader *r, bool masked)
{
	r->report->entries++;
	r->report->masked += masked;
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
	r->err = prefix_add(r->set, &p);
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

static void entry_range(struct reader *r, char *from, char *dash)
{
	struct mw_prefix first, last;
	size_t before = r->set->n;
	int err;

	*dash = 0;
	from = reader_trim(from, false);
	dash = reader_trim(dash + 1, false);
	if (!range_end(r, from, &first) || !range_end(r, dash, &last))
		return;
	err = prefix_add_range(r->set, &first, &last);
	if (err == -EINVAL) {
		reader_refuse_word(
			r, from,
			first.family != last.family
				? "the range ends in the other family"
				: "the range ends before it begins");
		return;
	}
	r->err = err;
	for (size_t i = before; i < r->set->n; i++)
		if (too_wide(r, &r->set->v[i], from))
			return;
	entry_counted(r, false);
}

void reader_exclude(struct reader *r, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		reader_refuse_word(r, word, why);
		return;
	}
	r->report->excluded++;
	r->report->masked += masked;
	r->err = prefix_add(&r->except, &p);
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
