/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What survives a reboot, below /var/lib/mailweir (MAILWEIR_STATE names
 * another place): lists/NAME, the last accepted copy of each list, blocks,
 * the run-time blocks without expiry, and known (known.h). Every write is whole
 * or not at all. 0 or -errno; failures of writes have been told.
 */
#ifndef MAILWEIR_KEEP_H
#define MAILWEIR_KEEP_H

#include <stdio.h>
#include <sys/types.h>

#include "prefix.h"

enum { KEEP_PATH = 2048 };

struct keep_block {
	struct mw_prefix prefix;
	__u64 created; /* seconds since 1970 */
	char why[MW_WHY];
};

struct keep_blocks {
	struct keep_block *v;
	size_t n;
};

/* A file below there that is being written, to take the place of the last one
 * when it is all on the disk. Only who holds the lock writes. */
struct keep_file {
	char path[KEEP_PATH], next[KEEP_PATH + sizeof(".next")];
	FILE *f;
};

void keep_path(const char *name, char path[KEEP_PATH]);
/* mode: its rights, whatever the umask. */
int keep_begin(const char *name, mode_t mode, struct keep_file *file);
/* Of nothing but what has been written to file->f. */
int keep_end(struct keep_file *file);

/* The path of a list's last accepted copy. */
void keep_list_path(const char *name, char *path, size_t size);

/*
 * A copy is written beside the old one for its generation and becomes the
 * copy when that generation is in force: a killed command leaves the copy of
 * what the kernel enforces.
 */
int keep_list(const char *name, __u32 generation, const char *origin,
	      const struct prefix_set *set);
/* Makes the copies of generation the copies, drops other unfinished ones. */
void keep_settle(__u32 generation);

/* Missing file: no blocks, 0. */
int keep_blocks_read(struct keep_blocks *blocks);
int keep_blocks_write(const struct keep_blocks *blocks);
void keep_blocks_free(struct keep_blocks *blocks);

#endif
