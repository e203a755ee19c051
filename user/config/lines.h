/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a configuration file to its sections and settings. Lines are
 * [SECTION], KEY = VALUE, comments or blank. Strict: a line that is none of
 * these is an error, as are indented lines and control characters.
 */
#ifndef MAILWEIR_CONFIG_LINES_H
#define MAILWEIR_CONFIG_LINES_H

#include <stdio.h>

#include "config/errors.h"

enum { LINES_LENGTH = 197 }; /* bytes that a line may have, without its end */

struct lines {
	FILE *f;
	struct complaints *say;

	/* All zero at first. */
	int line;      /* number of the line read last, from 1 */
	size_t bytes;  /* read of the file */
	size_t length; /* of the line, its end not counted */
	int control;   /* first control character of the line, or EOF */
	char text[LINES_LENGTH + 1]; /* of the line, as much as has room */
};

/* A section has a name alone, value is NULL; a setting has both. Neither has
 * blanks around it. Valid until the next line is read. */
struct line {
	const char *name;
	const char *value;
};

/* The next section or setting, past lines that are wrong, which it complains
 * about. false: the file has ended, or is too large, or ferror(f). */
bool lines_next(struct lines *l, struct line *line);

#endif
