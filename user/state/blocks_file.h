/* SPDX-License-Identifier: GPL-2.0 */
/*
 * blocks of store.h: the run-time blocks, which survive a reboot. Text, a block
 * a line: PREFIX, when it was made, when it ends (seconds since 1970; 0:
 * never), who made it, why; with tabs between them. A line of three fields is
 * of an older mailweir, which kept blocks without an end alone: PREFIX, made,
 * why.
 */
#ifndef MAILWEIR_BLOCKS_FILE_H
#define MAILWEIR_BLOCKS_FILE_H

#include "lists/prefix.h"

struct kept_block {
	struct mw_prefix prefix;
	__u64 created, ends; /* seconds since 1970; ends 0: never */
	char by[MW_NAME];    /* its owner; "": nobody is known */
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
int kept_blocks_add(struct kept_blocks *blocks, const struct kept_block *block);
void kept_blocks_free(struct kept_blocks *blocks);

#endif
