// SPDX-License-Identifier: GPL-2.0
/*
 * The production program, whole and cut short after each of its steps, and the
 * obvious one (an LPM_TRIE of blocked prefixes, an LRU_HASH of token buckets),
 * each behind a step that gives the packet another source, so that no run is
 * like the one before; and a walk from one cache miss to the next.
 */
#include "bpf/mailweir.bpf.c"

#include <linux/tcp.h>

#include <bpf/bpf_endian.h>

#include "bench.h"

enum { SOURCE_AT = 14 + 12 };

/* The sources in turn, network byte order; one more than fits in a cache. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SOURCES / 2);
	__type(key, __u32);
	__type(value, struct mw_words);
} sources SEC(".maps");

struct lpm {
	__u32 len;
	__u32 address;
};

struct tokens {
	__u64 last; /* ns */
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct lpm);
	__type(value, __u32);
} obvious_list SEC(".maps");

/* As many sources as mailweir's table holds. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MW_SETS *BUCKET_WAYS);
	__type(key, __u32);
	__type(value, struct tokens);
} obvious_buckets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} obvious_counters SEC(".maps");

__u32 turn, mask = SOURCES - 1;

/* false: no room for it, which does not happen. */
static __always_inline bool next_source(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data,
	     *end = (void *)(long)ctx->data_end;
	__u32 at = turn++ & mask, i = at / 2;
	struct mw_words *w = bpf_map_lookup_elem(&sources, &i);

	if (!w || data + SOURCE_AT + 4 > end)
		return false;
	*(__u32 *)(data + SOURCE_AT) = w->word[at & 1];
	return true;
}

SEC("xdp.frags")
int nothing(struct xdp_md *ctx)
{
	return next_source(ctx) ? XDP_PASS : XDP_ABORTED;
}

/* Lines in one great circle; elements are read as those of the tables are. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ring_line);
} ring SEC(".maps");

__u32 place;

SEC("xdp.frags")
int chase(struct xdp_md *ctx)
{
	__u32 at = place;

	if (!next_source(ctx))
		return XDP_ABORTED;
	for (int i = 0; i < RING_STEPS; i++) {
		struct ring_line *line = bpf_map_lookup_elem(&ring, &at);

		if (!line)
			return XDP_ABORTED;
		at = line->next;
	}
	place = at;
	return XDP_PASS;
}

SEC("xdp.frags")
int parsed(struct xdp_md *ctx)
{
	struct segment g = {};

	if (!next_source(ctx))
		return XDP_ABORTED;
	return judge_parse(ctx, &g) == PACKET_ATTEMPT ? XDP_PASS : XDP_ABORTED;
}

SEC("xdp.frags")
int listed(struct xdp_md *ctx)
{
	union state_leaf_word leaf;
	struct segment g = {};

	if (!next_source(ctx) || judge_parse(ctx, &g) != PACKET_ATTEMPT)
		return XDP_ABORTED;
	leaf.word = state_leaf(&g.from, clock_coarse());
	return leaf.leaf.action == MW_BLOCK ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int decided(struct xdp_md *ctx)
{
	__u64 now = clock_coarse();
	struct verdict v = {};
	union state_leaf_word leaf;
	struct segment g = {};

	if (!next_source(ctx) || judge_parse(ctx, &g) != PACKET_ATTEMPT)
		return XDP_ABORTED;
	leaf.word = state_leaf(&g.from, now);
	judge_decide(state_settings(), &g, leaf, now, &v);
	return v.reason >= MW_FIRST_DROP ? XDP_DROP : XDP_PASS;
}

SEC("xdp.frags")
int weir(struct xdp_md *ctx)
{
	return next_source(ctx) ? judge_frame(ctx) : XDP_ABORTED;
}

/* What a completed handshake costs besides its SYN, from its charge to its end;
 * all but the storage of its socket, as a packet has none. */
SEC("xdp.frags")
int charged(struct xdp_md *ctx)
{
	struct mw_concurrent_mark mark = {};
	struct segment g = {};

	if (!next_source(ctx) || judge_parse(ctx, &g) != PACKET_ATTEMPT)
		return XDP_ABORTED;
	established_count(&g.from, &mark,
			  charge_connection(&g.from, clock_fine()));
	uncount_mark(&mark);
	return XDP_PASS;
}

static __always_inline void obvious_count(__u32 i)
{
	__u64 *n = bpf_map_lookup_elem(&obvious_counters, &i);

	if (n)
		++*n;
}

/* 60 a minute, burst 30. */
static __always_inline int obvious_bucket(__u32 source)
{
	struct tokens *t = bpf_map_lookup_elem(&obvious_buckets, &source);
	__u64 now = bpf_ktime_get_ns();
	struct tokens fresh = {.last = now, .tokens = 29};
	__u64 earned;

	if (!t) {
		bpf_map_update_elem(&obvious_buckets, &source, &fresh, BPF_ANY);
		return XDP_PASS;
	}
	earned = (now - t->last) / MW_SECOND;
	if (earned) {
		t->tokens = t->tokens + earned > 30 ? 30 : t->tokens + earned;
		t->last = now;
	}
	if (!t->tokens)
		return XDP_DROP;
	t->tokens--;
	return XDP_PASS;
}

SEC("xdp")
int obvious(struct xdp_md *ctx)
{
	void *data, *end;
	struct ethhdr *eth;
	struct iphdr *ip;
	struct tcphdr *tcp;
	struct lpm key = {.len = 32};
	int action;

	if (!next_source(ctx))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	eth = data;
	ip = data + sizeof(*eth);
	tcp = (void *)(ip + 1);
	if ((void *)(tcp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->ihl != 5 || ip->protocol != IPPROTO_TCP ||
	    tcp->dest != bpf_htons(25) || !tcp->syn || tcp->ack) {
		obvious_count(0);
		return XDP_PASS;
	}
	key.address = ip->saddr;
	if (bpf_map_lookup_elem(&obvious_list, &key)) {
		obvious_count(1);
		return XDP_DROP;
	}
	action = obvious_bucket(ip->saddr);
	obvious_count(action == XDP_DROP ? 2 : 3);
	return action;
}
