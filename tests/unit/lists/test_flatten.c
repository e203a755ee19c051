// SPDX-License-Identifier: GPL-2.0
/* Flattening against a brute-force model; MW_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lists/pack.h"

enum { LISTS = 7, ROUNDS = 300, UNIVERSE = 1024, MOST = 40 };

/* Every action and mode that a configuration can name. */
static const struct {
	__u8 action, mode;
} kinds[] = {
	{MW_ALLOW, MW_ENFORCE}, {MW_BLOCK, MW_ENFORCE}, {MW_BLOCK, MW_OBSERVE},
	{MW_LIMIT, MW_ENFORCE}, {MW_LIMIT, MW_OBSERVE},
};

static struct mw_prefix parse(const char *text)
{
	struct mw_prefix p;
	const char *why;

	assert_int_equal(prefix_parse(text, &p, NULL, &why), 0);
	return p;
}

/* Address i of a universe of 1,024: 10.0.x.y or 2001:db8::x:y. */
static struct mw_prefix address(int family, int i)
{
	struct mw_prefix p = parse(family == 4 ? "10.0.0.0" : "2001:db8::");
	int last = family == 4 ? 3 : 15;

	p.addr[last] = i;
	p.addr[last - 1] = i >> 8;
	return p;
}

static struct mw_prefix random_prefix(void)
{
	struct mw_prefix p = address(rand() % 2 ? 4 : 6, rand() % UNIVERSE);
	char text[PREFIX_TEXT], *slash;

	p.len -= rand() % 12;
	prefix_text(&p, text); /* parsing masks */
	slash = strchr(text, '/');
	return slash ? parse(text) : p;
}

/* The model: the longest prefix of one class, the first list at a tie. */
static int lasting(const struct flatten_list *lists, const struct mw_prefix *at,
		   __u8 action, __u8 mode)
{
	int list = -1, len = -1;

	for (int i = 0; i < LISTS; i++) {
		if (lists[i].action != action || lists[i].mode != mode)
			continue;
		for (size_t j = 0; j < lists[i].set->n; j++) {
			const struct mw_prefix *p = &lists[i].set->v[j];

			if (p->ends || !prefix_covers(p, at) || p->len <= len)
				continue;
			len = p->len;
			list = i;
		}
	}
	return list;
}

/* Of those that end after now the last to do so; at a tie the shortest. */
static int ending(const struct flatten_list *lists, const struct mw_prefix *at,
		  __u8 action, __u8 mode, long now)
{
	int list = -1, len = 0;
	long last = now;

	for (int i = 0; i < LISTS; i++) {
		if (lists[i].action != action || lists[i].mode != mode)
			continue;
		for (size_t j = 0; j < lists[i].set->n; j++) {
			const struct mw_prefix *p = &lists[i].set->v[j];
			long end = lists[i].since + p->ends * PREFIX_STEP;

			if (!p->ends || !prefix_covers(p, at) || end < last ||
			    (end == last && (list < 0 || p->len >= len)))
				continue;
			len = p->len;
			list = i;
			last = end;
		}
	}
	return list;
}

static int best(const struct flatten_list *lists, const struct mw_prefix *at,
		__u8 action, __u8 mode, long now)
{
	int list = lasting(lists, at, action, mode);

	return list < 0 ? ending(lists, at, action, mode, now) : list;
}

static struct mw_leaf model(const struct flatten_list *lists,
			    const struct mw_prefix *at, long now)
{
	struct mw_leaf leaf = {};
	int list;

	for (int i = 0; i < 5; i++) {
		list = best(lists, at, kinds[i].action, kinds[i].mode, now);
		if (list < 0)
			continue;
		if (kinds[i].mode == MW_ENFORCE && !leaf.action) {
			leaf.action = kinds[i].action;
			leaf.slot = lists[list].slot;
		} else if (kinds[i].mode == MW_OBSERVE && !leaf.observed) {
			leaf.observed = kinds[i].action;
			leaf.observed_slot = lists[list].slot;
		}
	}
	return leaf;
}

static void compare_all(const struct flatten_list *lists,
			const struct flat *flat)
{
	static const struct mw_leaf none;

	for (int i = 0; i < 2 * UNIVERSE; i++) {
		struct mw_prefix at = address(i % 2 ? 4 : 6, i / 2);
		struct mw_leaf want = model(lists, &at, 0);
		const struct mw_leaf *got = flat_find(flat, &at);

		assert_memory_equal(got ? got : &none, &want, sizeof(want));
	}
}

/* What entry i says nothing new to, found without the order. */
static struct mw_leaf inherited(const struct flat *flat, size_t i)
{
	struct mw_leaf leaf = {};
	int len = -1;

	for (size_t j = 0; j < flat->n; j++) {
		const struct mw_prefix *p = &flat->v[j].prefix;

		if (j == i || p->len <= len ||
		    !prefix_covers(p, &flat->v[i].prefix))
			continue;
		len = p->len;
		leaf = flat->v[j].leaf;
	}
	return leaf;
}

/* In order, IPv4 first, and no entry that says what it inherits. */
static void well_formed(const struct flat *flat)
{
	for (size_t i = 0; i < flat->n; i++) {
		struct mw_leaf leaf = inherited(flat, i);

		assert_int_equal(flat->v[i].prefix.family,
				 i < flat->n4 ? 4 : 6);
		assert_memory_not_equal(&flat->v[i].leaf, &leaf, sizeof(leaf));
		if (i)
			assert_true(prefix_compare(&flat->v[i - 1].prefix,
						   &flat->v[i].prefix) < 0);
	}
}

static void against_model(void **state)
{
	const char *text = getenv("MW_SEED");
	unsigned int seed =
		text ? strtoul(text, NULL, 10) : (unsigned long)time(NULL);

	(void)state;
	print_message("# seed %u\n", seed);
	srand(seed);
	for (int round = 0; round < ROUNDS; round++) {
		struct prefix_set sets[LISTS] = {};
		struct flatten_list lists[LISTS];
		struct flat flat;

		for (int i = 0; i < LISTS; i++) {
			int kind = rand() % 5;

			lists[i] = (struct flatten_list){&sets[i], 100 - i,
							 kinds[kind].action,
							 kinds[kind].mode};
			for (int n = rand() % MOST; n > 0; n--) {
				struct mw_prefix p = random_prefix();

				assert_int_equal(prefix_add(&sets[i], &p), 0);
			}
		}
		assert_int_equal(flatten_lists(lists, LISTS, &flat), 0);
		well_formed(&flat);
		compare_all(lists, &flat);
		flat_free(&flat);
		for (int i = 0; i < LISTS; i++)
			prefix_free(&sets[i]);
	}
}

static void compare_times(const struct flatten_list *lists,
			  const struct pack *pack)
{
	for (int i = 0; i < UNIVERSE; i++) {
		struct mw_prefix at = address(i % 2 ? 4 : 6, rand() % UNIVERSE);
		long now = rand() % 1100;
		struct mw_leaf want = model(lists, &at, now), got;

		got = pack_find(pack, &at, now * 1000000000ULL);
		assert_memory_equal(&got, &want, sizeof(want));
	}
}

/* Lists of which half of the entries end, each at its own time: the same
 * model, asked at any time, and the arrays that the program reads. */
static void entries_end(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct prefix_set sets[LISTS] = {};
		struct flatten_list lists[LISTS];
		struct flat flat;
		struct pack pack;

		for (int i = 0; i < LISTS; i++) {
			int kind = rand() % 5;

			lists[i] = (struct flatten_list){
				&sets[i], 100 - i, kinds[kind].action,
				kinds[kind].mode, rand() % 500};
			for (int n = rand() % MOST; n > 0; n--) {
				struct mw_prefix p = random_prefix();

				p.ends = rand() % 2 ? 1 + rand() % 50 : 0;
				assert_int_equal(prefix_add(&sets[i], &p), 0);
			}
			assert_int_equal(prefix_sort(&sets[i]), 0);
		}
		assert_int_equal(flatten_lists(lists, LISTS, &flat), 0);
		assert_int_equal(pack_build(&flat, &pack), 0);
		compare_times(lists, &pack);
		pack_free(&pack);
		flat_free(&flat);
		for (int i = 0; i < LISTS; i++)
			prefix_free(&sets[i]);
	}
}

/* An observed /24 in an enforced /16 opens no hole. */
static void observed_opens_no_hole(void **state)
{
	struct mw_prefix wide = parse("10.0.0.0/16"), at = parse("10.0.7.1");
	struct mw_prefix narrow = parse("10.0.7.0/24");
	struct prefix_set enforced = {&wide, 1, 1}, observed = {&narrow, 1, 1};
	const struct flatten_list lists[] = {
		{&enforced, 3, MW_BLOCK, MW_ENFORCE},
		{&observed, 4, MW_BLOCK, MW_OBSERVE},
	};
	const struct mw_leaf want = {MW_BLOCK, 3, MW_BLOCK, 4};
	struct flat flat;

	(void)state;
	assert_int_equal(flatten_lists(lists, 2, &flat), 0);
	assert_memory_equal(flat_find(&flat, &at), &want, sizeof(want));
	flat_free(&flat);
}

/* Allow inside block, and block inside allow: allow always wins. */
static void allow_wins(void **state)
{
	struct mw_prefix block[] = {parse("10.0.0.0/16"), parse("10.1.7.0/24")};
	struct mw_prefix allow[] = {parse("10.0.7.0/24"), parse("10.1.0.0/16")};
	struct prefix_set blocked = {block, 2, 2}, allowed = {allow, 2, 2};
	const struct flatten_list lists[] = {
		{&blocked, 3, MW_BLOCK, MW_ENFORCE},
		{&allowed, 4, MW_ALLOW, MW_ENFORCE},
	};
	static const struct {
		const char *at;
		struct mw_leaf want;
	} rows[] = {
		{"10.0.6.1", {MW_BLOCK, 3, 0, 0}},
		{"10.0.7.1", {MW_ALLOW, 4, 0, 0}},
		{"10.0.8.1", {MW_BLOCK, 3, 0, 0}},
		{"10.1.7.1", {MW_ALLOW, 4, 0, 0}},
		{"10.1.8.1", {MW_ALLOW, 4, 0, 0}},
	};
	struct flat flat;

	(void)state;
	assert_int_equal(flatten_lists(lists, 2, &flat), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct mw_prefix at = parse(rows[i].at);

		assert_memory_equal(flat_find(&flat, &at), &rows[i].want,
				    sizeof(struct mw_leaf));
	}
	assert_int_equal(flat.n, 3);
	flat_free(&flat);
}

/* All 129 lengths of one address, lists taking turns: the deepest nesting. */
static void deepest_nesting(void **state)
{
	struct mw_prefix v[2][65], at = parse("::"), p = at;
	struct prefix_set sets[2] = {{v[0], 65, 65}, {v[1], 64, 64}};
	const struct flatten_list lists[] = {
		{&sets[0], 0, MW_BLOCK, MW_ENFORCE},
		{&sets[1], 1, MW_BLOCK, MW_ENFORCE},
	};
	struct flat flat;

	(void)state;
	for (p.len = 0; p.len <= 128; p.len++)
		v[p.len % 2][p.len / 2] = p;
	assert_int_equal(flatten_lists(lists, 2, &flat), 0);
	assert_int_equal(flat.n, 129);
	assert_int_equal(flat_find(&flat, &at)->slot, 0);
	at.addr[15] = 1;
	assert_int_equal(flat_find(&flat, &at)->slot, 1);
	at = parse("8000::"); /* in ::/0 only */
	assert_non_null(flat_find(&flat, &at));
	assert_int_equal(flat_find(&flat, &at)->slot, 0);
	flat_free(&flat);
}

static void nothing_given(void **state)
{
	struct mw_prefix at = parse("10.0.7.1");
	struct flat flat;

	(void)state;
	assert_int_equal(flatten_lists(NULL, 0, &flat), 0);
	assert_int_equal(flat.n, 0);
	assert_null(flat_find(&flat, &at));
	flat_free(&flat);
}

/* What says nothing new is left out: two nested blocks of one list. */
static void nested_is_flat(void **state)
{
	struct mw_prefix v[] = {parse("10.0.0.0/16"), parse("10.0.7.0/24"),
				parse("10.0.7.1")};
	struct prefix_set set = {v, 3, 3};
	const struct flatten_list list = {&set, 0, MW_BLOCK, MW_ENFORCE};
	struct flat flat;

	(void)state;
	assert_int_equal(flatten_lists(&list, 1, &flat), 0);
	assert_int_equal(flat.n, 1);
	assert_int_equal(flat.n4, 1);
	flat_free(&flat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model),
		cmocka_unit_test(entries_end),
		cmocka_unit_test(observed_opens_no_hole),
		cmocka_unit_test(allow_wins),
		cmocka_unit_test(deepest_nesting),
		cmocka_unit_test(nothing_given),
		cmocka_unit_test(nested_is_flat),
	};

	return cmocka_run_group_tests_name("flatten", tests, NULL, NULL);
}
