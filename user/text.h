/* SPDX-License-Identifier: GPL-2.0 */
/* Text from outside, made fit to show. Pure. */
#ifndef MAILWEIR_TEXT_H
#define MAILWEIR_TEXT_H

#include <stddef.h>

/*
 * len bytes of in to out, a string of less than size bytes: bytes outside
 * 0x20..0x7e as \xNN, the rest as it is. What does not fit is cut between
 * two characters and ends in "..." (size must be 4 or more).
 */
void text_escape(const char *in, size_t len, char *out, size_t size);

#endif
