// SPDX-License-Identifier: GPL-2.0
/*
 * What `fail2ban-client get JAIL banip` prints: addresses with blanks between,
 * all on one line, which can be long.
 */
#include "feed/entry.h"

#include <string.h>

struct fail2ban {
	char word[2 * PREFIX_TEXT]; /* cut off at the end of a piece */
	size_t len;
	bool long_word; /* it is longer than an address can be */
};

/* Three addresses on a line are no range. */
static bool fail2ban_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *word;
	struct entry_words e;
	const char *why;
	int n = 0;

	snprintf(copy, sizeof(copy), "%s", line);
	while (n < 3 && (word = words_next(&rest))) {
		if (entry_read(word, &e, &why))
			return false;
		n++;
	}
	return n == 3;
}

static void word_end(struct format_input *in)
{
	struct fail2ban *jail = in->state;

	jail->word[jail->len] = 0;
	if (jail->long_word)
		entry_refuse_word(in, jail->word, "not an address");
	else if (jail->len)
		entry_add(in, jail->word);
	jail->len = 0;
	jail->long_word = false;
}

static void fail2ban_line(struct format_input *in)
{
	struct fail2ban *jail = in->state;

	for (size_t i = 0; i < in->len; i++) {
		char c = in->line[i];

		if (c == '#' && !in->goes_on && !jail->len)
			return;
		if (strchr(words_blanks, c))
			word_end(in);
		else if (jail->len < sizeof(jail->word) - 1)
			jail->word[jail->len++] = c;
		else
			jail->long_word = true;
	}
	if (!in->cut)
		word_end(in);
}

const struct format format_fail2ban = {
	.name = "fail2ban",
	.is = fail2ban_is,
	.line = fail2ban_line,
	.end = word_end,
	.state = sizeof(struct fail2ban),
	.long_lines = true,
};
