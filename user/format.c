// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <string.h>

/* The first that knows the first line. */
static const struct format *const formats[] = {
	&format_crowdsec,		/* before other JSON */
	&format_drop_json, &format_nft, /* "add element" before "add" */
	&format_ipset,	   &format_rbldnsd, &format_ipsum,
	&format_postfix,   &format_plain,   &format_bgpdump,
	&format_iptoasn,   &format_pyasn,   &format_kept,
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const struct format *format_detect(const char *line, bool origin)
{
	line += strspn(line, " \t\v\f\r");
	if (!*line || *line == '#' || *line == ';')
		return NULL;
	for (int i = 0; i < FORMATS; i++)
		if (formats[i]->origin == origin &&
		    (!formats[i]->is || formats[i]->is(line)))
			return formats[i];
	return NULL;
}

const struct format *format_named(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i]->name, name))
			return formats[i];
	return NULL;
}

const char *format_name(int i)
{
	return i < FORMATS && !formats[i]->origin ? formats[i]->name : NULL;
}
