// SPDX-License-Identifier: GPL-2.0
/* Addresses of clients, one a line. */
#include "feed/entry.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Does it consist of what addresses do, or begin as an AS number? */
static bool is_address_like(const char *word, size_t len)
{
	if (!strncasecmp(word, "AS", 2) && isdigit((unsigned char)word[2]))
		return true;
	if (!len || strspn(word, "0123456789abcdefABCDEF:./-") < len)
		return false;
	/* A queue id has a colon behind it, as nothing else here. */
	return strcspn(word, ".:") < len - 1 &&
	       strcspn(word, "0123456789") < len;
}

static bool addresses_is(const struct log_head *head)
{
	const char *word = head->text + strspn(head->text, words_blanks);

	if (head->program)
		return false;
	if (*word == '<' && (isalpha((unsigned char)word[1]) || word[1] == '!'))
		return true; /* a web page, and said to be one */
	return is_address_like(word, strcspn(word, " \t\v\f\r#;"));
}

static void addresses_line(struct format_input *in)
{
	char *word = words_trim(in->line, true);

	in->own++;
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
	.kind = FEED_CLIENTS,
	.is_head = addresses_is,
	.line = addresses_line,
	.expects = "addresses",
};
