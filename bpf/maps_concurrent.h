/* SPDX-License-Identifier: GPL-2.0 */
/* The maps of open connections and of what established them, apart from maps.h:
 * hook.bpf.c has these maps and no others. Pinned as in maps.h. */
#ifndef MAILWEIR_MAPS_CONCURRENT_H
#define MAILWEIR_MAPS_CONCURRENT_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "concurrent.h"
#include "flow.h"

/* 524,288 sources in 4 MiB, or more, as [tables] says; only connections that
 * exist take a place. Full is a matter of one set: connections of its ninth
 * source are not counted as open, but in open_no_room. */
#define MAPS_CONCURRENT(name)                             \
	struct {                                          \
		__uint(pinning, LIBBPF_PIN_BY_NAME);      \
		__uint(type, BPF_MAP_TYPE_ARRAY);         \
		__uint(map_flags, BPF_F_MMAPABLE);        \
		__uint(max_entries, MW_CONCURRENT_LEAST); \
		__type(key, __u32);                       \
		__type(value, struct mw_concurrent_set);  \
	} name SEC(".maps")

#define MAPS_CONCURRENT_LEVEL(ID, name, ...) MAPS_CONCURRENT(name##_open);

MW_EACH_PREFIX_LEVEL(MAPS_CONCURRENT_LEVEL)

#define MAPS_CONCURRENT_SET(ID, name, level, at) \
	if ((level) == MW_##ID)                  \
		return bpf_map_lookup_elem(&name##_open, at);

/* Set number *at of a level with prefix lengths; NULL: never. *at is on the
 * stack: Linux 6.1 takes a map's key from nowhere else. */
static __always_inline struct mw_concurrent_set *
maps_concurrent_set(__u32 level, const __u32 *at)
{
	MW_EACH_PREFIX_LEVEL(MAPS_CONCURRENT_SET, level, at)
	return NULL;
}

/* A socket stores where its connection is counted; the kernel frees that with
 * the socket. */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mw_concurrent_mark);
} opened_sockets SEC(".maps");

/*
 * 2 MiB. Any ACK or SYN may take the place of any other one, so the table is
 * never full; an ACK has to keep its place until the handshake that it
 * completes is noticed. That took less than 60 us here, with NAT and a
 * container between. If n others come meanwhile, one of them takes the place
 * with a chance of n / 262,144: 1 in 10,000 at 0.5 M a second. Then the
 * connection is charged to nobody, and counted (connections_elsewhere) if its
 * socket is in the gate's network namespace. The SYN of a Fast Open connection
 * has to keep its place until that ends, if its handshake is never completed:
 * for ten seconds at 1,000 SYNs a second it loses the place 1 time in 26, and
 * then nobody is charged.
 */
struct {
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FLOW_PLACES);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

#endif
