/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map: why this type, why this size, what happens when it is full.
 * A map with LIBBPF_PIN_BY_NAME is state and outlives a generation: who loads
 * the next one reuses its pin. All others belong to one generation, and no
 * program writes to those of lookup.h.
 */
#ifndef MAILWEIR_MAPS_H
#define MAILWEIR_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "bucket.h"
#include "counters.h"
#include "history.h"
#include "lookup_parts.h"
#include "maps_concurrent.h"
#include "offender.h"

/*
 * Bucket tables: arrays of sets. An mmapable array is aligned to pages, so that
 * a set is one cache line. 65,536 sets hold 262,144 sources in 4 MiB; [tables]
 * says how many there are. Full is a matter of one set: bucket.h says which
 * bucket is replaced. A source that gets no bucket is judged by the other
 * levels, and counted (no_room). Each level has its own table: a /64 source and
 * a /48 netblock can have the same key.
 *
 * What a flood of forged SYNs makes a table forget, with charge = syn (with
 * charge = handshake a SYN enters nothing): let r forged sources, each a new
 * one, come per bucket and second. From r T = 1 on a set is full. A newcomer
 * then enters by a chance of 1/8, so a set replaces 4 r / 8 buckets a second.
 * Between its first attempt and its second, g seconds later, an offender owes
 * no more than the forged sources do; being the youngest, it is replaced
 * fourth: P = P(Poisson(4 r g / 8) >= 4), a half at r g = 7.3 and 19/20 at
 * 15.5. With 65,536 sets and g = 1 s that is 1.9 and 4.1 M SYN/s; if newcomers
 * always entered, an eighth of it. An offender needs 8 / (1 - P) attempts to
 * stay, and its attempts without a bucket are admitted: of 120, one a second,
 * 30 at r = 1, 32 at 2, 35 at 3.8 (1 M SYN/s), 44 at 8, 98 at 16, where 29
 * conform to 10/1m. From then on it owes more than the forged sources and is
 * not forgotten, unless they spend bursts of their own: at a million SYN/s, ten
 * from each source, an offender over its limit is admitted 115 times instead
 * of 20.
 */
#define MAPS_BUCKETS(name, sets)                     \
	struct {                                     \
		__uint(pinning, LIBBPF_PIN_BY_NAME); \
		__uint(type, BPF_MAP_TYPE_ARRAY);    \
		__uint(map_flags, BPF_F_MMAPABLE);   \
		__uint(max_entries, sets);           \
		__type(key, __u32);                  \
		__type(value, struct mw_set);        \
	} name SEC(".maps")

#define MAPS_LEVEL(ID, name, ...) MAPS_BUCKETS(name##_buckets, MW_SETS);

MW_EACH_PREFIX_LEVEL(MAPS_LEVEL)
MAPS_BUCKETS(list_buckets, MW_SETS / 4);
MAPS_BUCKETS(observed_buckets, MW_SETS / 4);
MAPS_BUCKETS(total_bucket, 1); /* the first way of its set */

/*
 * 262,144 sources in 4 MiB; only completed handshakes enter. Full is a matter
 * of one set: history.h says which history is replaced, never a regular's.
 *
 * What the owner of one prefix can take by connecting from all of it, twice a
 * month: a /48 has 65,536 sources and 256 sets, room for 1,024 histories, 1 in
 * 256 of the table; a /32 has 4,096 sets, 16,384 histories, 1 in 16. The sets
 * of a prefix lie at random, so of a newcomer from elsewhere the same fraction
 * finds its set full: of all that are not of the /32, 1 in 16 at most. A /44 is
 * 16 sites, whose 4,096 draws of 4,096 sets hit 1 - 1/e of these: 1 newcomer in
 * 25. A neighbour inside the /32 finds its set full 1 time in 16 if one /48
 * does it. An IPv4 /24 has as many sources as it has sets.
 */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MW_SETS);
	__type(key, __u32);
	__type(value, struct mw_history_set);
} history SEC(".maps");

/* 16,384 sources in 1 MiB; a source enters when a completed handshake takes it
 * to its limit. Full: offender.h says which record is replaced; counted. */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MW_OFFENDER_SETS);
	__type(key, __u32);
	__type(value, struct mw_offender_set);
} offenders SEC(".maps");

/* The parts of lookup.h. User space gives them the size of the lists before
 * loading, so they are never full; then they never change. Mmapable, so that
 * filling one is one copy; with a writable mapping the kernel refuses
 * BPF_F_RDONLY_PROG. */
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
 * command `mailweir block` removes expired blocks, or refuses; the program
 * counts the blocks of [block] that found no room. */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MW_BLOCKS);
	__type(key, struct mw_prefix);
	__type(value, struct mw_block);
} blocks SEC(".maps");

struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mw_block_lengths);
} block_lengths SEC(".maps");

/* For each CPU, so that counting needs no atomics. */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mw_counters);
} counters SEC(".maps");

struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, MW_LIST_SLOTS);
	__type(key, __u32);
	__type(value, struct mw_list_counters);
} list_counters SEC(".maps");

/* For each CPU, as the rate above which a CPU answers is its own. */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct mw_answering);
} answering SEC(".maps");

/* The addresses that SYNs are answered for, each with the VLAN of its interface
 * (0: none); and, with family 0 and the index in the place of the address, the
 * interfaces on which nothing is answered. User space gives it the size of what
 * it puts there before loading; then it never changes. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct mw_prefix);
	__type(value, __u32);
} own SEC(".maps");

/* The names of the lists, for people; no program reads them. Each generation
 * has its own map; the pin named lists moves to the generation in force. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MW_LIST_SLOTS);
	__type(key, __u32);
	__type(value, struct mw_list_info);
} lists SEC(".maps");

#endif
