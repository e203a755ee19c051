// SPDX-License-Identifier: GPL-2.0
/*
 * rspamd's log: what log_format writes of each message, on one line of its own
 * file or of syslog:
 *   id: <MESSAGE-ID>, qid: <QID>, ip: ADDRESS, from: <ENVELOPE>,
 *   (default: F (no action): [SCORE/MOST] [SYMBOLS]), len: ..., time: ...,
 *   dns req: ..., digest: <HEX>, rcpts: <ENVELOPE>, mime_rcpts: ...
 * with "user: NAME," behind the address of an authenticated client, which does
 * not count, and T for F where an action was forced.
 *
 * It leaves out what it does not know, so a Message-ID could stand in for an
 * address, and a sender for a better action: "(default: " must be there once,
 * and recipients behind the digest, which only a mail server names. Only the
 * sender may be missing, of a bounce.
 *
 * Older versions wrote no digest or no recipients, and the documented format of
 * the FAQ has [ADDRESS] and the recipients before "(default: ". Such lines
 * count if every message of the log has an address, and none has recipients
 * behind a digest: else the address of one may be a Message-ID's.
 */
#include "feed/entry.h"

#include <string.h>

#include "feed/format/client.h"
#include "feed/format/match.h"

struct rspamd_log {
	struct prefix_set older; /* clients of lines without recipients */
	size_t unnamed;		 /* messages without an address */
	size_t newer;		 /* lines with recipients behind a digest */
};

/* --- the head ------------------------------------------------------------ */

/* Behind rspamd's own time, at "#PID(TYPE) ", or the text that syslog has of
 * it. NULL: rspamd did not write the line. */
static const char *rspamd_head(const struct log_head *head)
{
	const char *at = log_head_iso(head->text), *level;

	if (head->program)
		return log_head_is(head, "rspamd") ? head->text : NULL;
	level = match_some(match_text(at, "["), match_letters, "] ");
	at = level ? level : at;
	return match_text(at, "#9") ? at : NULL;
}

/* Behind the process, where one is named. NULL: it is the controller, to which
 * people show old mail. */
static const char *behind_process(const char *at)
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

/* Behind "<TAG>; task; rspamd_task_write_log: ". */
static const char *behind_tag(const char *at)
{
	const char *task = match_any(match_text(at, "<"), "<>; ", ">; task; ");
	const char *proxy =
		match_any(match_text(at, "<"), "<>; ", ">; proxy; ");

	return match_text(task ? task : proxy, "rspamd_task_write_log: ");
}

/* --- the message --------------------------------------------------------- */

/* Behind ", NAME: <VALUE>", a field without < and > in it, which ends where it
 * seems to; at itself where another field stands there. */
static const char *behind_field(const char *at, const char *name)
{
	const char *value = match_text(match_text(at, ","), " ");

	value = match_text(match_text(match_text(value, name), ": "), "<");
	value = match_any(value, "<>", ">");
	return value ? value : at;
}

/* The address behind the Message-ID and the queue id, and what is behind it. */
static const char *read_address(const char *text, const char **address,
				size_t *len)
{
	const char *at = match_any(match_text(text, "id: <"), "<>", ">");
	const char *bracket;

	at = match_any(match_text(at, ", qid: <"), "<>, ", ">, ip: ");
	bracket = match_text(at, "[");
	*address = bracket ? bracket : at;
	if (!at)
		return NULL;
	*len = strcspn(*address, bracket ? "]" : ", ");
	return match_text(*address + *len, bracket ? "]" : "");
}

/* Behind the fields that may follow the address, at ", (default: ". */
static const char *behind_fields(const char *at, bool *recipients)
{
	static const char *const senders[] = {"from", "smtp_from"};
	static const char *const others[] = {"mime_from", "smtp_rcpts", "rcpts",
					     "mime_rcpts", "mime_rcpt"};
	const char *end = at;

	for (int i = 0; i < 2 && end == at; i++)
		end = behind_field(at, senders[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const char *next = behind_field(end, others[i]);

		*recipients |= next != end && strstr(others[i], "rcpts");
		end = next;
	}
	return end;
}

/* Was the message let in without an action? */
static const char *behind_action(const char *at)
{
	const char *no_spam = match_text(at, ", (default: F (no action): [");
	const char *forced = match_text(at, ", (default: T (no action): [");

	/* The FAQ's format has no comma there. */
	if (!no_spam && !forced)
		no_spam = match_text(at, " (default: F (no action): [");
	return no_spam ? no_spam : forced;
}

static void message(struct format_input *in, const char *text)
{
	struct rspamd_log *log = in->state;
	const char *address, *at, *digest;
	struct mw_prefix client;
	bool recipients = false;
	size_t len;

	log->newer += strstr(text, ">, rcpts: <") != NULL;
	at = read_address(text, &address, &len);
	if (!at && !strstr(text, ", ip: "))
		log->unnamed++;
	if (!at || !client_parse(address, len, &client))
		return;
	at = behind_action(behind_fields(at, &recipients));
	if (!at || !match_once(text, "(default: "))
		return;
	digest = strstr(at, ", digest: <");
	if (digest && match_once(at, ", digest: <") &&
	    match_some(digest + strlen(", digest: <"), "0123456789abcdef",
		       ">, rcpts: <"))
		entry_client(in, &client);
	else if (!digest || match_once(at, ", digest: <"))
		in->err = prefix_add(&log->older, &client);
}

/* --- the log ------------------------------------------------------------- */

static bool rspamd_log_is(const struct log_head *head)
{
	return rspamd_head(head);
}

static void rspamd_log_line(struct format_input *in)
{
	const char *at = rspamd_head(&in->head);

	if (!at)
		return;
	entry_own(in);
	at = behind_tag(behind_process(at));
	if (at)
		message(in, at);
}

static void rspamd_log_end(struct format_input *in)
{
	struct rspamd_log *log = in->state;

	if (log->older.n && (log->unnamed || log->newer))
		entry_note(in,
			   "%zu messages without recipients behind a digest "
			   "are left out: %zu lines of the log have some, %zu "
			   "have no address, so a Message-ID could stand in "
			   "for one",
			   log->older.n, log->newer, log->unnamed);
	else
		for (size_t i = 0; i < log->older.n && !in->err; i++)
			entry_client(in, &log->older.v[i]);
}

static void rspamd_log_free(void *state)
{
	struct rspamd_log *log = state;

	prefix_free(&log->older);
}

const struct format format_rspamd_log = {
	.name = "rspamd-log",
	.kind = FEED_CLIENTS,
	.is_head = rspamd_log_is,
	.line = rspamd_log_line,
	.end = rspamd_log_end,
	.free = rspamd_log_free,
	.state = sizeof(struct rspamd_log),
	.expects = "rspamd (rspamd_task_write_log)",
	.long_lines = true,
};
