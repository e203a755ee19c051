// SPDX-License-Identifier: GPL-2.0
/*
 * DShield's block list: FIRST, LAST, LENGTH and more, tabs between; comments
 * begin with #.
 */
#include "feed/entry.h"

#include <stdlib.h>
#include <string.h>

/* Cuts FIRST, LAST and LENGTH off the line; false: they do not stand there. */
static bool split(char *line, char *field[3])
{
	for (int i = 0; i < 3; i++) {
		char *tab = strchr(line, '\t');

		if (!tab && i < 2)
			return false;
		field[i] = line;
		if (tab)
			*tab = 0;
		line = tab ? tab + 1 : line;
	}
	return words_is_number(field[2]);
}

static bool dshield_is(const char *line)
{
	char copy[FEED_LINE + 2], *field[3];
	struct entry_words e;
	const char *why;

	snprintf(copy, sizeof(copy), "%s", line);
	if (words_begin(copy, "Start\tEnd\t"))
		return true;
	return split(copy, field) && !entry_read(field[0], &e, &why) &&
	       !entry_read(field[1], &e, &why);
}

/* Do FIRST and LENGTH name what FIRST and LAST name? */
static bool agrees(const char *first, const char *last, const char *length)
{
	char prefix[2 * PREFIX_TEXT];
	struct prefix_set set = {};
	struct mw_prefix p;
	struct entry_words e;
	bool same = false;
	const char *why;

	snprintf(prefix, sizeof(prefix), "%s-%s", first, last);
	if (entry_read(prefix, &e, &why) || entry_into(&set, &e, 0))
		return true; /* what is wrong is told of the range */
	snprintf(prefix, sizeof(prefix), "%s/%s", first, length);
	if (!prefix_parse(prefix, &p, NULL, &why))
		same = set.n == 1 && !prefix_compare(&set.v[0], &p);
	prefix_free(&set);
	return same;
}

static void dshield_line(struct format_input *in)
{
	char *line = words_trim(in->line, false), whole[FEED_MISSED], *field[3];

	if (!*line || *line == '#' || words_begin(line, "Start\tEnd\t"))
		return;
	snprintf(whole, sizeof(whole), "%s", line);
	if (!split(line, field))
		entry_refuse_word(in, whole,
				  "not FIRST, LAST and LENGTH with tabs "
				  "between");
	else if (!agrees(field[0], field[1], field[2]))
		entry_refuse_word(in, whole,
				  "FIRST and LAST are not those of a prefix of "
				  "that LENGTH");
	else
		entry_range(in, field[0], field[1]);
}

const struct format format_dshield = {
	.name = "dshield",
	.is = dshield_is,
	.line = dshield_line,
};
