// SPDX-License-Identifier: GPL-2.0
/*
 * The copies of lists that mailweir keeps: PREFIX, or PREFIX, a tab and when it
 * ends, seconds since 1970. The first line says how many entries follow.
 */
#include "feed/entry.h"

#include <stdlib.h>
#include <string.h>

struct kept {
	size_t promised; /* entries by the first line */
	size_t entries;
};

static void kept_line(struct format_input *in)
{
	char *line = words_trim(in->line, false), *tab = strchr(line, '\t');
	struct kept *kept = in->state;

	if (*line == '#')
		sscanf(line, "# mailweir list %*[^:]: %zu", &kept->promised);
	if (!*line || *line == '#')
		return;
	in->ends = 0;
	kept->entries++;
	if (tab) {
		*tab++ = 0;
		if (!entry_ends_in(in, strtod(tab, NULL) - in->guard->now)) {
			in->feed->report.ended++;
			return;
		}
	}
	entry_prefix(in, line);
}

static void kept_end(struct format_input *in)
{
	const struct kept *kept = in->state;

	if (kept->entries != kept->promised)
		entry_fatal(in,
			    "%zu entries where its first line says %zu: "
			    "truncated",
			    kept->entries, kept->promised);
}

const struct format format_kept = {
	.name = FEED_KEPT,
	.line = kept_line,
	.end = kept_end,
	.state = sizeof(struct kept),
	.by_name = true,
	.may_be_empty = true,
	.tells_its_end = true,
};
