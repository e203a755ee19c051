// SPDX-License-Identifier: GPL-2.0
#include "flatten.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

/* One prefix of one list, in the order of the sweep. */
struct item {
	struct mw_prefix prefix;
	__u32 list; /* place in the lists given */
};

/* The lists that rule an address, one per class; NONE: none does. */
enum { ALLOW, BLOCK, LIMIT, WOULD_BLOCK, WOULD_LIMIT, CLASSES };
enum { NONE = -1 };

/* For good; and those that end, the one that ends last. */
struct rulers {
	int list[CLASSES];
	int timed[CLASSES];
	__u32 until[CLASSES];
};

static int class_of(const struct flatten_list *l)
{
	if (l->action == MW_ALLOW)
		return ALLOW;
	if (l->action == MW_BLOCK)
		return l->mode == MW_ENFORCE ? BLOCK : WOULD_BLOCK;
	return l->mode == MW_ENFORCE ? LIMIT : WOULD_LIMIT;
}

/* First match decides: allow, block, limit; the observed ones side by side. */
static struct mw_leaf leaf_of(const struct flatten_list *lists,
			      const int list[CLASSES])
{
	static const __u8 actions[CLASSES] = {MW_ALLOW, MW_BLOCK, MW_LIMIT,
					      MW_BLOCK, MW_LIMIT};
	struct mw_leaf leaf = {};

	for (int class = LIMIT; class >= ALLOW; class --) {
		if (list[class] == NONE)
			continue;
		leaf.action = actions[class];
		leaf.slot = lists[list[class]].slot;
	}
	for (int class = WOULD_LIMIT; class >= WOULD_BLOCK; class --) {
		if (list[class] == NONE)
			continue;
		leaf.observed = actions[class];
		leaf.observed_slot = lists[list[class]].slot;
	}
	return leaf;
}

/* What the lists say from now on, one step for each time at which that
 * changes; the last stays. A step's then is unused here. */
struct steps {
	struct mw_class step[MW_STEPS];
	int n;
};

/* The first class to end of those that are still there, or NONE. */
static int first_to_end(const struct rulers *r, const int list[CLASSES])
{
	int first = NONE;

	for (int class = 0; class < CLASSES; class ++)
		if (r->list[class] == NONE && list[class] != NONE &&
		    (first == NONE || r->until[class] < r->until[first]))
			first = class;
	return first;
}

static struct steps steps_of(const struct flatten_list *lists,
			     const struct rulers *r)
{
	struct steps s = {};
	int list[CLASSES], ending;

	for (int class = 0; class < CLASSES; class ++)
		list[class] = r->list[class] != NONE ? r->list[class]
						     : r->timed[class];
	do {
		struct mw_class step = {.leaf = leaf_of(lists, list)};

		ending = first_to_end(r, list);
		if (ending != NONE) {
			step.until = r->until[ending];
			list[ending] = NONE;
		}
		/* What does not change when something ends goes on. */
		if (s.n && !memcmp(&s.step[s.n - 1].leaf, &step.leaf,
				   sizeof(step.leaf)))
			s.n--;
		s.step[s.n++] = step;
	} while (ending != NONE);
	return s;
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

static struct item *items_sorted(const struct flatten_list *lists, size_t n,
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
		struct steps steps;
	} around[130];
	int depth;
};

/* Never 0, which is for good. */
static __u32 until_of(const struct flatten_list *list,
		      const struct mw_prefix *p)
{
	__s64 until = list->since + (__s64)p->ends * PREFIX_STEP;

	return until < 1 ? 1 : until > ~0U ? ~0U : until;
}

static void take_timed(struct rulers *r, int class, const struct item *item,
		       const struct flatten_list *lists)
{
	__u32 until = until_of(&lists[item->list], &item->prefix);

	if (r->timed[class] != NONE && r->until[class] >= until)
		return;
	r->timed[class] = item->list;
	r->until[class] = until;
}

/* Takes all items of one prefix; the number taken. */
static size_t sweep_one(struct sweep *s, const struct flatten_list *lists,
			const struct item *item, size_t left)
{
	bool seen[CLASSES] = {};
	struct rulers *r;
	size_t n = 0;

	while (s->depth &&
	       !prefix_covers(&s->around[s->depth].prefix, &item->prefix))
		s->depth--;
	s->depth++;
	s->around[s->depth] = s->around[s->depth - 1];
	s->around[s->depth].prefix = item->prefix;
	r = &s->around[s->depth].rulers;
	for (; n < left && !prefix_compare(&item[n].prefix, &item->prefix);
	     n++) {
		int class = class_of(&lists[item[n].list]);

		if (item[n].prefix.ends) {
			take_timed(r, class, &item[n], lists);
			continue;
		}
		if (!seen[class])
			r->list[class] = item[n].list;
		seen[class] = true;
	}
	s->around[s->depth].steps = steps_of(lists, r);
	return n;
}

/* The steps behind the first, linked from the last; their first's place. */
static int later_add(const struct steps *s, struct flat *out, __u32 *place)
{
	for (int i = s->n - 1; i > 0; i--) {
		struct mw_class *v = grow(out->later, &out->later_room,
					  out->n_later + 1, sizeof(*v));

		if (!v)
			return -ENOMEM;
		out->later = v;
		v[out->n_later] = s->step[i];
		v[out->n_later].then = *place;
		*place = out->n_later++;
	}
	return 0;
}

static int sweep_out(const struct sweep *s, struct flat *out)
{
	const struct steps *steps = &s->around[s->depth].steps;
	struct flat_entry *entry = &out->v[out->n];

	if (!memcmp(steps, &s->around[s->depth - 1].steps, sizeof(*steps)))
		return 0;
	*entry = (struct flat_entry){.prefix = s->around[s->depth].prefix,
				     .class = steps->step[0]};
	entry->prefix.ends = 0;
	out->n++;
	out->n4 += entry->prefix.family == 4;
	return later_add(steps, out, &entry->class.then);
}

int flatten_lists(const struct flatten_list *lists, size_t n, struct flat *out)
{
	struct sweep s = {};
	size_t count, done = 0;
	int err = 0;
	struct item *items = items_sorted(lists, n, &count);

	memset(out, 0, sizeof(*out));
	out->v = malloc((count + 1) * sizeof(*out->v));
	if (!items || !out->v) {
		free(items);
		flat_free(out);
		return -ENOMEM;
	}
	for (int class = 0; class < CLASSES; class ++)
		s.around[0].rulers.list[class] =
			s.around[0].rulers.timed[class] = NONE;
	s.around[0].steps.n = 1; /* nothing, for good */
	while (done < count && !err) {
		done += sweep_one(&s, lists, items + done, count - done);
		err = sweep_out(&s, out);
	}
	free(items);
	if (err)
		flat_free(out);
	return err;
}

/* The place of exactly this prefix, or NULL. */
static const struct flat_entry *find_exact(const struct flat *flat,
					   const struct mw_prefix *p)
{
	return flat->n ? bsearch(p, flat->v, flat->n, sizeof(*flat->v),
				 prefix_compare)
		       : NULL;
}

const struct mw_leaf *flat_find(const struct flat *flat,
				const struct mw_prefix *address)
{
	struct mw_prefix p = *address;

	for (int len = address->len; len >= 0; len--) {
		const struct flat_entry *entry;

		if (len < address->len)
			p.addr[len / 8] &= ~(0x80 >> len % 8);
		p.len = len;
		entry = find_exact(flat, &p);
		if (entry)
			return &entry->leaf;
	}
	return NULL;
}

void flat_free(struct flat *flat)
{
	free(flat->v);
	free(flat->later);
	memset(flat, 0, sizeof(*flat));
}
