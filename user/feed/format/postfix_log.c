// SPDX-License-Identifier: GPL-2.0
/*
 * Postfix's log. The lines that count, by their program and the begin of their
 * text:
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
#include "feed/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/format/client.h"
#include "feed/format/log_head.h"
#include "feed/format/match.h"
#include "feed/format/postfix_queue.h"

struct postfix_log {
	struct postfix_queue *queue; /* what is not yet decided */
};

/* Copies QID of "QID: TEXT" and returns TEXT; NULL: the text has no QID. Short
 * ids are hexadecimal, long ones have no vowels; NOQUEUE and the words of
 * warnings are neither. */
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
	return match_text(text + len, ": ");
}

static bool is_submission(const struct log_head *l)
{
	static const char *const words[] = {"submission", "smtps", "587",
					    "465"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memmem(l->program, l->len, words[i], strlen(words[i])))
			return true;
	return false;
}

/* Reads NAME[ADDRESS] or NAME[ADDRESS]:PORT, up to the end of the line. */
static bool client_field(const char *field, struct mw_prefix *client)
{
	const char *open = strrchr(field, '['), *close = strrchr(field, ']');

	if (!open || !close || close < open || strpbrk(field, " ,"))
		return false;
	if (close[1] && (close[1] != ':' || !words_is_number(close + 2)))
		return false;
	return client_parse(open + 1, close - open - 1, client);
}

/* Will the message not be accepted, or does its id belong to another message
 * from now on? */
static bool is_over(const struct log_head *l, const char *text)
{
	static const char *const begins[] = {
		"reject: ", "milter-reject: ", "discard: ", "milter-discard: "};

	if (log_head_by(l, "pickup"))
		return words_begin(text, "uid=");
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (log_head_by(l, "cleanup") && words_begin(text, begins[i]))
			return true;
	return !strcmp(text, "removed");
}

static void postfix_message(struct format_input *in, const struct log_head *l)
{
	struct postfix_log *log = in->state;
	char id[POSTFIX_QUEUE_ID];
	const char *text = queue_id(l->text, id), *field;
	struct mw_prefix client;

	if (!text)
		return;
	field = log_head_by(l, "smtpd") ? match_text(text, "client=") : NULL;
	if (field && !is_submission(l) && client_field(field, &client))
		postfix_queue_put(log->queue, id, &client);
	else if (field || is_over(l, text))
		postfix_queue_take(log->queue, id, NULL);
	else if (log_head_by(l, "qmgr") && words_begin(text, "from=<") &&
		 words_end(text, " (queue active)") &&
		 postfix_queue_take(log->queue, id, &client))
		entry_client(in, &client);
}

static bool postfix_log_is(const char *line)
{
	struct log_head l;

	return log_head_split(line, &l) && words_begin(l.program, "postfix");
}

static void postfix_log_line(struct format_input *in)
{
	struct postfix_log *log = in->state;
	struct log_head l;

	if (!log_head_whole(in) || !log_head_split(in->line, &l) ||
	    !words_begin(l.program, "postfix"))
		return;
	if (!log->queue)
		log->queue = postfix_queue_new();
	if (log->queue)
		postfix_message(in, &l);
	else
		in->err = -ENOMEM;
}

static void postfix_log_free(void *state)
{
	struct postfix_log *log = state;

	free(log->queue);
}

const struct format format_postfix_log = {
	.name = "postfix-log",
	.is = postfix_log_is,
	.line = postfix_log_line,
	.free = postfix_log_free,
	.state = sizeof(struct postfix_log),
	.kind = FEED_CLIENTS,
	.long_lines = true,
	.may_be_empty = true,
};
