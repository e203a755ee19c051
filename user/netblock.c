// SPDX-License-Identifier: GPL-2.0
#include "netblock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One prefix of one list, in the order of the sweep. */
struct item {
	struct mw_prefix prefix;
	__u32 list; /* place in the lists given */
};

/* The lists that rule an address, one per class; NONE: none does. */
enum { ALLOW, BLOCK, LIMIT, WOULD_BLOCK, WOULD_LIMIT, CLASSES };
enum { NONE = -1 };

struct rulers {
	int list[CLASSES];
};

static int class_of(const struct netblock_list *l)
{
	if (l->action == MW_ALLOW)
		return ALLOW;
	if (l->action == MW_BLOCK)
		return l->mode == MW_ENFORCE ? BLOCK : WOULD_BLOCK;
	return l->mode == MW_ENFORCE ? LIMIT : WOULD_LIMIT;
}

/* First match decides: allow, block, limit; the observed ones side by side. */
static struct mw_leaf leaf_of(const struct netblock_list *lists,
			      const struct rulers *r)
{
	static const __u8 actions[CLASSES] = {MW_ALLOW, MW_BLOCK, MW_LIMIT,
					      MW_BLOCK, MW_LIMIT};
	struct mw_leaf leaf = {};

	for (int class = LIMIT; class >= ALLOW; class --) {
		if (r->list[class] == NONE)
			continue;
		leaf.action = actions[class];
		leaf.slot = lists[r->list[class]].slot;
	}
	for (int class = WOULD_LIMIT; class >= WOULD_BLOCK; class --) {
		if (r->list[class] == NONE)
			continue;
		leaf.observed = actions[class];
		leaf.observed_slot = lists[r->list[class]].slot;
	}
	return leaf;
}

/* Outer before inner; at one prefix the first list given comes first. */
static int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : (x->list > y->list) - (x->list < y->list);
}

/* One list is, as feed_read leaves it. */
static bool items_in_order(const struct item *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (item_compare(&items[i - 1], &items[i]) > 0)
			return false;
	return true;
}

static struct item *items_sorted(const struct netblock_list *lists, size_t n,
				 size_t *count)
{
	struct item *items, *at;

	*count = 0;
	for (size_t i = 0; i < n; i++)
		*count += lists[i].set->n;
	items = at = malloc((*count + 1) * sizeof(*items));
	for (size_t i = 0; items && i < n; i++)
		for (size_t j = 0; j < lists[i].set->n; j++)
			*at++ = (struct item){lists[i].set->v[j], i};
	if (items && !items_in_order(items, *count))
		qsort(items, *count, sizeof(*items), item_compare);
	return items;
}

/* The prefixes around the place of the sweep, outermost first. */
struct sweep {
	struct {
		struct mw_prefix prefix;
		struct rulers rulers;
		struct mw_leaf leaf;
	} around[130];
	int depth;
};

/* Takes all items of one prefix; the number taken. */
static size_t sweep_one(struct sweep *s, const struct netblock_list *lists,
			const struct item *item, size_t left)
{
	bool seen[CLASSES] = {};
	size_t n = 0;

	while (s->depth &&
	       !prefix_covers(&s->around[s->depth].prefix, &item->prefix))
		s->depth--;
	s->depth++;
	s->around[s->depth] = s->around[s->depth - 1];
	s->around[s->depth].prefix = item->prefix;
	for (; n < left && !prefix_compare(&item[n].prefix, &item->prefix);
	     n++) {
		int class = class_of(&lists[item[n].list]);

		if (!seen[class])
			s->around[s->depth].rulers.list[class] = item[n].list;
		seen[class] = true;
	}
	s->around[s->depth].leaf = leaf_of(lists, &s->around[s->depth].rulers);
	return n;
}

static void sweep_out(const struct sweep *s, struct netblocks *out)
{
	const struct mw_prefix *p = &s->around[s->depth].prefix;

	if (!memcmp(&s->around[s->depth].leaf, &s->around[s->depth - 1].leaf,
		    sizeof(struct mw_leaf)))
		return;
	out->v[out->n++] =
		(struct netblock_entry){*p, s->around[s->depth].leaf};
	out->n4 += p->family == 4;
}

int netblock_compile(const struct netblock_list *lists, size_t n,
		     struct netblocks *out)
{
	struct sweep s = {};
	size_t count, done = 0;
	struct item *items = items_sorted(lists, n, &count);

	memset(out, 0, sizeof(*out));
	out->v = malloc((count + 1) * sizeof(*out->v));
	if (!items || !out->v) {
		free(items);
		netblock_free(out);
		return -ENOMEM;
	}
	for (int class = 0; class < CLASSES; class ++)
		s.around[0].rulers.list[class] = NONE;
	while (done < count) {
		done += sweep_one(&s, lists, items + done, count - done);
		sweep_out(&s, out);
	}
	free(items);
	return 0;
}

/* The place of exactly this prefix, or NULL. */
static const struct netblock_entry *find_exact(const struct netblocks *nb,
					       const struct mw_prefix *p)
{
	return nb->n ? bsearch(p, nb->v, nb->n, sizeof(*nb->v), prefix_compare)
		     : NULL;
}

const struct mw_leaf *netblock_find(const struct netblocks *nb,
				    const struct mw_prefix *address)
{
	struct mw_prefix p = *address;

	for (int len = address->len; len >= 0; len--) {
		const struct netblock_entry *entry;

		if (len < address->len)
			p.addr[len / 8] &= ~(0x80 >> len % 8);
		p.len = len;
		entry = find_exact(nb, &p);
		if (entry)
			return &entry->leaf;
	}
	return NULL;
}

void netblock_free(struct netblocks *nb)
{
	free(nb->v);
	memset(nb, 0, sizeof(*nb));
}
