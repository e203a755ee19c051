// SPDX-License-Identifier: GPL-2.0
#include "gate/feed_errors.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "out/log.h"

/* Tells what was left out of a file that is taken. */
static void tell_notes(const char *file, const struct feed_report *r)
{
	char text[PATH_MAX + FEED_ERROR];

	for (size_t i = 0; i < r->notes && i < FEED_NOTES; i++) {
		report_note_text(r, i, file, text, sizeof(text));
		log_warning("%s", text);
	}
	if (r->notes > FEED_NOTES)
		log_warning("%s: %llu remarks, the first %d shown", file,
			    r->notes, FEED_NOTES);
}

void feed_errors_tell(const char *file, const struct feed_report *r, int err)
{
	void (*say)(const char *format, ...) = err ? log_error : log_warning;
	char text[PATH_MAX + FEED_ERROR];

	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++) {
		report_text(r, i, file, text, sizeof(text));
		say("%s", text);
	}
	if (err && err != -EINVAL)
		say("%s: cannot be read: %s", file, strerror(-err));
	if (r->errors > FEED_SHOWN)
		say("%s: %llu errors, the first %d shown", file, r->errors,
		    FEED_SHOWN);
	if (!err)
		tell_notes(file, r);
}
