// SPDX-License-Identifier: GPL-2.0
/* Prefixes as text, their order, and ranges; MW_SEED repeats a run. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lists/prefix.h"

enum { ROUNDS = 20000, MANY = 100000, WINDOW = 80 };

#define NO_ADDRESS "not an address; 192.0.2.1 or 2001:db8::1 is one"
#define NO_LENGTH  "the length is not a number; /24 is one"
#define ABOVE4	   "the length is above /32"
#define ABOVE6	   "the length is above /128"
#define MAPPED	   "IPv4 inside IPv6; write it as IPv4"

static struct mw_prefix parse(const char *text)
{
	struct mw_prefix p;
	const char *why;

	assert_int_equal(prefix_parse(text, &p, NULL, &why), 0);
	return p;
}

/* --- text ---------------------------------------------------------------- */

static const struct {
	const char *text, *shown;
	__u8 family, len;
	bool masked;
} good[] = {
	{"192.0.2.1", "192.0.2.1", 4, 32, false},
	{"192.0.2.1/32", "192.0.2.1", 4, 32, false},
	{"192.0.2.0/24", "192.0.2.0/24", 4, 24, false},
	{"192.0.2.1/24", "192.0.2.0/24", 4, 24, true},
	{"192.0.2.255/31", "192.0.2.254/31", 4, 31, true},
	{"192.0.2.128/25", "192.0.2.128/25", 4, 25, false},
	{"10.9.8.7/9", "10.0.0.0/9", 4, 9, true},
	{"0.0.0.0/0", "0.0.0.0/0", 4, 0, false},
	{"255.255.255.255/0", "0.0.0.0/0", 4, 0, true},
	{"255.255.255.255", "255.255.255.255", 4, 32, false},
	{"2001:db8::1", "2001:db8::1", 6, 128, false},
	{"2001:DB8:0:0:0:0:0:1/128", "2001:db8::1", 6, 128, false},
	{"2001:db8::/32", "2001:db8::/32", 6, 32, false},
	{"2001:db8::1/32", "2001:db8::/32", 6, 32, true},
	{"2001:db8:ffff::/33", "2001:db8:8000::/33", 6, 33, true},
	{"2001:db8::3/127", "2001:db8::2/127", 6, 127, true},
	{"::/0", "::/0", 6, 0, false},
	{"::1", "::1", 6, 128, false},
	{"::fffe:c000:201", "::fffe:c000:201", 6, 128, false},
	{"64:ff9b::192.0.2.1", "64:ff9b::c000:201", 6, 128, false},
	{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.254/127",
	 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 6, 127, false},
};

static void good_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		char shown[PREFIX_TEXT];
		struct mw_prefix p;
		const char *why;
		bool masked;

		assert_int_equal(prefix_parse(good[i].text, &p, &masked, &why),
				 0);
		prefix_text(&p, shown);
		assert_string_equal(shown, good[i].shown);
		assert_int_equal(p.family, good[i].family);
		assert_int_equal(p.len, good[i].len);
		assert_int_equal(masked, good[i].masked);
		assert_int_equal(prefix_width(&p), p.family == 4 ? 32 : 128);
	}
}

static const struct {
	const char *text, *why;
} bad[] = {
	{"", NO_ADDRESS},
	{" 192.0.2.1", NO_ADDRESS},
	{"192.0.2.1 ", NO_ADDRESS},
	{"192.0.2", NO_ADDRESS},
	{"192.0.2.1.", NO_ADDRESS},
	{"192.0.2.256", NO_ADDRESS},
	{"010.0.0.1", NO_ADDRESS},
	{"0x0a.0.0.1", NO_ADDRESS},
	{"3221225985", NO_ADDRESS},
	{"-1.2.3.4", NO_ADDRESS},
	{"/24", NO_ADDRESS},
	{"192.0.2/24", NO_ADDRESS},
	{"192.0.2.13198.51.100.1", NO_ADDRESS},
	{"2001:db8::1::", NO_ADDRESS},
	{"2001:db8:::1", NO_ADDRESS},
	{"2001:db8::12345", NO_ADDRESS},
	{"1:2:3:4:5:6:7:8:9", NO_ADDRESS},
	{"fe80::1%eth0", NO_ADDRESS},
	{"[2001:db8::1]", NO_ADDRESS},
	{"0000000000000000000000000000000000000000000000192.0.2.1", NO_ADDRESS},
	{"192.0.2.1/", NO_LENGTH},
	{"192.0.2.1/+8", NO_LENGTH},
	{"192.0.2.1/-8", NO_LENGTH},
	{"192.0.2.1/ 8", NO_LENGTH},
	{"192.0.2.1/8 ", NO_LENGTH},
	{"192.0.2.1/024", NO_LENGTH},
	{"192.0.2.1/00", NO_LENGTH},
	{"192.0.2.1/0x8", NO_LENGTH},
	{"192.0.2.1/24/24", NO_LENGTH},
	{"192.0.2.1/255.255.255.0", NO_LENGTH},
	{"192.0.2.1/4294967304", NO_LENGTH},
	{"192.0.2.1/33", ABOVE4},
	{"192.0.2.1/128", ABOVE4},
	{"2001:db8::/129", ABOVE6},
	{"2001:db8::/999", ABOVE6},
	{"::ffff:192.0.2.1", MAPPED},
	{"::ffff:192.0.2.1/96", MAPPED},
	{"::ffff:c000:201/128", MAPPED},
	{"0:0:0:0:0:ffff:0:0/96", MAPPED},
};

static void bad_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct mw_prefix p;
		const char *why = "";

		if (prefix_parse(bad[i].text, &p, NULL, &why) != -EINVAL)
			fail_msg("'%s' was taken", bad[i].text);
		assert_string_equal(why, bad[i].why);
	}
}

/* --- bits, one at a time: the model of what follows ---------------------- */

static bool bit(const struct mw_prefix *p, int i)
{
	return p->addr[i / 8] & (128 >> (i % 8));
}

static void bit_set(struct mw_prefix *p, int i, bool on)
{
	p->addr[i / 8] &= ~(128 >> (i % 8));
	p->addr[i / 8] |= on ? 128 >> (i % 8) : 0;
}

/* Few bits vary, so that prefixes meet; every length occurs. */
static struct mw_prefix random_prefix(void)
{
	struct mw_prefix p = parse(rand() % 2 ? "192.0.2.0" : "2001:db8::");
	int width = prefix_width(&p);

	p.len = rand() % (width + 1);
	for (int flips = rand() % 3; flips > 0; flips--)
		bit_set(&p, rand() % width, rand() % 2);
	for (int i = p.len; i < width; i++)
		bit_set(&p, i, false);
	return p;
}

static bool model_covers(const struct mw_prefix *outer,
			 const struct mw_prefix *inner)
{
	if (outer->family != inner->family || outer->len > inner->len)
		return false;
	for (int i = 0; i < outer->len; i++)
		if (bit(outer, i) != bit(inner, i))
			return false;
	return true;
}

static int model_compare(const struct mw_prefix *a, const struct mw_prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	for (int i = 0; i < prefix_width(a); i++)
		if (bit(a, i) != bit(b, i))
			return bit(a, i) ? 1 : -1;
	return (a->len > b->len) - (a->len < b->len);
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void seed_print(void)
{
	const char *text = getenv("MW_SEED");
	unsigned int seed =
		text ? strtoul(text, NULL, 10) : (unsigned long)time(NULL);

	print_message("# seed %u\n", seed);
	srand(seed);
}

static void against_model(void **state)
{
	int covered = 0;

	(void)state;
	seed_print();
	for (int round = 0; round < ROUNDS; round++) {
		struct mw_prefix a = random_prefix(), b = random_prefix(), c;
		char text[PREFIX_TEXT];

		assert_int_equal(prefix_covers(&a, &b), model_covers(&a, &b));
		assert_int_equal(sign(prefix_compare(&a, &b)),
				 model_compare(&a, &b));
		covered += model_covers(&a, &b);
		if (prefix_covers(&a, &b))
			assert_true(prefix_compare(&a, &b) <= 0);
		prefix_text(&a, text);
		c = parse(text);
		assert_memory_equal(&a, &c, sizeof(a));
	}
	assert_in_range(covered, ROUNDS / 20, ROUNDS);
}

/* Every length, every bit behind it: cleared, and told. */
static void masking(void **state)
{
	(void)state;
	for (int len = 0; len <= 128; len++) {
		char text[64];
		struct mw_prefix p;
		const char *why;
		bool masked;

		snprintf(text, sizeof(text),
			 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/%d", len);
		assert_int_equal(prefix_parse(text, &p, &masked, &why), 0);
		assert_int_equal(masked, len < 128);
		for (int i = 0; i < 128; i++)
			assert_int_equal(bit(&p, i), i < len);
	}
}

/* --- sets and ranges ----------------------------------------------------- */

/* A window of addresses around a carry: x.x.0.216 to x.x.1.39. */
static struct mw_prefix window(int family, int i)
{
	struct mw_prefix p = parse(family == 4 ? "10.0.0.0" : "2001:db8::");
	int last = family == 4 ? 3 : 15;

	p.addr[last] = i + 216;
	p.addr[last - 1] = (i + 216) >> 8;
	return p;
}

/* Two halves of one wider prefix: the range could do with fewer. */
static bool siblings(const struct mw_prefix *a, const struct mw_prefix *b)
{
	struct mw_prefix wider = *a;

	if (!a->len || a->len != b->len)
		return false;
	wider.len--;
	return model_covers(&wider, b);
}

static void range_checked(int family, int from, int to)
{
	struct mw_prefix first = window(family, from);
	struct mw_prefix last = window(family, to);
	struct prefix_set set = {};

	assert_int_equal(prefix_add_range(&set, &first, &last), 0);
	for (int i = 0; i < WINDOW; i++) {
		struct mw_prefix at = window(family, i);
		int holders = 0;

		for (size_t j = 0; j < set.n; j++)
			holders += model_covers(&set.v[j], &at);
		assert_int_equal(holders, i >= from && i <= to);
	}
	for (size_t j = 1; j < set.n; j++)
		assert_false(siblings(&set.v[j - 1], &set.v[j]));
	prefix_free(&set);
}

static void ranges_small(void **state)
{
	(void)state;
	for (int from = 0; from < WINDOW; from++)
		for (int to = from; to < WINDOW; to++) {
			range_checked(4, from, to);
			range_checked(6, from, to);
		}
}

static const struct {
	const char *first, *last, *prefixes;
} ranges[] = {
	{"0.0.0.0", "255.255.255.255", "0.0.0.0/0 "},
	{"0.0.0.0", "0.0.0.0", "0.0.0.0 "},
	{"255.255.255.255", "255.255.255.255", "255.255.255.255 "},
	{"0.0.0.1", "255.255.255.255",
	 "0.0.0.1 0.0.0.2/31 0.0.0.4/30 0.0.0.8/29 0.0.0.16/28 0.0.0.32/27 "
	 "0.0.0.64/26 0.0.0.128/25 0.0.1.0/24 0.0.2.0/23 0.0.4.0/22 "
	 "0.0.8.0/21 0.0.16.0/20 0.0.32.0/19 0.0.64.0/18 0.0.128.0/17 "
	 "0.1.0.0/16 0.2.0.0/15 0.4.0.0/14 0.8.0.0/13 0.16.0.0/12 "
	 "0.32.0.0/11 0.64.0.0/10 0.128.0.0/9 1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 "
	 "8.0.0.0/5 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2 128.0.0.0/1 "},
	{"10.255.255.255", "11.0.0.0", "10.255.255.255 11.0.0.0 "},
	{"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0 "},
	{"2001:db8::", "2001:db9:ffff:ffff:ffff:ffff:ffff:ffff",
	 "2001:db8::/31 "},
	{"2001:db8:0:ffff:ffff:ffff:ffff:ffff", "2001:db8:1::1",
	 "2001:db8:0:ffff:ffff:ffff:ffff:ffff 2001:db8:1::/127 "},
};

static void ranges_large(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		struct mw_prefix first = parse(ranges[i].first);
		struct mw_prefix last = parse(ranges[i].last);
		struct prefix_set set = {};
		char all[1024] = "", one[PREFIX_TEXT];

		assert_int_equal(prefix_add_range(&set, &first, &last), 0);
		for (size_t j = 0; j < set.n && j < 64; j++) {
			prefix_text(&set.v[j], one);
			strcat(strcat(all, one), " ");
		}
		assert_string_equal(all, ranges[i].prefixes);
		prefix_free(&set);
	}
}

static void ranges_refused(void **state)
{
	struct mw_prefix one = parse("192.0.2.1"), two = parse("192.0.2.2");
	struct mw_prefix six = parse("2001:db8::1");
	struct prefix_set set = {};

	(void)state;
	assert_int_equal(prefix_add_range(&set, &two, &one), -EINVAL);
	assert_int_equal(prefix_add_range(&set, &one, &six), -EINVAL);
	assert_int_equal(prefix_add_range(&set, &six, &one), -EINVAL);
	assert_int_equal(set.n, 0);
	prefix_free(&set);
}

/* --- sorting ------------------------------------------------------------- */

static struct mw_prefix random_in_window(int family)
{
	struct mw_prefix p = window(family, rand() % WINDOW);
	char text[PREFIX_TEXT], *slash;

	p.len -= rand() % 8;
	prefix_text(&p, text); /* parsing masks */
	slash = strchr(text, '/');
	return slash ? parse(text) : p;
}

static void sorting(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct prefix_set set = {};
		struct mw_prefix same[200];
		int n = 1 + rand() % 199;

		for (int i = 0; i < n; i++) {
			same[i] = random_in_window(rand() % 2 ? 4 : 6);
			assert_int_equal(prefix_add(&set, &same[i]), 0);
		}
		assert_int_equal(prefix_sort(&set), 0);
		assert_int_equal(set.n, n);
		if (n)
			qsort(same, n, sizeof(*same), prefix_compare);
		for (int i = 0; i < n; i++)
			assert_memory_equal(&set.v[i], &same[i], sizeof(*same));
		/* There is room to go on. */
		assert_int_equal(prefix_add(&set, &same[0]), 0);
		prefix_free(&set);
	}
}

/* --- subtraction --------------------------------------------------------- */

static bool holds(const struct prefix_set *set, const struct mw_prefix *at)
{
	for (size_t i = 0; i < set->n; i++)
		if (model_covers(&set->v[i], at))
			return true;
	return false;
}

static void random_set(struct prefix_set *set, int n)
{
	memset(set, 0, sizeof(*set));
	for (int i = 0; i < n; i++) {
		struct mw_prefix p = random_in_window(rand() % 2 ? 4 : 6);

		assert_int_equal(prefix_add(set, &p), 0);
	}
	if (n)
		qsort(set->v, set->n, sizeof(*set->v), prefix_compare);
}

static void subtraction(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS / 10; round++) {
		struct prefix_set set, before, except;

		random_set(&set, 1 + rand() % 6);
		memset(&before, 0, sizeof(before));
		for (size_t i = 0; i < set.n; i++)
			prefix_add(&before, &set.v[i]);
		random_set(&except, rand() % 6);
		assert_int_equal(prefix_subtract(&set, &except), 0);
		for (int i = 0; i < 2 * WINDOW; i++) {
			struct mw_prefix at = window(i % 2 ? 4 : 6, i / 2);

			assert_int_equal(
				holds(&set, &at),
				holds(&before, &at) && !holds(&except, &at));
		}
		for (size_t i = 1; i < set.n; i++)
			assert_true(prefix_compare(&set.v[i - 1], &set.v[i]) <=
				    0);
		prefix_free(&set);
		prefix_free(&before);
		prefix_free(&except);
	}
}

static void a_set_grows(void **state)
{
	struct mw_prefix p = parse("10.0.0.0");
	struct prefix_set set = {};

	(void)state;
	for (int i = 0; i < MANY; i++) {
		p.addr[1] = i >> 16;
		p.addr[2] = i >> 8;
		p.addr[3] = i;
		assert_int_equal(prefix_add(&set, &p), 0);
	}
	assert_int_equal(set.n, MANY);
	assert_memory_equal(&set.v[MANY - 1], &p, sizeof(p));
	p = parse("10.0.1.2");
	assert_memory_equal(&set.v[258], &p, sizeof(p));
	prefix_free(&set);
	assert_null(set.v);
	assert_int_equal(set.n + set.room, 0);
}

static const struct {
	const char *from, *to; /* to NULL: stays */
	bool holds;	       /* addresses behind NAT64 */
} translated[] = {
	{"64:ff9b::8.8.8.8", "8.8.8.8", true},
	{"64:ff9b::8.8.8.0/120", "8.8.8.0/24", true},
	{"64:ff9b::/96", "0.0.0.0/0", true},
	{"2001:db8:64::198.51.100.9", "198.51.100.9", true},
	{"64:ff9b::/95", NULL, true},
	{"::/0", NULL, true},
	{"64:ff9b::1:0:0", NULL, false},
	{"64:ff9b:1::8.8.8.8", NULL, false},
	{"2001:db8::/33", NULL, true},
	{"2001:db8:8000::/33", NULL, false},
	/* The example of RFC 6052, 2.4, at each length; another suffix. */
	{"2001:e32:c000:221::", "192.0.2.33", true},
	{"2001:e40:1c0:2:21::", "192.0.2.33", true},
	{"2001:e48:122:c000:2:2100::", "192.0.2.33", true},
	{"2001:e56:122:3c0:0:221::", "192.0.2.33", true},
	{"2001:e64:122:344:c0:2:2100::", "192.0.2.33", true},
	{"2001:e64:122:344:c0:2:2100:77", "192.0.2.33", true},
	/* prefixes: of half an address, up to the byte of zeros and behind */
	{"2001:e32:c000::/48", "192.0.0.0/16", true},
	{"2001:e32::/32", "0.0.0.0/0", true},
	{"2001:e32:c000:221::/64", "192.0.2.33", true},
	{"2001:e48:122:c000::/64", "192.0.0.0/16", true},
	{"2001:e48:122:c000::/70", "192.0.0.0/16", true},
	{"2001:e48:122:c000::/80", "192.0.0.0/24", true},
	{"2001:e64:122:344:c0::/80", "192.0.0.0/8", true},
	{"2001:e64:122:344::/64", "0.0.0.0/0", true},
	/* what is in that byte is no zero */
	{"2001:e64:122:344:1c0:2:2100::", NULL, true},
	{"8.8.8.8", NULL, false},
};

static void translation(void **state)
{
	static const struct {
		const char *prefix;
		int len;
	} shorter[] = {
		{"2001:e32::", 32},	    {"2001:e40:100::", 40},
		{"2001:e48:122::", 48},	    {"2001:e56:122:300::", 56},
		{"2001:e64:122:344::", 64},
	};
	struct mw_nat64 nat64 = {.n = 2};

	(void)state;
	memcpy(nat64.prefix[0], parse("64:ff9b::").addr, 12);
	memcpy(nat64.prefix[1], parse("2001:db8:64::").addr, 12);
	for (int i = 0; i < 5; i++) {
		memcpy(nat64.prefix[nat64.n], parse(shorter[i].prefix).addr,
		       12);
		((__u8 *)nat64.prefix[nat64.n++])[8] = shorter[i].len;
	}
	for (size_t i = 0; i < sizeof(translated) / sizeof(*translated); i++) {
		struct mw_prefix p = parse(translated[i].from), was = p, want;
		const char *to = translated[i].to;

		print_message("%s\n", translated[i].from);
		want = to ? parse(to) : p;
		assert_int_equal(
			p.family == 6 && prefix_holds_nat64(&nat64, &was),
			translated[i].holds);
		assert_int_equal(prefix_translate(&nat64, &p), to != NULL);
		assert_memory_equal(&p, &want, sizeof(p));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_text),
		cmocka_unit_test(bad_text),
		cmocka_unit_test(against_model),
		cmocka_unit_test(masking),
		cmocka_unit_test(ranges_small),
		cmocka_unit_test(ranges_large),
		cmocka_unit_test(ranges_refused),
		cmocka_unit_test(sorting),
		cmocka_unit_test(subtraction),
		cmocka_unit_test(a_set_grows),
		cmocka_unit_test(translation),
	};

	return cmocka_run_group_tests_name("prefix", tests, NULL, NULL);
}
