/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who blocks a prefix that several block, and until when: the pin owners, a map
 * beside the blocks that no program reads. The block in force is the longest of
 * its owners', and says itself whose it is.
 * Errors as in pins.h.
 */
#ifndef MAILWEIR_OWNERS_H
#define MAILWEIR_OWNERS_H

#include "bpf/abi.h"
#include "kernel/pins.h"

enum { OWNERS_MOST = 8 };

struct owner {
	char by[MW_NAME];
	__u64 expires, created; /* as in struct mw_block */
	char why[MW_WHY];
};

struct owners {
	__u64 n;
	struct owner v[OWNERS_MOST];
};

/* A descriptor, to be closed. make: the map is made where it is missing; else
 * -ENOENT is an answer. */
int owners_open(const struct pins *p, bool make);

/* Of a prefix that has none, or of a map that is not there (-ENOENT as fd):
 * n is 0. */
int owners_get(int fd, const struct mw_prefix *p, struct owners *o);
/* n 0: the prefix has none any more. */
int owners_set(int fd, const struct mw_prefix *p, const struct owners *o);

#endif
