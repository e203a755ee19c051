// SPDX-License-Identifier: GPL-2.0
/*
 * The programs that make bench measures, on lists of 1,000 prefixes: each gives
 * the verdict that its row is there for. Nothing is timed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "tests/bench/bench.h"
#include "tests/bench/load.h"

enum { PREFIXES = 1000, REPEAT = 100000 };

/* What mailweir's program and the obvious one say of the last attempt. */
static const __u32 expected[ROWS] = {
	[KNOWN] = XDP_DROP,	   [NEW] = XDP_PASS,
	[NEW_PEACE] = XDP_PASS,	   [NEW_MANY] = XDP_PASS,
	[NEW_SYN] = XDP_PASS,	   [NEW_BOTH] = XDP_PASS,
	[BLOCKED] = XDP_DROP,	   [BLOCKED_SOME] = XDP_DROP,
	[BLOCKED_MANY] = XDP_DROP, [ELSEWHERE] = XDP_PASS,
	[CONNECTED] = XDP_PASS,	   [FORGED_ACK] = XDP_PASS,
};

static bool check(int i)
{
	struct row row = load_rows[i];
	int programs = i == NEW_MANY ? PROGRAMS : OBVIOUS + 1;
	struct bench_bpf *skel;
	bool ok = true;

	row.prefixes = PREFIXES;
	skel = load_row(&row);
	if (i < ELSEWHERE)
		load_run(skel, &row, CHARGED, REPEAT);
	for (int p = 0; p < programs; p++) {
		__u32 got = load_run(skel, &row, p, REPEAT).verdict;
		__u32 want = p == NOTHING ? XDP_PASS : expected[i];

		if (got == want)
			continue;
		printf("# program %d: verdict %u, expected %u\n", p, got, want);
		ok = false;
	}
	printf("%sok %d - bench: %s\n", ok ? "" : "not ", i + 1, row.what);
	return ok;
}

int main(void)
{
	int failed = 0;

	if (!libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL)) {
		puts("1..0 # SKIP no BPF here");
		return 0;
	}
	printf("1..%d\n", ROWS);
	for (int i = 0; i < ROWS; i++)
		failed += !check(i);
	return failed != 0;
}
