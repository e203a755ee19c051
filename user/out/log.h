/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to people: one format, one place that knows where they go. */
#ifndef MAILWEIR_LOG_H
#define MAILWEIR_LOG_H

#include <stdbool.h>

struct json_object;

void log_mode(bool quiet, bool verbose);

/*
 * From now on errors and warnings are added to the arrays "errors" and
 * "warnings" of this document, and log_info says nothing. NULL, as at first:
 * they go to stderr. The document is the caller's, also to free.
 */
void log_into(struct json_object *document);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
/* To stdout; not with -q, not with a document. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
/* To stderr; with -v only. */
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);
bool log_verbose(void);

#endif
