// SPDX-License-Identifier: GPL-2.0
/* What nft list set prints. */
#include "feed/entry.h"

#include <string.h>

struct nft {
	bool inside; /* between the braces of elements */
};

static bool nft_is(const char *line)
{
	return words_begin(line, "table ") || words_begin(line, "set ") ||
	       words_begin(line, "add element ");
}

/* Enters the first word of "1.2.3.0/24 timeout 1h". */
static void nft_element(struct format_input *in, char *element)
{
	char *word = words_next(&element);

	if (word)
		entry_add(in, word);
}

static void nft_elements(struct format_input *in, char *text)
{
	struct nft *nft = in->state;
	char *end = strchr(text, '}'), *comma;

	if (end) {
		*end = 0;
		nft->inside = false;
	}
	for (; (comma = strchr(text, ',')); text = comma + 1) {
		*comma = 0;
		nft_element(in, text);
	}
	nft_element(in, text);
}

static void nft_line(struct format_input *in)
{
	struct nft *nft = in->state;
	char *line = words_trim(in->line, false), *brace;

	if (*line == '#')
		return;
	words_blank_quotes(line);
	if (nft->inside) {
		nft_elements(in, line);
		return;
	}
	if (!words_begin(line, "elements") &&
	    !words_begin(line, "add element "))
		return;
	brace = strchr(line, '{');
	nft->inside = brace != NULL;
	if (brace)
		nft_elements(in, brace + 1);
}

static void nft_end(struct format_input *in)
{
	struct nft *nft = in->state;

	if (nft->inside)
		entry_fatal(in, "no } after elements: truncated");
}

const struct format format_nft = {
	.name = "nft",
	.is = nft_is,
	.line = nft_line,
	.end = nft_end,
	.state = sizeof(struct nft),
};
