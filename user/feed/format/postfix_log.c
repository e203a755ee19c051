// SPDX-License-Identifier: GPL-2.0
/*
 * Postfix's log. The lines that count, by their program and the begin of their
 * text:
 *   NAME/smtpd    QID: client=HOST[ADDRESS], with :PORT if that is logged
 *   NAME/smtpd    QID: client=HOST[LOOPBACK], orig_client=HOST[ADDRESS], of a
 *                 filter before the queue, which says whom it is for
 *   NAME/smtpd    NOQUEUE: client=HOST[ADDRESS], ...: before such a filter
 *   NAME/qmgr     QID: from=<...>, ... (queue active): it was accepted
 *   NAME/cleanup  QID: reject: and the like: it was not
 *   NAME/pickup   QID: uid=: the id is a local message's now
 *   any           QID: removed
 * NAME is Postfix's syslog_name, which begins with postfix; or it is another
 * one where the file has no line of such a one, or the format was given.
 *
 * Clients of submission are the users of this host: programs that are called so
 * do not count, nor lines with more behind the client, as sasl_username= of a
 * user. Where a filter hands on a user's message the user's address is known
 * from the line before it.
 */
#include "feed/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/format/client.h"
#include "feed/format/match.h"
#include "feed/format/postfix_queue.h"

struct postfix_log {
	struct postfix_queue *queue; /* what is not yet decided */
	struct postfix_queue *users; /* of this host, by their addresses */
	char name[64];		     /* syslog_name, up to its first / */
};

/* --- programs ------------------------------------------------------------ */

/* Only Postfix has programs called like that. */
static bool is_service(const struct log_head *head)
{
	static const char *const services[] = {
		"smtpd",   "qmgr",	    "cleanup",	       "postscreen",
		"pickup",  "bounce",	    "anvil",	       "tlsproxy",
		"dnsblog", "scache",	    "trivial-rewrite", "nqmgr",
		"oqmgr",   "postfix-script"};

	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++)
		if (log_head_by(head, services[i]))
			return true;
	return false;
}

static bool is_postfix(const struct log_head *head)
{
	return head->program && words_begin(head->program, "postfix");
}

static bool postfix_log_is(const struct log_head *head)
{
	return is_postfix(head) || is_service(head);
}

/* Where the content told the format, another name than postfix counts only if
 * it is the only one. false: the line is another program's. */
static bool is_of_one_name(struct format_input *in)
{
	struct postfix_log *log = in->state;
	const struct log_head *head = &in->head;
	char name[sizeof(log->name)];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(head->program, "/"),
		 head->program);
	if (!*log->name)
		memcpy(log->name, name, sizeof(name));
	if (words_begin(log->name, "postfix"))
		return is_postfix(head);
	if (!is_postfix(head) && !is_service(head))
		return false;
	if (strcmp(log->name, name))
		entry_fatal(in,
			    "programs of '%s' and of '%s' seem to be "
			    "Postfix's; --format postfix-log takes both",
			    log->name, name);
	return true;
}

static bool is_by(const struct log_head *head, const char *service)
{
	return !head->program || log_head_by(head, service);
}

static bool is_submission(const struct log_head *head)
{
	static const char *const words[] = {"submission", "smtps", "587",
					    "465"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (head->program && memmem(head->program, head->len, words[i],
					    strlen(words[i])))
			return true;
	return false;
}

/* --- what a line says ---------------------------------------------------- */

/* Copies QID of "QID: TEXT" and returns TEXT; NULL: the text has no QID. Short
 * ids are hexadecimal, long ones have no vowels; NOQUEUE and the words of
 * warnings are neither. */
static const char *queue_id(const char *text, char id[POSTFIX_QUEUE_ID])
{
	size_t len = strspn(text, "0123456789ABCDEF");

	if (text[len] != ':')
		len = strspn(text, "0123456789BCDFGHJKLMNPQRSTVWXYZ"
				   "bcdfghjklmnpqrstvwxyz");
	if (!len || len >= POSTFIX_QUEUE_ID / 2)
		return NULL;
	memcpy(id, text, len);
	id[len] = 0;
	return match_text(text + len, ": ");
}

/* Did Postfix write the line? Where the format was given it wrote lines without
 * a head, too, if the file has no others: journalctl -o cat prints the text
 * alone. */
static bool is_own(struct format_input *in)
{
	const struct log_head *head = &in->head;
	char id[POSTFIX_QUEUE_ID];

	if (!in->guard->format)
		return head->program && is_of_one_name(in);
	if (!head->program)
		return !in->heads && queue_id(head->text, id);
	return memchr(head->program, '/', head->len);
}

/* A client as it is logged: HOST[ADDRESS] or HOST[ADDRESS]:PORT. */
struct named {
	const char *address, *rest; /* rest: behind it, perhaps empty */
	size_t len;
};

/* The client of a field that ends at a comma, or with the line. */
static bool client_field(const char *field, struct named *c)
{
	size_t len = strcspn(field, " ,");
	const char *open = memrchr(field, '[', len);
	const char *close = memrchr(field, ']', len), *port;

	if (!open || !close || close < open)
		return false;
	port = match_some(match_text(close, "]:"), match_digits, "");
	c->rest = port ? port : close + 1;
	c->address = open + 1;
	c->len = close - open - 1;
	return c->rest == field + len;
}

/* Will the message not be accepted, or does its id belong to another message
 * from now on? */
static bool is_over(const struct log_head *head, const char *text)
{
	static const char *const begins[] = {
		"reject: ", "milter-reject: ", "discard: ", "milter-discard: "};

	if (is_by(head, "pickup") && words_begin(text, "uid="))
		return true;
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (is_by(head, "cleanup") && words_begin(text, begins[i]))
			return true;
	return !strcmp(text, "removed");
}

/* --- messages ------------------------------------------------------------ */

/* Remembers that a user of this host is at that address. */
static void remember_user(struct postfix_log *log, const struct named *c)
{
	char address[PREFIX_TEXT];
	struct mw_prefix p;

	if (!client_parse(c->address, c->len, &p))
		return;
	prefix_text(&p, address);
	postfix_queue_put(log->users, address, &p);
}

/* Whom a filter before the queue hands on: orig_client= behind a client of this
 * host. What was queued before has been counted then. */
static bool handed_on(struct postfix_log *log, const struct named *c,
		      struct mw_prefix *client)
{
	const char *field = match_text(c->rest, ", orig_client=");
	char address[PREFIX_TEXT];
	struct named orig;

	if (!field || !client_is_loopback(c->address, c->len) ||
	    !client_field(field, &orig) || *orig.rest ||
	    !client_parse(orig.address, orig.len, client))
		return false;
	prefix_text(client, address);
	return !postfix_queue_has(log->users, address);
}

/* "client=..." of a message, or of one (id NULL) that a filter sees first. */
static void client_line(struct postfix_log *log, const struct log_head *head,
			const char *id, const char *field)
{
	struct mw_prefix client;
	struct named c;
	bool known = client_field(field, &c);
	bool user = known &&
		    (is_submission(head) || words_begin(c.rest, ", sasl_"));

	if (user)
		remember_user(log, &c);
	if (!id)
		return;
	if (known && !user && !*c.rest &&
	    client_parse(c.address, c.len, &client))
		postfix_queue_put(log->queue, id, &client);
	else if (known && !user && handed_on(log, &c, &client))
		postfix_queue_put(log->queue, id, &client);
	else
		postfix_queue_take(log->queue, id, NULL);
}

static void message(struct format_input *in, struct postfix_log *log)
{
	const struct log_head *head = &in->head;
	char id[POSTFIX_QUEUE_ID];
	const char *text = queue_id(head->text, id), *field;
	struct mw_prefix client;
	bool smtpd = is_by(head, "smtpd");

	field = smtpd ? match_text(head->text, "NOQUEUE: client=") : NULL;
	if (field)
		client_line(log, head, NULL, field);
	if (!text)
		return;
	field = smtpd ? match_text(text, "client=") : NULL;
	if (field)
		client_line(log, head, id, field);
	else if (is_over(head, text))
		postfix_queue_take(log->queue, id, NULL);
	else if (is_by(head, "qmgr") && words_begin(text, "from=<") &&
		 words_end(text, " (queue active)") &&
		 postfix_queue_take(log->queue, id, &client))
		entry_client(in, &client);
}

static void postfix_log_line(struct format_input *in)
{
	struct postfix_log *log = in->state;

	if (!is_own(in))
		return;
	entry_own(in);
	if (!log->queue)
		log->queue = postfix_queue_new();
	if (!log->users)
		log->users = postfix_queue_new();
	if (log->queue && log->users)
		message(in, log);
	else
		in->err = -ENOMEM;
}

static void postfix_log_free(void *state)
{
	struct postfix_log *log = state;

	free(log->queue);
	free(log->users);
}

const struct format format_postfix_log = {
	.name = "postfix-log",
	.kind = FEED_CLIENTS,
	.is_head = postfix_log_is,
	.line = postfix_log_line,
	.free = postfix_log_free,
	.state = sizeof(struct postfix_log),
	.expects = "Postfix (NAME/smtpd, NAME/qmgr)",
	.long_lines = true,
};
