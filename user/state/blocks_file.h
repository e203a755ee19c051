/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks of store.h: the run-time blocks without expiry, which survive a
 * reboot. Text, a block a line: PREFIX, seconds since 1970, why; with tabs.
 */
#ifndef MAILWEIR_BLOCKS_FILE_H
#define MAILWEIR_BLOCKS_FILE_H

#include "lists/prefix.h"

struct kept_block {
	struct mw_prefix prefix;
	__u64 created; /* seconds since 1970 */
	char why[MW_WHY];
};

struct kept_blocks {
	struct kept_block *v;
	size_t n, room;
	size_t wrong; /* lines that are no blocks, or are missing: told */
};

/* 0; or -errno, told, with the blocks that were read until then. Missing file:
 * no blocks. */
int blocks_file_read(struct kept_blocks *blocks);
/* 0 or -errno, told. */
int blocks_file_write(const struct kept_blocks *blocks);
/* 0 or -ENOMEM. */
int kept_blocks_add(struct kept_blocks *blocks, const struct mw_prefix *p,
		    const struct mw_block *block);
void kept_blocks_free(struct kept_blocks *blocks);

#endif
