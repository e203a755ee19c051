// SPDX-License-Identifier: GPL-2.0
/*
 * Exim's main log, its own file or syslog's. A message that was accepted is,
 * on one line,
 *   TIME [PID] ID <= SENDER H=NAME (HELO) [ADDRESS]:PORT I=[...]:25 ...
 *   P=esmtps ... T="SUBJECT" ...
 * of which SENDER, NAME, HELO and SUBJECT are somebody else's words: " H=" and
 * " P=" must stand in the line exactly once, and between them only what Exim
 * writes there. A message with A= is a user's, as is one to port 465 or 587.
 */
#include "feed/entry.h"

#include <string.h>

#include "feed/format/client.h"
#include "feed/format/match.h"

static const char of_ids[] = "0123456789abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* Behind "1abcDE-000123-AB ", or longer ids of newer versions. */
static const char *behind_id(const char *at)
{
	at = match_some(at, of_ids, "-");
	at = match_some(at, of_ids, "-");
	return match_some(at, of_ids, " ");
}

/* Behind Exim's own time and process id, where they are there, at the text. */
static const char *exim_text(const struct log_head *head)
{
	const char *at = log_head_iso(head->text), *pid;

	if (head->program && !log_head_is(head, "exim") &&
	    !log_head_is(head, "exim4"))
		return NULL;
	if (!at && !head->program)
		return NULL;
	at = at ? at : head->text;
	pid = match_some(match_text(at, "["), match_digits, "] ");
	return pid ? pid : at;
}

/* Only Exim's lines have an id and one of these signs behind their time. */
static bool exim_log_is(const struct log_head *head)
{
	static const char *const signs[] = {"<= ", "=> ", "-> ",
					    "** ", "== ", "Completed"};
	const char *at = exim_text(head);

	if (head->program)
		return at;
	at = behind_id(at);
	for (size_t i = 0; at && i < sizeof(signs) / sizeof(*signs); i++)
		if (words_begin(at, signs[i]))
			return true;
	return false;
}

/* --- fields -------------------------------------------------------------- */

static const char of_hosts[] = "0123456789abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ._-:";

/* Behind "(HELO) ", a name or an address in brackets; at itself where none
 * stands there. NULL: it holds what no HELO should. */
static const char *behind_helo(const char *at)
{
	const char *helo = match_text(at, "(");
	const char *literal =
		match_some(match_text(helo, "["), of_hosts, "]) ");

	if (!helo)
		return at;
	return literal ? literal : match_some(helo, of_hosts, ") ");
}

/* The client of "NAME (HELO) [ADDRESS]:PORT ", and what is behind it. */
static const char *read_client(const char *at, const char **address,
			       size_t *len)
{
	const char *name = match_some(at, of_hosts, " "), *port;

	*address = match_text(behind_helo(name ? name : at), "[");
	if (!*address)
		return NULL;
	*len = strcspn(*address, "] ");
	at = match_text(*address + *len, "]");
	port = match_some(match_text(at, ":"), match_digits, "");
	return match_text(port ? port : at, " ");
}

/* Are the words up to " P=" fields KEY=VALUE, none of them of a user's port? */
static bool only_fields(const char *at, const char *end)
{
	while (at < end) {
		size_t key = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
		size_t len = strcspn(at, " ");

		if (!key || at[key] != '=')
			return false;
		if (words_begin(at, "I=[") && (memmem(at, len, "]:465", 5) ||
					       memmem(at, len, "]:587", 5)))
			return false;
		at += len + 1;
	}
	return true;
}

/* P= of mail that came over the network and not from a user. */
static bool is_protocol(const char *at)
{
	static const char *const names[] = {
		"smtp", "smtps", "esmtp", "esmtps", "utf8esmtp", "utf8esmtps"};
	size_t len = strcspn(at, " ");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strlen(names[i]) == len && !memcmp(at, names[i], len))
			return true;
	return false;
}

static void message(struct format_input *in, const char *text)
{
	const char *host = strstr(text, " H="), *protocol = strstr(text, " P="),
		   *address, *at;
	struct mw_prefix client;
	size_t len;

	if (!host || !protocol || protocol < host || !match_once(text, " H=") ||
	    !match_once(text, " P=") || strstr(text, " A="))
		return;
	at = read_client(host + 3, &address, &len);
	if (at && only_fields(at, protocol + 1) && is_protocol(protocol + 3) &&
	    client_parse(address, len, &client))
		entry_client(in, &client);
}

static void exim_log_line(struct format_input *in)
{
	const char *at = exim_text(&in->head);

	if (!at)
		return;
	entry_own(in);
	at = match_text(behind_id(at), "<= ");
	if (at)
		message(in, at);
}

const struct format format_exim_log = {
	.name = "exim-log",
	.kind = FEED_CLIENTS,
	.is_head = exim_log_is,
	.line = exim_log_line,
	.expects = "Exim (ID <= SENDER H=...)",
	.long_lines = true,
};
