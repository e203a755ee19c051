// SPDX-License-Identifier: GPL-2.0
/*
 * csf.deny and csf.allow of ConfigServer Firewall: ADDRESS or PREFIX, comments
 * behind #; rules for ports (tcp|in|d=22|s=ADDRESS), which do not say that an
 * address is blocked, and Include FILE.
 */
#include "feed/entry.h"

#include <string.h>

/* Advanced rules have fields with | between; so does no address. */
static bool is_rule(const char *word)
{
	return strchr(word, '|') != NULL;
}

/* Either file says in its comments which of the two it is. */
static const char allowed[] = "addresses will be allowed through iptables";
static const char blocked[] = "addresses will be blocked in iptables";

static bool csf_is(const char *line)
{
	if (*line == '#')
		return strstr(line, allowed) || strstr(line, blocked);
	return words_begin(line, "Include /") || words_begin(line, "tcp|") ||
	       words_begin(line, "udp|") || words_begin(line, "tcp/udp|");
}

static void comment(struct format_input *in, const char *line)
{
	if (!in->guard->allow && strstr(line, allowed))
		entry_fatal(in, "csf.allow: it says who is allowed, and the "
				"list's action is another");
	if (in->guard->allow && strstr(line, blocked))
		entry_fatal(in, "csf.deny: it says who is blocked, and the "
				"list's action is allow");
}

static void csf_line(struct format_input *in)
{
	char *line = words_trim(in->line, false);

	comment(in, line);
	line[strcspn(line, "#")] = 0;
	line = words_trim(line, false);
	if (*line == '<') {
		entry_fatal_word(in, line, entry_web_page);
	} else if (words_begin(line, "Include ")) {
		entry_refuse_word(in, line,
				  "another file; give it a list of its own, "
				  "or take the line out");
	} else if (is_rule(line)) {
		in->feed->report.unfit++;
		entry_note_word(in, line,
				"left out: a rule for some ports or ways only");
	} else if (*line) {
		entry_add(in, line);
	}
}

const struct format format_csf = {
	.name = "csf",
	.is = csf_is,
	.line = csf_line,
	.asks_comments = true,
};
