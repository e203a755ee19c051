// SPDX-License-Identifier: GPL-2.0
/*
 * Is an offender forgotten while forged sources flood the bucket table? 400
 * offenders try once a second for 120 s of virtual time, at 10/1m and burst
 * 10: 10 + 120 x 10/60 = 30 of the 120 conform. Time is the test's, so all
 * this is a matter of MW_SEED (default 1) and not of the machine. MW_SHARE:
 * one in so many sets is flooded and offended (default 16, or five offenders
 * would meet in a set of four; 1: all of them).
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/bucket.h"
#include "bpf/counters.h"
#include "bpf/source.h"
#include "flood.skel.h"
#include "pkt.h"
#include "unpinned.h"

#define S     1000000000ULL
#define START (1000 * S)

enum {
	INTERVAL = 6, /* seconds: 10/1m */
	BURST = 10,
	SECONDS = 120,
	CONFORM = SECONDS / INTERVAL, /* beside the burst */
	BATCH = 1000,		      /* forged attempts in one run */
	OFFENDERS = 400,
	COUNTERS = sizeof(struct mw_counters) / 8,
};

_Static_assert(sizeof(((struct flood_bpf__bss *)0)->flood_admitted) ==
		       4 * OFFENDERS,
	       "as many here as there");

/*
 * A stranger comes with the flood. With charge = syn it has to win a bucket in
 * a full set, and is admitted until it has one; how often is a matter of luck,
 * so the mean is judged. An offender that used up its burst before the flood
 * has its bucket, and one that is charged by its handshakes gets its bucket:
 * neither is admitted once too often.
 */
struct row {
	const char *what;
	int charge, rate;      /* forged SYN/s */
	bool offended;	       /* before the flood */
	int least, mean, most; /* attempts of an offender that are admitted */
};

static const struct row rows[] = {
	{"a stranger", MW_CHARGE_SYN, 1000, false, 25, 36, SECONDS},
	{"a stranger", MW_CHARGE_SYN, 10000, false, 25, 36, SECONDS},
	{"a stranger", MW_CHARGE_SYN, 100000, false, 25, 36, SECONDS},
	{"a stranger", MW_CHARGE_SYN, 1000000, false, 25, 36, SECONDS},
	{"one that offended before", MW_CHARGE_SYN, 1000, true, 18, 20, 20},
	{"one that offended before", MW_CHARGE_SYN, 10000, true, 18, 20, 20},
	{"one that offended before", MW_CHARGE_SYN, 100000, true, 18, 20, 20},
	{"one that offended before", MW_CHARGE_SYN, 1000000, true, 18, 20, 20},
	{"a stranger", MW_CHARGE_HANDSHAKE, 1000, false, 25, 30, 30},
	{"a stranger", MW_CHARGE_HANDSHAKE, 10000, false, 25, 30, 30},
	{"a stranger", MW_CHARGE_HANDSHAKE, 100000, false, 25, 30, 30},
	{"a stranger", MW_CHARGE_HANDSHAKE, 1000000, false, 25, 30, 30},
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static __u64 seed = 1;
static int share = 16;

static void settings_of(const struct row *r, struct mw_settings *s)
{
	__u64 window = (BURST - 1) * INTERVAL * S;

	*s = (struct mw_settings){
		.seed = seed,
		.netns = 1,
		.ports = {25},
		.mode = MW_ENFORCE,
		.charge = r->charge,
		.level[MW_SOURCE] = {.len4 = 32, .len6 = 64},
		.level[MW_NETBLOCK] = {.len4 = 24, .len6 = 48},
		.level[MW_SOURCE].limit = {INTERVAL * S, window,
					   bucket_most(INTERVAL * S, window,
						       r->charge, MW_DAY),
					   MW_ENFORCE},
	};
}

/* Chooses offenders whose sets are flooded. */
static void offenders(struct flood_bpf *skel, const struct mw_settings *s)
{
	int n = 0;

	srand(seed);
	while (n < OFFENDERS) {
		__u32 address = (__u32)rand() << 16 ^ rand();
		__u32 hash = source_hash(SOURCE_IPV4 | address, s->seed);

		if (hash % MW_SETS < MW_SETS / (__u32)share)
			skel->bss->flood_offenders[n++] = address;
	}
}

static struct flood_bpf *gate_open(const struct row *r)
{
	struct flood_bpf *skel = flood_bpf__open();
	struct mw_settings s;

	if (!skel)
		return NULL;
	unpinned(skel->obj);
	settings_of(r, &s);
	sizes_of(skel->obj, &s);
	memcpy((void *)&skel->rodata->settings, &s, sizeof(s));
	if (flood_bpf__load(skel)) {
		flood_bpf__destroy(skel);
		return NULL;
	}
	skel->data->test_now = START;
	skel->data->flood_random = 2 * seed + 1;
	skel->bss->flood_next = START;
	offenders(skel, &s);
	return skel;
}

/* Floods for SECONDS: rate random sources a second, of which those that fall
 * into the first so many sets attempt. false: a packet was no attempt. */
static bool flood(struct flood_bpf *skel, int rate, int sets)
{
	struct pkt p = {};
	struct pkt_frame f;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = rate / BATCH * SECONDS);

	skel->data->flood_sets = sets;
	skel->bss->flood_step = S / rate;
	memset(skel->bss->flood_admitted, 0, 4 * OFFENDERS);
	pkt_build(&f, &p);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	return !bpf_prog_test_run_opts(bpf_program__fd(skel->progs.flood),
				       &opts) &&
	       opts.retval == XDP_PASS;
}

static bool offend_and_flood(struct flood_bpf *skel, const struct row *r)
{
	if (r->offended && !flood(skel, BATCH, 0))
		return false;
	return flood(skel, r->rate, MW_SETS / share);
}

/* --- what came of it ----------------------------------------------------- */

struct outcome {
	int least, most, lucky; /* lucky: more than 36 */
	long sum;
	long buckets; /* of the table that have a key */
	struct mw_counters c;
};

static void add_counters(const struct flood_bpf *skel, struct mw_counters *c)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 value[cpus * COUNTERS];
	__u32 key = 0;

	bpf_map_lookup_elem(bpf_map__fd(skel->maps.counters), &key, value);
	for (int i = 0; i < cpus * COUNTERS; i++)
		((__u64 *)c)[i % COUNTERS] += value[i];
}

static long buckets_taken(const struct flood_bpf *skel)
{
	size_t size = MW_SETS * sizeof(struct mw_set);
	struct mw_bucket *at = mmap(NULL, size, PROT_READ, MAP_SHARED,
				    bpf_map__fd(skel->maps.source_buckets), 0);
	long taken = 0;

	if (at == MAP_FAILED)
		abort();
	for (int i = 0; i < MW_SETS * BUCKET_WAYS; i++)
		taken += at[i].key != 0;
	munmap(at, size);
	return taken;
}

static struct outcome outcome_of(const struct flood_bpf *skel)
{
	struct outcome o = {.least = SECONDS};

	for (int i = 0; i < OFFENDERS; i++) {
		int n = skel->bss->flood_admitted[i];

		o.least = n < o.least ? n : o.least;
		o.most = n > o.most ? n : o.most;
		o.lucky += n > 36;
		o.sum += n;
	}
	o.buckets = buckets_taken(skel);
	add_counters(skel, &o.c);
	return o;
}

/* Whether there was a flood: at least half of the forged attempts came. */
static bool flooded(const struct row *r, const struct outcome *o)
{
	__u64 forged = (__u64)r->rate * SECONDS / share;

	return o->c.attempts - OFFENDERS * SECONDS > forged / 2;
}

/* Whether no forged source has a bucket, and every connection is charged. */
static bool untouched(const struct outcome *o)
{
	return !o->c.source_evicted && !o->c.source_no_room &&
	       o->buckets == OFFENDERS && o->c.connections == (__u64)o->sum &&
	       !o->c.connections_over;
}

static bool as_expected(const struct row *r, const struct outcome *o)
{
	return flooded(r, o) && o->least >= r->least && o->most <= r->most &&
	       o->sum <= (long)r->mean * OFFENDERS &&
	       (r->charge == MW_CHARGE_SYN || untouched(o));
}

static bool check(int i)
{
	const struct row *r = &rows[i];
	struct flood_bpf *skel = gate_open(r);
	struct outcome o = {};
	bool ok = skel && offend_and_flood(skel, r);

	if (ok) {
		o = outcome_of(skel);
		ok = as_expected(r, &o);
	}
	printf("%sok %d - charge = %s, %s, %d forged SYN/s: %.1f of %d "
	       "admitted\n",
	       ok ? "" : "not ", i + 1,
	       r->charge == MW_CHARGE_SYN ? "syn" : "handshake", r->what,
	       r->rate, o.sum / (double)OFFENDERS, SECONDS);
	printf("# %d to %d, %d of %d above 36; %llu attempts, %ld buckets, "
	       "%llu evicted, %llu no room, %llu connections\n",
	       o.least, o.most, o.lucky, OFFENDERS, o.c.attempts, o.buckets,
	       o.c.source_evicted, o.c.source_no_room, o.c.connections);
	flood_bpf__destroy(skel);
	return ok;
}

static bool have_bpf(void)
{
	struct flood_bpf *skel = gate_open(&rows[0]);

	if (!skel)
		printf("1..0 # SKIP no BPF here: %s\n", strerror(errno));
	flood_bpf__destroy(skel);
	return skel != NULL;
}

int main(void)
{
	const char *given = getenv("MW_SEED"), *part = getenv("MW_SHARE");
	int failed = 0;

	seed = given ? strtoull(given, NULL, 10) : seed;
	share = part ? atoi(part) : share;
	libbpf_set_print(NULL);
	if (share < 1 || share > 16 || !have_bpf())
		return share < 1 || share > 16;
	printf("1..%d\n# MW_SEED=%llu MW_SHARE=%d\n", ROWS, seed, share);
	for (int i = 0; i < ROWS; i++)
		failed += !check(i);
	return failed != 0;
}
