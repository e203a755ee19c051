// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <string.h>

/* The first that knows a line. */
static const struct format *const formats[] = {
	&format_crowdsec,		 /* before other JSON */
	&format_drop_json,  &format_nft, /* "add element" before "add" */
	&format_ipset,	    &format_rbldnsd,	 &format_ipsum,
	&format_postfix,    &format_plain,	 &format_bgpdump,
	&format_iptoasn,    &format_pyasn,	 &format_kept,
	&format_rspamd_log, &format_postfix_log, &format_addresses,
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const struct format *format_detect(const char *line, enum feed_kind kind)
{
	line += strspn(line, " \t\v\f\r");
	if (*line == '#' || *line == ';')
		return kind == FEED_LIST && format_rbldnsd.is(line)
			       ? &format_rbldnsd
			       : NULL;
	if (!*line)
		return NULL;
	for (int i = 0; i < FORMATS; i++)
		if (formats[i]->kind == kind &&
		    (!formats[i]->is || formats[i]->is(line)))
			return formats[i];
	return NULL;
}

const struct format *format_named(const char *name, enum feed_kind kind)
{
	for (int i = 0; i < FORMATS; i++)
		if (formats[i]->kind == kind && !strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *format_name(enum feed_kind kind, int i)
{
	/* What mailweir writes for itself is nobody's to name. */
	for (int j = 0; j < FORMATS; j++)
		if (formats[j]->kind == kind && formats[j] != &format_kept &&
		    !i--)
			return formats[j]->name;
	return NULL;
}
