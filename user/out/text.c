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
