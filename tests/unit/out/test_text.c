// SPDX-License-Identifier: GPL-2.0
/* Text from outside, made fit to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "out/text.h"

#define COUNT(all) (sizeof(all) / sizeof((all)[0]))

static void test_escape(void **state)
{
	static const struct {
		const char *in, *out; /* out has room for 9 bytes */
	} row[] = {
		{"", ""},
		{"12345678", "12345678"},
		{"123456789", "12345..."},
		{" ~\\", " ~\\"},
		{"\x1f\x7f", "\\x1f\\x7f"},
		{"\xff\n1", "\\xff..."},
		{"1\xff\xff", "1\\xff..."},
		{"12\xff\xff", "12..."},
		{"1234\xff", "1234\\xff"},
		{"12345\xff", "12345..."},
	};
	char out[10];
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(row); i++) {
		out[9] = '#';
		text_escape(row[i].in, strlen(row[i].in), out, 9);
		assert_string_equal(out, row[i].out);
		assert_int_equal(out[9], '#');
	}
	text_escape("a\0b", 3, out, sizeof(out));
	assert_string_equal(out, "a\\x00b");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
