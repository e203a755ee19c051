/* SPDX-License-Identifier: GPL-2.0 */
/* The tables whose sizes [tables] says, and the memory that they take. */
#ifndef MAILWEIR_SIZES_H
#define MAILWEIR_SIZES_H

#include "bpf/abi.h"
#include "kernel/pins.h"

enum sized_kind { SIZED_BUCKETS, SIZED_HISTORY, SIZED_BLOCKS, SIZED_OPEN };

struct sized {
	const char *name; /* of the map, and of its pin */
	enum sized_kind kind;
	__u32 entries; /* as the map counts them: sets, or blocks */
	__u64 bytes;
};

enum { SIZED = 2 * MW_PREFIX_LEVELS + 4 };

void sizes_list(const struct mw_settings *s, struct sized v[SIZED]);

/* The bytes of all tables, without those that have the same size already in
 * before; NULL: there are none before. */
__u64 sizes_bytes(const struct mw_settings *s,
		  const struct mw_settings *before);

struct bpf_object;

/*
 * Before the object is loaded: its tables have the sizes that s says. A table
 * that is pinned with another size is left to the generation in force, and the
 * new one is not pinned: sizes_pin() does that.
 */
int sizes_set(const struct pins *p, struct bpf_object *obj,
	      const struct mw_settings *s);

/* Pins those in the directory of the generation. */
int sizes_pin(const struct pins *p, const struct bpf_object *obj,
	      const struct mw_settings *s);

/* The generation is in force: its tables take the places of those before. What
 * a killed command did not do of it is done when it is called again. */
int sizes_settle(const struct pins *p, __u32 generation);

#endif
