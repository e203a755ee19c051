/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flattened lists to the arrays that bpf/lookup.h looks an address up in.
 * Pure.
 *
 * Memory: 4.25 MiB, 4 bytes for each /24 with anything in it; where that is
 * more than one run of a class, 16 for up to five runs, else 32 and 2 a run;
 * 13 to 27 bytes for each border between IPv6 runs.
 */
#ifndef MAILWEIR_PACK_H
#define MAILWEIR_PACK_H

#include "lists/flatten.h"
#include "lists/parts.h"

/* 0, -ENOMEM, or -E2BIG: there are more than 65,535 different classes. Entries
 * make a class of their own when they end at a time of their own; some eight
 * lists of such entries are too many. */
int pack_build(const struct flat *flat, struct pack *pack);

/* What the lists say of an address (a full-length prefix) at a time (ns of
 * CLOCK_MONOTONIC), looked up as the program does it. */
struct mw_leaf pack_find(const struct pack *pack,
			 const struct mw_prefix *address, __u64 now);

size_t pack_bytes(const struct pack *pack);
void pack_free(struct pack *pack);

#endif
