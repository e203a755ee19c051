// SPDX-License-Identifier: GPL-2.0
/* How many connections a source has open, on many CPUs. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/concurrent.h"

static __u64 tag_of(int source)
{
	return concurrent_tag((source + 1ULL) << 20);
}

/* Against plain counters; 10 sources for 8 ways. */
static void open_model(void **state)
{
	const char *given = getenv("MW_SEED");
	unsigned int seed = given ? atol(given) : time(NULL);
	struct mw_concurrent_set set = {};
	int model[10] = {}, live = 0;

	(void)state;
	print_message("seed %u\n", seed);
	srand(seed);
	for (int i = 0; i < 1000000; i++) {
		int source = rand() % 10;
		bool more = rand() % 2;
		bool done = more ? concurrent_add(&set, tag_of(source))
				 : concurrent_take(&set, tag_of(source));

		if (!more) {
			assert_int_equal(done, model[source] > 0);
			model[source] -= done;
			live -= done && !model[source];
		} else {
			assert_int_equal(done, model[source] || live < 8);
			live += done && !model[source];
			model[source] += done;
		}
		assert_int_equal(concurrent_count(&set, tag_of(source)),
				 model[source]);
	}
}

static void open_most(void **state)
{
	struct mw_concurrent_set set = {};

	(void)state;
	for (int i = 0; i < MW_CONCURRENT_MOST; i++)
		assert_true(concurrent_add(&set, tag_of(1)));
	assert_false(concurrent_add(&set, tag_of(1)));
	assert_int_equal(concurrent_count(&set, tag_of(1)), MW_CONCURRENT_MOST);
	assert_int_equal(concurrent_count(&set, tag_of(2)), 0);
	assert_true(concurrent_add(&set, tag_of(2)));
}

static struct mw_concurrent_set shared;

/* More and less in pairs, of eight sources; all come to nothing. */
static void *pairs(void *arg)
{
	unsigned int seed = (uintptr_t)arg;

	for (int i = 0; i < 300000; i++) {
		__u64 tag = tag_of(rand_r(&seed) % 8);

		if (concurrent_add(&shared, tag) &&
		    !concurrent_take(&shared, tag))
			return "one could not be taken back";
	}
	return NULL;
}

static void open_threads(void **state)
{
	pthread_t threads[4];
	void *bad = NULL, *result;

	(void)state;
	for (uintptr_t i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, pairs, (void *)i), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		bad = result ? result : bad;
	}
	assert_null(bad);
	for (int i = 0; i < 8; i++)
		assert_int_equal(concurrent_count(&shared, tag_of(i)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_model),
		cmocka_unit_test(open_most),
		cmocka_unit_test(open_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
