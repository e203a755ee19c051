/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to people: one format, one place that knows the output mode. */
#ifndef MAILWEIR_LOG_H
#define MAILWEIR_LOG_H

#include <stdbool.h>

/* Once, by main. In JSON mode errors and warnings are JSON on stdout. */
void log_mode(bool json, bool quiet, bool verbose);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
/* Not with -q, not in JSON mode. To stdout. */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
/* With -v only. To stderr. */
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);
bool log_verbose(void);

#endif
