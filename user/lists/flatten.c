// SPDX-License-Identifier: GPL-2.0
#include "lists/flatten.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"

/* One prefix of one list. */
struct item {
	struct mw_prefix prefix;
	__u32 list; /* place in the lists given */
};

/* What a list does and in which mode: its rank. Enforced ranks decide in this
 * order, observed ones beside them in theirs. */
enum { ALLOW, BLOCK, LIMIT, WOULD_BLOCK, WOULD_LIMIT, RANKS };
enum { NONE = -1 };

/* The lists that rule an address, one a rank; NONE: no list of that rank. */
struct rulers {
	int lasting[RANKS]; /* by an entry that never ends */
	int ending[RANKS];  /* by the entry that ends last */
	__u32 until[RANKS]; /* the end of that, seconds of CLOCK_MONOTONIC */
};

static int rank_of(const struct flatten_list *l)
{
	if (l->action == MW_ALLOW)
		return ALLOW;
	if (l->action == MW_BLOCK)
		return l->mode == MW_ENFORCE ? BLOCK : WOULD_BLOCK;
	return l->mode == MW_ENFORCE ? LIMIT : WOULD_LIMIT;
}

/* list: of each rank the list that rules. The first rank decides. */
static struct mw_leaf leaf_of(const struct flatten_list *lists,
			      const int list[RANKS])
{
	static const __u8 actions[RANKS] = {MW_ALLOW, MW_BLOCK, MW_LIMIT,
					    MW_BLOCK, MW_LIMIT};
	struct mw_leaf leaf = {};

	for (int rank = LIMIT; rank >= ALLOW; rank--) {
		if (list[rank] == NONE)
			continue;
		leaf.action = actions[rank];
		leaf.slot = lists[list[rank]].slot;
	}
	for (int rank = WOULD_LIMIT; rank >= WOULD_BLOCK; rank--) {
		if (list[rank] == NONE)
			continue;
		leaf.observed = actions[rank];
		leaf.observed_slot = lists[list[rank]].slot;
	}
	return leaf;
}

/*
 * What the lists say of an address from now on: one step for each time at
 * which that changes, the last of them for good. The then of a step is not set
 * here, later_add() sets it.
 */
struct steps {
	struct mw_class step[MW_STEPS];
	int n;
};

/* Of the ranks that an entry with an end rules the one that ends first. */
static int first_to_end(const struct rulers *r, const int list[RANKS])
{
	int first = NONE;

	for (int rank = 0; rank < RANKS; rank++)
		if (r->lasting[rank] == NONE && list[rank] != NONE &&
		    (first == NONE || r->until[rank] < r->until[first]))
			first = rank;
	return first;
}

/* A step that says the same as the last one prolongs that. */
static void step_add(struct steps *s, const struct mw_class *step)
{
	if (s->n &&
	    !memcmp(&s->step[s->n - 1].leaf, &step->leaf, sizeof(step->leaf)))
		s->n--;
	s->step[s->n++] = *step;
}

static struct steps steps_of(const struct flatten_list *lists,
			     const struct rulers *r)
{
	struct steps s = {};
	int list[RANKS], rank;

	for (rank = 0; rank < RANKS; rank++)
		list[rank] = r->lasting[rank] != NONE ? r->lasting[rank]
						      : r->ending[rank];
	do {
		struct mw_class step = {.leaf = leaf_of(lists, list)};

		rank = first_to_end(r, list);
		if (rank != NONE) {
			step.until = r->until[rank];
			list[rank] = NONE;
		}
		step_add(&s, &step);
	} while (rank != NONE);
	return s;
}

/* An outer prefix before an inner one, and at one prefix the first list given
 * before the next. */
static int item_compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : (x->list > y->list) - (x->list < y->list);
}

/* The items of a single list are in order, as feed_finish() sorts them. */
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
	items = at = grow_new(*count + 1, sizeof(*items));
	for (size_t i = 0; items && i < n; i++)
		for (size_t j = 0; j < lists[i].set->n; j++)
			*at++ = (struct item){lists[i].set->v[j], i};
	if (items && !items_in_order(items, *count))
		qsort(items, *count, sizeof(*items), item_compare);
	return items;
}

/* A prefix that holds the place of the sweep. */
struct level {
	struct mw_prefix prefix;
	struct rulers rulers;
	struct steps steps;
};

/* All of those, outermost first; level 0 is around all prefixes. */
struct sweep {
	struct level level[1 + PREFIX_LENGTHS];
	int depth;
};

static void sweep_begin(struct sweep *s)
{
	struct level *outside = &s->level[0];

	memset(s, 0, sizeof(*s));
	for (int rank = 0; rank < RANKS; rank++) {
		outside->rulers.lasting[rank] = NONE;
		outside->rulers.ending[rank] = NONE;
	}
	outside->steps.n = 1; /* no list says anything, for good */
}

/* Leaves what does not cover p, and enters p under the rulers around it. */
static struct level *sweep_enter(struct sweep *s, const struct mw_prefix *p)
{
	struct level *level;

	while (s->depth && !prefix_covers(&s->level[s->depth].prefix, p))
		s->depth--;
	level = &s->level[++s->depth];
	level->prefix = *p;
	level->rulers = level[-1].rulers;
	return level;
}

/* When p ends. Never 0, which would say that p never ends. */
static __u32 until_of(const struct flatten_list *list,
		      const struct mw_prefix *p)
{
	__s64 until = list->since + (__s64)p->ends * PREFIX_STEP;

	return until < 1 ? 1 : until > ~0U ? ~0U : until;
}

static void take_lasting(struct rulers *r, const struct flatten_list *lists,
			 const struct item *item)
{
	r->lasting[rank_of(&lists[item->list])] = item->list;
}

/* Of two that end at one time the first taken stays. */
static void take_ending(struct rulers *r, const struct flatten_list *lists,
			const struct item *item)
{
	__u32 until = until_of(&lists[item->list], &item->prefix);
	int rank = rank_of(&lists[item->list]);

	if (r->ending[rank] != NONE && r->until[rank] >= until)
		return;
	r->ending[rank] = item->list;
	r->until[rank] = until;
}

/* The number of items at the first one's prefix; left: of all from there on. */
static size_t count_same(const struct item *item, size_t left)
{
	size_t n = 1;

	while (n < left && !prefix_compare(&item[n].prefix, &item->prefix))
		n++;
	return n;
}

/* Takes the n items of one prefix, which are in the order of their lists. */
static void sweep_one(struct sweep *s, const struct flatten_list *lists,
		      const struct item *item, size_t n)
{
	struct level *level = sweep_enter(s, &item->prefix);

	/* The first list is to win, so that it is taken last. */
	for (size_t i = n; i-- > 0;)
		if (!item[i].prefix.ends)
			take_lasting(&level->rulers, lists, &item[i]);
	for (size_t i = 0; i < n; i++)
		if (item[i].prefix.ends)
			take_ending(&level->rulers, lists, &item[i]);
	level->steps = steps_of(lists, &level->rulers);
}

/* Adds all steps but the first to out->later, each linked to the next one.
 * *place: where the second step stands. 0 or -ENOMEM. */
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

/* Adds the prefix of the sweep unless it says what the one around it does. */
static int sweep_out(const struct sweep *s, struct flat *out)
{
	const struct level *level = &s->level[s->depth];
	struct flat_entry *entry = &out->v[out->n];

	if (!memcmp(&level->steps, &level[-1].steps, sizeof(level->steps)))
		return 0;
	*entry = (struct flat_entry){.prefix = level->prefix,
				     .class = level->steps.step[0]};
	entry->prefix.ends = 0;
	out->n++;
	out->n4 += entry->prefix.family == 4;
	return later_add(&level->steps, out, &entry->class.then);
}

static int sweep_all(const struct flatten_list *lists, const struct item *items,
		     size_t count, struct flat *out)
{
	struct sweep *s = malloc(sizeof(*s));
	int err = s ? 0 : -ENOMEM;

	if (s)
		sweep_begin(s);
	for (size_t i = 0, n; i < count && !err; i += n) {
		n = count_same(items + i, count - i);
		sweep_one(s, lists, items + i, n);
		err = sweep_out(s, out);
	}
	free(s);
	return err;
}

int flatten_lists(const struct flatten_list *lists, size_t n, struct flat *out)
{
	size_t count;
	struct item *items = items_sorted(lists, n, &count);
	int err = -ENOMEM;

	memset(out, 0, sizeof(*out));
	out->v = grow_new(count + 1, sizeof(*out->v));
	if (items && out->v)
		err = sweep_all(lists, items, count, out);
	free(items);
	if (err)
		flat_free(out);
	return err;
}

/* The entry of exactly this prefix, or NULL. */
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
