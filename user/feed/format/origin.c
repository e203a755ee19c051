// SPDX-License-Identifier: GPL-2.0
/* Tables of prefixes and the autonomous systems that originate them. */
#include "feed/entry.h"

#include <string.h>

/* Cuts line at each sep into at most that many fields, of which the last takes
 * the rest; returns how many there are. */
static int split(char *line, char sep, char *field[], int most)
{
	int n = 0;

	while (n < most) {
		char *end = strchr(line, sep);

		field[n++] = line;
		if (!end || n == most)
			break;
		*end = 0;
		line = end + 1;
	}
	return n;
}

/* --- iptoasn.com: first TAB last TAB ASN TAB country TAB name ------------ */

static int tabs(const char *line)
{
	int n = 0;

	for (; *line; line++)
		n += *line == '\t';
	return n;
}

static bool iptoasn_is(const char *line)
{
	return tabs(line) >= 2;
}

static void iptoasn_line(struct format_input *in)
{
	char *line = words_trim(in->line, false), *field[4];

	if (!*line || *line == '#')
		return;
	if (split(line, '\t', field, 4) < 3)
		entry_refuse_word(in, line,
				  "not FIRST, LAST and ASN with tabs between");
	else if (words_is_number(field[0]))
		entry_fatal_word(in, field[0],
				 "addresses as numbers; take the table "
				 "without -u32 in its name");
	else
		entry_origin(in, field[0], field[1], field[2]);
}

/* --- pyasn: prefix TAB ASN ----------------------------------------------- */

static void pyasn_line(struct format_input *in)
{
	char *line = words_trim(in->line, true), *field[2];

	if (!*line)
		return;
	if (split(line, '\t', field, 2) != 2 || !words_is_number(field[1]))
		entry_refuse_word(in, line,
				  "not of a table of ASNs; iptoasn TSV, pyasn "
				  "and bgpdump -m are");
	else
		entry_origin(in, field[0], NULL, field[1]);
}

/* --- bgpdump -m: type|time|B|peer|AS|prefix|path|... --------------------- */

enum { PREFIX = 5, PATH = 6, FIELDS = 8 };

static bool bgpdump_is(const char *line)
{
	return strchr(line, '|');
}

/* Enters as origin the AS at the path's end, or each of a set {1,2} there. */
static void path_origins(struct format_input *in, char *prefix, char *path)
{
	char *last = strrchr(path, ' '), *member, *rest;

	last = last ? last + 1 : path;
	if (*last != '{') {
		entry_origin(in, prefix, NULL, last);
		return;
	}
	for (member = strtok_r(last, "{,}", &rest); member;
	     member = strtok_r(NULL, "{,}", &rest))
		entry_origin(in, prefix, NULL, member);
}

static void bgpdump_line(struct format_input *in)
{
	char *line = words_trim(in->line, false), *field[FIELDS];

	if (!*line || *line == '#')
		return;
	if (split(line, '|', field, FIELDS) != FIELDS)
		entry_refuse_word(in, line, "not a line of bgpdump -m");
	else if (*field[PATH]) /* else originated by the collector itself */
		path_origins(in, field[PREFIX], field[PATH]);
}

const struct format format_iptoasn = {
	.name = "iptoasn",
	.is = iptoasn_is,
	.line = iptoasn_line,
	.kind = FEED_ORIGINS,
};
const struct format format_pyasn = {
	.name = "pyasn",
	.line = pyasn_line,
	.kind = FEED_ORIGINS,
};
const struct format format_bgpdump = {
	.name = "bgpdump",
	.is = bgpdump_is,
	.line = bgpdump_line,
	.kind = FEED_ORIGINS,
};
