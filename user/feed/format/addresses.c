// SPDX-License-Identifier: GPL-2.0
/* Addresses of clients, one a line. */
#include "feed/entry.h"

#include <string.h>

#include "feed/format/log_head.h"

/* Is the line none of a log, whichever program's? journalctl begins with
 * "-- Journal begins at". */
static bool addresses_is(const char *line)
{
	return !log_head_time(line) && !words_begin(line, "-- ");
}

static void addresses_line(struct format_input *in)
{
	char *word = words_trim(in->line, true);

	if (*word == '<')
		entry_fatal_word(in, word, entry_web_page);
	else if (strchr(word, '/'))
		entry_refuse_word(in, word,
				  "a prefix; clients are addresses, one a "
				  "line");
	else if (words_many(word))
		entry_refuse_word(in, word,
				  "more than one word; one address a line, "
				  "and comments begin with # or ;");
	else if (*word)
		entry_prefix(in, word);
}

const struct format format_addresses = {
	.name = "addresses",
	.is = addresses_is,
	.line = addresses_line,
	.kind = FEED_CLIENTS,
};
