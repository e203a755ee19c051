/* SPDX-License-Identifier: GPL-2.0 */
/* Text from outside, made fit for a terminal or a log. Pure. */
#ifndef MAILWEIR_TEXT_H
#define MAILWEIR_TEXT_H

#include <stddef.h>

/*
 * Copies len bytes of in to out, which has size bytes (4 or more) and becomes a
 * string. Bytes outside 0x20..0x7e become \xNN. A text that does not fit is cut
 * between two characters and ends in "...".
 */
void text_escape(const char *in, size_t len, char *out, size_t size);

#endif
