// SPDX-License-Identifier: GPL-2.0
/*
 * Clients: addresses, or the log of a mail server or filter, of which only
 * those count whose mail was accepted. Much of a log's line is what a sender
 * wrote: names, HELO, envelope, Message-ID. Nothing is looked for in a line; it
 * is read from its first byte on, by what the program puts at fixed places, and
 * a line that can be read in two ways is left out.
 */
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "postfix_queue.h"

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

/* --- reading a line from its begin --------------------------------------- */

/* Behind this text, in which 9 is a digit, A a letter and ? one of them or a
 * blank; NULL: something else stands there. */
static const char *behind(const char *at, const char *text)
{
	for (; at && *text; at++, text++) {
		bool digit = isdigit((unsigned char)*at);
		bool letter = isalpha((unsigned char)*at);
		bool fits = *text == '9'   ? digit
			    : *text == 'A' ? letter
			    : *text == '?' ? digit || letter || *at == ' '
					   : *at == *text;

		if (!fits)
			return NULL;
	}
	return at;
}

/* Behind one or more of these characters, and then that text. */
static const char *behind_some(const char *at, const char *of, const char *text)
{
	size_t n = at ? strspn(at, of) : 0;

	return n ? behind(at + n, text) : NULL;
}

/* Behind what holds none of these characters, and then that text. */
static const char *behind_any(const char *at, const char *but, const char *text)
{
	return at ? behind(at + strcspn(at, but), text) : NULL;
}

/* Does this text, without any 9, A and ?, stand there once? */
static bool once(const char *in, const char *text)
{
	const char *first = strstr(in, text);

	return first && !strstr(first + 1, text);
}

/* --- syslog: TIME HOST PROGRAM[PID]: TEXT -------------------------------- */

/* Behind "Nov 24 18:00:00 " or "2026-11-24T18:00:00.123456+00:00 ". */
static const char *log_time(const char *line)
{
	const char *at = behind(line, "AAA ?9 99:99:99 "), *zone;

	if (at)
		return at;
	at = behind(line, "9999-99-99T99:99:99");
	if (at && (*at == '.' || *at == ','))
		at = behind_some(at + 1, digits, "");
	if (!at)
		return NULL;
	zone = behind(at, "Z ");
	if (!zone && (*at == '+' || *at == '-')) {
		zone = behind(at + 1, "99:99 ");
		zone = zone ? zone : behind(at + 1, "9999 ");
	}
	return zone;
}

struct logged {
	const char *program, *text;
	size_t len; /* of program */
};

static bool log_split(const char *line, struct logged *l)
{
	const char *host = log_time(line);

	l->program = behind_any(host, " ", " ");
	if (!l->program)
		return false;
	l->len = strcspn(l->program, " [:");
	l->text = behind_some(behind(l->program + l->len, "["), digits, "]: ");
	return l->text;
}

/* Is the program Postfix's SYSLOG_NAME/SERVICE, if it is Postfix's? */
static bool logged_by(const struct logged *l, const char *service)
{
	size_t n = strlen(service);

	return l->len > n && l->program[l->len - n - 1] == '/' &&
	       !memcmp(l->program + l->len - n, service, n);
}

/* --- what a line says ---------------------------------------------------- */

/* The line as it stands, without what follows its text. false: it is not all
 * there, and no line that counts is so long. */
static bool whole_line(struct reader *r)
{
	char *end = r->line + r->len;

	while (end > r->line && isspace((unsigned char)end[-1]))
		*--end = 0;
	return !r->cut && !r->goes_on;
}

/* Of a log; what is of this host, or none, is nobody's history. */
static bool client_parse(const char *from, size_t len, struct mw_prefix *client)
{
	char address[PREFIX_TEXT];
	const char *mapped, *why;

	if (len >= sizeof(address) || memchr(from, '/', len))
		return false;
	memcpy(address, from, len);
	address[len] = 0;
	/* How a listener for both families sees an IPv4 client. */
	mapped = behind(address, "::ffff:");
	mapped = mapped && strchr(mapped, '.') ? mapped : address;
	if (prefix_parse(mapped, client, NULL, &why))
		return false;
	if (client->family == 4)
		return client->addr[0] && client->addr[0] != 127;
	/* :: and ::1 */
	for (int i = 0; i < 15; i++)
		if (client->addr[i])
			return true;
	return client->addr[15] > 1;
}

/* A log names a client with each of its messages: before they are more than
 * memory holds, those that are there already go. */
enum { CLIENTS_SORT = 1 << 20 };

static int clients_unique(struct reader *r)
{
	struct prefix_set *set = &r->feed->set;
	int err = prefix_sort(set);
	size_t n = 0;

	for (size_t i = 0; i < set->n && !err; i++)
		if (!n || prefix_compare(&set->v[i], &set->v[n - 1]))
			set->v[n++] = set->v[i];
	if (err)
		return err;
	r->feed->report.duplicates += set->n - n;
	set->n = n;
	r->sort_at = n * 2 > CLIENTS_SORT ? n * 2 : CLIENTS_SORT;
	return 0;
}

static void client_accepted(struct reader *r, const struct mw_prefix *client)
{
	r->feed->report.entries++;
	r->err = prefix_add(&r->feed->set, client);
	if (!r->err && r->feed->set.n >= (r->sort_at ?: CLIENTS_SORT))
		r->err = clients_unique(r);
}

/* --- addresses, one a line ----------------------------------------------- */

/* What is not of a log, of whichever program; journalctl says "-- Journal
 * begins at" first. */
static bool addresses_is(const char *line)
{
	return !log_time(line) && !reader_begins(line, "-- ");
}

static void addresses_line(struct reader *r)
{
	char *word = reader_trim(r->line, true);

	if (*word == '<')
		reader_fatal_word(r, word, reader_web_page);
	else if (strchr(word, '/'))
		reader_refuse_word(r, word,
				   "a prefix; clients are addresses, one a "
				   "line");
	else if (word[strcspn(word, " \t\v\f\r")])
		reader_refuse_word(r, word,
				   "more than one word; one address a line, "
				   "and comments begin with # or ;");
	else if (*word)
		reader_prefix(r, word);
}

/* --- Postfix's log ------------------------------------------------------- */

/*
 * The lines that count, by their program and the begin of their text:
 *   .../smtpd    QID: client=NAME[ADDRESS], with :PORT if that is logged
 *   .../qmgr     QID: from=<...>, ... (queue active): it was accepted
 *   .../cleanup  QID: reject: and the like: it was not
 *   .../pickup   QID: uid=: the id is a local message's now
 *   any          QID: removed
 * The first part of a program's name is its syslog_name, which begins with
 * postfix. Clients of submission are the users of this host: programs that are
 * called so do not count, nor lines with more behind the client: sasl_username=
 * of a user, orig_client= of what a content filter hands back.
 */

/* QID of "QID: ...", and what is behind it. Short ids are hexadecimal, long
 * ones have no vowels; NOQUEUE and words of warnings are neither. */
static const char *queue_id(const char *text, char id[POSTFIX_QUEUE_ID])
{
	size_t len = strspn(text, "0123456789ABCDEF");

	if (text[len] != ':')
		len = strspn(text, "0123456789BCDFGHJKLMNPQRSTVWXYZ"
				   "bcdfghjklmnpqrstvwxyz");
	if (!len || len >= POSTFIX_QUEUE_ID)
		return NULL;
	memcpy(id, text, len);
	id[len] = 0;
	return behind(text + len, ": ");
}

static bool is_submission(const struct logged *l)
{
	static const char *const words[] = {"submission", "smtps", "587",
					    "465"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(l->program, l->len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* NAME[ADDRESS] or NAME[ADDRESS]:PORT, up to the end of the line. */
static bool client_field(const char *field, struct mw_prefix *client)
{
	const char *open = strrchr(field, '['), *close = strrchr(field, ']');

	if (!open || !close || close < open || strpbrk(field, " ,"))
		return false;
	if (close[1] && (close[1] != ':' || !reader_is_number(close + 2)))
		return false;
	return client_parse(open + 1, close - open - 1, client);
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

/* It will not be accepted, or another message has its id now. */
static bool is_over(const struct logged *l, const char *text)
{
	static const char *const begins[] = {
		"reject: ", "milter-reject: ", "discard: ", "milter-discard: "};

	if (logged_by(l, "pickup"))
		return reader_begins(text, "uid=");
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (logged_by(l, "cleanup") && reader_begins(text, begins[i]))
			return true;
	return !strcmp(text, "removed");
}

static void postfix_message(struct reader *r, const struct logged *l)
{
	char id[POSTFIX_QUEUE_ID];
	const char *text = queue_id(l->text, id), *field;
	struct mw_prefix client;

	if (!text)
		return;
	field = logged_by(l, "smtpd") ? behind(text, "client=") : NULL;
	if (field && !is_submission(l) && client_field(field, &client))
		postfix_queue_put(r->queue, id, &client);
	else if (field || is_over(l, text))
		postfix_queue_take(r->queue, id, NULL);
	else if (logged_by(l, "qmgr") && reader_begins(text, "from=<") &&
		 ends_with(text, " (queue active)") &&
		 postfix_queue_take(r->queue, id, &client))
		client_accepted(r, &client);
}

static bool postfix_log_is(const char *line)
{
	struct logged l;

	return log_split(line, &l) && reader_begins(l.program, "postfix");
}

static void postfix_log_line(struct reader *r)
{
	struct logged l;

	if (!whole_line(r) || !log_split(r->line, &l) ||
	    !reader_begins(l.program, "postfix"))
		return;
	if (!r->queue)
		r->queue = postfix_queue_new();
	if (r->queue)
		postfix_message(r, &l);
	else
		r->err = -ENOMEM;
}

/* --- rspamd's log -------------------------------------------------------- */

/*
 * Its log_format as it comes, all on one line of its own file or of syslog:
 *   id: <MESSAGE-ID>, qid: <QID>, ip: ADDRESS, from: <ENVELOPE>,
 *   (default: F (no action): [SCORE/MOST] [SYMBOLS]), len: ..., time: ...,
 *   dns req: ..., digest: <HEX>, rcpts: <ENVELOPE>, mime_rcpts: ...
 * with "user: NAME," behind the address of an authenticated client, which does
 * not count. It leaves out what it does not know, so a Message-ID could stand in
 * for an address, and a sender for a better action: "(default: " and the digest
 * must be there once, and recipients, which only a mail server names. Only the
 * sender may be missing, of a bounce.
 */

/* Behind who wrote the line: "#PID(TYPE) " of its own file, with the time, or
 * syslog's head, perhaps with both. NULL: it is not rspamd's. */
static const char *rspamd_head(const char *line)
{
	const char *at = behind(line, "9999-99-99 99:99:99"), *level;
	struct logged l;

	if (!at) {
		if (!log_split(line, &l) || l.len != strlen("rspamd") ||
		    !reader_begins(l.program, "rspamd"))
			return NULL;
		return l.text;
	}
	if (*at == '.')
		at = behind_some(at + 1, digits, "");
	at = behind(at, " ");
	level = behind_some(behind(at, "["), letters, "] ");
	return behind(level ? level : at, "#9") ? level ? level : at : NULL;
}

/* Behind the process, where it is named: not the controller, to which people
 * show old mail. */
static const char *rspamd_process(const char *at)
{
	const char *type = behind_some(behind(at, "#"), digits, "(");
	const char *normal, *proxy;

	type = type ? type : behind(at, "(");
	if (!type)
		return at;
	normal = behind(type, "normal) ");
	proxy = behind(type, "rspamd_proxy) ");
	return normal ? normal : proxy;
}

/* Behind "<TAG>; task; rspamd_task_write_log: " */
static const char *rspamd_text(const char *at)
{
	const char *task = behind_any(behind(at, "<"), "<>; ", ">; task; ");
	const char *proxy = behind_any(behind(at, "<"), "<>; ", ">; proxy; ");

	return behind(task ? task : proxy, "rspamd_task_write_log: ");
}

/* What holds no < and > ends where it seems to. */
static void rspamd_message(struct reader *r, const char *text)
{
	struct mw_prefix client;
	const char *at, *address, *end, *digest;

	at = behind_any(behind(text, "id: <"), "<>", ">, qid: <");
	address = behind_any(at, "<>, ", ">, ip: ");
	end = behind_any(address, ", ", "");
	at = behind_any(behind(end, ", from: <"), "<>", ">");
	at = behind(at ? at : end, ", (default: F (no action): [");
	if (!at || !once(text, "(default: ") || !once(at, ", digest: <"))
		return;
	digest = strstr(at, ", digest: <") + strlen(", digest: <");
	if (behind_some(digest, "0123456789abcdef", ">, rcpts: <") &&
	    client_parse(address, end - address, &client))
		client_accepted(r, &client);
}

static bool rspamd_log_is(const char *line)
{
	return rspamd_head(line);
}

static void rspamd_log_line(struct reader *r)
{
	const char *text;

	if (!whole_line(r))
		return;
	text = rspamd_text(rspamd_process(rspamd_head(r->line)));
	if (text)
		rspamd_message(r, text);
}

const struct format format_addresses = {
	.name = "addresses",
	.is = addresses_is,
	.line = addresses_line,
	.kind = FEED_CLIENTS,
};
const struct format format_postfix_log = {
	.name = "postfix-log",
	.is = postfix_log_is,
	.line = postfix_log_line,
	.kind = FEED_CLIENTS,
	.long_lines = true,
	.may_be_empty = true,
};
const struct format format_rspamd_log = {
	.name = "rspamd-log",
	.is = rspamd_log_is,
	.line = rspamd_log_line,
	.kind = FEED_CLIENTS,
	.long_lines = true,
	.may_be_empty = true,
};
