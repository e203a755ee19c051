// SPDX-License-Identifier: GPL-2.0
#include "feed/clients.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "feed/entry.h"
#include "feed/format/log_reader.h"

/* Is there nothing to understand in the line? journalctl says "-- Journal
 * begins at" and the like. */
static bool is_empty(const char *line)
{
	line += strspn(line, words_blanks);
	return !*line || *line == '#' || *line == ';' ||
	       words_begin(line, "-- ");
}

/* A line with its head, in in->head, goes to the format. Of a log most lines
 * are of no interest. */
static void take(struct format_input *in)
{
	size_t own = in->own, errors = in->feed->report.errors;

	if (in->err || in->feed->report.fatal ||
	    (!in->head.program && is_empty(in->head.text)))
		return;
	in->heads += in->head.program != NULL;
	if (!in->format)
		format_start(in, format_of_head(&in->head));
	if (in->format && !in->err)
		in->format->line(in);
	if (!in->head.program && in->own == own &&
	    in->feed->report.errors == errors)
		entry_missed(in, in->head.text);
}

/* What follows the text of the line is cut; no line that counts is longer than
 * FEED_LINE or has a NUL byte. */
static bool is_whole(struct format_input *in)
{
	while (in->len && isspace((unsigned char)in->line[in->len - 1]))
		in->line[--in->len] = 0;
	return !in->cut && !in->goes_on && !memchr(in->line, 0, in->len);
}

void clients_line(struct format_input *in)
{
	if (!in->log)
		in->log = log_reader_new();
	if (!in->log)
		in->err = -ENOMEM;
	else if (is_whole(in))
		log_reader_line(in, take);
}

/* --- the end ------------------------------------------------------------- */

static void nobody_found(struct format_input *in)
{
	const char *whose =
		in->format ? in->format->expects : "a mail server or filter";
	char names[FEED_FORMATS];

	feed_formats(FEED_CLIENTS, names);
	if (in->own)
		entry_fatal(in,
			    "no client whose mail was accepted is named in %zu "
			    "lines of %s",
			    in->own, whose);
	else if (in->heads)
		entry_fatal(in,
			    "%zu lines of programs, and none of %s; "
			    "--format NAME says whose log it is (%s)",
			    in->heads, whose, names);
	else if (!in->missed_line)
		entry_fatal(in, "no address, and no line of a log (%s)", names);
	if (in->missed_line)
		report_fatal(&in->feed->report, in->missed_line,
			     "'%s': not understood; addresses, one a line, are "
			     "expected, or TIME HOST PROGRAM[PID]: TEXT, as "
			     "syslog, journalctl and Docker have it (%s)",
			     in->missed, names);
}

void clients_end(struct format_input *in)
{
	if (in->log)
		log_reader_end(in, take);
	if (in->format && in->format->end && !in->err)
		in->format->end(in);
	if (!in->err && !in->feed->set.n &&
	    !report_refused(&in->feed->report, in->guard->max_errors))
		nobody_found(in);
}
