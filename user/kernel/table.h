/* SPDX-License-Identifier: GPL-2.0 */
/* Typed reads and writes of the pinned maps. Errors as in pins.h. */
#ifndef MAILWEIR_TABLE_H
#define MAILWEIR_TABLE_H

#include "bpf/counters.h"
#include "bpf/lookup_parts.h"
#include "kernel/engine.h"

/* Of the generation in force. */
int table_settings(const struct engine *e, struct mw_settings *s);
/* All zero where nothing is in force. */
int table_lists(const struct engine *e,
		struct mw_list_info info[MW_LIST_SLOTS]);
/* All zero where no list has the address (a full-length prefix). */
int table_leaf(const struct engine *e, const struct mw_prefix *address,
	       __u64 now, struct mw_leaf *leaf);

/* Summed over the CPUs. */
/* *since: when the flood began that SYNs are answered in now; 0: in none.
 * *last: the last answer; 0: there was none. CLOCK_MONOTONIC in ns. */
int table_answering(const struct engine *e, __u64 now, __u64 *since,
		    __u64 *last);
int table_counters(const struct engine *e, struct mw_counters *sum);
int table_list_counters(const struct engine *e,
			struct mw_list_counters sum[MW_LIST_SLOTS]);

/* Ends of run-time blocks, as in struct mw_block: 0 is never. */
static inline bool table_block_is_over(__u64 expires, __u64 now)
{
	return expires && expires <= now;
}

static inline bool table_block_ends_later(__u64 a, __u64 b)
{
	return b && (!a || a > b);
}

/* Run-time blocks. -ENOENT is an answer. */
int table_block_get(const struct engine *e, const struct mw_prefix *p,
		    struct mw_block *block);
/* -E2BIG is an answer: full, even after the expired ones were purged. */
int table_block_set(const struct engine *e, const struct mw_prefix *p,
		    const struct mw_block *block, __u64 now);
/* -ENOENT is an answer. To be followed, once for all, by
 * table_block_recount. */
int table_block_delete(const struct engine *e, const struct mw_prefix *p);
/* Deletes those that have ended. */
int table_block_purge(const struct engine *e, __u64 now);
/* Writes which lengths are in use, from what there is. The program's own blocks
 * are of lengths that it knows itself while it makes them. */
int table_block_recount(const struct engine *e);
int table_block_lengths(const struct engine *e, struct mw_block_lengths *l);
/* Calls visit for all, until it returns another value than 0. One that is
 * deleted meanwhile may be missed. */
int table_blocks(const struct engine *e,
		 int (*visit)(const struct mw_prefix *p,
			      const struct mw_block *block, void *arg),
		 void *arg);

/* The same of a descriptor. */
int table_blocks_of(int fd,
		    int (*visit)(const struct mw_prefix *p,
				 const struct mw_block *block, void *arg),
		    void *arg);
/* How many there may be. */
int table_blocks_room(const struct engine *e, __u64 *room);

/* An array, as it is while others write it. */
struct table_view {
	union {
		void *at;
		const struct mw_set *set;
		const struct mw_concurrent_set *open;
		struct mw_offender_set *offender;
		struct mw_history_set *history;
	};
	__u32 n; /* sets */
	size_t bytes;
};

int table_buckets(const struct engine *e, enum mw_level level,
		  struct table_view *view);
/* Of a level with prefix lengths. -ENOENT is an answer: where attempts are
 * charged there are none. */
int table_open_connections(const struct engine *e, enum mw_level level,
			   struct table_view *view);
int table_history(const struct engine *e, bool write, struct table_view *view);
int table_offenders(const struct engine *e, bool write,
		    struct table_view *view);
/* The same of a descriptor. */
int table_view_of(const char *name, int fd, bool write,
		  struct table_view *view);
void table_close(struct table_view *view);

#endif
