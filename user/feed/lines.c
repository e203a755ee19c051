// SPDX-License-Identifier: GPL-2.0
#include "feed/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/clients.h"
#include "feed/entry.h"
#include "feed/format/log_reader.h"

/* --- lines --------------------------------------------------------------- */

/* How files begin that are no text. */
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

/* The next byte of a line; NUL bytes in front of a log's are a hole that a log
 * rotated by copytruncate has. */
static int next_byte(struct format_input *in)
{
	int c = getc_unlocked(in->f);

	while (!c && !in->len && !in->goes_on &&
	       in->guard->kind == FEED_CLIENTS) {
		in->bytes++;
		c = getc_unlocked(in->f);
	}
	return c;
}

/* Reads a line into in->line, or a piece of a line that is longer than
 * FEED_LINE. 0: the file has ended, or in->err is set. */
static int line_read(struct format_input *in)
{
	int c = 0;

	in->goes_on = in->cut;
	in->len = 0;
	in->before = in->bytes;
	while (in->len <= FEED_LINE && (c = next_byte(in)) != EOF && c != '\n')
		in->line[in->len++] = c;
	in->bytes += in->len + (c == '\n');
	in->cut = in->len > FEED_LINE;
	if (ferror(in->f))
		in->err = -EIO;
	if (in->err || (!in->len && c == EOF))
		return 0;
	in->unfinished = c == EOF;
	in->feed->report.lines += !in->goes_on;
	in->line[in->len] = 0;
	return 1;
}

/* Refuses a line that runs past FEED_LINE without reading it to its end, unless
 * the format has such lines. A log may begin with lines of other programs. */
static bool line_too_long(struct format_input *in)
{
	bool may = in->format ? in->format->long_lines
			      : in->guard->kind == FEED_CLIENTS;

	if (!in->cut || may)
		return false;
	if (*in->line == '<')
		entry_fatal_word(in, in->line, entry_web_page);
	else
		entry_fatal(in, "a line longer than %d bytes; this is no list",
			    FEED_LINE);
	return true;
}

/* Refuses a file that is no text, by its first line. */
static bool line_foreign(struct format_input *in)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		if (in->len < foreign[i].len ||
		    memcmp(in->line, foreign[i].bytes, foreign[i].len))
			continue;
		entry_fatal(in, "%s", foreign[i].why);
		return true;
	}
	return false;
}

static void line_drop_bom(struct format_input *in)
{
	if (in->len < 3 || memcmp(in->line, "\xef\xbb\xbf", 3))
		return;
	in->len -= 3;
	memmove(in->line, in->line + 3, in->len + 1);
}

/* --- files that were cut ------------------------------------------------- */

/* What every line so far has, as far as a cut can take it away. */
struct shape {
	size_t lines;
	size_t words; /* at least so many */
	bool length;  /* a / */
	bool comment; /* a # or ; */
};

static struct shape shape_of(const char *line)
{
	struct shape s = {.length = strchr(line, '/'),
			  .comment = strpbrk(line, "#;")};

	for (line += strspn(line, words_blanks); *line; s.words++) {
		line += strcspn(line, words_blanks);
		line += strspn(line, words_blanks);
	}
	return s;
}

/* Does the line have less than all before? */
static bool is_cut(const struct shape *all, const char *line)
{
	struct shape s = shape_of(line);

	return all->lines > 1 &&
	       (s.words < all->words || (all->length && !s.length) ||
		(all->comment && !s.comment));
}

static void shape_add(struct shape *all, const char *line)
{
	struct shape s = shape_of(line);

	if (!s.words || strchr("#;$:!", line[strspn(line, words_blanks)]))
		return;
	if (!all->lines++) {
		*all = (struct shape){1, s.words, s.length, s.comment};
		return;
	}
	if (s.words < all->words)
		all->words = s.words;
	all->length &= s.length;
	all->comment &= s.comment;
}

/* The last line of a list has no newline: a download or a write may have ended
 * in its middle, and half an address can be another address. Formats that say
 * how much they hold are not asked. */
static void check_end(struct format_input *in, const struct shape *all,
		      bool cut)
{
	if (!in->unfinished || in->guard->kind != FEED_LIST || !in->format ||
	    in->format->tells_its_end)
		return;
	if (cut)
		entry_fatal(in, "the file ends inside this line, which has "
				"less than every other: truncated; fetch the "
				"file again");
	else if (all->lines > 1)
		entry_note(in, "no newline at the end of the file: if it was "
			       "cut there, this entry is not the one that was "
			       "meant");
}

/* --- parsing ------------------------------------------------------------- */

/* Refuses a line with content that no format begins with, unless max_errors
 * allows it. */
static void not_understood(struct format_input *in)
{
	char names[FEED_FORMATS], why[FEED_ERROR];
	const char *first = in->line + strspn(in->line, words_blanks);

	if (!*first || *first == '#' || *first == ';' || in->goes_on)
		return;
	feed_formats(in->guard->kind, names);
	snprintf(why, sizeof(why),
		 "no file that is known begins like this; %s are known, and "
		 "format = NAME in the list's section says which is meant",
		 names);
	entry_refuse_word(
		in, first,
		in->feed->report.errors ? "not understood either" : why);
}

/* One line to the format that it tells. false: no further line can help. */
static bool line_take(struct format_input *in)
{
	bool first = !in->before;

	if (first && line_foreign(in))
		return false;
	if (first)
		line_drop_bom(in);
	if (in->guard->kind == FEED_CLIENTS) {
		if (line_too_long(in))
			return false;
		clients_line(in);
		return true;
	}
	if (!in->format && !in->goes_on)
		format_start(in, format_detect(in->line, in->guard->kind));
	if (line_too_long(in))
		return false;
	if (memchr(in->line, 0, in->len)) {
		entry_fatal(in, "a NUL byte; this is no text");
		return false;
	}
	if (in->format && !in->err)
		in->format->line(in);
	else if (!in->err)
		not_understood(in);
	return true;
}

/* --- the end ------------------------------------------------------------- */

static bool is_refused(const struct format_input *in)
{
	return in->err ||
	       report_refused(&in->feed->report, in->guard->max_errors);
}

/* Has the file no entry, where that is no failure? */
static bool may_be_empty(const struct format_input *in)
{
	return in->guard->may_be_empty || in->may_be_empty ||
	       (in->format && in->format->may_be_empty);
}

#define MAY_BE_EMPTY "min_entries = 0 in its section says that it may be empty"

static void no_entries(struct format_input *in)
{
	size_t unfit = in->feed->report.unfit;

	if (unfit)
		entry_fatal(
			in,
			"no entries: by what the file says of them all %zu "
			"are nothing for a list with action = %s; " MAY_BE_EMPTY,
			unfit, in->guard->allow ? "allow" : "block");
	else
		entry_fatal(in, "no entries; an empty list is taken for a "
				"broken one, unless " MAY_BE_EMPTY);
}

static void list_end(struct format_input *in)
{
	if (in->format && in->format->end)
		in->format->end(in);
	if (!is_refused(in) && !in->feed->set.n && !in->feed->asns.n &&
	    !in->feed->report.ended && !may_be_empty(in))
		no_entries(in);
}

static void parse(struct format_input *in)
{
	struct shape all = {};
	bool cut = false;

	while (!in->err && line_read(in)) {
		cut = in->unfinished && is_cut(&all, in->line);
		shape_add(&all, in->line);
		if (!line_take(in))
			break;
	}
	if (!is_refused(in))
		check_end(in, &all, cut);
	if (is_refused(in))
		return;
	if (in->guard->kind == FEED_CLIENTS)
		clients_end(in);
	else
		list_end(in);
}

int feed_parse(FILE *f, const struct feed_guard *guard, struct feed *feed)
{
	struct format_input *in = calloc(1, sizeof(*in));
	int err;

	memset(feed, 0, sizeof(*feed));
	if (!in)
		return -ENOMEM;
	in->f = f;
	in->guard = guard;
	in->feed = feed;
	if (guard->format)
		format_start(in, format_named(guard->format, guard->kind));
	if (guard->format && !in->format)
		entry_fatal_word(in, guard->format, "not a format for this");
	else
		parse(in);
	err = in->err						 ? in->err
	      : report_refused(&feed->report, guard->max_errors) ? -EINVAL
								 : 0;
	if (in->state && in->format->free)
		in->format->free(in->state);
	log_reader_free(in->log);
	free(in->state);
	free(in);
	return err;
}
