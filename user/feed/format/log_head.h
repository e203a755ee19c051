/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What stands before a log line's text, in the dialects of syslog, journalctl
 * and Docker: TIME HOST PROGRAM[PID]: TEXT. A line is read from its first byte
 * on, so that what a sender wrote into the text stays text. Pure.
 */
#ifndef MAILWEIR_LOG_HEAD_H
#define MAILWEIR_LOG_HEAD_H

#include <stdbool.h>
#include <stddef.h>

struct log_head {
	const char *program;   /* NULL: the line has no such head */
	size_t len;	       /* of program */
	const char *text;      /* behind the head; of a line without one all but
				what Docker puts in front */
	const char *container; /* whose output it is, by Docker; NULL: none */
	size_t container_len;
	bool timed; /* the head begins with a time */
};

/* Reads the head of a line. */
void log_head_split(const char *line, struct log_head *head);

/* Is the program called NAME/service? */
bool log_head_by(const struct log_head *head, const char *service);

/* Is the program called so? */
bool log_head_is(const struct log_head *head, const char *program);

/* Behind "2026-11-24 18:00:00", with a T, a fraction and a zone or without, and
 * the blank behind it; NULL: something else stands there. */
const char *log_head_iso(const char *at);

#endif
