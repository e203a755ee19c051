// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses, prefixes, ranges and ASNs, one a line, with comments behind # and
 * ;, as Spamhaus DROP (text), FireHOL and blocklist.de write them; and what !
 * in front takes out.
 */
#include "feed/entry.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static bool is_asn(const char *word)
{
	return !strncasecmp(word, "AS", 2) && isdigit((unsigned char)word[2]);
}

static void plain_asn(struct format_input *in, const char *word)
{
	__u32 asn;

	if (asn_parse(word, &asn))
		entry_refuse_word(in, word, "not an AS number; AS64500 is one");
	else
		entry_asn(in, asn);
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
		entry_add(in, word);
}

const struct format format_plain = {
	.name = "plain",
	.line = plain_line,
};
