/* SPDX-License-Identifier: GPL-2.0 */
/* What is to survive a reboot, written as it changes, at a bounded rate. */
#ifndef MAILWEIR_KEEP_H
#define MAILWEIR_KEEP_H

#include <stdbool.h>

#include <linux/types.h>

struct keep {
	__u64 blocks, connections; /* as they were when they were written */
	__u64 seen_blocks, seen_connections;
	__u64 look, histories; /* not before then, ns of CLOCK_MONOTONIC */
	bool with_histories;   /* the next keep_write writes them, too */
};

/* Is there something to write? */
bool keep_due(struct keep *k);

/* Writes it. 0 or -errno, told. */
int keep_write(const struct keep *k);

/* What keep_write came to. */
void keep_written(struct keep *k, int err);

#endif
