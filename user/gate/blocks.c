// SPDX-License-Identifier: GPL-2.0
#include "gate/blocks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/clock.h"
#include "gate/histories.h"
#include "kernel/table.h"
#include "out/log.h"
#include "state/blocks_file.h"

/* --- the file of the next boot ------------------------------------------- */

/* table_blocks: adds what has no expiry to the file. */
static int keep_one(const struct mw_prefix *p, const struct mw_block *block,
		    void *arg)
{
	return block->expires ? 0 : kept_blocks_add(arg, p, block);
}

static int keep_all(const struct engine *e)
{
	struct kept_blocks kept = {};
	int err = table_blocks(e, keep_one, &kept);

	if (!err)
		err = blocks_file_write(&kept);
	if (err)
		log_error("the change is in force, but the file that the next "
			  "boot reads is as it was: a reboot will not know");
	kept_blocks_free(&kept);
	return err;
}

int blocks_restore(const struct engine *e)
{
	struct kept_blocks kept;
	int err = blocks_file_read(&kept);
	__u64 now = clock_now();

	for (size_t i = 0; i < kept.n && !err; i++) {
		struct mw_block block;

		err = table_block_get(e, &kept.v[i].prefix, &block);
		if (err != -ENOENT)
			continue;
		memset(&block, 0, sizeof(block));
		block.created = kept.v[i].created;
		memcpy(block.why, kept.v[i].why, sizeof(block.why));
		err = table_block_set(e, &kept.v[i].prefix, &block, now);
	}
	if (err == -E2BIG)
		log_error("the table of blocks is full");
	if (err)
		log_error("the kept run-time blocks are not in force");
	kept_blocks_free(&kept);
	return err;
}

/* --- changes ------------------------------------------------------------- */

static int say_failed(const char * not, const struct prefix_set *set,
		      size_t done, int err)
{
	char text[PREFIX_TEXT];

	prefix_text(&set->v[done], text);
	log_error("%s: not %s, nor the %zu after it%s", text, not,
		  set->n - done - 1,
		  err == -E2BIG ? ": the table of blocks is full; put them "
				  "into a list, or unblock some"
				: "");
	return err;
}

int blocks_set(const struct engine *e, const struct prefix_set *set,
	       const struct mw_block *block, struct blocks_result *r)
{
	struct prefix_set blocked = *set;
	__u64 now = clock_now();
	int err = 0;

	memset(r, 0, sizeof(*r));
	while (r->done < set->n && !err) {
		err = table_block_set(e, &set->v[r->done], block, now);
		r->done += !err;
	}
	if (err)
		say_failed("blocked", set, r->done, err);
	if (!r->done)
		return err;
	r->kept = keep_all(e);
	blocked.n = r->done;
	r->forgotten = gate_histories_forget(e, &blocked);
	return err;
}

/* Deletes the blocks of the set until one fails; *deleted counts those that
 * were there. */
static int delete_all(const struct engine *e, const struct prefix_set *set,
		      void (*missing)(const struct mw_prefix *p),
		      size_t *deleted)
{
	for (size_t i = 0; i < set->n; i++) {
		int err = table_block_delete(e, &set->v[i]);

		*deleted += !err;
		if (err == -ENOENT)
			missing(&set->v[i]);
		else if (err)
			return say_failed("unblocked", set, i, err);
	}
	return 0;
}

int blocks_unset(const struct engine *e, const struct prefix_set *set,
		 void (*missing)(const struct mw_prefix *p),
		 struct blocks_result *r)
{
	int err;

	memset(r, 0, sizeof(*r));
	err = delete_all(e, set, missing, &r->done);
	if (!r->done)
		return err;
	/* A length that no block has any more would be looked up for ever. */
	table_block_recount(e);
	r->kept = keep_all(e);
	return err;
}
