// SPDX-License-Identifier: GPL-2.0
#include "lists/builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"

/* --- parts --------------------------------------------------------------- */

void *part_add(struct builder *b, enum mw_part part, size_t n)
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

void word_set(struct builder *b, enum mw_part part, size_t i, __u32 word)
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
	__u32 slot = class_hash(c) % BUILDER_SLOTS;
	struct mw_class *classes = b->pack->part[MW_LEAVES].v, *at;
	__u32 class;

	if (!memcmp(c, &none, sizeof(none)))
		return 0;
	for (; (class = b->slots[slot]); slot = (slot + 1) % BUILDER_SLOTS)
		if (!memcmp(&classes[class], c, sizeof(*c)))
			return class;
	class = b->pack->part[MW_LEAVES].n;
	if (class >= BUILDER_CLASSES) {
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
void marks_make(struct builder *b, const struct flat *flat, int family)
{
	const struct flat_entry *v = family == 4 ? flat->v : flat->v + flat->n4;
	size_t n = family == 4 ? flat->n4 : flat->n - flat->n4;
	struct nest nest = {};
	u128 end = family == 4 ? ~0U : ~(u128)0;

	free(b->marks);
	b->marks = grow_new(2 * n + 1, sizeof(*b->marks));
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
