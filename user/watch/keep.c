// SPDX-License-Identifier: GPL-2.0
#include "watch/keep.h"

#include "gate/blocks.h"
#include "gate/clock.h"
#include "gate/histories.h"
#include "gate/swap.h"
#include "kernel/table.h"

/* A crash costs no more than that of what changed. */
static const __u64 every = 10 * MW_SECOND, every_histories = 10 * MW_MINUTE;

/* After a failure, which has been told. */
static const __u64 pause_after = MW_MINUTE;

static int look(struct keep *k)
{
	struct mw_counters counters = {};
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);

	if (err)
		return err;
	err = blocks_fingerprint(&e, &k->seen_blocks);
	if (!err)
		err = table_counters(&e, &counters);
	k->seen_connections = counters.connections;
	engine_close(&e);
	return err;
}

bool keep_due(struct keep *k)
{
	__u64 now = clock_now();

	if (now < k->look)
		return false;
	k->look = now + every;
	if (look(k))
		return false;
	if (!k->histories)
		k->histories = now + every_histories;
	k->with_histories =
		now >= k->histories && k->seen_connections != k->connections;
	return k->with_histories || k->seen_blocks != k->blocks;
}

static int write_all(const struct engine *e, bool histories)
{
	int err = blocks_catch_up(e), purged;

	purged = table_block_purge(e, clock_now());
	err = blocks_save(e) ?: err;
	if (histories)
		err = gate_histories_save(e) ?: err;
	return err ? err : purged;
}

int keep_write(const struct keep *k)
{
	struct engine e;
	int err = gate_open(&e);

	if (err)
		return err;
	err = e.generation ? write_all(&e, k->with_histories) : 0;
	engine_close(&e);
	return err;
}

void keep_written(struct keep *k, int err)
{
	if (err) {
		k->look = clock_now() + pause_after;
		return;
	}
	k->blocks = k->seen_blocks;
	if (!k->with_histories)
		return;
	k->connections = k->seen_connections;
	k->histories = clock_now() + every_histories;
}
