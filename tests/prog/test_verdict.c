// SPDX-License-Identifier: GPL-2.0
/*
 * Golden packets through BPF_PROG_TEST_RUN: each row says what it is, the
 * frame, the state before, the verdict and the change of every counter (those
 * not named do not move). The program is the production one with its clock in
 * the test's hands. Expectations come from the design and from what a real
 * listener answers (tests/netns/shapes.bats), not from the code.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bpf/abi.h"
#include "bpf/bucket.h"
#include "bpf/counters.h"
#include "bpf/flow.h"
#include "clock.skel.h"
#include "verdict_rows.h"
#include "unpinned.h"
#include "lists/pack.h"

#define START (1000 * S)

/* --- the world: lists and limits, the same in every mode ----------------- */

enum { DROP, FRIENDS, SLOW, MAYBE, MAYBE_SLOW, SLOTS };

static const char *const slot_names[SLOTS] = {"drop", "friends", "slow",
					      "maybe", "later"};

static const struct {
	const char *prefix;
	struct mw_leaf leaf;
} leaves[] = {
	{"198.51.100.0/24", {MW_BLOCK, DROP, MW_NONE, 0}},
	{"198.51.100.7/32", {MW_ALLOW, FRIENDS, MW_NONE, 0}},
	{"203.0.113.0/24", {MW_ALLOW, FRIENDS, MW_NONE, 0}},
	{"192.0.2.128/25", {MW_LIMIT, SLOW, MW_NONE, 0}},
	{"10.1.0.0/16", {MW_NONE, 0, MW_BLOCK, MAYBE}},
	{"10.2.0.0/16", {MW_NONE, 0, MW_LIMIT, MAYBE_SLOW}},
	{"10.3.0.0/16", {MW_BLOCK, DROP, MW_BLOCK, MAYBE}},
	{"10.4.0.0/16", {MW_ALLOW, FRIENDS, MW_BLOCK, MAYBE}},
	{"10.5.0.0/16", {MW_LIMIT, SLOW, MW_LIMIT, MAYBE_SLOW}},
	{"2001:db8:bad::/48", {MW_BLOCK, DROP, MW_NONE, 0}},
	{"2001:db8:bad::7/128", {MW_ALLOW, FRIENDS, MW_NONE, 0}},
};

static struct mw_limit limit(__u64 interval, int burst, int mode)
{
	return (struct mw_limit){.interval = interval,
				 .window = (burst - 1) * interval,
				 .most = (burst + 1023) * interval,
				 .mode = mode};
}

static void settings_of(int config, struct mw_settings *s)
{
	struct mw_level_settings *source = &s->level[MW_SOURCE],
				 *netblock = &s->level[MW_NETBLOCK];

	memset(s, 0, sizeof(*s));
	s->seed = 42;
	s->ports[0] = 25;
	s->ports[1] = 587;
	s->nat64.n = 7;
	memcpy(s->nat64.prefix[0], "\0\x64\xff\x9b\0\0\0\0\0\0\0", 12);
	memcpy(s->nat64.prefix[1], "\x20\1\xd\xb8\0\x64\0\0\0\0\0", 12);
	/* 2001:32::/32, 2001:3a::/40, 2001:42::/48, ... */
	for (int i = 0; i < 5; i++)
		memcpy(s->nat64.prefix[2 + i],
		       (__u8[12]){0x20, 1, 0, 0x32 + i * 8, [8] = 32 + i * 8},
		       12);
	s->mode = config == OBSERVE ? MW_OBSERVE : MW_ENFORCE;
	*source = (struct mw_level_settings){.len4 = 32, .len6 = 64};
	s->level[MW_LIST] = s->level[MW_OBSERVED_LIST] = *source;
	*netblock = (struct mw_level_settings){.len4 = 24, .len6 = 48};
	if (config != NO_LIMITS) {
		source->limit = limit(S, 3, config != OBSERVE_SOURCE);
		netblock->limit = limit(S / 2, 5, config != OBSERVE_NETBLOCK);
	}
	s->rules[DROP] = (struct mw_rule){.action = MW_BLOCK, .mode = 1};
	s->rules[FRIENDS] = (struct mw_rule){.action = MW_ALLOW, .mode = 1};
	s->rules[SLOW] = (struct mw_rule){
		limit(10 * S, 1, MW_ENFORCE), MW_LIMIT, MW_ENFORCE, {}};
	s->rules[MAYBE] = (struct mw_rule){.action = MW_BLOCK};
	s->rules[MAYBE_SLOW] = (struct mw_rule){
		limit(10 * S, 1, MW_OBSERVE), MW_LIMIT, MW_OBSERVE, {}};
}

enum { ROWS = sizeof(rows) / sizeof(*rows) };

/* --- running ------------------------------------------------------------- */

#define COUNTER(field) {#field, offsetof(struct mw_counters, field) / 8},
static const struct {
	const char *name;
	int at;
} counters[] = {MW_EACH_COUNTER(COUNTER)};

enum { COUNTERS = sizeof(struct mw_counters) / 8 };

_Static_assert(sizeof(counters) / sizeof(*counters) == COUNTERS,
	       "every counter is compared");

struct gate {
	struct clock_bpf *skel;
	int config;
};

static int tests, failures;
static char failure[4096];

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
	size_t used = strlen(failure);
	va_list args;

	va_start(args, format);
	vsnprintf(failure + used, sizeof(failure) - used, format, args);
	va_end(args);
}

static void result(const char *what)
{
	printf("%sok %d - %s\n%s", failure[0] ? "not " : "", ++tests, what,
	       failure);
	failures += failure[0] != 0;
	failure[0] = 0;
}

/* The leaves of the table, as the lists' compiler packs them. */
static int pack_leaves(struct pack *pack)
{
	enum { N = sizeof(leaves) / sizeof(*leaves) };
	struct flat_entry v[N] = {};
	struct flat flat = {.v = v, .n = N};
	const char *why;

	for (int i = 0; i < N; i++) {
		if (prefix_parse(leaves[i].prefix, &v[i].prefix, NULL, &why))
			return -EINVAL;
		v[i].leaf = leaves[i].leaf;
		flat.n4 += v[i].prefix.family == 4;
	}
	qsort(v, N, sizeof(*v), prefix_compare);
	return pack_build(&flat, pack);
}

static struct bpf_map *part_map(const struct clock_bpf *skel, int part)
{
	return bpf_object__find_map_by_name(skel->obj, pack_names[part]);
}

static void fill_lists(struct clock_bpf *skel, const struct pack *pack)
{
	for (int i = 0; i < MW_PARTS; i++) {
		const struct pack_part *part = &pack->part[i];

		for (__u32 n = 0; n < part->n; n++)
			bpf_map_update_elem(bpf_map__fd(part_map(skel, i)), &n,
					    (char *)part->v + n * part->size,
					    0);
	}
}

static int gate_open(struct gate *g, int config)
{
	struct mw_settings s;
	struct pack pack;

	g->config = config;
	g->skel = clock_bpf__open();
	if (!g->skel || pack_leaves(&pack))
		return -EINVAL;
	unpinned(g->skel->obj);
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__set_max_entries(part_map(g->skel, i), pack.part[i].n);
	settings_of(config, &s);
	sizes_of(g->skel->obj, &s);
	memcpy((void *)&g->skel->rodata->settings, &s, sizeof(s));
	if (clock_bpf__load(g->skel)) {
		clock_bpf__destroy(g->skel);
		return -errno;
	}
	fill_lists(g->skel, &pack);
	pack_free(&pack);
	return 0;
}

/* Small frames as they are; large ones become multi-buffer frames, whose
 * linear part is a page at most. */
static int run_at(const struct bpf_program *program, const __u8 *data, int len)
{
	struct xdp_md ctx = {.data_end = len};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data,
		    .data_size_in = len);
	int fd = bpf_program__fd(program);

	if (len > 3000) {
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	if (bpf_prog_test_run_opts(fd, &opts))
		return -errno;
	return opts.retval;
}

static int run(const struct gate *g, const struct pkt_frame *f)
{
	return run_at(g->skel->progs.mailweir_at, f->data, f->len);
}

/* As it comes from an interface without a link header. */
static int run_ip(const struct gate *g, const struct pkt_frame *f)
{
	return run_at(g->skel->progs.mailweir_ip_at, f->data + f->ip,
		      f->len - f->ip);
}

static void sum(int fd, __u32 key, __u64 *out, int words)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 value[cpus * words];

	memset(out, 0, words * 8);
	bpf_map_lookup_elem(fd, &key, value);
	for (int i = 0; i < cpus * words; i++)
		out[i % words] += value[i];
}

static void clear_buckets(struct bpf_map *map)
{
	size_t size = bpf_map__max_entries(map) * sizeof(struct mw_set);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		abort();
	memset(at, 0, size);
	munmap(at, size);
}

static void clear_counters(const struct gate *g)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *zero = calloc(cpus, sizeof(struct mw_counters));
	__u32 key = 0;

	bpf_map_update_elem(bpf_map__fd(g->skel->maps.counters), &key, zero, 0);
	for (; key < SLOTS; key++)
		bpf_map_update_elem(bpf_map__fd(g->skel->maps.list_counters),
				    &key, zero, 0);
	free(zero);
}

/* The peer of the next ACK is a new one. */
static void forget_flows(const struct gate *g)
{
	static __u32 places[FLOW_PLACES];
	static __u64 nothing[FLOW_PLACES];
	__u32 n = FLOW_PLACES;

	for (__u32 i = 0; i < n; i++)
		places[i] = i;
	if (bpf_map_update_batch(bpf_map__fd(g->skel->maps.flows), places,
				 nothing, &n, NULL))
		abort();
}

static void set_block(const struct gate *g, const char *text, bool expired)
{
	int blocks = bpf_map__fd(g->skel->maps.blocks);
	struct mw_block_lengths lengths = {};
	struct mw_prefix key = {}, old;
	struct mw_block block = {.expires = expired ? START : 0};
	const char *why;
	__u32 zero = 0;

	while (!bpf_map_get_next_key(blocks, NULL, &old))
		bpf_map_delete_elem(blocks, &old);
	if (text && !prefix_parse(text, &key, NULL, &why)) {
		bpf_map_update_elem(blocks, &key, &block, 0);
		(key.family == 4 ? lengths.v4 : lengths.v6)[key.len / 64] |=
			1ULL << key.len % 64;
	}
	bpf_map_update_elem(bpf_map__fd(g->skel->maps.block_lengths), &zero,
			    &lengths, 0);
}

static void reset(const struct gate *g)
{
	clear_buckets(g->skel->maps.source_buckets);
	clear_buckets(g->skel->maps.netblock_buckets);
	clear_buckets(g->skel->maps.list_buckets);
	clear_buckets(g->skel->maps.observed_buckets);
	clear_counters(g);
	g->skel->data->test_now = START;
}

/* The attempts before; a * in the source counts up. */
static void prime(const struct gate *g, const struct row *r)
{
	struct pkt p = {.from = r->from ? r->from : r->p.from};
	struct pkt_frame f;
	char from[64];

	for (int i = 0; i < r->before; i++) {
		if (p.from && strchr(r->from ? r->from : "", '*')) {
			snprintf(from, sizeof(from), "%.*s%d",
				 (int)strcspn(r->from, "*"), r->from, 50 + i);
			p.from = from;
		}
		pkt_build(&f, &p);
		run(g, &f);
	}
	clear_counters(g);
	g->skel->data->test_now += r->later;
}

static bool named(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; at && (at = strstr(at, name)); at += len)
		if ((at == names || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static void check_counters(const struct gate *g, const struct row *r)
{
	__u64 got[COUNTERS];

	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	for (int i = 0; i < COUNTERS; i++) {
		const char *name = counters[i].name;
		__u64 want = !strcmp(name, "packets") || named(r->counts, name);

		if (got[counters[i].at] != want)
			fail("# %s: %llu, expected %llu\n", name,
			     got[counters[i].at], want);
	}
}

static void check_lists(const struct gate *g, const struct row *r)
{
	for (__u32 slot = 0; slot < SLOTS; slot++) {
		unsigned long long want[3] = {};
		char name[32];
		const char *at;
		__u64 got[3];

		snprintf(name, sizeof(name), "%s:", slot_names[slot]);
		at = r->lists ? strstr(r->lists, name) : NULL;
		if (at)
			sscanf(at + strlen(name), "%llu,%llu,%llu", &want[0],
			       &want[1], &want[2]);
		sum(bpf_map__fd(g->skel->maps.list_counters), slot, got, 3);
		for (int i = 0; i < 3; i++)
			if (got[i] != want[i])
				fail("# list %s %d: %llu, expected %llu\n",
				     name, i, got[i], want[i]);
	}
}

static void check_block(const struct gate *g, const struct row *r)
{
	int blocks = bpf_map__fd(g->skel->maps.blocks);
	struct mw_prefix key;
	struct mw_block block;

	if (!r->block || bpf_map_get_next_key(blocks, NULL, &key) ||
	    bpf_map_lookup_elem(blocks, &key, &block))
		return;
	if (block.drops != named(r->counts, "drop_block"))
		fail("# drops of the block: %llu\n", block.drops);
}

static void run_row_as(const struct gate *g, const struct row *r,
		       int (*as)(const struct gate *g,
				 const struct pkt_frame *f))
{
	struct pkt_frame f;
	int verdict;

	reset(g);
	set_block(g, NULL, false);
	prime(g, r);
	set_block(g, r->block, r->expired);
	if (named(r->counts, "handshakes"))
		forget_flows(g);
	pkt_build(&f, &r->p);
	verdict = as(g, &f);
	if (verdict != (r->verdict == 'P' ? XDP_PASS : XDP_DROP))
		fail("# %s: verdict %d, expected %c\n",
		     as == run_ip ? "from its IP header" : "from Ethernet",
		     verdict, r->verdict);
	check_counters(g, r);
	check_lists(g, r);
	check_block(g, r);
}

/* What is no matter of Ethernet is the same without it. */
static void run_row(const struct gate *g, const struct row *r)
{
	run_row_as(g, r, run);
	if (!r->p.tags && !r->p.ethertype)
		run_row_as(g, r, run_ip);
	result(r->what);
}

/* --- sequences ----------------------------------------------------------- */

/* A second of random attempts; per reason, what was or would be dropped. */
static void random_attempts(const struct gate *g, unsigned int seed,
			    __u64 drops[MW_DROPS])
{
	static const char *const sources[] = {
		"192.0.2.1", "192.0.2.200",   "198.51.100.9",
		"10.5.0.1",  "2001:db8:1::1", "2001:db8:bad::1"};
	int at = g->config == OBSERVE
			 ? offsetof(struct mw_counters, would_drop_malformed)
			 : offsetof(struct mw_counters, drop_malformed);
	__u64 got[COUNTERS];

	reset(g);
	set_block(g, NULL, false);
	srand(seed);
	for (int i = 0; i < 4000; i++) {
		struct pkt p = {.from = sources[rand() % 6]};
		struct pkt_frame f;

		p.tags = rand() % 50 ? 0 : 9;
		g->skel->data->test_now += rand() % (S / 5);
		pkt_build(&f, &p);
		run(g, &f);
	}
	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	memcpy(drops, got + at / 8, MW_DROPS * 8);
}

/* 10.5.0.1 has an observed list too: enforce counts it in would_drop, and
 * observe adds it to what the enforced lists would have dropped. */
static void observe_predicts_enforce(const struct gate *enforce,
				     const struct gate *observe)
{
	unsigned int seed = getenv("MW_SEED")
				    ? (unsigned int)atoi(getenv("MW_SEED"))
				    : (unsigned int)time(NULL);
	__u64 did[MW_DROPS], would[MW_DROPS];
	__u64 passed = 0;

	printf("# seed %u\n", seed);
	random_attempts(enforce, seed, did);
	random_attempts(observe, seed, would);
	for (int i = 0; i < MW_DROPS; i++) {
		if (did[i] != would[i])
			fail("# reason %d: dropped %llu, would drop %llu\n", i,
			     did[i], would[i]);
		passed += did[i];
	}
	if (!passed)
		fail("# nothing was dropped: no test\n");
	result("observe's counts are enforce's");
}

/* rate x time + burst over an hour, from one source that never stops. */
static void an_hour(const struct gate *g)
{
	struct pkt p = {};
	struct pkt_frame f;
	int passed = 0;

	reset(g);
	pkt_build(&f, &p);
	for (int i = 0; i < 36000; i++) {
		passed += run(g, &f) == XDP_PASS;
		g->skel->data->test_now += S / 10;
	}
	if (passed < 3600 + 2 || passed > 3600 + 3)
		fail("# %d passed, 3602 or 3603 expected\n", passed);
	result("one a second for an hour, and the burst");
}

/* A set full of debt: newcomers get a bucket by chance, nobody is lost. */
static void full_table(const struct gate *g)
{
	__u64 got[COUNTERS], evicted, refused;
	struct pkt p = {};
	struct pkt_frame f;
	char from[32];

	reset(g);
	for (int i = 0; i < 300000; i++) {
		snprintf(from, sizeof(from), "10.%d.%d.%d", 64 + i / 65536,
			 i / 256 % 256, i % 256);
		p.from = from;
		pkt_build(&f, &p);
		run(g, &f);
	}
	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	refused = got[offsetof(struct mw_counters, source_no_room) / 8];
	evicted = got[offsetof(struct mw_counters, source_evicted) / 8];
	if (evicted + refused < 300000 - 262144)
		fail("# 300,000 sources fitted into 262,144 buckets\n");
	if (evicted * 8 < (evicted + refused) * 3 / 4 ||
	    evicted * 8 > (evicted + refused) * 5 / 4)
		fail("# %llu of %llu newcomers got a live bucket, not 1 in 8\n",
		     evicted, evicted + refused);
	result("a full table is counted, and gives way 1 time in 8");
}

static void too_small(void)
{
	struct gate g;

	if (gate_open(&g, NO_LIMITS)) {
		printf("1..0 # SKIP no BPF here: %s\n", strerror(errno));
		exit(0);
	}
	clock_bpf__destroy(g.skel);
}

int main(void)
{
	struct gate g[CONFIGS];

	libbpf_set_print(NULL);
	too_small();
	printf("1..%d\n", ROWS + 3);
	for (int i = 0; i < CONFIGS; i++)
		if (gate_open(&g[i], i))
			return 1;
	for (int i = 0; i < ROWS; i++)
		run_row(&g[rows[i].config], &rows[i]);
	observe_predicts_enforce(&g[ENFORCE], &g[OBSERVE]);
	an_hour(&g[ENFORCE]);
	full_table(&g[OBSERVE_NETBLOCK]);
	for (int i = 0; i < CONFIGS; i++)
		clock_bpf__destroy(g[i].skel);
	return failures != 0;
}
