// SPDX-License-Identifier: GPL-2.0
/* The packed arrays against a linear search; MW_SEED repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lists/pack.h"

enum { ROUNDS = 400, MOST = 300, PROBES = 2000 };

static unsigned int rounds_seed;

static __u32 dice(__u32 n)
{
	return rand() % n;
}

/* Byte i mostly one of few values, so that prefixes nest and touch. */
static __u8 dice_byte(int i)
{
	static const __u8 some[] = {0, 1, 127, 128, 254, 255};

	if (i == 0)
		return dice(8) ? 0x20 : some[dice(6)];
	return dice(3) ? some[dice(6)] : dice(256);
}

static struct mw_prefix dice_address(int family)
{
	struct mw_prefix p = {.family = family, .len = family == 4 ? 32 : 128};

	for (int i = 0; i < p.len / 8; i++)
		p.addr[i] = dice_byte(i);
	return p;
}

static struct mw_prefix masked(struct mw_prefix p, int len)
{
	for (int i = len; i < prefix_width(&p); i++)
		p.addr[i / 8] &= ~(0x80 >> i % 8);
	p.len = len;
	return p;
}

static int entry_compare(const void *a, const void *b)
{
	const struct flat_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

/* Any length, or only long ones, which leave gaps between them. */
static int dice_length(int family, bool gaps)
{
	int width = family == 4 ? 32 : 128, least = gaps ? width * 3 / 4 : 0;

	return least + dice(width + 1 - least);
}

/* Distinct prefixes in order, as flatten_lists leaves them. */
static void dice_flat(struct flat *flat, struct flat_entry *v)
{
	size_t n = dice(MOST), kept = 0;
	bool gaps = dice(2);

	for (size_t i = 0; i < n; i++) {
		int family = dice(2) ? 4 : 6;

		v[i] = (struct flat_entry){};
		v[i].prefix =
			masked(dice_address(family), dice_length(family, gaps));
		v[i].leaf = (struct mw_leaf){
			.action = 1 + dice(3),
			.slot = dice(4) * 31,
		};
	}
	qsort(v, n, sizeof(*v), entry_compare);
	for (size_t i = 0; i < n; i++)
		if (!kept || entry_compare(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
	*flat = (struct flat){.v = v, .n = kept};
	while (flat->n4 < kept && v[flat->n4].prefix.family == 4)
		flat->n4++;
}

/* The model: the longest prefix that covers it. */
static struct mw_leaf model(const struct flat *flat, const struct mw_prefix *at)
{
	struct mw_leaf leaf = {};
	int len = -1;

	for (size_t i = 0; i < flat->n; i++) {
		if (!prefix_covers(&flat->v[i].prefix, at) ||
		    flat->v[i].prefix.len <= len)
			continue;
		len = flat->v[i].prefix.len;
		leaf = flat->v[i].leaf;
	}
	return leaf;
}

static void compare(const struct flat *flat, const struct pack *pack,
		    const struct mw_prefix *at)
{
	struct mw_leaf want = model(flat, at), got = pack_find(pack, at, 0);
	char text[PREFIX_TEXT];

	if (!memcmp(&want, &got, sizeof(want)))
		return;
	prefix_text(at, text);
	fail_msg("seed %u, %s: action %d slot %d, not %d %d", rounds_seed, text,
		 got.action, got.slot, want.action, want.slot);
}

/* The address before and the one after, too. */
static void compare_around(const struct flat *flat, const struct pack *pack,
			   struct mw_prefix p)
{
	struct mw_prefix at = p;

	at.len = prefix_width(&p);
	compare(flat, pack, &at);
	for (int i = at.len / 8 - 1; i >= 0 && !at.addr[i]--; i--)
		;
	compare(flat, pack, &at);
	at = p;
	at.len = prefix_width(&p);
	for (int i = p.len; i < at.len; i++)
		at.addr[i / 8] |= 0x80 >> i % 8;
	compare(flat, pack, &at);
	for (int i = at.len / 8 - 1; i >= 0 && !++at.addr[i]; i--)
		;
	compare(flat, pack, &at);
}

static void random_sets(void **state)
{
	static struct flat_entry v[MOST];

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		struct flat flat;
		struct pack pack;

		dice_flat(&flat, v);
		assert_int_equal(pack_build(&flat, &pack), 0);
		for (size_t i = 0; i < flat.n; i++)
			compare_around(&flat, &pack, flat.v[i].prefix);
		for (int i = 0; i < PROBES; i++) {
			struct mw_prefix at = dice_address(i % 2 ? 4 : 6);

			compare(&flat, &pack, &at);
		}
		pack_free(&pack);
	}
}

static void nothing_at_all(void **state)
{
	struct flat none = {};
	struct mw_prefix at = dice_address(6);
	struct pack pack;

	(void)state;
	assert_int_equal(pack_build(&none, &pack), 0);
	for (int i = 0; i < MW_PARTS; i++)
		assert_true(pack.part[i].n > 0);
	compare(&none, &pack, &at);
	pack_free(&pack);
}

/* n addresses of one list, each in a /24 of its own. */
static struct flat lonely(size_t n)
{
	struct flat flat = {.v = calloc(n, sizeof(*flat.v)), .n = n, .n4 = n};

	for (__u32 i = 0; i < n; i++) {
		__u32 at = __builtin_bswap32(0x0a000000 + i * 512);

		flat.v[i].prefix = (struct mw_prefix){.family = 4, .len = 32};
		memcpy(flat.v[i].prefix.addr, &at, 4);
		flat.v[i].leaf.action = MW_BLOCK;
	}
	return flat;
}

/* What pack.h says of memory. */
static void memory(void **state)
{
	enum { N = 100000, ROOM_GROWN = 8192 };
	struct flat flat = lonely(N);
	struct pack pack;

	(void)state;
	assert_int_equal(pack_build(&flat, &pack), 0);
	assert_true(pack_bytes(&pack) < 4.25 * 1048576 + N * 4 + ROOM_GROWN);
	pack_free(&pack);
	free(flat.v);
}

/* More classes than a word beside an address has room for. */
static void many_classes(void **state)
{
	enum { N = 20000, STEP = 97 };
	struct mw_class none = {};
	struct flat flat = lonely(N);
	struct pack pack;

	(void)state;
	flat.later = &none;
	flat.n_later = 1;
	for (int i = 0; i < N; i++) {
		flat.v[i].class.leaf.slot = i % 61;
		flat.v[i].class.until = i + 1;
	}
	assert_int_equal(pack_build(&flat, &pack), 0);
	assert_true(pack.part[MW_LEAVES].n > N);
	for (int i = 0; i < N; i += STEP)
		compare_around(&flat, &pack, flat.v[i].prefix);
	pack_free(&pack);
	free(flat.v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sets),
		cmocka_unit_test(nothing_at_all),
		cmocka_unit_test(memory),
		cmocka_unit_test(many_classes),
	};
	const char *seed = getenv("MW_SEED");

	rounds_seed = seed ? strtoul(seed, NULL, 10) : (unsigned int)time(NULL);
	printf("# seed %u\n", rounds_seed);
	srand(rounds_seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
