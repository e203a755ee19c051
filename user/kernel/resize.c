// SPDX-License-Identifier: GPL-2.0
#include "kernel/resize.h"

#include <errno.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/bucket.h"
#include "bpf/history.h"
#include "bpf/source.h"
#include "kernel/table.h"
#include "out/log.h"

/* One table to another one of the same kind. */
struct copying {
	const char *name;
	const struct mw_settings *s;
	int from, to; /* descriptors */
	__u64 now;    /* ns of CLOCK_MONOTONIC */
	__u64 *lost;
};

/* --- buckets ------------------------------------------------------------- */

/* Where key is, or may be: the way with the least debt. */
static int bucket_way(const struct mw_set *set, __u64 key)
{
	int way = bucket_find(set, key), least = 0;

	if (way != BUCKET_NONE)
		return way;
	for (int i = 1; i < BUCKET_WAYS; i++)
		if (set->way[i].tat < set->way[least].tat)
			least = i;
	return least;
}

/* The heavier debt of two stays. The program may charge the same bucket: one of
 * the two events is lost, no more. */
static void bucket_copy(const struct copying *c, struct mw_set *set,
			const struct mw_bucket *from)
{
	struct mw_bucket *to = &set->way[bucket_way(set, from->key)];
	bool is_same = to->key == from->key;

	*c->lost += !is_same && to->tat > c->now;
	if (to->tat >= from->tat)
		return;
	to->key = from->key;
	to->tat = from->tat;
}

static void buckets_copy(const struct copying *c, const struct table_view *from,
			 const struct table_view *to)
{
	struct mw_set *sets = to->at;

	for (__u64 i = 0; i < from->n * (__u64)BUCKET_WAYS; i++) {
		const struct mw_bucket b =
			from->set[i / BUCKET_WAYS].way[i % BUCKET_WAYS];
		__u64 hash = source_hash(b.key, c->s->seed);

		if (b.tat > c->now)
			bucket_copy(c, &sets[hash & (to->n - 1)], &b);
	}
}

/* --- histories ----------------------------------------------------------- */

/* Merges a history into its set; a regular takes the place of a stranger. */
static bool history_merge(struct mw_history_set *set,
			  const struct mw_history *from, __u32 hour)
{
	int way = history_find(set, from->key);
	struct mw_history *to;
	__u32 since = from->since, last = from->last;

	if (way == HISTORY_NONE)
		way = history_victim(set, hour, 0);
	if (way == HISTORY_NONE)
		return false;
	to = &set->way[way];
	if (to->key != from->key && history_alive(to, hour) &&
	    !history_regular(from, hour))
		return false;
	if (to->key == from->key && history_alive(to, hour)) {
		since = to->since < since ? to->since : since;
		last = to->last > last ? to->last : last;
	}
	to->key = from->key;
	history_set(to, since, last);
	return true;
}

static void histories_copy(const struct copying *c,
			   const struct table_view *from,
			   const struct table_view *to)
{
	__u32 hour = history_hour(c->now, c->s->wall);

	for (__u64 i = 0; i < from->n * (__u64)MW_HISTORY_WAYS; i++) {
		const struct mw_history h = from->history[i / MW_HISTORY_WAYS]
						    .way[i % MW_HISTORY_WAYS];
		__u32 at = history_place(h.key, c->s->seed, to->n);

		if (history_alive(&h, hour))
			*c->lost += !history_merge(&to->history[at], &h, hour);
	}
}

/* --- arrays, and blocks -------------------------------------------------- */

static int arrays_copy(const struct copying *c,
		       void (*copy)(const struct copying *c,
				    const struct table_view *from,
				    const struct table_view *to))
{
	struct table_view from, to;
	int err = table_view_of(c->name, c->from, false, &from);

	if (err)
		return err;
	err = table_view_of(c->name, c->to, true, &to);
	if (!err)
		copy(c, &from, &to);
	table_close(&to);
	table_close(&from);
	return err;
}

static int buckets_all(const struct copying *c)
{
	return arrays_copy(c, buckets_copy);
}

static int histories_all(const struct copying *c)
{
	return arrays_copy(c, histories_copy);
}

/* table_blocks_of: no block may be lost. */
static int block_copy(const struct mw_prefix *p, const struct mw_block *block,
		      void *arg)
{
	const struct copying *c = arg;
	struct mw_block there;

	if (table_block_is_over(block->expires, c->now))
		return 0;
	if (!bpf_map_lookup_elem(c->to, p, &there) &&
	    !table_block_ends_later(block->expires, there.expires))
		return 0;
	return bpf_map_update_elem(c->to, p, block, 0) ? -errno : 0;
}

static int blocks_all(const struct copying *c)
{
	int err = table_blocks_of(c->from, block_copy, (void *)c);

	if (err != -E2BIG)
		return err;
	log_error("[tables]: the run-time blocks have no room in blocks = %u; "
		  "write a greater number, or unblock some",
		  c->s->blocks);
	return err;
}

/* --- all tables ---------------------------------------------------------- */

static int copy(const struct sized *t, const struct copying *c)
{
	static int (*const copies[])(const struct copying *c) = {
		[SIZED_BUCKETS] = buckets_all,
		[SIZED_HISTORY] = histories_all,
		[SIZED_BLOCKS] = blocks_all,
	};

	return t->kind == SIZED_OPEN ? 0 : copies[t->kind](c);
}

void resize_begin(struct resize *r)
{
	for (int i = 0; i < SIZED; i++) {
		r->before[i] = -1;
		r->lost[i] = 0;
	}
}

void resize_end(struct resize *r)
{
	for (int i = 0; i < SIZED; i++)
		if (r->before[i] >= 0)
			close(r->before[i]);
	resize_begin(r);
}

/* A table that the generation has for itself takes the place of the one that is
 * pinned. */
static int copy_first(const struct engine *e, const struct sized *t,
		      struct copying *c)
{
	int err;

	c->to = pins_open_in(&e->pins, c->s->generation, t->name);
	if (c->to < 0)
		return c->to == -ENOENT ? 0 : c->to;
	c->from = pins_need(&e->pins, t->name);
	err = c->from < 0 ? c->from : copy(t, c);
	close(c->to);
	return err;
}

int resize_copy(const struct engine *e, const struct mw_settings *s, __u64 now,
		struct resize *r)
{
	struct sized v[SIZED];
	int err = 0;

	sizes_list(s, v);
	for (int i = 0; i < SIZED && !err; i++) {
		struct copying c = {v[i].name, s, -1, -1, now, &r->lost[i]};

		err = copy_first(e, &v[i], &c);
		r->before[i] = c.from;
	}
	return err;
}

static int copy_again(const struct engine *e, const struct sized *t,
		      struct copying *c)
{
	int err;

	c->to = pins_need(&e->pins, t->name);
	if (c->to < 0)
		return c->to;
	err = copy(t, c);
	close(c->to);
	return err;
}

int resize_again(const struct engine *e, const struct mw_settings *s, __u64 now,
		 struct resize *r)
{
	struct sized v[SIZED];
	__u64 again = 0;
	int err = 0;

	sizes_list(s, v);
	for (int i = 0; i < SIZED; i++) {
		struct copying c = {v[i].name, s,   r->before[i],
				    -1,	       now, &again};

		if (c.from >= 0)
			err = copy_again(e, &v[i], &c) ?: err;
		if (r->lost[i])
			log_warning("[tables]: %llu entries of %s found no "
				    "room in the smaller table",
				    r->lost[i], v[i].name);
	}
	return err;
}
