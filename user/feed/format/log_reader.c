// SPDX-License-Identifier: GPL-2.0
#include "feed/format/log_reader.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "feed/format/json_text.h"
#include "feed/format/match.h"
#include "feed/format/words.h"

/* What lines of the file are. */
enum shape { PLAIN, EXPORT, VERBOSE, JSON };

struct log_reader {
	enum shape shape;
	/* A record of journalctl: its program and its message. */
	char program[256], message[FEED_LINE + 2];
	bool has_message, again; /* again: a field was there twice */
	struct json_tokener *json;
	/* A first line without a time may be the end of one with a time. */
	char held[FEED_LINE + 2];
	bool holds, decided, timeless;
};

typedef void take_fn(struct format_input *in);

struct log_reader *log_reader_new(void)
{
	return calloc(1, sizeof(struct log_reader));
}

void log_reader_free(struct log_reader *reader)
{
	if (reader && reader->json)
		json_tokener_free(reader->json);
	free(reader);
}

/* --- lines --------------------------------------------------------------- */

static void take_line(struct format_input *in, const char *line, take_fn *take)
{
	log_head_split(line, &in->head);
	take(in);
}

/*
 * Some containers log without a time. Where other lines have one, a line that
 * seems to begin with PROGRAM[PID]: is the end of one that was cut, or of a
 * message of several lines, and can be anybody's words.
 */
static void plain_line(struct format_input *in, const char *line, take_fn *take)
{
	struct log_reader *r = in->log;

	log_head_split(line, &in->head);
	if (!in->head.program || in->head.timed) {
		if (in->head.program && !r->decided) {
			r->decided = true;
			r->holds = false;
		}
		take(in);
	} else if (r->timeless) {
		take(in);
	} else if (!r->decided && !r->holds) {
		snprintf(r->held, sizeof(r->held), "%s", line);
		r->holds = true;
	} else if (!r->decided) {
		r->decided = r->timeless = true;
		r->holds = false;
		take_line(in, r->held, take);
		take_line(in, line, take);
	} else {
		in->head = (struct log_head){.text = line};
		take(in);
	}
}

/* --- records of journalctl ----------------------------------------------- */

static void record_clear(struct log_reader *r)
{
	*r->program = 0;
	r->has_message = r->again = false;
}

/* A record is as good as a line of its program; where a field was there twice
 * it could be read in two ways. */
static void record_end(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;

	if (*r->program && r->has_message && !r->again) {
		in->head = (struct log_head){.program = r->program,
					     .len = strlen(r->program),
					     .text = r->message,
					     .timed = true};
		take(in);
	}
	record_clear(r);
}

/* Copies a field that counts. */
static void record_field(struct log_reader *r, const char *name,
			 const char *value)
{
	if (!strcmp(name, "SYSLOG_IDENTIFIER")) {
		r->again |= *r->program != 0;
		snprintf(r->program, sizeof(r->program), "%s", value);
	} else if (!strcmp(name, "MESSAGE")) {
		r->again |= r->has_message;
		snprintf(r->message, sizeof(r->message), "%s", value);
		r->has_message = true;
	}
}

/* "NAME=VALUE" */
static void record_line(struct log_reader *r, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = 0;
	record_field(r, line, value);
}

/*
 * A field of bytes: NAME, a newline, the size in 8 bytes, little endian, the
 * bytes and a newline. No message that counts is one: they hold control
 * characters. So the bytes are skipped, whatever lines they seem to have.
 */
static void skip_bytes(struct format_input *in)
{
	struct log_reader *r = in->log;
	__u64 size;

	if (fread(&size, sizeof(size), 1, in->f) != 1)
		return;
	in->bytes += sizeof(size);
	for (size = le64toh(size) + 1; size && getc_unlocked(in->f) != EOF;
	     size--)
		in->bytes++;
	if (!strcmp(in->line, "MESSAGE"))
		r->again = true;
}

static void export_line(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;

	if (!*in->line)
		record_end(in, take);
	else if (!strchr(in->line, '='))
		skip_bytes(in);
	else
		record_line(r, in->line);
}

/* A field begins at four blanks; a value of several lines goes on
 * further in. */
static void verbose_line(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;

	if (!words_begin(in->line, "    "))
		record_end(in, take);
	else if (in->line[4] != ' ')
		record_line(r, in->line + 4);
}

/* --- JSON ---------------------------------------------------------------- */

/* An object of journalctl -o json, or of a file of Docker's. */
static void take_json(struct format_input *in, struct json_object *o,
		      take_fn *take)
{
	struct log_reader *r = in->log;
	const char *program = json_text(o, "SYSLOG_IDENTIFIER"),
		   *message = json_text(o, "MESSAGE"),
		   *log = json_text(o, "log");
	size_t len = log ? strlen(log) : 0;

	record_clear(r);
	if (program && message) {
		record_field(r, "SYSLOG_IDENTIFIER", program);
		record_field(r, "MESSAGE", message);
		record_end(in, take);
	} else if (len && len < sizeof(r->message) && log[len - 1] == '\n') {
		snprintf(r->message, sizeof(r->message), "%.*s", (int)len - 1,
			 log);
		plain_line(in, r->message, take);
	}
}

/* Objects may span lines; what stands before one (data:, a record separator) is
 * skipped. */
static void json_line(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;
	const char *text = in->line;
	struct json_object *o;
	bool inside = r->json &&
		      json_tokener_get_error(r->json) == json_tokener_continue;

	if (!r->json)
		r->json = json_tokener_new();
	if (!inside)
		text += strcspn(text, "{");
	if (!r->json || !*text)
		return;
	o = json_tokener_parse_ex(r->json, text, strlen(text));
	if (json_object_is_type(o, json_type_object))
		take_json(in, o, take);
	if (json_tokener_get_error(r->json) != json_tokener_continue)
		json_tokener_reset(r->json);
	json_object_put(o);
}

/* --- the file ------------------------------------------------------------ */

/* What the first lines tell of the file. */
static enum shape shape_of(const char *line)
{
	const char *json = match_text(line, "data: "), *date;

	line += *line == '\036'; /* of a sequence of JSON */
	if (*(json ? json : line) == '{')
		return JSON;
	if (words_begin(line, "__CURSOR=") ||
	    words_begin(line, "__REALTIME_TIMESTAMP="))
		return EXPORT;
	date = match_any(line, " ", " 9999-99-99 99:99:99");
	return date && strstr(date, " [s=") ? VERBOSE : PLAIN;
}

void log_reader_line(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;

	if (r->shape == PLAIN && !r->decided && !in->heads && !in->own)
		r->shape = shape_of(in->line);
	if (r->shape == EXPORT)
		export_line(in, take);
	else if (r->shape == VERBOSE)
		verbose_line(in, take);
	else if (r->shape == JSON)
		json_line(in, take);
	else
		plain_line(in, in->line, take);
}

void log_reader_end(struct format_input *in, take_fn *take)
{
	struct log_reader *r = in->log;

	if (r->holds)
		take_line(in, r->held, take);
	record_end(in, take);
}
