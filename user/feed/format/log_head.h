/* SPDX-License-Identifier: GPL-2.0 */
/* A log's line: TIME HOST PROGRAM[PID]: TEXT. */
#ifndef MAILWEIR_LOG_HEAD_H
#define MAILWEIR_LOG_HEAD_H

#include <stdbool.h>
#include <stddef.h>

struct format_input;

struct log_head {
	const char *program, *text;
	size_t len; /* of program */
};

/* Behind "Nov 24 18:00:00 " or "2026-11-24T18:00:00.123456+00:00 "; NULL: the
 * line does not begin with a time. */
const char *log_head_time(const char *line);

/* false: the line has another shape. */
bool log_head_split(const char *line, struct log_head *l);

/* Is the program called NAME/service? */
bool log_head_by(const struct log_head *l, const char *service);

/* Cuts the blanks at the end of in->line. false: the line is not all there,
 * and no line that counts is so long. */
bool log_head_whole(struct format_input *in);

#endif
