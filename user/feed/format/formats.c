// SPDX-License-Identifier: GPL-2.0
/* Every format has one row here; what names them is made from the rows. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feed/format/format.h"
#include "feed/format/words.h"

/*
 * A file is taken by the first whose is() knows its first line: JSON of
 * decisions before other JSON, nft's "add element" before ipset's "add", and
 * plain lists last.
 */
/* clang-format off */
#define FORMATS(ROW) \
	ROW(crowdsec) \
	ROW(nft_json) \
	ROW(drop_json) \
	ROW(json) \
	ROW(nft) \
	ROW(ipset) \
	ROW(rbldnsd) \
	ROW(csv) \
	ROW(dshield) \
	ROW(ipsum) \
	ROW(csf) \
	ROW(postfix) \
	ROW(fail2ban) \
	ROW(spamd) \
	ROW(plain) \
	ROW(bgpdump) \
	ROW(iptoasn) \
	ROW(pyasn) \
	ROW(kept) \
	ROW(rspamd_log) \
	ROW(exim_log) \
	ROW(opensmtpd_log) \
	ROW(postfix_log) \
	ROW(addresses)
/* clang-format on */

#define DECLARE(row) extern const struct format format_##row;
#define ADDRESS(row) &format_##row,

FORMATS(DECLARE)
static const struct format *const formats[] = {FORMATS(ADDRESS)};

enum { N_FORMATS = sizeof(formats) / sizeof(*formats) };

static bool knows(const struct format *f, const char *line, bool comment)
{
	if (f->by_name || (comment && !f->asks_comments))
		return false;
	return !f->is || f->is(line);
}

const struct format *format_detect(const char *line, enum feed_kind kind)
{
	bool comment;

	line += strspn(line, words_blanks);
	comment = *line == '#' || *line == ';';
	for (int i = 0; *line && i < N_FORMATS; i++)
		if (formats[i]->kind == kind &&
		    knows(formats[i], line, comment))
			return formats[i];
	return NULL;
}

const struct format *format_of_head(const struct log_head *head)
{
	for (int i = 0; i < N_FORMATS; i++)
		if (formats[i]->is_head && formats[i]->is_head(head))
			return formats[i];
	return NULL;
}

void format_start(struct format_input *in, const struct format *format)
{
	in->format = format;
	if (!format || !format->state)
		return;
	in->state = calloc(1, format->state);
	if (!in->state)
		in->err = -ENOMEM;
}

const struct format *format_named(const char *name, enum feed_kind kind)
{
	for (int i = 0; i < N_FORMATS; i++)
		if (formats[i]->kind == kind && !strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *feed_format(enum feed_kind kind, int i)
{
	for (int j = 0; j < N_FORMATS; j++)
		if (formats[j]->kind == kind && !formats[j]->by_name && !i--)
			return formats[j]->name;
	return NULL;
}

const char *feed_format_named(enum feed_kind kind, const char *name)
{
	const struct format *f = format_named(name, kind);

	return f && !f->by_name ? f->name : NULL;
}

/* Backwards: the commonest formats are the last to be asked. */
void feed_formats(enum feed_kind kind, char names[FEED_FORMATS])
{
	size_t len = 0;
	int n = 0;

	while (feed_format(kind, n))
		n++;
	for (int i = n - 1; i >= 0 && len < FEED_FORMATS; i--)
		len += snprintf(names + len, FEED_FORMATS - len, "%s%s",
				feed_format(kind, i),
				i > 1	 ? ", "
				: i == 1 ? " or "
					 : "");
}
