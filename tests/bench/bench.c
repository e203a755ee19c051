// SPDX-License-Identifier: GPL-2.0
/*
 * What an attempt costs: bench [--json]. mailweir's program and the obvious
 * one by BPF_PROG_TEST_RUN, every row and program in turn in each of ROUNDS,
 * another source in every packet; the harness's own cost is measured beside
 * them and taken off. Medians of the rounds, with the spread from the second
 * to the last but one. Compare the ratios; the nanoseconds are this machine's.
 *
 * Below the rows, what an attempt from a new source consists of, in ns and in
 * dependent misses: reads, each of which says where the next one is, in memory
 * as large as the tables.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <json-c/json.h>

#include "../../bpf/abi.h"
#include "../../bpf/bucket.h"
#include "../../bpf/netblock.h"
#include "bench.h"
#include "bench.skel.h"
#include "user/pack.h"

enum {
	ROUNDS = 11,
	REPEAT = 200000,
	WARM = REPEAT / 4,
	PACKET = 64,
	TCP_AT = 34,
	LINE = 64
};

/* Every row runs those up to OBVIOUS, one row all of them. */
enum program {
	NOTHING,
	WEIR,
	OBVIOUS,
	PARSED,
	LISTED,
	DECIDED,
	CHARGED,
	CHASE,
	PROGRAMS
};

/* Where a row's sources come from. */
enum sources { RANDOM, LISTED_ONES, FEW };

enum {
	KNOWN,
	NEW,
	NEW_MANY,
	NEW_SYN,
	NEW_BOTH,
	BLOCKED,
	BLOCKED_SOME,
	BLOCKED_MANY,
	ELSEWHERE,
	ROWS
};

static const struct row {
	const char *what;
	size_t prefixes; /* on the list */
	enum sources sources;
	int port;
	bool syn;      /* charge = syn, else handshake */
	bool netblock; /* a limit of that, too */
} rows[ROWS] = {
	[KNOWN] = {"known source, over its rate", 1000, FEW, 25},
	[NEW] = {"new source each packet", 1000, RANDOM, 25},
	[NEW_MANY] = {"new source, 1 M prefixes", 1000000, RANDOM, 25},
	[NEW_SYN] = {"new, 1 M, charge = syn", 1000000, RANDOM, 25, true},
	[NEW_BOTH] = {"new, 1 M, netblock limit", 1000000, RANDOM, 25, false,
		      true},
	[BLOCKED] = {"blocked, list of 1 k", 1000, LISTED_ONES, 25},
	[BLOCKED_SOME] = {"blocked, list of 100 k", 100000, LISTED_ONES, 25},
	[BLOCKED_MANY] = {"blocked, list of 1 M", 1000000, LISTED_ONES, 25},
	[ELSEWHERE] = {"another port, passed", 1000000, RANDOM, 26},
};

/* A list, and the first program that has it: the others share its maps. */
struct list {
	size_t prefixes;
	struct netblocks blocks;
	struct pack pack;
	struct bench_bpf *owner;
};

struct spread {
	double median, low, high;
};

static struct list lists[ROWS];
static struct bench_bpf *skels[ROWS];
static double times[ROWS][PROGRAMS][ROUNDS];
static double lines[ROWS]; /* of the list, an attempt reads */

static __u64 seed = 20081111;

static __u64 dice(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1dULL;
}

/* Unicast, outside 10.0.0.0/8, where known sources are. */
static __u32 dice_address(void)
{
	__u32 at;

	do
		at = dice() >> 32;
	while (at >> 24 == 0 || at >> 24 == 10 || at >> 24 >= 224);
	return at;
}

/* As long as those of public lists: most /32 and /24, few shorter. */
static int dice_length(void)
{
	int percent = dice() % 100;

	return percent < 58   ? 32
	       : percent < 88 ? 24
	       : percent < 94 ? 22
	       : percent < 97 ? 20
			      : 18;
}

static int entry_compare(const void *a, const void *b)
{
	const struct netblock_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

static struct netblocks make_list(size_t n)
{
	struct netblocks nb = {.v = calloc(n, sizeof(*nb.v))};

	for (size_t i = 0; i < n; i++) {
		int len = dice_length();
		__u32 at =
			__builtin_bswap32(dice_address() & ~0u << (32 - len));

		nb.v[i].prefix = (struct mw_prefix){.family = 4, .len = len};
		memcpy(nb.v[i].prefix.addr, &at, 4);
		nb.v[i].leaf.action = MW_BLOCK;
	}
	qsort(nb.v, n, sizeof(*nb.v), entry_compare);
	for (size_t i = 0; i < n; i++)
		if (!nb.n || entry_compare(&nb.v[nb.n - 1], &nb.v[i]))
			nb.v[nb.n++] = nb.v[i];
	nb.n4 = nb.n;
	return nb;
}

static void *map_memory(const struct bpf_map *map, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, bpf_map__fd(map), 0);

	if (at == MAP_FAILED) {
		perror(bpf_map__name(map));
		exit(1);
	}
	return at;
}

static void fill_trie(const struct bpf_map *map, const struct netblocks *nb)
{
	struct {
		__u32 len;
		__u8 address[4];
	} key;
	__u32 one = 1;

	for (size_t i = 0; i < nb->n; i++) {
		key.len = nb->v[i].prefix.len;
		memcpy(key.address, nb->v[i].prefix.addr, 4);
		bpf_map_update_elem(bpf_map__fd(map), &key, &one, 0);
	}
}

/* As the configuration has them: rate = 60/1m, burst = 30. */
static struct mw_limit make_limit(const struct row *row, bool alone)
{
	const __u64 interval = 1000000000, window = 29 * interval;

	return (struct mw_limit){
		.interval = interval,
		.window = window,
		.most = bucket_most(interval, window, !row->syn,
				    alone ? BUCKET_DAY : BUCKET_MINUTE),
		.mode = MW_ENFORCE,
	};
}

static void make_settings(const struct row *row, struct mw_settings *s)
{
	s->ports[0] = 25;
	s->mode = MW_ENFORCE;
	s->charge = row->syn ? MW_CHARGE_SYN : MW_CHARGE_HANDSHAKE;
	s->seed = 42;
	s->source_len4 = 32;
	s->netblock_len4 = 24;
	s->source_len6 = 64;
	s->netblock_len6 = 48;
	s->source = make_limit(row, true);
	if (row->netblock)
		s->netblock = make_limit(row, false);
}

static struct list *list_of(size_t prefixes)
{
	struct list *l = lists;

	while (l->prefixes && l->prefixes != prefixes)
		l++;
	if (l->prefixes)
		return l;
	l->prefixes = prefixes;
	l->blocks = make_list(prefixes);
	if (pack_build(&l->blocks, &l->pack))
		exit(1);
	return l;
}

static struct bpf_map *part_map(struct bench_bpf *skel, int part)
{
	return bpf_object__find_map_by_name(skel->obj, pack_names[part]);
}

/* Before the program is loaded. */
static void list_size(const struct list *l, struct bench_bpf *skel)
{
	bpf_map__set_max_entries(skel->maps.obvious_list, l->blocks.n);
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__set_max_entries(part_map(skel, i), l->pack.part[i].n);
	if (!l->owner)
		return;
	bpf_map__reuse_fd(skel->maps.obvious_list,
			  bpf_map__fd(l->owner->maps.obvious_list));
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__reuse_fd(part_map(skel, i),
				  bpf_map__fd(part_map(l->owner, i)));
}

/* After it. */
static void list_fill(struct list *l, struct bench_bpf *skel)
{
	if (l->owner)
		return;
	l->owner = skel;
	for (int i = 0; i < MW_PARTS; i++) {
		size_t bytes = l->pack.part[i].n * l->pack.part[i].size;
		void *at = map_memory(part_map(skel, i), bytes);

		memcpy(at, l->pack.part[i].v, bytes);
		munmap(at, bytes);
	}
	fill_trie(skel->maps.obvious_list, &l->blocks);
}

/* What an attempt may touch: the list and the sources' buckets. */
static size_t tables_bytes(const struct row *row)
{
	return pack_bytes(&list_of(row->prefixes)->pack) +
	       MW_SOURCE_SETS * sizeof(struct mw_set);
}

/* One circle through all lines, at random (Sattolo). */
static void fill_ring(const struct bpf_map *map, size_t lines)
{
	struct ring_line *ring = map_memory(map, lines * sizeof(*ring));

	for (size_t i = 0; i < lines; i++)
		ring[i].next = i;
	for (size_t i = lines - 1; i > 0; i--) {
		size_t other = dice() % i;
		__u32 next = ring[i].next;

		ring[i].next = ring[other].next;
		ring[other].next = next;
	}
	munmap(ring, lines * sizeof(*ring));
}

static void choose_sources(struct bench_bpf *skel, const struct netblocks *nb,
			   enum sources kind)
{
	__u32 *at = map_memory(skel->maps.sources, SOURCES * sizeof(*at));

	for (int i = 0; i < SOURCES; i++) {
		const struct mw_prefix *p = &nb->v[dice() % nb->n].prefix;
		__u32 free = p->len == 32 ? 0 : ~0u >> p->len, first;

		memcpy(&first, p->addr, 4);
		at[i] = kind == RANDOM ? __builtin_bswap32(dice_address())
			: kind == LISTED_ONES
				? __builtin_bswap32(__builtin_bswap32(first) |
						    (dice() & free))
				: __builtin_bswap32(0x0a000000 + dice() % 1000);
	}
	munmap(at, SOURCES * sizeof(*at));
}

static struct bench_bpf *load(const struct row *row)
{
	size_t lines = tables_bytes(row) / sizeof(struct ring_line);
	struct list *list = list_of(row->prefixes);
	struct bench_bpf *skel = bench_bpf__open();

	make_settings(row, (struct mw_settings *)&skel->rodata->settings);
	bpf_program__set_autoload(skel->progs.mailweir, false);
	bpf_program__set_autoload(skel->progs.opened, false);
	bpf_program__set_autoload(skel->progs.opened_sockops, false);
	bpf_program__set_autoload(skel->progs.recount, false);
	bpf_map__set_max_entries(skel->maps.ring, lines);
	list_size(list, skel);
	if (bench_bpf__load(skel))
		exit(1);
	list_fill(list, skel);
	fill_ring(skel->maps.ring, lines);
	choose_sources(skel, &list->blocks, row->sources);
	return skel;
}

/* Ethernet, IPv4, TCP with SYN; checksums are not looked at. */
static void make_packet(__u8 packet[PACKET], int port)
{
	static const __u8 ethernet[] = {2, 0, 0, 0, 0, 1, 2,
					0, 0, 0, 0, 2, 8, 0};
	static const __u8 ip[] = {0x45, 0, 0, 40, 0, 0, 0,   0, 64, 6,
				  0,	0, 0, 0,  0, 0, 192, 0, 2,  25};
	static const __u8 tcp[] = {0x9c, 0x40, 0, 0, 0,	   0, 0,   1,
				   0,	 0,    0, 0, 0x50, 2, 0xff};

	memset(packet, 0, PACKET);
	memcpy(packet, ethernet, sizeof(ethernet));
	memcpy(packet + TCP_AT - sizeof(ip), ip, sizeof(ip));
	memcpy(packet + TCP_AT, tcp, sizeof(tcp));
	packet[TCP_AT + 3] = port;
}

static double run(const struct bpf_program *program, int port, int repeat)
{
	__u8 packet[PACKET];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = PACKET, .repeat = repeat);

	make_packet(packet, port);
	if (bpf_prog_test_run_opts(bpf_program__fd(program), &opts)) {
		perror("BPF_PROG_TEST_RUN");
		exit(1);
	}
	if (opts.retval == XDP_ABORTED) {
		fprintf(stderr, "%s: no attempt\n", bpf_program__name(program));
		exit(1);
	}
	return opts.duration;
}

static const struct bpf_program *program_of(int row, enum program i)
{
	const struct bench_bpf *skel = skels[row];
	const struct bpf_program *of[PROGRAMS] = {
		[NOTHING] = skel->progs.nothing,
		[WEIR] = skel->progs.weir,
		[OBVIOUS] = skel->progs.obvious,
		[PARSED] = skel->progs.parsed,
		[LISTED] = skel->progs.listed,
		[DECIDED] = skel->progs.decided,
		[CHARGED] = skel->progs.charged,
		[CHASE] = skel->progs.chase,
	};

	return of[i];
}

static void measure_row(int row, int round)
{
	int programs = row == NEW_MANY ? PROGRAMS : OBVIOUS + 1;

	for (int i = 0; i < programs; i++) {
		run(program_of(row, i), rows[row].port, WARM);
		times[row][i][round] =
			run(program_of(row, i), rows[row].port, REPEAT);
	}
}

static void measure(void)
{
	for (int row = 0; row < ROWS; row++) {
		skels[row] = load(&rows[row]);
		/* So that tables are as full as they become. */
		if (row != ELSEWHERE)
			run(skels[row]->progs.charged, rows[row].port, SOURCES);
	}
	for (int round = 0; round < ROUNDS; round++)
		for (int row = 0; row < ROWS; row++)
			measure_row(row, round);
}

static int double_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct spread spread_of(const double t[ROUNDS])
{
	double v[ROUNDS];

	memcpy(v, t, sizeof(v));
	qsort(v, ROUNDS, sizeof(*v), double_compare);
	return (struct spread){v[ROUNDS / 2], v[1], v[ROUNDS - 2]};
}

/* What a program takes beyond another one, round by round. */
static double beyond(int row, enum program p, enum program less, int round)
{
	return times[row][p][round] - times[row][less][round];
}

static struct spread spread_beyond(int row, enum program p, enum program less)
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = beyond(row, p, less, i);
	return spread_of(t);
}

/* How many times as much the first takes as the second. */
static struct spread spread_ratio(int row, enum program p, int than_row,
				  enum program than)
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = beyond(row, p, NOTHING, i) /
		       beyond(than_row, than, NOTHING, i);
	return spread_of(t);
}

/* The lookup of bpf/netblock.h, counting the cache lines that it reads. */
struct counted {
	const struct pack *pack;
	uintptr_t line;
	size_t lines;
};

static __always_inline const void *netblock_at(const void *in,
					       enum mw_part part, __u32 i)
{
	struct counted *c = (struct counted *)in;
	const struct pack_part *p = &c->pack->part[part];
	uintptr_t at = (uintptr_t)p->v + i * p->size;

	if (i >= p->n)
		return NULL;
	if (at / LINE != c->line)
		c->lines++;
	c->line = at / LINE;
	return (const void *)at;
}

/* Of the list, by an attempt of the row: on average. */
static double lines_read(int row)
{
	struct counted c = {.pack = &list_of(rows[row].prefixes)->pack};
	__u32 *at = map_memory(skels[row]->maps.sources, SOURCES * sizeof(*at));

	for (int i = 0; i < SOURCES; i++)
		netblock_class4(&c, __builtin_bswap32(at[i]));
	munmap(at, SOURCES * sizeof(*at));
	return (double)c.lines / SOURCES;
}

/* --- what is printed ----------------------------------------------------- */

static struct json_object *json; /* NULL: a table for people */

static struct json_object *json_spread(struct spread s)
{
	struct json_object *o = json_object_new_array();

	json_object_array_add(o, json_object_new_double(s.median));
	json_object_array_add(o, json_object_new_double(s.low));
	json_object_array_add(o, json_object_new_double(s.high));
	return o;
}

/* Into the array of that name. */
static void json_add(const char *name, struct json_object *o)
{
	struct json_object *to;

	if (!json_object_object_get_ex(json, name, &to)) {
		to = json_object_new_array();
		json_object_object_add(json, name, to);
	}
	json_object_array_add(to, o);
}

static void json_row(const char *what, const struct spread t[OBVIOUS + 1],
		     struct spread cheaper)
{
	static const char *const names[] = {"nothing", "mailweir", "obvious"};
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "row", json_object_new_string(what));
	for (int i = 0; i <= OBVIOUS; i++)
		json_object_object_add(o, names[i], json_spread(t[i]));
	json_object_object_add(o, "times", json_spread(cheaper));
	json_add("attempts", o);
}

static void show_row(int row)
{
	struct spread cheaper = spread_ratio(row, OBVIOUS, row, WEIR);
	struct spread t[OBVIOUS + 1];

	t[WEIR] = spread_beyond(row, WEIR, NOTHING);
	t[OBVIOUS] = spread_beyond(row, OBVIOUS, NOTHING);
	t[NOTHING] = spread_of(times[row][NOTHING]);
	if (json) {
		json_row(rows[row].what, t, cheaper);
		return;
	}
	printf("%-27s", rows[row].what);
	for (int i = WEIR; i <= OBVIOUS; i++)
		printf(" %6.0f (%.0f..%.0f)", t[i].median, t[i].low, t[i].high);
	printf(" %6.1f times (%.1f..%.1f) %4.0f\n", cheaper.median, cheaper.low,
	       cheaper.high, t[NOTHING].median);
}

static void show_rows(void)
{
	if (!json)
		printf("%-27s %16s %18s %20s %7s\n", "ns an attempt",
		       "mailweir", "obvious program", "cheaper", "null");
	for (int row = 0; row < ROWS; row++)
		show_row(row);
}

static void show(const char *what, const char *unit, struct spread s)
{
	struct json_object *o;

	if (!json) {
		printf("%-52s %6.3g %-6s (%.3g..%.3g)\n", what, s.median, unit,
		       s.low, s.high);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "row", json_object_new_string(what));
	json_object_object_add(o, "unit", json_object_new_string(unit));
	json_object_object_add(o, "median", json_object_new_double(s.median));
	json_object_object_add(o, "spread", json_spread(s));
	json_add("parts", o);
}

static void show_exact(const char *what, const char *unit, double v)
{
	show(what, unit, (struct spread){v, v, v});
}

/* --- what a new source's attempt consists of ------------------------------ */

/* Of a read that says where the next one is. */
static double miss(int round)
{
	return beyond(NEW_MANY, CHASE, NOTHING, round) / RING_STEPS;
}

static double whole(int row, int round)
{
	return beyond(row, WEIR, NOTHING, round);
}

static double misses(int round)
{
	return whole(NEW_MANY, round) / miss(round);
}

static double blocked_misses(int round)
{
	return whole(BLOCKED_MANY, round) / miss(round);
}

/* A known source's, and the lines that are to be read one after the other. */
static double in_turn(int round)
{
	return whole(KNOWN, round) + (lines[NEW_MANY] + 1) * miss(round);
}

static double over_in_turn(int round)
{
	return whole(NEW_MANY, round) / in_turn(round);
}

/* A known source's, and one wait for all lines at once. */
static double least(int round)
{
	return whole(KNOWN, round) + miss(round);
}

static double over_least(int round)
{
	return whole(NEW_MANY, round) / least(round);
}

static double obvious_over_least(int round)
{
	return beyond(NEW_MANY, OBVIOUS, NOTHING, round) / least(round);
}

static struct spread spread_rounds(double (*value)(int round))
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = value(i);
	return spread_of(t);
}

static void show_steps(void)
{
	static const struct {
		const char *what;
		enum program upto, less;
	} steps[] = {
		{"parsed", PARSED, NOTHING},
		{"+ what the lists say", LISTED, PARSED},
		{"+ run-time blocks, the bucket, the decision", DECIDED,
		 LISTED},
		{"+ counted", WEIR, DECIDED},
		{"the whole", WEIR, NOTHING},
		{"besides, when a handshake is completed: charged", CHARGED,
		 PARSED},
	};

	if (!json)
		printf("\n%s: what it consists of\n", rows[NEW_MANY].what);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		show(steps[i].what, "ns",
		     spread_beyond(NEW_MANY, steps[i].upto, steps[i].less));
}

static void show_misses(void)
{
	show_exact("the list and the sources' buckets occupy", "MiB",
		   tables_bytes(&rows[NEW_MANY]) / 1048576.0);
	show("a dependent miss in as much memory", "ns", spread_rounds(miss));
	show("the whole, in dependent misses", "misses", spread_rounds(misses));
	show_exact("cache lines it reads of the list, on average", "lines",
		   lines[NEW_MANY]);
	show_exact("and of the buckets", "lines", 1);
	show("a known source, and those lines in turn", "ns",
	     spread_rounds(in_turn));
	show("the whole, to that", "times", spread_rounds(over_in_turn));
	show("a known source and one wait for all lines: the least", "ns",
	     spread_rounds(least));
	show("the whole, to that least", "times", spread_rounds(over_least));
	show("the obvious program, to that least", "times",
	     spread_rounds(obvious_over_least));
}

static void show_blocked(void)
{
	show_exact("blocked, list of 1 M: cache lines of the list", "lines",
		   lines[BLOCKED_MANY]);
	show("the whole of that, in dependent misses", "misses",
	     spread_rounds(blocked_misses));
}

static void show_flatness(void)
{
	show("1 M prefixes to 1 k, mailweir", "times",
	     spread_ratio(NEW_MANY, WEIR, NEW, WEIR));
	show("1 M prefixes to 1 k, obvious program", "times",
	     spread_ratio(NEW_MANY, OBVIOUS, NEW, OBVIOUS));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--json"))
		json = json_object_new_object();
	measure();
	lines[NEW_MANY] = lines_read(NEW_MANY);
	lines[BLOCKED_MANY] = lines_read(BLOCKED_MANY);
	show_rows();
	show_steps();
	show_misses();
	show_blocked();
	show_flatness();
	if (json)
		puts(json_object_to_json_string_ext(json,
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return 0;
}
