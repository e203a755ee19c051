// SPDX-License-Identifier: GPL-2.0
/* The program that judges attempts, with its clocks in the test's hands. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/judge.h"

__u64 test_now = 1;

static __always_inline __u64 clock_coarse(void)
{
	return test_now;
}

static __always_inline __u64 clock_fine(void)
{
	return test_now;
}

SEC("xdp.frags")
int mailweir_at(struct xdp_md *ctx)
{
	return judge_frame(ctx);
}

SEC("xdp.frags")
int mailweir_ip_at(struct xdp_md *ctx)
{
	return judge_frame_ip(ctx);
}

char LICENSE[] SEC("license") = "GPL";
