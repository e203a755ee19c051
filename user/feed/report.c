// SPDX-License-Identifier: GPL-2.0
#include "feed/feed.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 0))) static void
add(struct feed_report *r, size_t line, const char *format, va_list args)
{
	struct feed_error *e;

	if (r->errors++ >= FEED_SHOWN)
		return;
	e = &r->error[r->errors - 1];
	e->line = line;
	vsnprintf(e->text, sizeof(e->text), format, args);
}

void report_note(struct feed_report *r, size_t line, const char *format, ...)
{
	struct feed_error *note;
	va_list args;

	if (r->notes++ >= FEED_NOTES)
		return;
	note = &r->note[r->notes - 1];
	note->line = line;
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

void report_error(struct feed_report *r, size_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(r, line, format, args);
	va_end(args);
}

void report_fatal(struct feed_report *r, size_t line, const char *format, ...)
{
	va_list args;

	r->fatal++;
	va_start(args, format);
	add(r, line, format, args);
	va_end(args);
}

bool report_refused(const struct feed_report *r, size_t max_errors)
{
	return r->fatal || r->errors > max_errors;
}

static void to_text(const struct feed_error *e, const char *name, char *text,
		    size_t size)
{
	if (e->line)
		snprintf(text, size, "%s:%llu: %s", name, e->line, e->text);
	else
		snprintf(text, size, "%s: %s", name, e->text);
}

void report_text(const struct feed_report *r, size_t i, const char *name,
		 char *text, size_t size)
{
	to_text(&r->error[i], name, text, size);
}

void report_note_text(const struct feed_report *r, size_t i, const char *name,
		      char *text, size_t size)
{
	to_text(&r->note[i], name, text, size);
}
