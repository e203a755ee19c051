// SPDX-License-Identifier: GPL-2.0
/*
 * The programs that judge attempts and charge connections, with two clocks in
 * the test's hands: one moves with every attempt, the other every tick. For
 * many attempts of one source in one run; those that are admitted become
 * connections at once.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/judge.h"

enum { CLOCKS_BATCH = 1000 };

__u64 test_now = 1, test_tick = 1, test_step = 1; /* ns */
__u64 test_first_until = 1; /* the first attempts are before that */
__u64 test_until = 1;	    /* and all of them before that */
__u32 test_admitted = 0, test_first_admitted = 0;

static __always_inline __u64 clock_coarse(void)
{
	return test_now / (test_tick ?: 1) * (test_tick ?: 1);
}

static __always_inline __u64 clock_fine(void)
{
	return test_now;
}

/* How often an observed limit would have dropped. */
static __always_inline __u64 would_drops(void)
{
	struct mw_counters *c = count_here();

	return c ? c->would_drop_limit_source : 0;
}

/* A global function: the verifier walks it only once. Whether the attempt
 * conforms to the limit, be it enforced or observed. */
__attribute__((noinline)) int clocks_attempt(struct xdp_md *ctx)
{
	__u64 before = would_drops();

	return judge_frame(ctx) == XDP_PASS && would_drops() == before;
}

__attribute__((noinline)) int clocks_connection(struct xdp_md *ctx)
{
	struct segment g = {};

	if (judge_parse(ctx, &g) == PACKET_ATTEMPT)
		charge_connection(&g.from, clock_fine());
	return 0;
}

SEC("xdp.frags")
int clocks(struct xdp_md *ctx)
{
	for (int i = 0; i < CLOCKS_BATCH && test_now < test_until; i++) {
		if (clocks_attempt(ctx)) {
			clocks_connection(ctx);
			test_admitted++;
			test_first_admitted += test_now < test_first_until;
		}
		test_now += test_step;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
