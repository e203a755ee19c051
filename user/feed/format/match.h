/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading a line from its begin: each function says where the line goes on
 * behind what it matched, NULL where something else stands there, and passes a
 * NULL on. Much of a log's line is what a sender wrote, so nothing is looked
 * for: the line is read from its first byte on. Pure.
 */
#ifndef MAILWEIR_MATCH_H
#define MAILWEIR_MATCH_H

#include <stdbool.h>

extern const char match_letters[], match_digits[];

/* This text, in which 9 is a digit, A a letter and ? a digit, a letter or a
 * blank. */
const char *match_text(const char *at, const char *text);
/* One or more of these characters, and then that text. */
const char *match_some(const char *at, const char *of, const char *text);
/* What holds none of these characters, perhaps nothing, and then that text. */
const char *match_any(const char *at, const char *but, const char *text);
/* Does this text, without any 9, A and ?, stand in the line exactly once? */
bool match_once(const char *in, const char *text);

#endif
