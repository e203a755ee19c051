// SPDX-License-Identifier: GPL-2.0
#include "lists/builder.h"

#include <errno.h>
#include <stdlib.h>

#include "lists/grow.h"

enum {
	NODE_KEYS = 8, /* of struct mw_node6; between them 9 children */
	NODE_CHILDREN = NODE_KEYS + 1,
};

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

void pack6(struct builder *b, const struct flat *flat)
{
	struct keys keys = {};
	const struct mark *next;

	marks_make(b, flat, 6);
	for (__u32 n = 0; n < BUILDER_TOPS && !b->err; n++) {
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
