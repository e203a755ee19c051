// SPDX-License-Identifier: GPL-2.0
#include "gate/occupancy.h"

#include <string.h>

#include "bpf/bucket.h"
#include "bpf/concurrent.h"
#include "bpf/history.h"
#include "bpf/offender.h"
#include "kernel/table.h"

/* clang-format off */
#define BUCKETS_OF(ID, name, ...)                                         \
	[OCCUPANCY_BUCKETS + MW_##ID] = {                                 \
		#name, #name "s over or near their rate",                 \
		"newcomers are judged without; counters " #name           \
		"_evicted, " #name "_no_room"},
#define CONNECTIONS_OF(ID, name, ...)                                     \
	[OCCUPANCY_OPEN + MW_##ID] = {                                    \
		#name " open", #name "s with open connections",           \
		"more are not counted; counter open_no_room"},
/* clang-format on */

static const struct {
	const char *key, *words, *meaning;
} tables[] = {
	[OCCUPANCY_BUCKETS +
	 MW_LIST] = {"list", "sources of limit lists over or near their rate",
		     "newcomers are judged without; counters list_evicted, "
		     "list_no_room"},
	[OCCUPANCY_BUCKETS + MW_OBSERVED_LIST] =
		{"observed list",
		 "sources of observed lists over or near their rate",
		 "newcomers are judged without; counters "
		 "list_evicted, list_no_room"},
	[OCCUPANCY_BLOCKS] =
		{"blocks", "run-time blocks",
		 "no more can be made; counter blocked_no_room; "
		 "'mailweir reload' drops those that have ended, and "
		 "blocks of [tables] says how many there may be"},
	[OCCUPANCY_HISTORY] =
		{"history", "sources with a history",
		 "newcomers are forgotten; counters history_evicted, "
		 "history_no_room"},
	[OCCUPANCY_OFFENDERS] = {"offenders",
				 "sources that were over their limit",
				 "the lightest are forgotten; counter "
				 "offender_evicted"},
	MW_EACH_PREFIX_LEVEL(BUCKETS_OF) MW_EACH_PREFIX_LEVEL(CONNECTIONS_OF)};

_Static_assert(sizeof(tables) / sizeof(*tables) == OCCUPANCY_TABLES,
	       "a table without words");

const char *occupancy_words(enum occupancy_table table)
{
	return tables[table].words;
}

const char *occupancy_key(enum occupancy_table table)
{
	return tables[table].key;
}

const char *occupancy_meaning(enum occupancy_table table)
{
	return tables[table].meaning;
}

static void read_buckets(const struct engine *e, enum mw_level level, __u64 now,
			 struct occupancy *f)
{
	struct table_view view;

	f->err = table_buckets(e, level, &view);
	if (f->err)
		return;
	f->room = view.n * 4ULL;
	for (__u32 i = 0; i < f->room; i++)
		f->used += view.set[i / 4].way[i % 4].tat > now;
	table_close(&view);
}

static void read_open(const struct engine *e, enum mw_level level,
		      struct occupancy *f)
{
	struct table_view view;

	f->err = table_open_connections(e, level, &view);
	if (f->err)
		return;
	f->room = view.n * (__u64)MW_CONCURRENT_WAYS;
	for (__u32 i = 0; i < f->room; i++) {
		__u64 count = concurrent_way(&view.open[i / MW_CONCURRENT_WAYS],
					     i % MW_CONCURRENT_WAYS) &
			      CONCURRENT_COUNT;

		f->used += count != 0;
		f->sum += count;
	}
	table_close(&view);
}

static void read_history(const struct engine *e, __u32 hour,
			 struct occupancy *f)
{
	struct table_view view;

	f->err = table_history(e, false, &view);
	if (f->err)
		return;
	f->room = view.n * (__u64)MW_HISTORY_WAYS;
	for (__u32 i = 0; i < f->room; i++) {
		const struct mw_history *h = &view.history[i / MW_HISTORY_WAYS]
						      .way[i % MW_HISTORY_WAYS];

		f->used += history_alive(h, hour);
		f->sum += history_regular(h, hour);
	}
	table_close(&view);
}

static void read_offenders(const struct engine *e, const struct mw_settings *s,
			   __u64 now, struct occupancy *f)
{
	struct table_view view;

	f->err = table_offenders(e, false, &view);
	if (f->err)
		return;
	f->room = view.n * (__u64)MW_OFFENDER_WAYS;
	for (__u32 i = 0; i < f->room; i++)
		f->used += offender_alive(&view.offender[i / MW_OFFENDER_WAYS]
						   .way[i % MW_OFFENDER_WAYS],
					  now / MW_SECOND + 1, &s->escalation);
	table_close(&view);
}

struct blocks {
	__u64 now, all, live;
};

static int visit_block(const struct mw_prefix *p, const struct mw_block *block,
		       void *arg)
{
	struct blocks *b = arg;

	(void)p;
	b->all++;
	b->live += !block->expires || block->expires > b->now;
	return 0;
}

static void read_blocks(const struct engine *e, __u64 now, struct occupancy *f)
{
	struct blocks blocks = {.now = now};

	f->err = table_blocks(e, visit_block, &blocks);
	if (f->err)
		return;
	f->err = table_blocks_room(e, &f->room);
	f->used = blocks.all;
	f->sum = blocks.live;
}

void occupancy_read(const struct engine *e, const struct mw_settings *s,
		    __u64 now, struct occupancy occupancy[OCCUPANCY_TABLES])
{
	memset(occupancy, 0, OCCUPANCY_TABLES * sizeof(*occupancy));
	for (int level = 0; level < MW_TOTAL; level++)
		read_buckets(e, level, now,
			     &occupancy[OCCUPANCY_BUCKETS + level]);
	read_blocks(e, now, &occupancy[OCCUPANCY_BLOCKS]);
	for (int level = 0; level < MW_PREFIX_LEVELS; level++)
		read_open(e, level, &occupancy[OCCUPANCY_OPEN + level]);
	read_history(e, history_hour(now, s->wall),
		     &occupancy[OCCUPANCY_HISTORY]);
	read_offenders(e, s, now, &occupancy[OCCUPANCY_OFFENDERS]);
}
