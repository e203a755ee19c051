// SPDX-License-Identifier: GPL-2.0
#include "config/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/text.h"

static void put_error(struct complaints *c, int line, const char *what)
{
	struct config_errors *e = c->to;
	char **to = e->errors < CONFIG_SHOWN ? &e->error[e->errors] : NULL;
	int n = 0;

	e->errors++;
	if (to && line)
		n = asprintf(to, "%s:%d: %s", c->name, line, what);
	else if (to)
		n = asprintf(to, "%s: %s", c->name, what);
	if (n < 0) {
		*to = NULL;
		c->no_memory = true;
	}
}

void complain(struct complaints *c, int line, const char *format, ...)
{
	va_list args;
	char *what;
	int n;

	va_start(args, format);
	n = vasprintf(&what, format, args);
	va_end(args);
	if (n < 0) {
		c->to->errors++;
		c->no_memory = true;
		return;
	}
	put_error(c, line, what);
	free(what);
}

const char *complain_word(const char *word, size_t len, char shown[CONFIG_WORD])
{
	text_escape(word, len, shown, CONFIG_WORD);
	return shown;
}

void config_errors_free(struct config_errors *errors)
{
	for (int i = 0; i < CONFIG_SHOWN; i++)
		free(errors->error[i]);
	memset(errors, 0, sizeof(*errors));
}
