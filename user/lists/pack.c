// SPDX-License-Identifier: GPL-2.0
#include "lists/pack.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/lookup.h"
#include "lists/grow.h"

enum {
	CLASSES = 65536,		/* that can be told apart */
	TOPS = 65536,			/* /16s of either family */
	SLASH24S = 256,			/* of a /16 */
	ADDRESSES = 256,		/* of a /24 */
	SLASH16 = SLASH24S * ADDRESSES, /* addresses of a /16 */
	HASH_SLOTS = 2 * CLASSES,
	NODE_KEYS = 8, /* of struct mw_node6; between them 9 children */
	NODE_CHILDREN = NODE_KEYS + 1,
	RUN_BITS = 2,	 /* elements of RUNS4 with the bits of a MANY */
	RUN_CLASSES = 8, /* classes in each element behind them */
};

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

/* The class of the addresses from this one on, up to the next mark. */
struct mark {
	__u64 high, low; /* the address; IPv4: in high, and low is 0 */
	__u32 class;
};

struct builder {
	struct pack *pack;
	size_t room[MW_PARTS];
	size_t words4;	    /* how many WORDS4 has, two an element */
	struct mark *marks; /* of one family; the first is at address 0 */
	size_t n;
	size_t here;  /* the last mark at or before what is packed now */
	__u32 *slots; /* HASH_SLOTS places in LEAVES, by hash; 0: free */
	int err;      /* 0 or -errno; once set, nothing more is packed */
};

/* --- parts --------------------------------------------------------------- */

/* Adds n zeroed elements to a part: the first of them, which stays valid until
 * the next call, or NULL with b->err set. */
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

/* Sets word i of WORDS4, TOP6 or WORDS6, which grow to hold it. */
static void word_set(struct builder *b, enum mw_part part, size_t i, __u32 word)
{
	struct pack_part *p = &b->pack->part[part];
	struct mw_words *w;

	if (i / 2 >= p->n && !part_add(b, part, i / 2 + 1 - p->n))
		return;
	w = p->v;
	w[i / 2].word[i & 1] = word;
}

/* --- classes ------------------------------------------------------------- */

#define FNV_BASIS 2166136261U
#define FNV_PRIME 16777619U

/* FNV-1a. */
static __u32 class_hash(const struct mw_class *c)
{
	const __u8 *byte = (const __u8 *)c;
	__u32 hash = FNV_BASIS;

	for (size_t i = 0; i < sizeof(*c); i++)
		hash = (hash ^ byte[i]) * FNV_PRIME;
	return hash;
}

/* The place of c in LEAVES, which is given one if it has none. c->then is a
 * place in LEAVES already. */
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

/* The place in LEAVES of a class of flat, whose then is a place in flat->later.
 * What the class turns into gets its place first, as the class names that. */
static __u32 class_of(struct builder *b, const struct flat *flat,
		      const struct mw_class *c)
{
	struct mw_class packed = *c;

	packed.then = 0;
	if (c->until)
		packed.then = class_of(b, flat, &flat->later[c->then]);
	return class_number(b, &packed);
}

/* --- marks --------------------------------------------------------------- */

typedef unsigned __int128 u128;

/* The first address of a prefix, host byte order. */
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
	int host_bits = prefix_width(p) - p->len;

	if (host_bits == 128) /* a shift by all bits is undefined */
		return ~(u128)0;
	return first_of(p) | (((u128)1 << host_bits) - 1);
}

/* Marks come in order. One at the address of the last mark replaces that; one
 * that says what the mark before says is left out. */
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

/* The prefixes that hold the place of the sweep, outermost first; place 0 is
 * around all prefixes, and has no class. */
struct nest {
	u128 last[1 + PREFIX_LENGTHS]; /* address */
	__u32 class[1 + PREFIX_LENGTHS];
	int depth;
};

/* Leaves the prefixes that end before at: behind each, the class of the one
 * around it begins again. */
static void nest_leave(struct builder *b, struct nest *nest, int family,
		       u128 at)
{
	while (nest->depth && nest->last[nest->depth] < at) {
		u128 after = nest->last[nest->depth--] + 1;

		mark_add(b, family, after, nest->class[nest->depth]);
	}
}

/* The entries of one family to marks, two an entry at most. */
static void marks_make(struct builder *b, const struct flat *flat, int family)
{
	const struct flat_entry *v = family == 4 ? flat->v : flat->v + flat->n4;
	size_t n = family == 4 ? flat->n4 : flat->n - flat->n4;
	struct nest nest = {};
	u128 end = family == 4 ? ~0U : ~(u128)0;

	free(b->marks);
	b->marks = malloc((2 * n + 1) * sizeof(*b->marks));
	if (!b->marks) {
		b->err = -ENOMEM;
		return;
	}
	b->marks[0] = (struct mark){};
	b->n = 1;
	b->here = 0;
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

/* The mark behind b->here, or NULL. */
static const struct mark *mark_next(const struct builder *b)
{
	return b->here + 1 < b->n ? &b->marks[b->here + 1] : NULL;
}

/* --- IPv4 ---------------------------------------------------------------- */

/* The runs of equal classes in a /24, each up to the next one's start. */
struct runs {
	__u8 start[ADDRESSES];
	__u16 class[ADDRESSES];
	int n;
};

/* Reads the marks of the /24 that begins at address. */
static void runs_read(struct builder *b, __u64 address, struct runs *r)
{
	const struct mark *m;

	r->start[0] = 0;
	r->class[0] = b->marks[b->here].class;
	r->n = 1;
	while ((m = mark_next(b)) && m->high < address + ADDRESSES) {
		b->here++;
		r->n -= m->high == address; /* replaces what went on */
		r->start[r->n] = m->high - address;
		r->class[r->n++] = m->class;
	}
}

/* A /24 of up to MW_RUNS runs, in one element of RUNS4. */
static __u32 runs_few(struct builder *b, const struct runs *r)
{
	struct mw_run4 *run = part_add(b, MW_RUNS4, 1);

	for (int i = 0; run && i < MW_RUNS; i++) {
		if (i)
			run->start[i - 1] =
				i < r->n ? r->start[i] : ADDRESSES - 1;
		run->class[i] = r->class[i < r->n ? i : r->n - 1];
	}
	return MW_FEW | (b->pack->part[MW_RUNS4].n - 1);
}

/* A /24 of any number of runs: a bit where a run starts, then the classes. */
static __u32 runs_many(struct builder *b, const struct runs *r)
{
	size_t first = b->pack->part[MW_RUNS4].n;
	int n = (r->n + RUN_CLASSES - 1) / RUN_CLASSES;
	struct mw_run4 *bits = part_add(b, MW_RUNS4, RUN_BITS + n);
	struct mw_run4 *classes;

	if (!bits)
		return 0;
	classes = bits + RUN_BITS;
	for (int i = 0; i < r->n; i++) {
		__u8 start = r->start[i];

		bits[start / 128].bits[start / 64 % 2] |= 1ULL << start % 64;
		classes[i / RUN_CLASSES].classes[i % RUN_CLASSES] = r->class[i];
	}
	return MW_MANY | first;
}

/*
 * A /24 where a single run has a class, and nothing stands beside it: a word
 * without an element of RUNS4. 0: the /24 is not like that, or the class is a
 * greater number than the word has room for. r->n is 2 or more.
 */
static __u32 runs_one(const struct runs *r)
{
	int run = r->class[0] ? 0 : 1, behind = run + 1;
	__u32 first = r->start[run], last = ADDRESSES - 1;

	if (behind < r->n) {
		if (behind + 1 < r->n || r->class[behind])
			return 0;
		last = r->start[behind] - 1;
	}
	if (r->class[run] >= LOOKUP_ONE_CLASSES)
		return 0;
	return LOOKUP_ONE | (__u32)r->class[run] << LOOKUP_ONE_CLASS |
	       first << LOOKUP_ONE_FIRST | last;
}

/* The word of WORDS4 for a /24. */
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

/* The /16 number n. */
static void pack_top4(struct builder *b, __u32 n)
{
	struct mw_top4 *top = (struct mw_top4 *)b->pack->part[MW_TOP4].v + n;
	__u64 address = (__u64)n * SLASH16;
	const struct mark *next = mark_next(b);
	struct runs r;

	top->first = b->words4;
	if (!next || next->high >= address + SLASH16) {
		top->class = b->marks[b->here].class;
		return;
	}
	for (int x = 0; x < SLASH24S; x++) {
		runs_read(b, address + x * ADDRESSES, &r);
		if (r.n == 1 && !r.class[0])
			continue;
		top->bits[x / 64] |= 1ULL << x % 64;
		word_set(b, MW_WORDS4, b->words4++, runs_word(b, &r));
	}
}

static void pack4(struct builder *b, const struct flat *flat)
{
	const struct mark *next;

	marks_make(b, flat, 4);
	for (__u32 n = 0; n < TOPS && !b->err; n++) {
		__u64 address = (__u64)n * SLASH16;

		while ((next = mark_next(b)) && next->high <= address)
			b->here++;
		pack_top4(b, n);
	}
}

/* --- IPv6 ---------------------------------------------------------------- */

/* The word of the addresses whose first 64 bits are high or more, up to the
 * next key. */
struct key {
	__u64 high;
	__u32 word;
};

/* The keys of a /16, in order: what its tree is made of. */
struct keys {
	struct key *v;
	size_t n, room;
};

/* Keys come in order. One at the place of the last key replaces that. */
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

/* The marks inside one /64, of which b->here is the first, to a range of
 * LOWS6; b->here becomes the last of them. The word of that range. */
static __u32 pack_low(struct builder *b)
{
	struct mw_low_range *range = part_add(b, MW_RANGES6, 1);
	size_t first = b->pack->part[MW_LOWS6].n;
	const struct mark *m = &b->marks[b->here];
	__u64 high = m->high;

	if (m->low) /* the mark before holds for what is in front */
		low_add(b, 0, m[-1].class);
	low_add(b, m->low, m->class);
	while ((m = mark_next(b)) && m->high == high) {
		b->here++;
		low_add(b, m->low, m->class);
	}
	if (range)
		*range = (struct mw_low_range){
			.first = first,
			.count = b->pack->part[MW_LOWS6].n - first,
		};
	return MW_LOW | (b->pack->part[MW_RANGES6].n - 1);
}

/* Does the mark b->here hold for all of its /64? */
static bool whole_64(const struct builder *b)
{
	const struct mark *m = &b->marks[b->here], *next = mark_next(b);

	return !m->low && (!next || next->high != m->high);
}

/* The keys of the mark b->here and of all others in its /64, which become one
 * range; behind the /64 the last one's class goes on. last: of the /16. */
static void keys_take(struct builder *b, struct keys *keys, __u64 last)
{
	__u64 high = b->marks[b->here].high;

	if (whole_64(b)) {
		key_add(b, keys, high, b->marks[b->here].class);
		return;
	}
	key_add(b, keys, high, pack_low(b));
	if (high != last)
		key_add(b, keys, high + 1, b->marks[b->here].class);
}

/* The keys of the /16 whose addresses begin with the 64 bits first. */
static void keys_read(struct builder *b, struct keys *keys, __u64 first)
{
	__u64 last = first | ~0ULL >> 16;
	const struct mark *next;

	keys->n = 0;
	if (b->marks[b->here].high == first)
		keys_take(b, keys, last);
	else
		key_add(b, keys, first, b->marks[b->here].class);
	while ((next = mark_next(b)) && next->high <= last && !b->err) {
		b->here++;
		keys_take(b, keys, last);
	}
}

struct filler {
	struct builder *b;
	const struct keys *keys;
	size_t next;  /* key */
	size_t first; /* node of the tree, in NODES6 */
	size_t nodes;
};

/* Key i of a node. Where keys have run out the last key stands again: it is
 * the greatest, and answers for all addresses behind it. */
static void node_set(struct filler *f, size_t node, int i)
{
	struct mw_node6 *nodes = f->b->pack->part[MW_NODES6].v;
	size_t place = f->first + node;
	const struct key *key;

	key = f->next < f->keys->n ? &f->keys->v[f->next++]
				   : &f->keys->v[f->keys->n - 1];
	nodes[place].key[i] = key->high << 16 >> 16;
	word_set(f->b, MW_WORDS6, place * NODE_KEYS + i, key->word);
}

/* The subtree of a node takes the next keys in order: child, key, child, ...,
 * key, child. */
static void tree_fill(struct filler *f, size_t node)
{
	size_t child = node * NODE_CHILDREN + 1;

	if (node >= f->nodes)
		return;
	for (int i = 0; i < NODE_KEYS; i++) {
		tree_fill(f, child + i);
		node_set(f, node, i);
	}
	tree_fill(f, child + NODE_KEYS);
}

/* A /16 of more than one key, or of a range alone. The word of TOP6 for it. */
static __u32 pack_tree(struct builder *b, const struct keys *keys)
{
	struct mw_tree6 *tree = part_add(b, MW_TREES6, 1);
	struct filler f = {
		.b = b,
		.keys = keys,
		.first = b->pack->part[MW_NODES6].n,
		.nodes = (keys->n + NODE_KEYS - 1) / NODE_KEYS,
	};

	if (!tree || !part_add(b, MW_NODES6, f.nodes) ||
	    !part_add(b, MW_WORDS6, f.nodes * NODE_KEYS / 2))
		return 0;
	*tree = (struct mw_tree6){.first = f.first, .nodes = f.nodes};
	tree_fill(&f, 0);
	return MW_TREE | (b->pack->part[MW_TREES6].n - 1);
}

/* Is the mark at or before the first address of the /64 high? */
static bool not_behind(const struct mark *m, __u64 high)
{
	return m->high < high || (m->high == high && !m->low);
}

static void pack6(struct builder *b, const struct flat *flat)
{
	struct keys keys = {};
	const struct mark *next;

	marks_make(b, flat, 6);
	for (__u32 n = 0; n < TOPS && !b->err; n++) {
		__u64 first = (__u64)n << 48;

		while ((next = mark_next(b)) && not_behind(next, first))
			b->here++;
		keys_read(b, &keys, first);
		if (b->err)
			break;
		word_set(b, MW_TOP6, n,
			 keys.n == 1 && !(keys.v[0].word & MW_LOW)
				 ? keys.v[0].word
				 : pack_tree(b, &keys));
	}
	free(keys.v);
}

/* --- all ----------------------------------------------------------------- */

/* Room for TOP4; class 0, which is no list; and place 0 of the parts whose
 * places are in a word with a flag. */
static void parts_begin(struct builder *b)
{
	for (int i = 0; i < MW_PARTS; i++)
		b->pack->part[i].size = sizes[i];
	part_add(b, MW_TOP4, TOPS);
	for (int i = 0; i < MW_PARTS; i++)
		if (i != MW_TOP4 && i != MW_NODES6 && i != MW_WORDS6)
			part_add(b, i, 1);
}

/* A map cannot be empty. */
static void parts_end(struct builder *b)
{
	for (int i = 0; i < MW_PARTS; i++)
		if (!b->pack->part[i].n)
			part_add(b, i, 1);
}

int pack_build(const struct flat *flat, struct pack *pack)
{
	struct builder b = {.pack = pack};

	memset(pack, 0, sizeof(*pack));
	b.slots = calloc(HASH_SLOTS, sizeof(*b.slots));
	if (!b.slots)
		return -ENOMEM;
	parts_begin(&b);
	pack4(&b, flat);
	pack6(&b, flat);
	parts_end(&b);
	free(b.marks);
	free(b.slots);
	if (b.err)
		pack_free(pack);
	return b.err;
}

static __always_inline const void *lookup_at(const void *in,
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
			      ? lookup_class4(pack, at)
			      : lookup_class6(pack, at >> 64, at);
	const struct mw_leaf *leaf = lookup_leaf(pack, class, now);

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
