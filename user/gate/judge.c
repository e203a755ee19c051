// SPDX-License-Identifier: GPL-2.0
#include "gate/judge.h"

#include <errno.h>
#include <string.h>

#include "bpf/block.h"
#include "bpf/concurrent.h"
#include "bpf/history.h"
#include "bpf/source.h"
#include "gate/clock.h"
#include "gate/read_list.h"
#include "kernel/table.h"

/* block.h asks for one entry at a time; the lookup remembers the last. */
struct block_lookup {
	const struct engine *engine;
	struct mw_block block;
	int err; /* of a lookup that failed; -ENOENT is no failure */
};

static struct mw_block *block_get(void *in, const struct mw_prefix *key)
{
	struct block_lookup *lookup = in;
	int err = table_block_get(lookup->engine, key, &lookup->block);

	if (err && err != -ENOENT)
		lookup->err = err;
	return err ? NULL : &lookup->block;
}

static int read_block(const struct engine *e, struct judgement *j)
{
	struct block_lookup lookup = {.engine = e};
	struct mw_block_lengths lengths;
	int err = table_block_lengths(e, &lengths), len;

	if (err)
		return err;
	len = block_find(&lookup, &lengths, &j->settings, j->address.family,
			 j->address.addr, j->now);
	j->blocked = len != BLOCK_NONE;
	if (lookup.err || !j->blocked)
		return lookup.err;
	j->block = lookup.block;
	block_key(&j->block_prefix, j->address.family, j->address.addr, len);
	return 0;
}

__u64 judge_key(const struct judgement *j, int level)
{
	return source_level_key(&j->settings, level, j->address.family,
				j->address.addr);
}

static int read_buckets(const struct engine *e, struct judgement *j)
{
	for (int level = 0; level < MW_LEVELS; level++) {
		__u64 key = judge_key(j, level);
		struct table_view view;
		const struct mw_set *set;
		int err = table_buckets(e, level, &view), way;

		if (err)
			return err;
		set = &view.set[source_hash(key, j->settings.seed) % view.n];
		way = bucket_find(set, key);
		j->from.tat[level] = way == BUCKET_NONE ? 0 : set->way[way].tat;
		table_close(&view);
	}
	return 0;
}

static int open_at(const struct engine *e, const struct judgement *j, int level,
		   __u32 *open)
{
	__u64 hash = source_hash(judge_key(j, level), j->settings.seed);
	struct table_view view;
	int err = table_open_connections(e, level, &view);

	if (err)
		return err;
	*open = concurrent_count(&view.open[hash % view.n],
				 concurrent_tag(hash));
	table_close(&view);
	return 0;
}

/* Connections are not counted where attempts are charged. */
static int read_open(const struct engine *e, struct judgement *j)
{
	int err = 0;

	if (j->settings.charge == MW_CHARGE_SYN)
		return 0;
	for (int level = 0; !err && level < MW_PREFIX_LEVELS; level++)
		err = open_at(e, j, level, &j->from.open[level]);
	return err;
}

static int read_history(const struct engine *e, struct judgement *j)
{
	__u64 key = judge_key(j, MW_SOURCE);
	const struct mw_history_set *set;
	struct table_view view;
	int err = table_history(e, false, &view), way;

	if (err)
		return err;
	set = &view.history[history_place(key, j->settings.seed, view.n)];
	way = history_find(set, key);
	j->hour = history_hour(j->now, j->settings.wall);
	if (way != HISTORY_NONE)
		j->history = set->way[way];
	j->from.regular = history_regular(&j->history, j->hour);
	table_close(&view);
	return 0;
}

static int read_all(const struct engine *e, struct judgement *j)
{
	int err = table_settings(e, &j->settings);

	j->now = clock_now();
	if (!err)
		prefix_translate(&j->settings.nat64, &j->address);
	if (!err)
		err = table_lists(e, j->lists);
	if (!err)
		err = table_leaf(e, &j->address, j->now, &j->leaf);
	if (!err)
		err = read_block(e, j);
	if (!err)
		err = read_buckets(e, j);
	if (!err)
		err = read_open(e, j);
	if (!err)
		err = read_history(e, j);
	return err;
}

static void decide(struct judgement *j)
{
	j->rates = !policy_access(&j->leaf, j->blocked, &j->enforced);
	if (j->rates)
		policy_rates(&j->settings, &j->leaf, &j->from, j->now,
			     &j->enforced);
	j->verdict = j->enforced;
	policy_mode(&j->settings, &j->verdict);
}

int judge(const struct engine *e, const struct mw_prefix *address,
	  struct judgement *j)
{
	int err;

	memset(j, 0, sizeof(*j));
	j->asked = j->address = *address;
	err = read_all(e, j);
	if (!err)
		decide(j);
	return err;
}

bool judge_entry(const char *list, const struct mw_prefix *address,
		 struct mw_prefix *found, __s64 *end)
{
	struct prefix_set set;
	bool any = false;

	read_list_copy(list, ANY_ACTION, &set);
	for (size_t i = 0; i < set.n; i++) {
		__s64 ends = prefix_end(&set, &set.v[i]);

		if (!prefix_covers(&set.v[i], address) ||
		    (any && ends && (!*end || ends < *end)))
			continue;
		any = true;
		*end = ends;
		*found = set.v[i]; /* sorted: an inner one comes later */
	}
	prefix_free(&set);
	return any;
}
