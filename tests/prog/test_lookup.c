// SPDX-License-Identifier: GPL-2.0
/*
 * The lookup as the kernel runs it, against a model that paints. A universe of
 * 2^20 addresses is 20 places in an address, the same base elsewhere; the
 * model is an array with a cell for each, painted with every prefix from the
 * shortest to the longest. MW_LOOKUPS: how many (2,000,000). MW_SEED.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/abi.h"
#include "lookup.skel.h"
#include "unpinned.h"
#include "lists/pack.h"

enum { BITS = 20, CELLS = 1 << BITS, MOST = 60000, BATCH = 65536 };

struct probe {
	__u64 high, low;
	__u32 class, family;
};

struct world {
	int family, width;
	int place[BITS + 1]; /* of index bit i, from the left; then width */
	struct mw_prefix base;
	struct flat_entry v[MOST];
	size_t n;
	struct mw_leaf cell[CELLS];
};

static __u32 dice(__u32 n)
{
	return (((__u64)rand() << 31) ^ rand()) % n;
}

static void bit_set(struct mw_prefix *p, int i, bool on)
{
	__u8 bit = 0x80 >> i % 8;

	p->addr[i / 8] = on ? p->addr[i / 8] | bit : p->addr[i / 8] & ~bit;
}

static struct mw_prefix address_of(const struct world *w, __u32 index)
{
	struct mw_prefix p = w->base;

	for (int i = 0; i < BITS; i++)
		bit_set(&p, w->place[i], index >> (BITS - 1 - i) & 1);
	return p;
}

static void places(struct world *w)
{
	bool taken[128] = {};
	int left = BITS;

	while (left) {
		int i = dice(w->width);

		left -= !taken[i];
		taken[i] = true;
	}
	for (int i = 0; i < w->width; i++)
		if (taken[i])
			w->place[left++] = i;
	w->place[BITS] = w->width;
	w->base = (struct mw_prefix){.family = w->family, .len = w->width};
	for (int i = 0; i < w->width / 8; i++)
		w->base.addr[i] = dice(256);
}

static int entry_compare(const void *a, const void *b)
{
	const struct flat_entry *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

/* Makes an entry whose prefix fixes some of the index bits, from the left. */
static void entry(struct world *w, struct flat_entry *e)
{
	int fixed = BITS - dice(dice(4) ? 8 : BITS + 1);
	int from = fixed ? w->place[fixed - 1] + 1 : 0;
	struct mw_prefix p = address_of(w, dice(CELLS));

	p.len = from + dice(w->place[fixed] - from + 1);
	for (int i = p.len; i < w->width; i++)
		bit_set(&p, i, false);
	e->prefix = p;
	e->leaf = (struct mw_leaf){.action = 1 + dice(3), .slot = dice(64)};
}

static void entries(struct world *w)
{
	size_t n = 1 + dice(dice(2) ? MOST - 1 : 500);

	for (size_t i = 0; i < n; i++)
		entry(w, &w->v[i]);
	qsort(w->v, n, sizeof(*w->v), entry_compare);
	w->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!w->n || entry_compare(&w->v[w->n - 1], &w->v[i]))
			w->v[w->n++] = w->v[i];
}

/* Paints the cells whose index bits are those of the prefix. */
static void paint_one(struct world *w, const struct flat_entry *e)
{
	__u32 first = 0, fixed = 0;

	while (fixed < BITS && w->place[fixed] < e->prefix.len) {
		int i = w->place[fixed++];

		first |= (e->prefix.addr[i / 8] >> (7 - i % 8) & 1u)
			 << (BITS - fixed);
	}
	for (__u32 i = 0; i < 1u << (BITS - fixed); i++)
		w->cell[first + i] = e->leaf;
}

static void paint(struct world *w)
{
	memset(w->cell, 0, sizeof(w->cell));
	for (int len = 0; len <= w->width; len++)
		for (size_t i = 0; i < w->n; i++)
			if (w->v[i].prefix.len == len)
				paint_one(w, &w->v[i]);
}

/* --- the kernel's side --------------------------------------------------- */

static struct bpf_map *part_map(const struct lookup_bpf *skel, int part)
{
	return bpf_object__find_map_by_name(skel->obj, pack_names[part]);
}

static void *map_memory(const struct bpf_map *map, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		abort();
	return at;
}

static struct lookup_bpf *load(const struct pack *pack)
{
	struct lookup_bpf *skel = lookup_bpf__open();

	unpinned(skel->obj);
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__set_max_entries(part_map(skel, i), pack->part[i].n);
	if (lookup_bpf__load(skel))
		return NULL;
	for (int i = 0; i < MW_PARTS; i++) {
		size_t bytes = pack->part[i].n * pack->part[i].size;
		void *at = map_memory(part_map(skel, i), bytes);

		memcpy(at, pack->part[i].v, bytes);
		munmap(at, bytes);
	}
	return skel;
}

static __u64 half(const struct mw_prefix *p, int i)
{
	__u64 v;

	memcpy(&v, p->addr + i, 8);
	return __builtin_bswap64(v) >> (p->family == 4 ? 32 : 0);
}

static int look_up(struct lookup_bpf *skel)
{
	static char packet[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = sizeof(packet), .repeat = BATCH / 1024);

	skel->bss->next_probe = 0;
	return bpf_prog_test_run_opts(bpf_program__fd(skel->progs.lookup),
				      &opts);
}

static long wrong(const struct world *w, const struct pack *pack,
		  const struct probe *probes, __u32 first)
{
	const struct mw_class *classes = pack->part[MW_LEAVES].v;
	char text[PREFIX_TEXT];
	long n = 0;

	for (__u32 i = 0; i < BATCH; i++) {
		__u32 class = probes[i].class;
		struct mw_prefix p;

		if (!memcmp(&classes[class].leaf, &w->cell[first + i],
			    sizeof(struct mw_leaf)))
			continue;
		p = address_of(w, first + i);
		prefix_text(&p, text);
		if (!n++)
			printf("# %s: class %u is not what the model says\n",
			       text, class);
	}
	return n;
}

static long compare(const struct world *w, const struct pack *pack,
		    struct lookup_bpf *skel)
{
	struct probe *probes =
		map_memory(skel->maps.probes, BATCH * sizeof(*probes));
	long differ = 0;

	for (__u32 first = 0; first < CELLS; first += BATCH) {
		for (__u32 i = 0; i < BATCH; i++) {
			struct mw_prefix p = address_of(w, first + i);

			probes[i] = (struct probe){
				.high = half(&p, 0),
				.low = half(&p, 8),
				.family = p.family,
				.class = ~0u,
			};
		}
		if (look_up(skel) || probes[BATCH - 1].class == ~0u)
			return -1;
		differ += wrong(w, pack, probes, first);
	}
	munmap(probes, BATCH * sizeof(*probes));
	return differ;
}

/* Makes a world and looks up all its addresses. Returns how many answers differ
 * from the model, or -1 if the kernel ran nothing. */
static long round_of(int family)
{
	static struct world w;
	struct flat flat = {.v = w.v};
	struct lookup_bpf *skel;
	struct pack pack;
	long differ = -1;

	w.family = family;
	w.width = family == 4 ? 32 : 128;
	places(&w);
	entries(&w);
	paint(&w);
	flat.n = w.n;
	flat.n4 = family == 4 ? w.n : 0;
	if (pack_build(&flat, &pack))
		return -1;
	skel = load(&pack);
	if (skel)
		differ = compare(&w, &pack, skel);
	lookup_bpf__destroy(skel);
	pack_free(&pack);
	return differ;
}

int main(void)
{
	const char *many = getenv("MW_LOOKUPS"), *seed = getenv("MW_SEED");
	long lookups = many ? atol(many) : 2000000, done[2] = {}, bad = 0;
	unsigned int start =
		seed ? strtoul(seed, NULL, 10) : (unsigned int)time(NULL);

	printf("1..1\n# seed %u\n", start);
	srand(start);
	while (done[0] + done[1] < lookups && !bad) {
		int six = done[1] < done[0];

		bad = round_of(six ? 6 : 4);
		done[six] += CELLS;
	}
	printf("%sok 1 - %ld IPv4 and %ld IPv6 lookups in the kernel, %ld "
	       "differ from the model\n",
	       bad ? "not " : "", done[0], done[1], bad);
	return bad != 0;
}
