// SPDX-License-Identifier: GPL-2.0
#include "feed/format/match.h"

#include <ctype.h>
#include <string.h>

const char match_letters[] = "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const char match_digits[] = "0123456789";

const char *match_text(const char *at, const char *text)
{
	for (; at && *text; at++, text++) {
		bool digit = isdigit((unsigned char)*at);
		bool letter = isalpha((unsigned char)*at);
		bool fits = *text == '9'   ? digit
			    : *text == 'A' ? letter
			    : *text == '?' ? digit || letter || *at == ' '
					   : *at == *text;

		if (!fits)
			return NULL;
	}
	return at;
}

const char *match_some(const char *at, const char *of, const char *text)
{
	size_t n = at ? strspn(at, of) : 0;

	return n ? match_text(at + n, text) : NULL;
}

const char *match_any(const char *at, const char *but, const char *text)
{
	return at ? match_text(at + strcspn(at, but), text) : NULL;
}

bool match_once(const char *in, const char *text)
{
	const char *first = strstr(in, text);

	return first && !strstr(first + 1, text);
}
