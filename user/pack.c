// SPDX-License-Identifier: GPL-2.0
#include "pack.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/netblock.h"
#include "grow.h"

enum { CLASSES = 65536, TOPS = 65536, SLASH24S = 256, ADDRESSES = 256 };

enum { HASH_SLOTS = 2 * CLASSES };

static const size_t sizes[MW_PARTS] = {
	[MW_LEAVES] = sizeof(struct mw_class),
	[MW_TOP4] = sizeof(struct mw_top4),
	[MW_WORDS4] = sizeof(struct mw_words),
	[MW_RUNS4] = sizeof(struct mw_run4),
	[MW_TOP6] = sizeof(struct mw_words),
	[MW_TREES6] = sizeof(struct mw_tree6),
	[MW_NODES6] = sizeof(struct mw_node6),
	[MW_WORDS6] = sizeof(struct mw_words),
	[MW_RANGES6] = sizeof(struct mw_low_range),
	[MW_LOWS6] = sizeof(struct mw_low6),
};

const char *const pack_names[MW_PARTS] = {
	[MW_LEAVES] = "leaves",	  [MW_TOP4] = "top4",
	[MW_WORDS4] = "words4",	  [MW_RUNS4] = "runs4",
	[MW_TOP6] = "top6",	  [MW_TREES6] = "trees6",
	[MW_NODES6] = "nodes6",	  [MW_WORDS6] = "words6",
	[MW_RANGES6] = "ranges6", [MW_LOWS6] = "lows6",
};

/* From this address on, up to the next mark, the class is this. */
struct mark {
	__u64 high, low; /* IPv4: high alone */
	__u32 class;
};

struct builder {
	struct pack *pack;
	size_t room[MW_PARTS];
	size_t words[2]; /* of WORDS4 and WORDS6, two an element */
	struct mark *marks;
	size_t n;
	__u32 *slots; /* of the hash of classes: HASH_SLOTS, 0 for a free one */
	int err;
};

/* --- parts --------------------------------------------------------------- */

/* n zeroed elements more; the first of them, valid until the next call. */
static void *part_add(struct builder *b, enum mw_part part, size_t n)
{
	struct pack_part *p = &b->pack->part[part];
	void *v = grow(p->v, &b->room[part], p->n + n, p->size);
	char *at;

	if (!v) {
		b->err = -ENOMEM;
		return NULL;
	}
	p->v = v;
	at = (char *)p->v + p->n * p->size;
	memset(at, 0, n * p->size);
	p->n += n;
	return at;
}

static void word_set(struct builder *b, enum mw_part part, size_t i, __u32 word)
{
	struct pack_part *p = &b->pack->part[part];
	struct mw_words *w = p->v;

	if (i / 2 >= p->n && !part_add(b, part, i / 2 + 1 - p->n))
		return;
	w = p->v;
	w[i / 2].word[i & 1] = word;
}

/* --- classes ------------------------------------------------------------- */

/* FNV-1a. */
static __u32 class_hash(const struct mw_class *c)
{
	const __u8 *byte = (const __u8 *)c;
	__u32 hash = 2166136261U;

	for (size_t i = 0; i < sizeof(*c); i++)
		hash = (hash ^ byte[i]) * 16777619U;
	return hash;
}

/* The number of exactly this class. */
static __u32 class_number(struct builder *b, const struct mw_class *c)
{
	static const struct mw_class none;
	__u32 slot = class_hash(c) % HASH_SLOTS;
	struct mw_class *classes = b->pack->part[MW_LEAVES].v, *at;
	__u32 class;

	if (!memcmp(c, &none, sizeof(none)))
		return 0;
	for (; (class = b->slots[slot]); slot = (slot + 1) % HASH_SLOTS)
		if (!memcmp(&classes[class], c, sizeof(*c)))
			return class;
	class = b->pack->part[MW_LEAVES].n;
	if (class >= CLASSES) {
		b->err = -E2BIG;
		return 0;
	}
	at = part_add(b, MW_LEAVES, 1);
	if (!at)
		return 0;
	*at = *c;
	b->slots[slot] = class;
	return class;
}

/* Its later ones come first, as it names the next. */
static __u32 class_of(struct builder *b, const struct flat *flat,
		      const struct mw_class *c)
{
	struct mw_class own = *c;

	own.then = 0;
	if (c->until)
		own.then = class_of(b, flat, &flat->later[c->then]);
	return class_number(b, &own);
}

/* --- marks --------------------------------------------------------------- */

typedef unsigned __int128 u128;

static u128 first_of(const struct mw_prefix *p)
{
	__u64 half[2];

	memcpy(half, p->addr, sizeof(half));
	if (p->family == 4)
		return be64toh(half[0]) >> 32;
	return (u128)be64toh(half[0]) << 64 | be64toh(half[1]);
}

static u128 last_of(const struct mw_prefix *p)
{
	int free = prefix_width(p) - p->len;

	return free == 128 ? ~(u128)0 : first_of(p) | ((((u128)1) << free) - 1);
}

/* A mark at the place of the one before replaces it. */
static void mark_add(struct builder *b, int family, u128 at, __u32 class)
{
	struct mark m = {at >> 64, at, class}, *last = &b->marks[b->n - 1];

	if (family == 4)
		m = (struct mark){at, 0, class};
	if (last->high == m.high && last->low == m.low) {
		last->class = class;
		if (b->n > 1 && last[-1].class == class)
			b->n--;
	} else if (last->class != class) {
		b->marks[b->n++] = m;
	}
}

/* The prefixes that hold the place of the sweep, outermost first. */
struct nest {
	u128 last[130];
	__u32 class[130];
	int depth;
};

/* Leaves the prefixes that end before at. */
static void nest_leave(struct builder *b, struct nest *nest, int family,
		       u128 at)
{
	while (nest->depth && nest->last[nest->depth] < at) {
		u128 after = nest->last[nest->depth--] + 1;

		mark_add(b, family, after, nest->class[nest->depth]);
	}
}

/* The entries of one family to marks; each has at most two. */
static void marks_make(struct builder *b, const struct flat *flat, int family)
{
	const struct flat_entry *v = family == 4 ? flat->v : flat->v + flat->n4;
	size_t n = family == 4 ? flat->n4 : flat->n - flat->n4;
	struct nest nest = {};
	u128 end = family == 4 ? 0xffffffff : ~(u128)0;

	free(b->marks);
	b->marks = malloc((2 * n + 1) * sizeof(*b->marks));
	if (!b->marks) {
		b->err = -ENOMEM;
		return;
	}
	b->marks[0] = (struct mark){};
	b->n = 1;
	for (size_t i = 0; i < n && !b->err; i++) {
		u128 at = first_of(&v[i].prefix);
		__u32 class = class_of(b, flat, &v[i].class);

		nest_leave(b, &nest, family, at);
		mark_add(b, family, at, class);
		nest.depth++;
		nest.last[nest.depth] = last_of(&v[i].prefix);
		nest.class[nest.depth] = class;
	}
	nest_leave(b, &nest, family, end);
}

/* --- IPv4 ---------------------------------------------------------------- */

struct runs {
	__u8 start[ADDRESSES];
	__u16 class[ADDRESSES];
	int n;
};

/* The runs of the /24 at address; *i is the last mark at or before it, and
 * becomes that of the next /24. */
static void runs_read(const struct builder *b, size_t *i, __u64 address,
		      struct runs *r)
{
	r->start[0] = 0;
	r->class[0] = b->marks[*i].class;
	r->n = 1;
	while (*i + 1 < b->n && b->marks[*i + 1].high < address + ADDRESSES) {
		const struct mark *m = &b->marks[++*i];

		r->n -= m->high == address;
		r->start[r->n] = m->high - address;
		r->class[r->n++] = m->class;
	}
}

static __u32 runs_few(struct builder *b, const struct runs *r)
{
	struct mw_run4 *run = part_add(b, MW_RUNS4, 1);

	for (int i = 0; run && i < MW_RUNS; i++) {
		if (i)
			run->start[i - 1] = i < r->n ? r->start[i] : 255;
		run->class[i] = r->class[i < r->n ? i : r->n - 1];
	}
	return MW_FEW | (b->pack->part[MW_RUNS4].n - 1);
}

static __u32 runs_many(struct builder *b, const struct runs *r)
{
	size_t first = b->pack->part[MW_RUNS4].n;
	struct mw_run4 *run = part_add(b, MW_RUNS4, 2 + (r->n + 7) / 8);

	for (int i = 0; run && i < r->n; i++) {
		__u8 start = r->start[i];

		run[start / 128].bits[start / 64 % 2] |= 1ULL << start % 64;
		run[2 + i / 8].classes[i % 8] = r->class[i];
	}
	return MW_MANY | first;
}

/* 0: more than one run has a class, or it is too great. */
static __u32 runs_one(const struct runs *r)
{
	int i = !r->class[0], after = i + 1;
	__u32 last = after < r->n ? r->start[after] - 1 : ADDRESSES - 1;

	if (after + 1 < r->n || (after < r->n && r->class[after]) ||
	    r->class[i] >= NETBLOCK_ONE_CLASSES)
		return 0;
	return NETBLOCK_ONE | (__u32)r->class[i] << NETBLOCK_ONE_CLASS |
	       (__u32)r->start[i] << NETBLOCK_ONE_FIRST | last;
}

static __u32 runs_word(struct builder *b, const struct runs *r)
{
	__u32 one;

	if (r->n == 1)
		return r->class[0];
	one = runs_one(r);
	if (one)
		return one;
	return r->n <= MW_RUNS ? runs_few(b, r) : runs_many(b, r);
}

/* The /16 number n; *i as for runs_read. */
static void pack_top4(struct builder *b, size_t *i, __u32 n)
{
	struct mw_top4 *top = (struct mw_top4 *)b->pack->part[MW_TOP4].v + n;
	__u64 address = (__u64)n << 16;
	struct runs r;

	top->first = b->words[0];
	if (*i + 1 == b->n || b->marks[*i + 1].high >= address + 65536) {
		top->class = b->marks[*i].class;
		return;
	}
	for (int x = 0; x < SLASH24S; x++) {
		runs_read(b, i, address + x * ADDRESSES, &r);
		if (r.n == 1 && !r.class[0])
			continue;
		top->bits[x / 64] |= 1ULL << x % 64;
		word_set(b, MW_WORDS4, b->words[0]++, runs_word(b, &r));
	}
}

static void pack4(struct builder *b)
{
	size_t i = 0;

	for (__u32 n = 0; n < TOPS && !b->err; n++) {
		__u64 address = (__u64)n << 16;

		while (i + 1 < b->n && b->marks[i + 1].high <= address)
			i++;
		pack_top4(b, &i, n);
	}
}

/* --- IPv6 ---------------------------------------------------------------- */

/* What a tree is made of: up to the next key's 64 bits, this word. */
struct key {
	__u64 high;
	__u32 word;
};

struct keys {
	struct key *v;
	size_t n, room;
};

static void key_add(struct builder *b, struct keys *keys, __u64 high,
		    __u32 word)
{
	struct key *v;

	if (keys->n && keys->v[keys->n - 1].high == high)
		keys->n--;
	v = grow(keys->v, &keys->room, keys->n + 1, sizeof(*v));
	if (!v) {
		b->err = -ENOMEM;
		return;
	}
	keys->v = v;
	keys->v[keys->n++] = (struct key){high, word};
}

static void low_add(struct builder *b, __u64 low, __u32 class)
{
	struct mw_low6 *at = part_add(b, MW_LOWS6, 1);

	if (at)
		*at = (struct mw_low6){.low = low, .class = class};
}

/* The marks inside one /64, from *i on; before: the class before them. *i
 * becomes the last of them. */
static __u32 pack_low(struct builder *b, size_t *i, __u32 before)
{
	struct mw_low_range *range = part_add(b, MW_RANGES6, 1);
	size_t first = b->pack->part[MW_LOWS6].n;
	__u64 high = b->marks[*i].high;

	if (b->marks[*i].low)
		low_add(b, 0, before);
	low_add(b, b->marks[*i].low, b->marks[*i].class);
	while (*i + 1 < b->n && b->marks[*i + 1].high == high) {
		++*i;
		low_add(b, b->marks[*i].low, b->marks[*i].class);
	}
	if (range)
		*range = (struct mw_low_range){
			.first = first,
			.count = b->pack->part[MW_LOWS6].n - first,
		};
	return MW_LOW | (b->pack->part[MW_RANGES6].n - 1);
}

static bool alone_in_its_64(const struct builder *b, size_t i)
{
	return !b->marks[i].low &&
	       (i + 1 == b->n || b->marks[i + 1].high != b->marks[i].high);
}

/* The keys of the /16 that begins at first; *i is the last mark at or before
 * its first address, and becomes the last one in it. */
static void keys_read(struct builder *b, struct keys *keys, size_t *i,
		      __u64 first)
{
	__u64 last = first | ~0ULL >> 16;

	keys->n = 0;
	key_add(b, keys, first, b->marks[*i].class);
	if (b->marks[*i].high == first && !alone_in_its_64(b, *i)) {
		/* Marks at its very beginning, more of them than one. */
		key_add(b, keys, first, pack_low(b, i, 0));
		if (first != last)
			key_add(b, keys, first + 1, b->marks[*i].class);
	}
	while (*i + 1 < b->n && b->marks[*i + 1].high <= last && !b->err) {
		__u32 before = b->marks[*i].class;
		__u64 high = b->marks[++*i].high;

		if (alone_in_its_64(b, *i)) {
			key_add(b, keys, high, b->marks[*i].class);
			continue;
		}
		key_add(b, keys, high, pack_low(b, i, before));
		if (high != last)
			key_add(b, keys, high + 1, b->marks[*i].class);
	}
}

struct filler {
	struct builder *b;
	const struct keys *keys;
	size_t next; /* key */
	size_t first, nodes;
};

/* In order: child, key, child, key, ... child. Where keys have run out the
 * last one stands again: as the greatest it answers for all behind it. */
static void tree_fill(struct filler *f, size_t node)
{
	struct mw_node6 *n;

	if (node >= f->nodes)
		return;
	for (int i = 0; i < 8; i++) {
		const struct key *key;

		tree_fill(f, node * 9 + 1 + i);
		key = f->next < f->keys->n ? &f->keys->v[f->next++]
					   : &f->keys->v[f->keys->n - 1];
		n = (struct mw_node6 *)f->b->pack->part[MW_NODES6].v +
		    f->first + node;
		n->key[i] = key->high << 16 >> 16;
		word_set(f->b, MW_WORDS6, (f->first + node) * 8 + i, key->word);
	}
	tree_fill(f, node * 9 + 9);
}

static __u32 pack_tree(struct builder *b, const struct keys *keys)
{
	struct mw_tree6 *tree = part_add(b, MW_TREES6, 1);
	struct filler f = {
		.b = b,
		.keys = keys,
		.first = b->pack->part[MW_NODES6].n,
		.nodes = (keys->n + 7) / 8,
	};

	if (!tree || !part_add(b, MW_NODES6, f.nodes) ||
	    !part_add(b, MW_WORDS6, f.nodes * 4))
		return 0;
	*tree = (struct mw_tree6){.first = f.first, .nodes = f.nodes};
	tree_fill(&f, 0);
	return MW_TREE | (b->pack->part[MW_TREES6].n - 1);
}

static void pack6(struct builder *b)
{
	struct keys keys = {};
	size_t i = 0;

	for (__u32 n = 0; n < TOPS && !b->err; n++) {
		__u64 first = (__u64)n << 48;

		while (i + 1 < b->n && (b->marks[i + 1].high < first ||
					(b->marks[i + 1].high == first &&
					 !b->marks[i + 1].low)))
			i++;
		keys_read(b, &keys, &i, first);
		word_set(b, MW_TOP6, n,
			 keys.n == 1 && !(keys.v[0].word & MW_LOW)
				 ? keys.v[0].word
				 : pack_tree(b, &keys));
	}
	free(keys.v);
}

/* --- all ----------------------------------------------------------------- */

int pack_build(const struct flat *flat, struct pack *pack)
{
	struct builder b = {.pack = pack};

	memset(pack, 0, sizeof(*pack));
	for (int i = 0; i < MW_PARTS; i++)
		pack->part[i].size = sizes[i];
	part_add(&b, MW_TOP4, TOPS);
	for (int i = 0; i < MW_PARTS && !b.err; i++)
		if (i != MW_TOP4 && i != MW_NODES6 && i != MW_WORDS6)
			part_add(&b, i, 1); /* a map is not empty */
	b.slots = calloc(HASH_SLOTS, sizeof(*b.slots));
	if (!b.slots)
		b.err = -ENOMEM;
	if (!b.err)
		marks_make(&b, flat, 4);
	if (!b.err)
		pack4(&b);
	if (!b.err)
		marks_make(&b, flat, 6);
	if (!b.err)
		pack6(&b);
	for (int i = 0; i < MW_PARTS && !b.err; i++)
		if (!pack->part[i].n)
			part_add(&b, i, 1);
	free(b.marks);
	free(b.slots);
	if (b.err)
		pack_free(pack);
	return b.err;
}

static __always_inline const void *netblock_at(const void *in,
					       enum mw_part part, __u32 i)
{
	const struct pack_part *p = &((const struct pack *)in)->part[part];

	return i < p->n ? (const char *)p->v + i * p->size : NULL;
}

struct mw_leaf pack_find(const struct pack *pack,
			 const struct mw_prefix *address, __u64 now)
{
	static const struct mw_leaf none;
	u128 at = first_of(address);
	__u32 class = address->family == 4
			      ? netblock_class4(pack, at)
			      : netblock_class6(pack, at >> 64, at);
	const struct mw_leaf *leaf = netblock_leaf(pack, class, now);

	return leaf ? *leaf : none;
}

size_t pack_bytes(const struct pack *pack)
{
	size_t bytes = 0;

	for (int i = 0; i < MW_PARTS; i++)
		bytes += pack->part[i].n * pack->part[i].size;
	return bytes;
}

void pack_free(struct pack *pack)
{
	for (int i = 0; i < MW_PARTS; i++)
		free(pack->part[i].v);
	memset(pack, 0, sizeof(*pack));
}
