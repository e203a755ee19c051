// SPDX-License-Identifier: GPL-2.0
#include "feed/format/log_head.h"

#include <string.h>

#include "feed/format/match.h"
#include "feed/format/words.h"

/* --- times --------------------------------------------------------------- */

/* Behind a word of no more than so many bytes, which holds none of these, and
 * the blanks behind it. */
static const char *word(const char *at, size_t most, const char *but)
{
	size_t len = at ? strcspn(at, " ") : 0;

	if (!len || len > most || at[len] != ' ' || strcspn(at, but) < len)
		return NULL;
	return at + len + strspn(at + len, " ");
}

/* The name of a month or a day of the week, in whatever language. */
static const char *name(const char *at)
{
	return word(at, 24, "[]<>\"':|=");
}

static const char *number(const char *at, size_t most)
{
	size_t len = at ? strspn(at, match_digits) : 0;

	return len && len <= most ? at + len : NULL;
}

/* "18:00:00", perhaps with a fraction. */
static const char *clock_time(const char *at)
{
	at = match_text(at, "99:99:99");
	if (at && (*at == '.' || *at == ','))
		at = match_some(at + 1, match_digits, "");
	return at;
}

/* "Z", "+01:00", "+0100", "+01", or nothing. */
static const char *offset(const char *at)
{
	static const char *const shapes[] = {"99:99", "9999", "99"};

	if (!at || (*at != '+' && *at != '-' && *at != 'Z'))
		return at;
	if (*at == 'Z')
		return at + 1;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const char *end = match_text(at + 1, shapes[i]);

		if (end)
			return end;
	}
	return NULL;
}

static const char *blank(const char *at)
{
	return at && *at == ' ' ? at + 1 : NULL;
}

const char *log_head_iso(const char *at)
{
	const char *date = match_text(at, "9999-99-99"), *zone;

	if (!date || (*date != 'T' && *date != ' '))
		return NULL;
	date = blank(offset(clock_time(date + 1)));
	zone = date && (*date == '+' || *date == '-') ? offset(date) : NULL;
	return zone && *zone == ' ' ? zone + 1 : date;
}

/* Day and time behind the name of a month: "24 18:00:00 ", " 4 ..."; a year may
 * stand before the time or behind it, and a zone before that. */
static const char *day_and_time(const char *at)
{
	const char *end, *year, *zone;

	end = number(at, 2);
	end = end ? end + strspn(end, " ") : NULL;
	year = match_text(end, "9999 ");
	at = blank(clock_time(year ? year : end));
	if (!at)
		return NULL;
	zone = word(at, 5, "abcdefghijklmnopqrstuvwxyz0123456789[]<>:./-");
	year = match_text(zone ? zone : at, "9999 ");
	return year ? year : at;
}

/* "Nov 24 18:00:00 ", "Tue Nov 24 18:00:00 2026 ", "2026 Nov 24 18:00:00 ". */
static const char *named_month(const char *at)
{
	const char *year = match_text(at, "9999 "), *first, *second, *end;

	first = name(year ? year : at);
	end = day_and_time(first);
	if (end || year)
		return end;
	second = name(first);
	return day_and_time(second);
}

/* "Tue 2026-11-24 18:00:00.123456 CET ", as journalctl prints it. */
static const char *full_time(const char *at)
{
	const char *date = match_text(name(at), "9999-99-99 ");

	return word(blank(clock_time(date)), 8,
		    "abcdefghijklmnopqrstuvwxyz[]/");
}

/* "[    12.345678] ", with "<    0.000001 >" behind the number, and
 * "1795543200.123456 ". */
static const char *seconds(const char *at)
{
	bool bracket = *at == '[';

	at += bracket;
	at += bracket ? strspn(at, " ") : 0;
	at = match_some(at, match_digits, ".");
	at = match_some(at, match_digits, "");
	if (!bracket || !at)
		return blank(at);
	if (*at == ' ')
		at = match_some(match_text(at, " <"), " 0123456789.", ">");
	return match_text(at, "] ");
}

/* Behind the time at the begin of a line and its blank; NULL: there is none. */
static const char *log_time(const char *at)
{
	static const char *(*const shapes[])(const char *) = {
		log_head_iso, full_time, named_month, seconds};

	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		const char *end = shapes[i](at);

		if (end)
			return end;
	}
	return NULL;
}

/* --- who wrote the line -------------------------------------------------- */

static const char of_programs[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789._/@+:-";

/* "PROGRAM[PID]: " */
static bool program(const char *at, struct log_head *head)
{
	size_t len = strspn(at, of_programs);
	const char *text =
		match_some(match_text(at + len, "["), match_digits, "]: ");

	if (!len || !text)
		return false;
	head->program = at;
	head->len = len;
	head->text = text;
	return true;
}

static bool is_one_of(const char *at, size_t len, const char *const of[],
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(of[i]) == len && !memcmp(of[i], at, len))
			return true;
	return strspn(at, match_digits) == len;
}

/* "mail.info ", "mail:info ", "<2.6> ", "<mail.info> ": what some write before
 * the host or behind it. Other words with a colon are of a text. */
static const char *facility(const char *at)
{
	static const char *const facilities[] = {
		"kern",	  "user",   "mail",   "daemon",	 "auth",
		"syslog", "lpr",    "news",   "uucp",	 "cron",
		"local0", "local1", "local2", "local3",	 "local4",
		"local5", "local6", "local7", "authpriv"};
	static const char *const levels[] = {
		"emerg", "alert",   "crit",   "err",  "error",
		"warn",	 "warning", "notice", "info", "debug"};
	bool angle = *at == '<';
	size_t len, level;

	at += angle;
	len = strcspn(at, ".:> ");
	if (!len || (at[len] != '.' && at[len] != ':') ||
	    !is_one_of(at, len, facilities,
		       sizeof(facilities) / sizeof(*facilities)))
		return NULL;
	at += len + 1;
	level = strcspn(at, "> ");
	if (!level ||
	    !is_one_of(at, level, levels, sizeof(levels) / sizeof(*levels)))
		return NULL;
	return match_text(at + level, angle ? "> " : " ");
}

/* A host's name or address, which does not end as a program's does. */
static const char *host(const char *at)
{
	size_t len = strspn(at, of_programs);

	return len && at[len] == ' ' && at[len - 1] != ':' ? at + len + 1
							   : NULL;
}

/* What stands between the time and the text: PROGRAM[PID]: with a host, a
 * facility, both or none in front. */
static bool tag(const char *at, struct log_head *head)
{
	const char *behind = facility(at), *behind_host;

	if (program(at, head) || (behind && program(behind, head)))
		return true;
	behind_host = host(behind ? behind : at);
	if (!behind_host)
		return false;
	behind = facility(behind_host);
	return program(behind_host, head) || (behind && program(behind, head));
}

/* Behind Solaris' "[ID 197553 mail.info] ". */
static const char *behind_id(const char *text)
{
	const char *end =
		match_some(match_text(text, "[ID "), match_digits, " ");

	end = match_any(end, "[]", "] ");
	return end ? end : text;
}

/* --- RFC 5424 ------------------------------------------------------------ */

/* Behind the structured data and its blank: "-" or [NAME KEY="VALUE"...]... */
static const char *structured(const char *at)
{
	bool quoted = false, inside = false;

	if (!at || *at == '-')
		return match_text(at, "- ");
	for (; *at && (quoted || inside || *at == '['); at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"' && inside)
			quoted = !quoted;
		else if (!quoted && *at == '[')
			inside = true;
		else if (!quoted && *at == ']')
			inside = false;
	}
	return blank(at);
}

/* "1 TIME HOST PROGRAM PID MSGID DATA TEXT" behind the priority. */
static bool rfc5424(const char *at, struct log_head *head)
{
	const char *time = match_text(at, "1 "), *behind, *end, *bom;

	time = log_head_iso(time);
	behind = time ? host(time) : NULL;
	end = behind ? behind + strspn(behind, of_programs) : NULL;
	if (!end || end == behind || *end != ' ')
		return false;
	head->program = behind;
	head->len = end - behind;
	/* the process id, and the message's kind */
	end = match_any(blank(end), " ", " ");
	head->text = structured(match_any(end, " ", " "));
	bom = match_text(head->text, "\xef\xbb\xbf");
	if (bom)
		head->text = bom;
	if (!head->text)
		head->program = NULL;
	return head->text;
}

/* --- Docker -------------------------------------------------------------- */

/* Behind the colours of a terminal. */
static const char *colours(const char *at)
{
	const char *end;

	while ((end = match_any(match_text(at, "\033["), " m|", "m")))
		at = end;
	return at;
}

/* Behind "NAME  | " of docker compose logs, or "[pod/NAME/CONTAINER] ". */
static const char *container(const char *line, struct log_head *head)
{
	const char *at = colours(line), *end, *behind;
	size_t len = strspn(at, of_programs);

	end = at + len;
	behind = colours(end + strspn(end, " "));
	behind = len && end != behind ? match_text(behind, "|") : NULL;
	if (!behind && *at == '[') {
		at++;
		len = words_begin(at, "pod/") ? strspn(at, of_programs) : 0;
		behind = len ? match_text(at + len, "]") : NULL;
	}
	behind = behind ? blank(colours(behind)) : NULL;
	behind = behind ? colours(behind) : NULL;
	if (!behind)
		return line;
	head->container = at;
	head->container_len = len;
	return behind;
}

/* Behind the time of docker logs -t, and of the files of Kubernetes also the
 * stream: "2026-11-24T18:00:00.018306084Z stdout F ". NULL: none
 * stands there. */
static const char *docker_time(const char *at)
{
	static const char *const streams[] = {"stdout F ", "stderr F "};
	const char *end = match_text(at, "9999-99-99T");

	end = end ? log_head_iso(at) : NULL;
	for (int i = 0; i < 2 && end; i++)
		if (words_begin(end, streams[i]))
			return end + strlen(streams[i]);
	return end;
}

/* --- lines --------------------------------------------------------------- */

/* "<22>" */
static const char *priority(const char *at)
{
	const char *end = match_some(match_text(at, "<"), match_digits, ">");

	return end ? end : at;
}

static bool split(const char *at, struct log_head *head)
{
	const char *time;

	at = priority(at);
	if (rfc5424(at, head)) {
		head->timed = true;
		return true;
	}
	time = log_time(at);
	head->timed = time;
	return tag(time ? time : at, head);
}

/* Docker's driver for the journal writes as the id of the container, and what
 * it writes is the line of the program in it. */
static void split_inner(struct log_head *head)
{
	struct log_head inner = {};

	if (head->len != 12 || strspn(head->program, "0123456789abcdef") < 12 ||
	    !split(head->text, &inner))
		return;
	inner.timed = true;
	inner.container = head->program;
	inner.container_len = head->len;
	*head = inner;
}

void log_head_split(const char *line, struct log_head *head)
{
	const char *at, *behind;

	memset(head, 0, sizeof(*head));
	at = container(line, head);
	behind = docker_time(at);
	if (behind && split(behind, head)) {
		/* The time is Docker's, whatever stands behind it. */
		head->timed = true;
	} else if (!split(at, head)) {
		head->text = behind ? behind : at;
		return;
	}
	split_inner(head);
	head->text = behind_id(head->text);
}

bool log_head_by(const struct log_head *head, const char *service)
{
	size_t n = strlen(service);

	return head->program && head->len > n &&
	       head->program[head->len - n - 1] == '/' &&
	       !memcmp(head->program + head->len - n, service, n);
}

bool log_head_is(const struct log_head *head, const char *program)
{
	return head->program && head->len == strlen(program) &&
	       !memcmp(head->program, program, head->len);
}
