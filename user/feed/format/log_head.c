// SPDX-License-Identifier: GPL-2.0
#include "feed/format/log_head.h"

#include <ctype.h>
#include <string.h>

#include "feed/format/format.h"
#include "feed/format/match.h"

const char *log_head_time(const char *line)
{
	const char *at = match_text(line, "AAA ?9 99:99:99 "), *zone;

	if (at)
		return at;
	at = match_text(line, "9999-99-99T99:99:99");
	if (at && (*at == '.' || *at == ','))
		at = match_some(at + 1, match_digits, "");
	if (!at)
		return NULL;
	zone = match_text(at, "Z ");
	if (!zone && (*at == '+' || *at == '-')) {
		zone = match_text(at + 1, "99:99 ");
		zone = zone ? zone : match_text(at + 1, "9999 ");
	}
	return zone;
}

bool log_head_split(const char *line, struct log_head *l)
{
	const char *host = log_head_time(line);

	l->program = match_any(host, " ", " ");
	if (!l->program)
		return false;
	l->len = strcspn(l->program, " [:");
	l->text = match_some(match_text(l->program + l->len, "["), match_digits,
			     "]: ");
	return l->text;
}

bool log_head_by(const struct log_head *l, const char *service)
{
	size_t n = strlen(service);

	return l->len > n && l->program[l->len - n - 1] == '/' &&
	       !memcmp(l->program + l->len - n, service, n);
}

bool log_head_whole(struct format_input *in)
{
	char *end = in->line + in->len;

	while (end > in->line && isspace((unsigned char)end[-1]))
		*--end = 0;
	return !in->cut && !in->goes_on;
}
