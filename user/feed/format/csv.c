// SPDX-License-Identifier: GPL-2.0
/*
 * CSV whose first line, or a comment before the first, names the columns: of
 * AbuseIPDB, Feodo Tracker, and of CrowdSec (cscli decisions list -o raw and
 * import). One column holds addresses; CrowdSec's say how long an entry lasts
 * and what it is.
 */
#include "feed/entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/format/columns.h"
#include "feed/format/duration.h"

enum { FIELDS = 64 };

/* Columns by their place from 1; 0: there is none. */
struct csv {
	int columns; /* how many; 0: they are not named yet */
	int address, duration, scope, type, simulated;
	enum column kind[FIELDS]; /* what each column says of an entry */
	size_t rows, promised;	  /* "# END 5 entries" of Feodo Tracker */
	bool ended;		  /* that line was read */
};

/* Cuts the line at commas, also of fields in quotes; the number of fields. */
static int split(char *line, char *field[FIELDS])
{
	int n = 0;

	while (n < FIELDS) {
		char *to = line + strspn(line, words_blanks);
		bool quoted = *to == '"';
		char *from = to + quoted;

		field[n++] = to;
		for (; *from && (quoted || *from != ','); from++) {
			if (quoted && *from == '"' && from[1] != '"') {
				quoted = false;
				continue;
			}
			from += quoted && *from == '"';
			*to++ = *from;
		}
		line = *from ? from + 1 : NULL;
		*to = 0;
		words_trim(field[n - 1], false);
		if (!line)
			break;
	}
	return n;
}

/* A column by one of two names. */
static int find(char *field[], int n, const char *name, const char *other)
{
	for (int i = 0; i < n; i++)
		if (!strcasecmp(field[i], name) || !strcasecmp(field[i], other))
			return i + 1;
	return 0;
}

/* CrowdSec's columns say which of its decisions are meant. */
static void read_crowdsec(struct csv *csv, char *field[], int n)
{
	csv->duration = find(field, n, "duration", "expiration");
	csv->scope = find(field, n, "scope", "scope");
	csv->simulated = find(field, n, "simulated", "simulated");
	csv->type = 0;
	if (!csv->duration && !csv->scope && !csv->simulated)
		return;
	csv->type = find(field, n, "type", "action");
	if (csv->duration)
		csv->kind[csv->duration - 1] = COLUMN_OTHER;
	if (csv->type)
		csv->kind[csv->type - 1] = COLUMN_OTHER;
}

/* Does the line name columns, one of them of addresses? */
static bool read_header(struct csv *csv, char *field[], int n)
{
	csv->address = 0;
	for (int i = n - 1; i >= 0; i--) {
		csv->kind[i] = column_of(field[i]);
		if (csv->kind[i] == COLUMN_ADDRESS)
			csv->address = i + 1;
	}
	if (!csv->address)
		return false;
	csv->columns = n;
	read_crowdsec(csv, field, n);
	return true;
}

/* The column of another end than CrowdSec's durations; NULL: there is none. */
static const char *other_end(const struct csv *csv, char *field[])
{
	for (int i = 0; i < csv->columns; i++)
		if (csv->kind[i] == COLUMN_END)
			return field[i];
	return NULL;
}

/* A comment may name the columns, and needs two to be taken for that. */
static bool csv_is(const char *line)
{
	bool comment = *line == '#';
	char copy[FEED_LINE + 2], *field[FIELDS];
	struct csv csv;
	int n;

	snprintf(copy, sizeof(copy), "%s", line + comment);
	n = split(copy, field);
	return n > comment && (n > 1 || *line != '"') &&
	       read_header(&csv, field, n);
}

/* --- rows ---------------------------------------------------------------- */

static const char *value(char *field[], int column)
{
	return column ? field[column - 1] : "";
}

/* Without a header the first field is the entry, and no other is an address. */
static bool first_alone(struct format_input *in, char *field[], int n)
{
	struct entry_words e;
	const char *why;

	if (entry_read(field[0], &e, &why)) {
		entry_refuse_word(in, field[0],
				  "no header names the column of addresses "
				  "(" COLUMN_NAMES ")");
		return false;
	}
	for (int i = 1; i < n; i++)
		if (!entry_read(field[i], &e, &why)) {
			entry_refuse_word(in, field[i],
					  "a second address on the line, and "
					  "no header says what it is");
			return false;
		}
	return true;
}

/* Is the decision of CrowdSec a ban of addresses that is meant? */
static bool is_ban(const struct csv *csv, char *field[], const char *scope)
{
	const char *type = value(field, csv->type);

	return (!*type || !strcasecmp(type, "ban")) &&
	       strcasecmp(value(field, csv->simulated), "true") &&
	       (!*scope || !strcasecmp(scope, "ip") ||
		!strcasecmp(scope, "range") || !strcasecmp(scope, "as"));
}

static void enter(struct format_input *in, const struct csv *csv, char *field[],
		  const char *scope, const char *address)
{
	struct columns c = {.address = address};
	__u32 asn;

	if (!strcasecmp(scope, "as")) {
		if (asn_parse(address, &asn))
			entry_refuse_word(in, address, "not an AS number");
		else
			entry_asn(in, asn);
		return;
	}
	for (int i = 0; i < csv->columns; i++)
		if (i != csv->address - 1 && csv->kind[i] != COLUMN_END)
			columns_add(in, &c, csv->kind[i], field[i]);
	columns_enter(in, &c);
}

/* cscli prints "Ip:192.0.2.1", the scope in front. Moves *address behind it. */
static const char *scope_of(const struct csv *csv, char *field[],
			    const char **address, char scope[16])
{
	static const char *const scopes[] = {"Ip", "Range", "As"};

	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		size_t len = strlen(scopes[i]);

		if (strncasecmp(*address, scopes[i], len) ||
		    (*address)[len] != ':')
			continue;
		*address += len + 1;
		return scopes[i];
	}
	snprintf(scope, 16, "%s", value(field, csv->scope));
	return scope;
}

static void row(struct format_input *in, const struct csv *csv, char *field[])
{
	const char *address = field[csv->address - 1];
	const char *duration = value(field, csv->duration), *scope;
	double seconds = 0;
	char text[16];

	scope = scope_of(csv, field, &address, text);
	in->ends = 0;
	if (*duration && !duration_parse(duration, &seconds))
		entry_refuse_word(in, duration,
				  "not a duration; 3h59m55.7s is one");
	else if (!is_ban(csv, field, scope))
		in->feed->report.unfit++;
	else if (*duration && !entry_ends_in(in, seconds - in->guard->age))
		in->feed->report.ended++;
	else
		enter(in, csv, field, scope, address);
}

/* --- lines --------------------------------------------------------------- */

static void comment(struct csv *csv, char *line)
{
	char *field[FIELDS], *end;

	line += strspn(line, "# ");
	if (words_begin(line, "END ")) {
		csv->promised = strtoul(line + 4, &end, 10);
		csv->ended = !strcmp(end, " entries");
	} else if (!csv->columns) {
		int n = split(line, field);

		if (n < 2 || !read_header(csv, field, n))
			csv->columns = 0;
	}
}

static void csv_line(struct format_input *in)
{
	struct csv *csv = in->state;
	char *line = words_trim(in->line, false), whole[FEED_MISSED];
	char *field[FIELDS];
	int n;

	if (*line == '#')
		comment(csv, line);
	if (!*line || *line == '#')
		return;
	snprintf(whole, sizeof(whole), "%s", line);
	n = split(line, field);
	if (!csv->columns && read_header(csv, field, n)) {
		if (other_end(csv, field))
			entry_fatal_word(in, other_end(csv, field),
					 "an end that is not read; leave the "
					 "column out of the file");
		return;
	}
	csv->rows++;
	if (!csv->columns && first_alone(in, field, n))
		entry_add(in, field[0]);
	else if (csv->columns && n != csv->columns)
		entry_refuse_word(in, whole,
				  "not as many fields as the header has");
	else if (csv->columns)
		row(in, csv, field);
}

static void csv_end(struct format_input *in)
{
	const struct csv *csv = in->state;

	if (csv->ended && csv->promised != csv->rows)
		entry_fatal(in,
			    "%zu lines where its end says %zu entries: "
			    "truncated or altered; fetch it again",
			    csv->rows, csv->promised);
}

const struct format format_csv = {
	.name = "csv",
	.is = csv_is,
	.line = csv_line,
	.end = csv_end,
	.state = sizeof(struct csv),
	.asks_comments = true,
};
