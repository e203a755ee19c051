// SPDX-License-Identifier: GPL-2.0
/* ipsum: ADDRESS, a tab, and on how many lists it stands. */
#include "feed/entry.h"

#include <string.h>

static bool ipsum_is(const char *line)
{
	const char *tab = strchr(line, '\t');

	return tab && words_is_number(tab + 1);
}

static void ipsum_line(struct format_input *in)
{
	char *line = words_trim(in->line, true);
	char *tab = strchr(line, '\t');

	if (!*line)
		return;
	if (in->guard->ignore_text) {
		char *word = words_entry(&line);

		entry_with_text(in, word, line);
		return;
	}
	if (!tab || !words_is_number(tab + 1)) {
		entry_refuse_word(in, line, "not ADDRESS, a tab and a count");
		return;
	}
	*tab = 0;
	entry_prefix(in, line);
}

const struct format format_ipsum = {
	.name = "ipsum",
	.is = ipsum_is,
	.line = ipsum_line,
};
