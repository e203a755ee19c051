// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/abi.h"
#include "bpf/bucket.h"
#include "bpf/lookup.h"
#include "tests/bench/bench.h"
#include "tests/bench/load.h"
#include "tests/prog/unpinned.h"
#include "bench.skel.h"
#include "lists/pack.h"

enum {
	PACKET = 64,
	TCP_AT = 34,
	LINE = 64,
	FEW_SOURCES = 1000,
	FEW_FIRST = 0x0a000000, /* 10.0.0.0 */
	SOURCE_PORT = 40000,
	FILES = 2 * FEW_SOURCES + 2000,
};

const struct row load_rows[ROWS] = {
	[KNOWN] = {"known source, over its rate", 1000, FEW, 25,
		   MW_CHARGE_HANDSHAKE},
	[NEW] = {"new source each packet", 1000, RANDOM, 25,
		 MW_CHARGE_HANDSHAKE},
	[NEW_PEACE] = {"new, answer = auto, peace", 1000, RANDOM, 25,
		       MW_CHARGE_HANDSHAKE, .answers = true},
	[NEW_MANY] = {"new source, 1 M prefixes", 1000000, RANDOM, 25,
		      MW_CHARGE_HANDSHAKE},
	[NEW_SYN] = {"new, 1 M, charge = syn", 1000000, RANDOM, 25,
		     MW_CHARGE_SYN},
	[NEW_BOTH] = {"new, 1 M, netblock limit", 1000000, RANDOM, 25,
		      MW_CHARGE_HANDSHAKE, .netblock = true},
	[BLOCKED] = {"blocked, list of 1 k", 1000, LISTED_ONES, 25,
		     MW_CHARGE_HANDSHAKE},
	[BLOCKED_SOME] = {"blocked, list of 100 k", 100000, LISTED_ONES, 25,
			  MW_CHARGE_HANDSHAKE},
	[BLOCKED_MANY] = {"blocked, list of 1 M", 1000000, LISTED_ONES, 25,
			  MW_CHARGE_HANDSHAKE},
	[ELSEWHERE] = {"another port, passed", 1000000, RANDOM, 26,
		       MW_CHARGE_HANDSHAKE},
	[CONNECTED] = {"of a connection, passed", 1000, FEW, 25,
		       MW_CHARGE_HANDSHAKE, .ack = true},
	[FORGED_ACK] = {"a forged ACK, passed", 1000, RANDOM, 25,
			MW_CHARGE_HANDSHAKE, .ack = true},
};

/* A list, and the first program that has it: the others share its maps. */
struct list {
	size_t prefixes;
	struct flat flat;
	struct pack pack;
	struct bench_bpf *owner;
};

static struct list lists[ROWS];

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
	const struct flat_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

static struct flat make_list(size_t n)
{
	struct flat flat = {.v = calloc(n, sizeof(*flat.v))};

	for (size_t i = 0; i < n; i++) {
		int len = dice_length();
		__u32 at =
			__builtin_bswap32(dice_address() & ~0u << (32 - len));

		flat.v[i].prefix = (struct mw_prefix){.family = 4, .len = len};
		memcpy(flat.v[i].prefix.addr, &at, 4);
		flat.v[i].leaf.action = MW_BLOCK;
	}
	qsort(flat.v, n, sizeof(*flat.v), entry_compare);
	for (size_t i = 0; i < n; i++)
		if (!flat.n || entry_compare(&flat.v[flat.n - 1], &flat.v[i]))
			flat.v[flat.n++] = flat.v[i];
	flat.n4 = flat.n;
	return flat;
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

static void fill_trie(const struct bpf_map *map, const struct flat *flat)
{
	struct {
		__u32 len;
		__u8 address[4];
	} key;
	__u32 one = 1;

	for (size_t i = 0; i < flat->n; i++) {
		key.len = flat->v[i].prefix.len;
		memcpy(key.address, flat->v[i].prefix.addr, 4);
		bpf_map_update_elem(bpf_map__fd(map), &key, &one, 0);
	}
}

/* As the configuration has them: rate = 60/1m, burst = 30. */
static struct mw_limit make_limit(const struct row *row, bool alone)
{
	const __u64 interval = MW_SECOND, window = 29 * interval;

	return (struct mw_limit){
		.interval = interval,
		.window = window,
		.most = bucket_most(interval, window, row->charge,
				    alone ? MW_DAY : MW_MINUTE),
		.mode = MW_ENFORCE,
	};
}

static void make_settings(const struct row *row, struct mw_settings *s)
{
	s->ports[0] = 25;
	s->mode = MW_ENFORCE;
	s->charge = row->charge;
	s->answer = row->answers ? MW_ANSWER_AUTO : MW_ANSWER_NO;
	s->answer_above = 1; /* ns */
	s->seed = 42;
	s->level[MW_SOURCE] = (struct mw_level_settings){
		.limit = make_limit(row, true), .len4 = 32, .len6 = 64};
	s->level[MW_NETBLOCK] =
		(struct mw_level_settings){.len4 = 24, .len6 = 48};
	if (row->netblock)
		s->level[MW_NETBLOCK].limit = make_limit(row, false);
}

static struct list *list_of(size_t prefixes)
{
	struct list *l = lists;

	while (l->prefixes && l->prefixes != prefixes)
		l++;
	if (l->prefixes)
		return l;
	l->prefixes = prefixes;
	l->flat = make_list(prefixes);
	if (pack_build(&l->flat, &l->pack))
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
	bpf_map__set_max_entries(skel->maps.obvious_list, l->flat.n);
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
	fill_trie(skel->maps.obvious_list, &l->flat);
}

size_t load_bytes(const struct row *row)
{
	return pack_bytes(&list_of(row->prefixes)->pack) +
	       MW_SETS * sizeof(struct mw_set);
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

static void choose_sources(struct bench_bpf *skel, const struct flat *flat,
			   enum sources kind)
{
	__u32 *at = map_memory(skel->maps.sources, SOURCES * sizeof(*at));

	for (int i = 0; i < SOURCES; i++) {
		const struct mw_prefix *p = &flat->v[dice() % flat->n].prefix;
		__u32 free = p->len == 32 ? 0 : ~0u >> p->len, first;

		memcpy(&first, p->addr, 4);
		at[i] = kind == RANDOM ? __builtin_bswap32(dice_address())
			: kind == LISTED_ONES
				? __builtin_bswap32(__builtin_bswap32(first) |
						    (dice() & free))
				: __builtin_bswap32(FEW_FIRST +
						    dice() % FEW_SOURCES);
	}
	munmap(at, SOURCES * sizeof(*at));
}

struct bench_bpf *load_row(const struct row *row)
{
	size_t lines = load_bytes(row) / sizeof(struct ring_line);
	struct list *list = list_of(row->prefixes);
	struct bench_bpf *skel = bench_bpf__open();

	unpinned(skel->obj);
	make_settings(row, (struct mw_settings *)&skel->rodata->settings);
	sizes_of(skel->obj, (struct mw_settings *)&skel->rodata->settings);
	bpf_program__set_autoload(skel->progs.mailweir, false);
	bpf_program__set_autoload(skel->progs.mailweir_ip, false);
	bpf_program__set_autoload(skel->progs.opened, false);
	bpf_program__set_autoload(skel->progs.opened_sockops, false);
	bpf_program__set_autoload(skel->progs.recount, false);
	bpf_map__set_max_entries(skel->maps.ring, lines);
	list_size(list, skel);
	if (bench_bpf__load(skel))
		exit(1);
	list_fill(list, skel);
	fill_ring(skel->maps.ring, lines);
	choose_sources(skel, &list->flat, row->sources);
	return skel;
}

/* Ethernet, IPv4, TCP; checksums are not looked at. */
static void make_packet(__u8 packet[PACKET], const struct row *row)
{
	static const __u8 ethernet[] = {2, 0, 0, 0, 0, 1, 2,
					0, 0, 0, 0, 2, 8, 0};
	static const __u8 ip[] = {0x45, 0, 0, 40, 0, 0, 0,   0, 64, 6,
				  0,	0, 0, 0,  0, 0, 192, 0, 2,  25};
	static const __u8 tcp[] = {SOURCE_PORT >> 8,
				   SOURCE_PORT & 255,
				   0,
				   0,
				   0,
				   0,
				   0,
				   1,
				   0,
				   0,
				   0,
				   0,
				   0x50,
				   0,
				   0xff};

	memset(packet, 0, PACKET);
	memcpy(packet, ethernet, sizeof(ethernet));
	memcpy(packet + TCP_AT - sizeof(ip), ip, sizeof(ip));
	memcpy(packet + TCP_AT, tcp, sizeof(tcp));
	packet[TCP_AT + 3] = row->port;
	packet[TCP_AT + 13] = row->ack ? 0x10 : 0x02;
}

static const struct bpf_program *program_of(const struct bench_bpf *skel,
					    enum program program)
{
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

	return of[program];
}

struct load_result load_run(const struct bench_bpf *skel, const struct row *row,
			    enum program program, int repeat)
{
	const struct bpf_program *prog = program_of(skel, program);
	__u8 packet[PACKET];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = PACKET, .repeat = repeat);

	make_packet(packet, row);
	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts)) {
		perror("BPF_PROG_TEST_RUN");
		exit(1);
	}
	if (opts.retval == XDP_ABORTED) {
		fprintf(stderr, "%s: no attempt\n", bpf_program__name(prog));
		exit(1);
	}
	return (struct load_result){opts.duration, opts.retval};
}

/* The lookup of bpf/lookup.h, counting the cache lines that it reads. */
struct counted {
	const struct pack *pack;
	uintptr_t line;
	size_t lines;
};

static __always_inline const void *lookup_at(const void *in, enum mw_part part,
					     __u32 i)
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

double load_lines_read(const struct row *row, const struct bench_bpf *skel)
{
	struct counted c = {.pack = &list_of(row->prefixes)->pack};
	__u32 *at = map_memory(skel->maps.sources, SOURCES * sizeof(*at));

	for (int i = 0; i < SOURCES; i++)
		lookup_class4(&c, __builtin_bswap32(at[i]));
	munmap(at, SOURCES * sizeof(*at));
	return (double)c.lines / SOURCES;
}

static int stream(__u32 address, int port)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(address),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (const void *)&at, sizeof(at))) {
		perror("a connection to measure with");
		exit(1);
	}
	return fd;
}

void load_connections(void)
{
	const struct rlimit files = {FILES, FILES};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(25)};
	int listener;

	inet_pton(AF_INET, "192.0.2.25", &to.sin_addr);
	setrlimit(RLIMIT_NOFILE, &files);
	listener = stream(INADDR_ANY, 25);
	for (int i = 0; i < FEW_SOURCES; i++) {
		int fd = stream(FEW_FIRST + i, SOURCE_PORT);

		if (listen(listener, 1) ||
		    connect(fd, (const void *)&to, sizeof(to)) ||
		    accept(listener, NULL, NULL) < 0) {
			perror("a connection to measure with");
			exit(1);
		}
	}
}
