// SPDX-License-Identifier: GPL-2.0
#include "out/text.h"

#include <stdio.h>
#include <string.h>

static size_t shown_width(unsigned char c)
{
	return c >= 0x20 && c <= 0x7e ? 1 : strlen("\\xNN");
}

void text_escape(const char *in, size_t len, char *out, size_t size)
{
	static const char dots[] = "...";
	size_t i, width, end = 0, cut = 0;

	for (i = 0; i < len; i++) {
		unsigned char c = in[i];

		width = shown_width(c);
		if (end + width >= size) {
			memcpy(out + cut, dots, sizeof(dots));
			return;
		}
		if (width == 1)
			out[end] = c;
		else
			snprintf(out + end, size - end, "\\x%02x", c);
		end += width;
		if (end + sizeof(dots) <= size)
			cut = end;
	}
	out[end] = '\0';
}

/* The bytes of the character that begins here; 0: none does. What is cut off,
 * longer than it need be, a surrogate or beyond U+10FFFF is none. */
static size_t character(const char *in)
{
	/* clang-format off */
	static const struct {
		unsigned char first, last;   /* of the first byte */
		unsigned char least, most;   /* of the second */
		size_t bytes;
	} rows[] = {
		{0x01, 0x7f, 0, 0, 1},
		{0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3},
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	/* clang-format on */
	const unsigned char *c = (const unsigned char *)in;
	size_t i = 0, n;

	while (i < sizeof(rows) / sizeof(*rows) && *c > rows[i].last)
		i++;
	if (i == sizeof(rows) / sizeof(*rows) || *c < rows[i].first)
		return 0;
	if (rows[i].bytes > 1 && (c[1] < rows[i].least || c[1] > rows[i].most))
		return 0;
	for (n = 2; n < rows[i].bytes; n++)
		if (c[n] < 0x80 || c[n] > 0xbf)
			return 0;
	return rows[i].bytes;
}

void text_utf8(const char *in, char *out)
{
	static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

	while (*in) {
		size_t bytes = character(in);
		const char *from = bytes ? in : replacement;
		size_t n = bytes ?: strlen(replacement);

		memcpy(out, from, n);
		out += n;
		in += bytes ?: 1;
	}
	*out = '\0';
}

void text_cut(const char *in, char *out, size_t size)
{
	size_t n = strnlen(in, size - 1);

	if (in[n]) {
		const size_t full = n;

		/* Back to where the character begins that is cut. */
		while (n && full - n < 3 && (in[n] & 0xc0) == 0x80)
			n--;
		if (character(in + n) <= full - n)
			n = full;
	}
	memcpy(out, in, n);
	out[n] = '\0';
}
