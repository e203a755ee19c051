/* SPDX-License-Identifier: GPL-2.0 */
/* What the lines of each format mean. */
#ifndef MAILWEIR_FORMAT_H
#define MAILWEIR_FORMAT_H

#include "reader.h"

/* By what the first line with content begins with, or by its name; NULL: no
 * such name. */
const struct format *format_detect(const char *line);
const struct format *format_named(const char *name);
/* One line; and what comes of the whole file. */
void format_line(struct reader *r);
void format_end(struct reader *r);

/* The name of format i; NULL: there are i. */
const char *format_name(int i);

#endif
