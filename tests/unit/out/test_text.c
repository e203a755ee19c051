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

static void test_utf8(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{"", ""},
		{"a\x01\x7f", "a\x01\x7f"},
		{"Gr\xc3\xbc\xc3\x9f"
		 "e",
		 "Gr\xc3\xbc\xc3\x9f"
		 "e"},
		{"\xe2\x82\xac\xf0\x9f\x93\xab\xed\x9f\xbf\xf4\x8f\xbf\xbf",
		 "\xe2\x82\xac\xf0\x9f\x93\xab\xed\x9f\xbf\xf4\x8f\xbf\xbf"},
		/* a stray byte, and what could continue */
		{"\xff", "\xef\xbf\xbd"},
		{"\x80z", "\xef\xbf\xbdz"},
		/* cut off */
		{"\xc3", "\xef\xbf\xbd"},
		{"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf0\x9f\x93z", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},
		/* longer than it need be; a surrogate; beyond U+10FFFF */
		{"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf4\x90", "\xef\xbf\xbd\xef\xbf\xbd"},
		{"\xf5\x80", "\xef\xbf\xbd\xef\xbf\xbd"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		text_utf8(row[i].in, out);
		assert_string_equal(out, row[i].out);
	}
}

static void test_cut(void **state)
{
	static const struct {
		const char *in, *out; /* out has room for 7 bytes */
	} row[] = {
		{"", ""},
		{"123456", "123456"},
		{"1234567", "123456"},
		{"1234\xc3\xbc", "1234\xc3\xbc"},
		{"12345\xc3\xbc", "12345"},
		{"123456\xc3\xbc", "123456"},
		{"1234\xe2\x82\xac", "1234"},
		{"12345\xe2\x82\xac", "12345"},
		{"123\xf0\x9f\x93\xab", "123"},
		{"12\xf0\x9f\x93\xab\xab", "12\xf0\x9f\x93\xab"},
		/* no character: cut anywhere */
		{"1\x80\x80\x80\x80\x80\x80", "1\x80\x80\x80\x80\x80"},
		{"12345\xff\x80", "12345\xff"},
	};
	char out[8];

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		out[7] = '#';
		text_cut(row[i].in, out, 7);
		assert_string_equal(out, row[i].out);
		assert_int_equal(out[7], '#');
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
