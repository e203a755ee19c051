// SPDX-License-Identifier: GPL-2.0
/*
 * Who is forgotten when a bucket table is too small: charge = syn, 10/1m,
 * burst 10, and offenders that try once a second for 120 s among forged
 * sources, each of which tries once. A simulation on the host, with the real
 * bucket.h. MW_SEED (default 1): of the first of each row's worlds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/bucket.h"
#include "bpf/source.h"

#define S	       1000000000ULL
#define T	       (6 * S) /* 10/1m */
#define START	       (1000 * S)
#define FIRST_OFFENDER 0xcb007100 /* 203.0.113.0: the first offender */

enum {
	SETS = 256,
	ENTRIES = SETS * BUCKET_WAYS,
	OFFENDERS = 8,
	SECONDS = 120,
	BEFORE = 60, /* seconds of the prelude, if there is one */
};

static const struct mw_limit limit = {T, 9 * T, (9 + BUCKET_RACERS) * T,
				      MW_ENFORCE};

/* ALWAYS is there to be compared with: what is not to be done. */
enum newcomers { CHANCE, ALWAYS };

/* What was before the offenders came into the flood. */
enum prelude { NOTHING, FLOOD, OFFENCE };

struct row {
	const char *what;
	int rate; /* forged sources per entry and second */
	enum newcomers newcomers;
	enum prelude prelude;
	int worlds;
	double least, most; /* admitted of 120, on average */
	int ever;	    /* admitted, of any offender */
};

/* Of 120 attempts 29 conform, at that rate and from an empty bucket; 20 where
 * the burst is used up. */
static const struct row rows[] = {
	{"one, always", 1, ALWAYS, NOTHING, 200, 28, 33, SECONDS},
	{"two, always", 2, ALWAYS, NOTHING, 200, 44, 84, SECONDS},
	{"one, by chance", 1, CHANCE, NOTHING, 200, 28, 36, SECONDS},
	{"two, by chance", 2, CHANCE, NOTHING, 200, 28, 36, SECONDS},
	{"one, by chance, into a full table", 1, CHANCE, FLOOD, 200, 28, 36,
	 SECONDS},
	{"two, by chance, into a full table", 2, CHANCE, FLOOD, 200, 28, 36,
	 SECONDS},
	{"two, by chance, an offender that has its bucket", 2, CHANCE, OFFENCE,
	 200, 20, 20, 20},
	{"eight, by chance: about half are forgotten", 8, CHANCE, NOTHING, 25,
	 38, 52, SECONDS},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

struct world {
	struct mw_set table[SETS];
	__u64 random, seed;
	enum newcomers newcomers;
	int admitted[OFFENDERS];
};

/* xorshift64*, Vigna 2016. */
static __u32 draw(struct world *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return w->random * 0x2545f4914f6cdd1dULL >> 32;
}

static void charge(struct world *w, struct mw_set *set, __u64 key, __u64 now)
{
	int way = bucket_find(set, key);
	bool evicted;

	if (way == BUCKET_NONE) {
		way = bucket_victim(set, now,
				    w->newcomers == ALWAYS ? 0 : draw(w));
		if (way == BUCKET_NONE)
			return;
		bucket_claim(&set->way[way], key, now, &evicted);
	}
	bucket_charge(&set->way[way].tat, now, &limit);
}

static bool attempt(struct world *w, __u32 address, __u64 now)
{
	__u64 key = SOURCE_IPV4 | address;
	struct mw_set *set = &w->table[source_hash(key, w->seed) % SETS];
	int way = bucket_find(set, key);
	__u64 tat = way == BUCKET_NONE ? 0 : set->way[way].tat;

	if (!bucket_conforms(tat, now, &limit))
		return false;
	charge(w, set, key, now);
	return true;
}

static void seconds(struct world *w, __u64 from, int n, int rate, bool offended)
{
	int forged = rate * ENTRIES;

	for (int second = 0; second < n; second++) {
		__u64 now = from + second * S;

		for (int i = 0; offended && i < OFFENDERS; i++)
			w->admitted[i] += attempt(w, FIRST_OFFENDER + i, now);
		for (int i = 0; i < forged; i++)
			attempt(w, draw(w), now + S * i / forged);
	}
}

static void world_run(struct world *w, const struct row *r, __u64 seed)
{
	memset(w, 0, sizeof(*w));
	w->newcomers = r->newcomers;
	w->seed = source_hash(seed, 0);
	w->random = source_hash(seed, 1) | 1;
	if (r->prelude == FLOOD)
		seconds(w, START, BEFORE, r->rate, false);
	if (r->prelude == OFFENCE)
		seconds(w, START, BEFORE, 0, true);
	memset(w->admitted, 0, sizeof(w->admitted));
	seconds(w, START + BEFORE * S, SECONDS, r->rate, true);
}

static __u64 first_seed(void)
{
	const char *given = getenv("MW_SEED");

	return given ? strtoull(given, NULL, 10) : 1;
}

static void eviction(void **state)
{
	const struct row *r = *state;
	static struct world w;
	int many = r->worlds * OFFENDERS, most = 0, lucky = 0;
	double mean = 0;

	for (int i = 0; i < r->worlds; i++) {
		world_run(&w, r, first_seed() + i);
		for (int k = 0; k < OFFENDERS; k++) {
			mean += w.admitted[k] / (double)many;
			lucky += w.admitted[k] > 36;
			most = w.admitted[k] > most ? w.admitted[k] : most;
		}
	}
	print_message("# seed %llu, %d offenders: %.1f on average, %d at most, "
		      "%.0f %% above 36\n",
		      first_seed(), many, mean, most, lucky * 100.0 / many);
	/* Hundredths, as sums of fractions are not exact. */
	assert_in_range(mean * 100 + .5, r->least * 100, r->most * 100);
	assert_in_range(most, 0, r->ever);
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {};

	for (int i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].what,
			.test_func = eviction,
			.initial_state = (void *)&rows[i],
		};
	return cmocka_run_group_tests_name("eviction", tests, NULL, NULL);
}
