// SPDX-License-Identifier: GPL-2.0
/*
 * What an attempt costs: bench [--json]. mailweir's program and the obvious
 * one by BPF_PROG_TEST_RUN, in turns, another source in every packet; the
 * harness's own cost is measured beside them and taken off. Medians of ROUNDS
 * with the spread from the second to the last but one. Compare the ratios;
 * the nanoseconds are this machine's.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <json-c/json.h>

#include "../../bpf/abi.h"
#include "bench.skel.h"
#include "user/pack.h"

enum { ROUNDS = 11, REPEAT = 200000, SOURCES = 1 << 20, PACKET = 64 };
enum { NOTHING, WEIR, OBVIOUS, PROGRAMS };

static const char *const names[PROGRAMS] = {"nothing", "mailweir", "obvious"};

/* Where a row's sources come from. */
enum sources { RANDOM, LISTED, FEW };

static const struct row {
	const char *what;
	size_t prefixes; /* on the list */
	enum sources sources;
	int port;
} rows[] = {
	{"known source", 1000, FEW, 25},
	{"new source each packet", 1000, RANDOM, 25},
	{"new source, 1 M prefixes", 1000000, RANDOM, 25},
	{"blocked, list of 1 k", 1000, LISTED, 25},
	{"blocked, list of 100 k", 100000, LISTED, 25},
	{"blocked, list of 1 M", 1000000, LISTED, 25},
	{"another port, passed", 1000000, RANDOM, 26},
};

struct time {
	double median, low, high; /* ns */
};

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

static struct bench_bpf *load(const struct netblocks *nb)
{
	struct bench_bpf *skel = bench_bpf__open();
	struct mw_settings *s = (struct mw_settings *)&skel->rodata->settings;
	struct pack pack;

	s->ports[0] = 25;
	s->mode = MW_ENFORCE;
	s->seed = 42;
	s->source_len4 = 32;
	s->netblock_len4 = 24;
	s->source_len6 = 64;
	s->netblock_len6 = 48;
	s->source = (struct mw_limit){1000000000, 29000000000, 1053000000000, MW_ENFORCE};
	if (pack_build(nb, &pack))
		exit(1);
	bpf_program__set_autoload(skel->progs.mailweir, false);
	bpf_map__set_max_entries(skel->maps.obvious_list, nb->n);
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__set_max_entries(
			bpf_object__find_map_by_name(skel->obj, pack_names[i]),
			pack.part[i].n);
	if (bench_bpf__load(skel))
		exit(1);
	for (int i = 0; i < MW_PARTS; i++) {
		size_t bytes = pack.part[i].n * pack.part[i].size;
		void *at = map_memory(
			bpf_object__find_map_by_name(skel->obj, pack_names[i]),
			bytes);

		memcpy(at, pack.part[i].v, bytes);
		munmap(at, bytes);
	}
	fill_trie(skel->maps.obvious_list, nb);
	pack_free(&pack);
	return skel;
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
			: kind == LISTED
				? __builtin_bswap32(__builtin_bswap32(first) |
						    (dice() & free))
				: __builtin_bswap32(0x0a000000 + dice() % 1000);
	}
	munmap(at, SOURCES * sizeof(*at));
}

/* Ethernet, IPv4, TCP with SYN; checksums are not looked at. */
static void make_packet(__u8 packet[PACKET], int port)
{
	static const __u8
		head
			[] =
				{
					2,    0,    0,	  0,  0,   1,
					2,    0,    0,	  0,  0,   2,
					8,    0, /* Ethernet */
					0x45, 0,    0,	  40, 0,   0,
					0,    0,    64,	  6,  0,   0, /* IPv4 */
					0,    0,    0,	  0,  192, 0,
					2,    25, /* addresses */
					0x9c, 0x40, 0,	  0,  0,   0,
					0,    1,    0,	  0,  0,   0,
					0x50, 2,    0xff,
				};

	memset(packet, 0, PACKET);
	memcpy(packet, head, sizeof(head));
	packet[14 + 20 + 3] = port;
}

static double run(int fd, __u8 packet[PACKET])
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = PACKET, .repeat = REPEAT);

	if (bpf_prog_test_run_opts(fd, &opts)) {
		perror("BPF_PROG_TEST_RUN");
		exit(1);
	}
	return opts.duration;
}

static int double_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct time time_of(double t[ROUNDS], double own)
{
	qsort(t, ROUNDS, sizeof(*t), double_compare);
	return (struct time){t[ROUNDS / 2] - own, t[1] - own,
			     t[ROUNDS - 2] - own};
}

static void measure(struct bench_bpf *skel, const struct row *row,
		    const struct netblocks *nb, struct time out[PROGRAMS])
{
	const int fd[PROGRAMS] = {bpf_program__fd(skel->progs.nothing),
				  bpf_program__fd(skel->progs.weir),
				  bpf_program__fd(skel->progs.obvious)};
	double t[PROGRAMS][ROUNDS];
	__u8 packet[PACKET];

	make_packet(packet, row->port);
	choose_sources(skel, nb, row->sources);
	for (int i = 0; i < PROGRAMS; i++)
		run(fd[i], packet); /* warm */
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < PROGRAMS; i++)
			t[i][round] = run(fd[i], packet);
	out[NOTHING] = time_of(t[NOTHING], 0);
	for (int i = WEIR; i < PROGRAMS; i++)
		out[i] = time_of(t[i], out[NOTHING].median);
}

static void show(const struct row *row, const struct time t[PROGRAMS])
{
	printf("%-26s %6.0f (%.0f..%.0f) %6.0f (%.0f..%.0f) %8.1f times  %4.0f\n",
	       row->what, t[WEIR].median, t[WEIR].low, t[WEIR].high,
	       t[OBVIOUS].median, t[OBVIOUS].low, t[OBVIOUS].high,
	       t[OBVIOUS].median / t[WEIR].median, t[NOTHING].median);
}

static struct json_object *to_json(const struct row *row,
				   const struct time t[PROGRAMS])
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "row", json_object_new_string(row->what));
	for (int i = 0; i < PROGRAMS; i++) {
		struct json_object *ns = json_object_new_array();

		json_object_array_add(ns, json_object_new_double(t[i].median));
		json_object_array_add(ns, json_object_new_double(t[i].low));
		json_object_array_add(ns, json_object_new_double(t[i].high));
		json_object_object_add(o, names[i], ns);
	}
	return o;
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	struct json_object *all = json_object_new_array();

	if (!json)
		printf("%-26s %16s %18s %14s %6s\n", "ns an attempt",
		       "mailweir", "obvious program", "cheaper", "null");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct netblocks nb = make_list(rows[i].prefixes);
		struct bench_bpf *skel = load(&nb);
		struct time t[PROGRAMS];

		measure(skel, &rows[i], &nb, t);
		if (json)
			json_object_array_add(all, to_json(&rows[i], t));
		else
			show(&rows[i], t);
		bench_bpf__destroy(skel);
		netblock_free(&nb);
	}
	if (json)
		puts(json_object_to_json_string_ext(all,
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(all);
	return 0;
}
