// SPDX-License-Identifier: GPL-2.0
/* bpf/flow.h: what tells one ACK from another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/flow.h"

enum { SAMPLES = FLOW_PLACES };

struct input {
	struct packet from;
	__u32 number;
	__u16 port;
	__u8 kind;
	__u8 zero;
};

static __u64 key_of(const struct input *in)
{
	return flow_key(in->kind, &in->from, in->port, in->number, 42);
}

static void any_other_bit_is_another_key(void **state)
{
	const size_t first = offsetof(struct input, from.source) * 8,
		     last = offsetof(struct input, kind) * 8;
	struct input in = {
		.from.source = {192, 0, 2, 1}, .port = 1, .number = 7};
	const __u64 key = key_of(&in);

	(void)state;
	for (size_t bit = first; bit < last; bit++) {
		__u8 *at = (__u8 *)&in + bit / 8;

		*at ^= 1 << bit % 8;
		assert_int_not_equal(key_of(&in), key);
		*at ^= 1 << bit % 8;
	}
	assert_int_equal(key_of(&in), key);
}

static void the_kinds_and_the_seeds_are_apart(void **state)
{
	struct input in = {.from.source = {192, 0, 2, 1}, .port = 1};
	const __u64 ack = key_of(&in);

	(void)state;
	in.kind = FLOW_PEER;
	assert_int_not_equal(key_of(&in), ack);
	in.kind = FLOW_SYN;
	assert_int_not_equal(key_of(&in), ack);
	assert_int_not_equal(flow_key(FLOW_ACK, &in.from, in.port, 0, 43), ack);
}

static void a_place_is_empty_live_or_ended(void **state)
{
	struct input in = {};

	(void)state;
	for (in.number = 0; in.number < 100000; in.number++) {
		__u64 key = key_of(&in);

		assert_int_not_equal(key, 0);
		assert_false(key & FLOW_ENDED);
		assert_false(flow_is(0, key));
		assert_true(flow_is(key, key));
		assert_true(flow_is(key | FLOW_ENDED, key));
	}
}

/* Of n keys in as many places 1 - 1/e have company: what maps.h counts on. */
static void all_places_are_used_alike(void **state)
{
	__u8 *used = calloc(FLOW_PLACES, 1);
	struct input in = {.from.source = {203, 0, 113, 9}, .port = 25};
	int n = 0;

	(void)state;
	assert_non_null(used);
	for (in.number = 0; in.number < SAMPLES; in.number++) {
		__u32 place = flow_place(key_of(&in));

		assert_in_range(place, 0, FLOW_PLACES - 1);
		n += !used[place];
		used[place] = 1;
	}
	free(used);
	assert_in_range(n, SAMPLES * 0.628, SAMPLES * 0.636);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_other_bit_is_another_key),
		cmocka_unit_test(the_kinds_and_the_seeds_are_apart),
		cmocka_unit_test(a_place_is_empty_live_or_ended),
		cmocka_unit_test(all_places_are_used_alike),
	};

	return cmocka_run_group_tests_name("flow", tests, NULL, NULL);
}
