// SPDX-License-Identifier: GPL-2.0
#include "lists/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/builder.h"

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

/* Room for TOP4; class 0, which is no list; and place 0 of the parts whose
 * places are in a word with a flag. */
static void parts_begin(struct builder *b)
{
	for (int i = 0; i < MW_PARTS; i++)
		b->pack->part[i].size = sizes[i];
	part_add(b, MW_TOP4, BUILDER_TOPS);
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
	b.slots = calloc(BUILDER_SLOTS, sizeof(*b.slots));
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

struct mw_leaf pack_find(const struct pack *pack,
			 const struct mw_prefix *address, __u64 now)
{
	static const struct mw_leaf none;
	u128 at = first_of(address);
	__u32 class = address->family == 4 ? lookup_class4(pack, at)
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
