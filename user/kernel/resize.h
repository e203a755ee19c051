/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generation whose tables have other sizes gets what is in those before:
 * debts, histories, blocks. now: ns of CLOCK_MONOTONIC. Errors as in pins.h.
 */
#ifndef MAILWEIR_RESIZE_H
#define MAILWEIR_RESIZE_H

#include "kernel/engine.h"
#include "kernel/sizes.h"

struct resize {
	int before[SIZED]; /* descriptors of the tables before; -1: none */
	__u64 lost[SIZED]; /* entries that found no room */
};

void resize_begin(struct resize *r);

/* Before the generation of s is in force: copies what there is. -E2BIG, told:
 * the blocks have no room, of which none may be lost. */
int resize_copy(const struct engine *e, const struct mw_settings *s, __u64 now,
		struct resize *r);

/* When it is: copies what the program before has written meanwhile. */
int resize_again(const struct engine *e, const struct mw_settings *s, __u64 now,
		 struct resize *r);

void resize_end(struct resize *r);

#endif
