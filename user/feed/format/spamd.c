// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of OpenBSD's spamd (spamd.conf(5)): an address, a prefix or a range a
 * line, with blanks around the dash, and text behind that is ignored.
 */
#include "feed/entry.h"

#include <string.h>

static void spamd_line(struct format_input *in)
{
	char *line = words_trim(in->line, false), *word;

	line[strcspn(line, "#")] = 0;
	word = words_entry(&line);
	if (!word)
		return;
	if (*word == '<')
		entry_fatal_word(in, word, entry_web_page);
	else
		entry_with_text(in, word, line);
}

/* Only a list's section can tell that text is to be ignored. */
static bool spamd_is(const char *line)
{
	(void)line;
	return false;
}

const struct format format_spamd = {
	.name = "spamd",
	.is = spamd_is,
	.line = spamd_line,
};
