/* SPDX-License-Identifier: GPL-2.0 */
/* The maps of open connections, apart from maps.h: hook.bpf.c has these maps
 * and no others. */
#ifndef MAILWEIR_MAPS_CONCURRENT_H
#define MAILWEIR_MAPS_CONCURRENT_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "concurrent.h"

/* 524,288 sources in 4 MiB; only connections that exist take a place. Full is
 * a matter of one set: connections of its ninth source are not counted as open,
 * but in open_no_room. */
#define MAPS_CONCURRENT(name)                            \
	struct {                                         \
		__uint(type, BPF_MAP_TYPE_ARRAY);        \
		__uint(map_flags, BPF_F_MMAPABLE);       \
		__uint(max_entries, MW_CONCURRENT_SETS); \
		__type(key, __u32);                      \
		__type(value, struct mw_concurrent_set); \
	} name SEC(".maps")

MAPS_CONCURRENT(source_open);
MAPS_CONCURRENT(netblock_open);

/* A socket stores where its connection is counted; the kernel frees that with
 * the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct mw_concurrent_mark);
} opened_sockets SEC(".maps");

#endif
