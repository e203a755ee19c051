/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map: why this type, why this size, what happens when it is full.
 * State maps are pinned and outlive a generation; the parts of lookup.h
 * belong to one generation and are read only for the program.
 */
#ifndef MAILWEIR_MAPS_H
#define MAILWEIR_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps_concurrent.h"

/*
 * Bucket tables: arrays of one-cache-line sets, mmapable because that aligns
 * them to pages, so that a set is one line indeed. 65,536 sets hold 262,144
 * sources in 4 MiB. Full is a matter of one set: bucket.h says who goes, and
 * who gets no bucket is judged by the other levels and counted (no_room).
 * One table a level: a /64 source and a /48 netblock can have the same key.
 *
 * What a flood makes it forget, with charge = syn (where handshakes are charged
 * a SYN enters nothing). Of r forged sources per entry and second, each a new
 * one, a set is full from r T = 1 on; newcomers then enter with a chance of
 * 1/8, so it gives way 4 r / 8 times a second. An offender owes no more than
 * they do from its first attempt to its second, g seconds later, and as the
 * youngest goes fourth: P = P(Poisson(4 r g / 8) >= 4), a half at r g = 7.3 and
 * 19/20 at 15.5. With 65,536 sets and g = 1 s that is 1.9 and 4.1 M SYN/s, or
 * an eighth of it if newcomers always entered. To stay takes 8 / (1 - P)
 * attempts, and those without a bucket are admitted: of 120, one a second, 30
 * at r = 1, 32 at 2, 35 at 3.8 (1 M SYN/s), 44 at 8, 98 at 16, where 29
 * conform to 10/1m. Then it owes more than they do and is not forgotten, unless
 * they spend bursts of their own: a million SYN/s, ten from each source, and
 * offenders over their limit are admitted 115 times instead of 20.
 */
#define MAPS_BUCKETS(name, sets)                   \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, sets);         \
		__type(key, __u32);                \
		__type(value, struct mw_set);      \
	} name SEC(".maps")

MAPS_BUCKETS(source_buckets, MW_SOURCE_SETS);
MAPS_BUCKETS(netblock_buckets, MW_NETBLOCK_SETS);
MAPS_BUCKETS(list_buckets, MW_LIST_SETS);
MAPS_BUCKETS(observed_buckets, MW_LIST_SETS);
MAPS_BUCKETS(total_bucket, 1); /* its first way */

/* 262,144 sources in 4 MiB; only completed handshakes enter. Full is a matter
 * of one set: history.h says who goes, never one with two days. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MW_HISTORY_SETS);
	__type(key, __u32);
	__type(value, struct mw_history_set);
} history SEC(".maps");

/* 16,384 sources in 1 MiB; only completed handshakes enter, and those who are
 * over their limit. Full: offender.h says who goes; counted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MW_OFFENDER_SETS);
	__type(key, __u32);
	__type(value, struct mw_offender_set);
} offenders SEC(".maps");

/* The parts of lookup.h, made to the size of the lists before loading; never
 * full, never changed. Mmapable, so that filling one is one copy; the kernel
 * wants no BPF_F_RDONLY_PROG beside a writable mapping. */
#define MAPS_PART(name, element)                   \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY);  \
		__uint(map_flags, BPF_F_MMAPABLE); \
		__uint(max_entries, 1);            \
		__type(key, __u32);                \
		__type(value, struct element);     \
	} name SEC(".maps")

MAPS_PART(leaves, mw_class);
MAPS_PART(top4, mw_top4);
MAPS_PART(words4, mw_words);
MAPS_PART(runs4, mw_run4);
MAPS_PART(top6, mw_words);
MAPS_PART(trees6, mw_tree6);
MAPS_PART(nodes6, mw_node6);
MAPS_PART(words6, mw_words);
MAPS_PART(ranges6, mw_low_range);
MAPS_PART(lows6, mw_low6);

/* Preallocated, so that a block never fails for want of memory. Full: the
 * command purges what has expired, or refuses; the program counts what
 * [block] could not put there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MW_BLOCKS);
	__type(key, struct mw_prefix);
	__type(value, struct mw_block);
} blocks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mw_block_lengths);
} block_lengths SEC(".maps");

/* Per CPU, so that counting needs no atomics. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mw_counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MW_LIST_SLOTS);
	__type(key, __u32);
	__type(value, struct mw_list_counters);
} list_counters SEC(".maps");

/* Names for people; the program does not read it. One a generation, too; the
 * pin of that name is moved when the generation is in force. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MW_LIST_SLOTS);
	__type(key, __u32);
	__type(value, struct mw_list_info);
} lists SEC(".maps");

#endif
