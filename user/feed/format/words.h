/* SPDX-License-Identifier: GPL-2.0 */
/* The words of a line. Pure. */
#ifndef MAILWEIR_WORDS_H
#define MAILWEIR_WORDS_H

#include <stdbool.h>

/* What stands between the words of a line. */
extern const char words_blanks[];

/* What is left of a line without the blanks around it and, if comments, from
 * the first # or ; on. */
char *words_trim(char *line, bool comments);

/* The next word of *rest, NUL-terminated in place; *rest goes on behind it.
 * NULL: no word is left. */
char *words_next(char **rest);

/* The next word, or a range a - b that has blanks around its dash. */
char *words_entry(char **rest);

bool words_begin(const char *line, const char *with);
bool words_end(const char *line, const char *with);

/* Has the line more than one word? */
bool words_many(const char *line);

/* Puts blanks where text stands in double quotes, and for the quotes. */
void words_blank_quotes(char *line);

/* Digits only, at least one. */
bool words_is_number(const char *word);

#endif
