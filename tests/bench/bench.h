/* SPDX-License-Identifier: GPL-2.0 */
/* What the bench's program and its BPF side share. */
#ifndef MAILWEIR_BENCH_H
#define MAILWEIR_BENCH_H

#include <linux/types.h>

enum { SOURCES = 1 << 20, RING_STEPS = 16 };

/* One cache line, and which comes after it. */
struct ring_line {
	__u32 next;
	__u32 zero[15];
};

#endif
