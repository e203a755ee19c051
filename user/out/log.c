// SPDX-License-Identifier: GPL-2.0
#include "out/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "out/json.h"

static struct {
	bool quiet, verbose;
	struct json_object *document;
} mode;

void log_mode(bool quiet, bool verbose)
{
	mode.quiet = quiet;
	mode.verbose = verbose;
}

void log_into(struct json_object *document)
{
	mode.document = document;
}

bool log_verbose(void)
{
	return mode.verbose;
}

static void say_json(const char *key, const char *text)
{
	struct json_object *list;

	if (!json_object_object_get_ex(mode.document, key, &list)) {
		list = json_object_new_array();
		json_object_object_add(mode.document, key, list);
	}
	json_object_array_add(list, json_utf8(text));
}

__attribute__((format(printf, 3, 0))) static void
say(const char *key, const char *before, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, args);
	if (mode.document)
		say_json(key, text);
	else
		fprintf(stderr, "mailweir: %s%s\n", before, text);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("errors", "", format, args);
	va_end(args);
}

void log_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("warnings", "warning: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	if (mode.quiet || mode.document)
		return;
	va_start(args, format);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

void log_debug(const char *format, ...)
{
	va_list args;

	if (!mode.verbose)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}
