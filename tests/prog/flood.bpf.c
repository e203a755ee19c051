// SPDX-License-Identifier: GPL-2.0
/*
 * The programs that judge attempts and charge connections, with their clocks in
 * the test's hands, for many attempts in one run: forged ones from random
 * sources, and those of the offenders.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "bpf/judge.h"

enum { FLOOD_BATCH = 1000, FLOOD_OFFENDERS = 400, FLOOD_SOURCE_AT = 14 + 12 };

__u64 test_now = 1, flood_random = 1;
__u64 flood_step; /* ns between two forged attempts */
__u64 flood_next; /* when the offenders try */
__u32 flood_sets = MW_SETS;
__u32 flood_offenders[FLOOD_OFFENDERS]; /* IPv4, host byte order */
__u32 flood_admitted[FLOOD_OFFENDERS];

static __always_inline __u64 clock_coarse(void)
{
	return test_now;
}

static __always_inline __u64 clock_fine(void)
{
	return test_now;
}

/* xorshift64*, Vigna 2016. */
static __always_inline __u32 flood_draw(void)
{
	__u64 x = flood_random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	flood_random = x;
	return x * 0x2545f4914f6cdd1dULL >> 32;
}

/* Whether an address falls into the first flood_sets sets. A set is independent
 * of all others, so flooding some sets shows what happens to all. */
static __always_inline bool flood_hits(__u32 address)
{
	__u64 key = SOURCE_IPV4 | address;

	return (__u32)source_hash(key, state_settings()->seed) % MW_SETS <
	       flood_sets;
}

static __always_inline bool flood_from(struct xdp_md *ctx, __u32 address)
{
	void *data = (void *)(long)ctx->data;
	__be32 *at = data + FLOOD_SOURCE_AT;

	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return false;
	*at = __builtin_bswap32(address);
	return true;
}

/* A global function: the verifier walks it only once, however often it is
 * called. */
__attribute__((noinline)) int flood_attempt(struct xdp_md *ctx, __u32 address)
{
	return flood_from(ctx, address) ? judge_frame(ctx) : XDP_ABORTED;
}

__attribute__((noinline)) int flood_connection(struct xdp_md *ctx)
{
	struct segment g = {};

	if (judge_parse(ctx, &g) != PACKET_ATTEMPT)
		return XDP_ABORTED;
	charge_connection(&g.from, clock_fine());
	return XDP_PASS;
}

/* Each offender tries once, and completes its handshake if it is admitted. */
__attribute__((noinline)) int flood_offend(struct xdp_md *ctx)
{
	for (__u32 i = 0; i < FLOOD_OFFENDERS; i++) {
		int action = flood_attempt(ctx, flood_offenders[i]);

		if (action == XDP_ABORTED)
			return XDP_ABORTED;
		if (action == XDP_DROP)
			continue;
		flood_admitted[i]++;
		if (state_settings()->charge == MW_CHARGE_HANDSHAKE &&
		    flood_connection(ctx) == XDP_ABORTED)
			return XDP_ABORTED;
	}
	return XDP_PASS;
}

/* One run makes a batch of attempts, however many seconds pass in it: the
 * kernel waits for a grace period between two runs. */
SEC("xdp.frags")
int flood(struct xdp_md *ctx)
{
	if (test_now >= flood_next) {
		flood_next += MW_SECOND;
		if (flood_offend(ctx) == XDP_ABORTED)
			return XDP_ABORTED;
	}
	for (int i = 0; i < FLOOD_BATCH; i++) {
		__u32 address = flood_draw();

		if (flood_hits(address) &&
		    flood_attempt(ctx, address) == XDP_ABORTED)
			return XDP_ABORTED;
		test_now += flood_step;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
