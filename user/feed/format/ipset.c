// SPDX-License-Identifier: GPL-2.0
/* What ipset save prints. */
#include "feed/entry.h"

#include <string.h>

static bool ipset_is(const char *line)
{
	return words_begin(line, "create ") || words_begin(line, "add ");
}

static void ipset_add(struct format_input *in, char *rest)
{
	char *set = words_next(&rest), *entry = words_next(&rest), *word;
	bool nomatch = false;

	while ((word = words_next(&rest)))
		nomatch |= !strcmp(word, "nomatch");
	if (!set || !entry)
		entry_refuse(in, "add without an entry");
	else if (strchr(entry, ','))
		entry_refuse_word(in, entry,
				  "not an address alone; save a set of type "
				  "hash:ip or hash:net");
	else if (nomatch)
		entry_exclude(in, entry);
	else
		entry_add(in, entry);
}

static void ipset_line(struct format_input *in)
{
	char *rest = words_trim(in->line, false), *word;

	if (!*rest || *rest == '#')
		return;
	words_blank_quotes(rest);
	word = words_next(&rest);
	if (word && !strcmp(word, "add"))
		ipset_add(in, rest);
	else if (!word || strcmp(word, "create"))
		entry_refuse_word(in, word ? word : "",
				  "ipset save has lines with create and add");
}

const struct format format_ipset = {
	.name = "ipset",
	.is = ipset_is,
	.line = ipset_line,
};
