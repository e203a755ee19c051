/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong with a configuration file, told with file:line. */
#ifndef MAILWEIR_CONFIG_ERRORS_H
#define MAILWEIR_CONFIG_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

enum { CONFIG_SHOWN = 10 };

struct config_errors {
	size_t errors; /* all of them; the first CONFIG_SHOWN are kept */
	char *error[CONFIG_SHOWN]; /* "FILE:LINE: what; what would be right" */
};

/* The errors of the file that is being read. */
struct complaints {
	const char *name; /* of the file */
	struct config_errors *to;
	bool no_memory; /* one could not be kept */
};

/* Adds an error. line 0: it is one of the whole file. */
void complain(struct complaints *c, int line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void config_errors_free(struct config_errors *errors);

enum { CONFIG_WORD = 64 }; /* bytes for a word of the file in a message */

/* A word of the file, fit to show: shown, which it fills. */
const char *complain_word(const char *word, size_t len,
			  char shown[CONFIG_WORD]);

#endif
