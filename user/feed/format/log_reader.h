/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A log's file to its lines, each with its head: lines as they are, records of
 * journalctl (-o export, verbose, json) and of Docker's JSON files.
 */
#ifndef MAILWEIR_LOG_READER_H
#define MAILWEIR_LOG_READER_H

#include "feed/format/format.h"

struct log_reader;

struct log_reader *log_reader_new(void);
void log_reader_free(struct log_reader *reader);

/* Hands what in->line completes to take(), with in->head set: a line, a record,
 * a line that was held back, or nothing. */
void log_reader_line(struct format_input *in,
		     void (*take)(struct format_input *in));
/* The file has ended: hands over what is left. */
void log_reader_end(struct format_input *in,
		    void (*take)(struct format_input *in));

#endif
