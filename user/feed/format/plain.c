// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses, prefixes, ranges and ASNs, one a line, with comments behind # and
 * ;, as Spamhaus DROP (text), FireHOL and blocklist.de write them; and what !
 * in front takes out. Where text = ignore says so, other text may stand behind
 * an entry.
 */
#include "feed/entry.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_asn(const char *word)
{
	return !strncasecmp(word, "AS", 2) && isdigit((unsigned char)word[2]);
}

/* Is it one word, or does it begin with an address? A line of words that begins
 * otherwise is of another kind of file. */
static bool plain_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest, *word;
	struct entry_words e;
	const char *why;

	snprintf(copy, sizeof(copy), "%s", line);
	rest = words_trim(copy, true);
	if (!*rest || strchr("<!", *rest) || is_asn(rest) || !words_many(rest))
		return true;
	word = words_entry(&rest);
	return !entry_read(word, &e, &why);
}

static void plain_asn(struct format_input *in, const char *word)
{
	__u32 asn;

	if (asn_parse(word, &asn))
		entry_refuse_word(in, word, "not an AS number; AS64500 is one");
	else
		entry_asn(in, asn);
}

static void plain_entry(struct format_input *in, char *line)
{
	char whole[FEED_MISSED], *word;

	snprintf(whole, sizeof(whole), "%s", line);
	word = words_entry(&line);
	line += strspn(line, words_blanks);
	if (!*line)
		entry_add(in, word);
	else if (in->guard->ignore_text)
		entry_with_text(in, word, line);
	else
		entry_refuse_word(in, whole,
				  "more than one word; one entry a line, "
				  "comments begin with # or ;, and text = "
				  "ignore in the list's section leaves out "
				  "what stands behind an entry");
}

static void plain_line(struct format_input *in)
{
	char *word = words_trim(in->line, true);

	if (*word == '<')
		entry_fatal_word(in, word, entry_web_page);
	else if (*word == '!')
		entry_exclude(in, words_trim(word + 1, false));
	else if (is_asn(word))
		plain_asn(in, word);
	else if (*word)
		plain_entry(in, word);
}

const struct format format_plain = {
	.name = "plain",
	.is = plain_is,
	.line = plain_line,
};
