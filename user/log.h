/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to people: one format, one place that knows the output mode. */
#ifndef MAILWEIR_LOG_H
#define MAILWEIR_LOG_H

#include <stdbool.h>

struct json_object;

/* Once, by main, and at its end. */
void log_mode(bool json, bool quiet, bool verbose);
void log_end(void);

/* The one document of JSON mode, which log_end prints to stdout: what a
 * command has to say, and "errors" and "warnings". Not to be freed. */
struct json_object *log_document(void);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
/* Not with -q, not in JSON mode. To stdout. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
/* With -v only. To stderr. */
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);
bool log_verbose(void);

#endif
