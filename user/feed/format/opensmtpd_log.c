// SPDX-License-Identifier: GPL-2.0
/*
 * OpenSMTPD's log, of a session's id:
 *   ID smtp connected address=ADDRESS host=NAME       event=connected in 6.0
 *   ID smtp authentication user=NAME ... result=ok    a user: does not count
 *   ID smtp message msgid=... size=... nrcpt=...      it was accepted
 *   ID smtp disconnected ...
 * and of versions before
 *   smtp-in: New session ID from host NAME [ADDRESS]
 *   smtp-in: Accepted message MSGID on session ID: from=<...>
 *   smtp-in: Closing session ID
 */
#include "feed/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/format/client.h"
#include "feed/format/match.h"
#include "feed/format/postfix_queue.h"

struct opensmtpd_log {
	struct postfix_queue *sessions; /* their clients, by the session's id */
};

static const char of_ids[] = "0123456789abcdef";

/* Copies the 16 digits of a session's id; NULL: none stands there. */
static const char *session_id(const char *at, char id[POSTFIX_QUEUE_ID])
{
	size_t len = at ? strspn(at, of_ids) : 0;

	if (len != 16)
		return NULL;
	memcpy(id, at, len);
	id[len] = 0;
	return at + len;
}

/* An address up to the blank: 192.0.2.1, [2001:db8::1], [IPv6:2001:db8::1]. */
static bool read_address(const char *at, size_t len, struct mw_prefix *client)
{
	const char *inner = match_text(at, "["), *ipv6;

	if (!inner)
		return client_parse(at, len, client);
	if (len < 2 || at[len - 1] != ']')
		return false;
	ipv6 = match_text(inner, "IPv6:");
	inner = ipv6 ? ipv6 : inner;
	return client_parse(inner, at + len - 1 - inner, client);
}

static bool opensmtpd_log_is(const struct log_head *head)
{
	char id[POSTFIX_QUEUE_ID];

	return log_head_is(head, "smtpd") &&
	       (match_text(session_id(head->text, id), " ") ||
		words_begin(head->text, "smtp-in: "));
}

/* "ID smtp EVENT ...", also "ID smtp event=EVENT ...". */
static void event(struct format_input *in, const char *id, const char *text)
{
	struct opensmtpd_log *log = in->state;
	const char *named = match_text(text, "event="), *address;
	struct mw_prefix client;

	text = named ? named : text;
	address = match_text(text, "connected address=");
	if (address && read_address(address, strcspn(address, " "), &client))
		postfix_queue_put(log->sessions, id, &client);
	else if (words_begin(text, "authentication ") ||
		 words_begin(text, "disconnected") ||
		 words_begin(text, "closed"))
		postfix_queue_take(log->sessions, id, NULL);
	else if (words_begin(text, "message ") &&
		 postfix_queue_take(log->sessions, id, &client)) {
		entry_client(in, &client);
	}
}

/* "smtp-in: ..." */
static void old_event(struct format_input *in, const char *text)
{
	struct opensmtpd_log *log = in->state;
	char id[POSTFIX_QUEUE_ID];
	struct mw_prefix client;
	const char *at, *end;

	at = session_id(match_text(text, "New session "), id);
	at = match_any(match_text(at, " from host "), " ", " [");
	end = match_any(at, " ]", "]");
	if (end && !*end && client_parse(at, end - at - 1, &client)) {
		postfix_queue_put(log->sessions, id, &client);
		return;
	}
	at = match_some(match_text(text, "Accepted message "), of_ids,
			" on session ");
	if (match_text(session_id(at, id), ": ") &&
	    postfix_queue_take(log->sessions, id, &client))
		entry_client(in, &client);
	else if (session_id(match_text(text, "Closing session "), id) ||
		 session_id(match_text(text, "Accepted authentication on "
					     "session "),
			    id))
		postfix_queue_take(log->sessions, id, NULL);
}

static void opensmtpd_log_line(struct format_input *in)
{
	struct opensmtpd_log *log = in->state;
	const char *text = in->head.text, *smtp;
	char id[POSTFIX_QUEUE_ID];

	if (!log_head_is(&in->head, "smtpd"))
		return;
	entry_own(in);
	if (!log->sessions)
		log->sessions = postfix_queue_new();
	smtp = match_text(session_id(text, id), " smtp ");
	if (!log->sessions)
		in->err = -ENOMEM;
	else if (smtp)
		event(in, id, smtp);
	else if (words_begin(text, "smtp-in: "))
		old_event(in, text + strlen("smtp-in: "));
}

static void opensmtpd_log_free(void *state)
{
	struct opensmtpd_log *log = state;

	free(log->sessions);
}

const struct format format_opensmtpd_log = {
	.name = "opensmtpd-log",
	.kind = FEED_CLIENTS,
	.is_head = opensmtpd_log_is,
	.line = opensmtpd_log_line,
	.free = opensmtpd_log_free,
	.state = sizeof(struct opensmtpd_log),
	.expects = "OpenSMTPD (smtpd: ID smtp message)",
	.long_lines = true,
};
