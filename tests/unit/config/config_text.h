/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the configuration share: text that is read as a file, and
 * what must come of it. */
#ifndef MAILWEIR_TESTS_CONFIG_TEXT_H
#define MAILWEIR_TESTS_CONFIG_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

#define NSEC	   1000000000ull
#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

static inline int read_as(const char *name, const char *text, size_t len,
			  struct config *cfg, struct config_errors *errors)
{
	/* fmemopen(3) refuses size 0 in older C libraries. */
	FILE *f = len ? fmemopen((void *)text, len, "r")
		      : fopen("/dev/null", "r");
	int err;

	assert_non_null(f);
	err = config_read(f, name, cfg, errors);
	fclose(f);
	return err;
}

static inline void show(const struct config_errors *errors)
{
	size_t i;

	for (i = 0; i < errors->errors && i < CONFIG_SHOWN; i++)
		print_message("%s\n", errors->error[i]);
}

static inline void read_good(const char *text, struct config *cfg)
{
	struct config_errors errors;
	int err = read_as("x.conf", text, strlen(text), cfg, &errors);

	show(&errors);
	assert_int_equal(err, 0);
	assert_int_equal(errors.errors, 0);
	config_errors_free(&errors);
}

static inline void assert_empty(const struct config *cfg)
{
	static const struct config empty;

	assert_memory_equal(cfg, &empty, sizeof(empty));
}

/* A bad file, and every message about it, in order. */
struct bad {
	const char *text, *want[3];
};

static inline void check_bad(const struct bad *b, size_t len)
{
	struct config_errors errors;
	struct config cfg;
	int err = read_as("x.conf", b->text, len, &cfg, &errors);
	size_t n;

	show(&errors);
	assert_int_equal(err, -EINVAL);
	for (n = 0; n < COUNT(b->want) && b->want[n]; n++) {
		assert_true(n < errors.errors);
		assert_string_equal(errors.error[n], b->want[n]);
	}
	assert_int_equal(errors.errors, n);
	assert_empty(&cfg);
	config_errors_free(&errors);
}

#endif
