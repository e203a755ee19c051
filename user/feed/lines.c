// SPDX-License-Identifier: GPL-2.0
#include "feed/feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/entry.h"

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

/* Reads a line into in->line, or a piece of a line that is longer than
 * FEED_LINE. 0: the file has ended, or in->err is set. */
static int line_read(struct format_input *in)
{
	int c = 0;

	in->goes_on = in->cut;
	in->len = 0;
	in->before = in->bytes;
	while (in->len <= FEED_LINE && (c = getc_unlocked(in->f)) != EOF &&
	       c != '\n')
		in->line[in->len++] = c;
	in->bytes += in->len + (c == '\n');
	in->cut = in->len > FEED_LINE;
	if (ferror(in->f))
		in->err = -EIO;
	if (in->err || (!in->len && c == EOF))
		return 0;
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

/* --- parsing ------------------------------------------------------------- */

/* From now on lines go to that format (NULL: it is not known yet). */
static void format_start(struct format_input *in, const struct format *format)
{
	in->format = format;
	if (!format || !format->state)
		return;
	in->state = calloc(1, format->state);
	if (!in->state)
		in->err = -ENOMEM;
}

/* One line to the format that it tells. false: no further line can help. */
static bool line_take(struct format_input *in)
{
	bool first = !in->before;

	if (first && line_foreign(in))
		return false;
	if (first)
		line_drop_bom(in);
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
	return true;
}

static void none_found(struct format_input *in)
{
	if (in->guard->kind == FEED_CLIENTS && !in->format)
		entry_fatal(in, "no address, and no line that Postfix or "
				"rspamd wrote");
	else
		entry_fatal(in, "no entries; an empty list is taken for a "
				"broken one");
}

static void parse(struct format_input *in)
{
	struct feed_report *report = &in->feed->report;

	while (!in->err && line_read(in) && line_take(in))
		;
	if (!in->err && !report_refused(report, in->guard->max_errors) &&
	    in->format && in->format->end)
		in->format->end(in);
	if (!in->err && !report_refused(report, in->guard->max_errors) &&
	    !in->feed->set.n && !in->feed->asns.n &&
	    !(in->format && in->format->may_be_empty))
		none_found(in);
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
	free(in->state);
	free(in);
	return err;
}
