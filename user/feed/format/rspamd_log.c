// SPDX-License-Identifier: GPL-2.0
/*
 * rspamd's log: its log_format as it comes, all on one line of its own file or
 * of syslog:
 *   id: <MESSAGE-ID>, qid: <QID>, ip: ADDRESS, from: <ENVELOPE>,
 *   (default: F (no action): [SCORE/MOST] [SYMBOLS]), len: ..., time: ...,
 *   dns req: ..., digest: <HEX>, rcpts: <ENVELOPE>, mime_rcpts: ...
 * with "user: NAME," behind the address of an authenticated client, which does
 * not count. It leaves out what it does not know, so a Message-ID could stand
 * in for an address, and a sender for a better action: "(default: " and the
 * digest must be there once, and recipients, which only a mail server names.
 * Only the sender may be missing, of a bounce.
 */
#include "feed/entry.h"

#include <string.h>

#include "feed/format/client.h"
#include "feed/format/log_head.h"
#include "feed/format/match.h"

/* Returns what stands behind the time of rspamd's own log, which is "#PID(TYPE)
 * " first, or behind syslog's head, where that may follow. NULL: rspamd did not
 * write the line. */
static const char *rspamd_head(const char *line)
{
	const char *at = match_text(line, "9999-99-99 99:99:99"), *level;
	struct log_head l;

	if (!at) {
		if (!log_head_split(line, &l) || l.len != strlen("rspamd") ||
		    !words_begin(l.program, "rspamd"))
			return NULL;
		return l.text;
	}
	if (*at == '.')
		at = match_some(at + 1, match_digits, "");
	at = match_text(at, " ");
	level = match_some(match_text(at, "["), match_letters, "] ");
	return match_text(level ? level : at, "#9") ? level ? level : at : NULL;
}

/* Returns what stands behind the process, where one is named. NULL: it is the
 * controller, to which people show old mail. */
static const char *rspamd_process(const char *at)
{
	const char *type = match_some(match_text(at, "#"), match_digits, "(");
	const char *normal, *proxy;

	type = type ? type : match_text(at, "(");
	if (!type)
		return at;
	normal = match_text(type, "normal) ");
	proxy = match_text(type, "rspamd_proxy) ");
	return normal ? normal : proxy;
}

/* Returns what stands behind "<TAG>; task; rspamd_task_write_log: ". */
static const char *rspamd_text(const char *at)
{
	const char *task = match_any(match_text(at, "<"), "<>; ", ">; task; ");
	const char *proxy =
		match_any(match_text(at, "<"), "<>; ", ">; proxy; ");

	return match_text(task ? task : proxy, "rspamd_task_write_log: ");
}

/* Reads the message's line. A field without < and > in it ends where it seems
 * to end. */
static void rspamd_message(struct format_input *in, const char *text)
{
	struct mw_prefix client;
	const char *at, *address, *end, *digest;

	at = match_any(match_text(text, "id: <"), "<>", ">, qid: <");
	address = match_any(at, "<>, ", ">, ip: ");
	end = match_any(address, ", ", "");
	at = match_any(match_text(end, ", from: <"), "<>", ">");
	at = match_text(at ? at : end, ", (default: F (no action): [");
	if (!at || !match_once(text, "(default: ") ||
	    !match_once(at, ", digest: <"))
		return;
	digest = strstr(at, ", digest: <") + strlen(", digest: <");
	if (match_some(digest, "0123456789abcdef", ">, rcpts: <") &&
	    client_parse(address, end - address, &client))
		entry_client(in, &client);
}

static bool rspamd_log_is(const char *line)
{
	return rspamd_head(line);
}

static void rspamd_log_line(struct format_input *in)
{
	const char *text;

	if (!log_head_whole(in))
		return;
	text = rspamd_text(rspamd_process(rspamd_head(in->line)));
	if (text)
		rspamd_message(in, text);
}

const struct format format_rspamd_log = {
	.name = "rspamd-log",
	.is = rspamd_log_is,
	.line = rspamd_log_line,
	.kind = FEED_CLIENTS,
	.long_lines = true,
	.may_be_empty = true,
};
