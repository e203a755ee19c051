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

static bool csf_is(const char *line)
{
	return words_begin(line, "Include /") || words_begin(line, "tcp|") ||
	       words_begin(line, "udp|");
}

static void csf_line(struct format_input *in)
{
	char *line = words_trim(in->line, false);

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
};
