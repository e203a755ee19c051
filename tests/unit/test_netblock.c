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

#include "user/netblock.h"

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
static int best(const struct netblock_list *lists, const struct mw_prefix *at,
		__u8 action, __u8 mode)
{
	int list = -1, len = -1;

	for (int i = 0; i < LISTS; i++) {
		if (lists[i].action != action || lists[i].mode != mode)
			continue;
		for (size_t j = 0; j < lists[i].set->n; j++) {
			const struct mw_prefix *p = &lists[i].set->v[j];

			if (!prefix_covers(p, at) || p->len <= len)
				continue;
			len = p->len;
			list = i;
		}
	}
	return list;
}

static struct mw_leaf model(const struct netblock_list *lists,
			    const struct mw_prefix *at)
{
	struct mw_leaf leaf = {};
	int list;

	for (int i = 0; i < 5; i++) {
		list = best(lists, at, kinds[i].action, kinds[i].mode);
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

static void compare_all(const struct netblock_list *lists,
			const struct netblocks *nb)
{
	static const struct mw_leaf none;

	for (int i = 0; i < 2 * UNIVERSE; i++) {
		struct mw_prefix at = address(i % 2 ? 4 : 6, i / 2);
		struct mw_leaf want = model(lists, &at);
		const struct mw_leaf *got = netblock_find(nb, &at);

		assert_memory_equal(got ? got : &none, &want, sizeof(want));
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
		struct netblock_list lists[LISTS];
		struct netblocks nb;

		for (int i = 0; i < LISTS; i++) {
			int kind = rand() % 5;

			lists[i] = (struct netblock_list){&sets[i], 100 - i,
							  kinds[kind].action,
							  kinds[kind].mode};
			for (int n = rand() % MOST; n > 0; n--) {
				struct mw_prefix p = random_prefix();

				assert_int_equal(prefix_add(&sets[i], &p), 0);
			}
		}
		assert_int_equal(netblock_compile(lists, LISTS, &nb), 0);
		compare_all(lists, &nb);
		netblock_free(&nb);
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
	const struct netblock_list lists[] = {
		{&enforced, 3, MW_BLOCK, MW_ENFORCE},
		{&observed, 4, MW_BLOCK, MW_OBSERVE},
	};
	const struct mw_leaf want = {MW_BLOCK, 3, MW_BLOCK, 4};
	struct netblocks nb;

	(void)state;
	assert_int_equal(netblock_compile(lists, 2, &nb), 0);
	assert_memory_equal(netblock_find(&nb, &at), &want, sizeof(want));
	netblock_free(&nb);
}

/* What says nothing new is left out: two nested blocks of one list. */
static void nested_is_flat(void **state)
{
	struct mw_prefix v[] = {parse("10.0.0.0/16"), parse("10.0.7.0/24"),
				parse("10.0.7.1")};
	struct prefix_set set = {v, 3, 3};
	const struct netblock_list list = {&set, 0, MW_BLOCK, MW_ENFORCE};
	struct netblocks nb;

	(void)state;
	assert_int_equal(netblock_compile(&list, 1, &nb), 0);
	assert_int_equal(nb.n, 1);
	assert_int_equal(nb.n4, 1);
	netblock_free(&nb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model),
		cmocka_unit_test(observed_opens_no_hole),
		cmocka_unit_test(nested_is_flat),
	};

	return cmocka_run_group_tests_name("netblock", tests, NULL, NULL);
}
