/* SPDX-License-Identifier: GPL-2.0 */
/* Text from outside, made fit for a terminal or a log. Pure. */
#ifndef MAILWEIR_TEXT_H
#define MAILWEIR_TEXT_H

#include <stddef.h>

enum { TEXT_UTF8_GROWS = 3 }; /* bytes of U+FFFD */

/*
 * Copies len bytes of in to out, which has size bytes (4 or more) and becomes a
 * string. Bytes outside 0x20..0x7e become \xNN. A text that does not fit is cut
 * between two characters and ends in "...".
 */
void text_escape(const char *in, size_t len, char *out, size_t size);

/*
 * Copies a string as UTF-8: every byte that belongs to no character of Unicode
 * becomes U+FFFD. out has room for TEXT_UTF8_GROWS times the length of in, and
 * a NUL.
 */
void text_utf8(const char *in, char *out);

/* Copies a string. One that does not fit is cut between two characters of
 * UTF-8. */
void text_cut(const char *in, char *out, size_t size);

#endif
