// SPDX-License-Identifier: GPL-2.0
/* The programs of a generation: attempts are parsed, judged and counted; a
 * connection is charged. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "state.h"
#include "connection.h"

static __always_inline int frame_load(struct xdp_md *ctx, __u32 off, void *to,
				      __u32 len)
{
	return bpf_xdp_load_bytes(ctx, off, to, len);
}

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline void judge_count_block(const struct packet *p, int len)
{
	struct mw_prefix key;
	struct mw_block *block;

	block_key(&key, p->family, p->source, len);
	block = block_get(&key);
	if (block)
		__sync_fetch_and_add(&block->drops, 1);
}

static __always_inline void judge_decide(const struct mw_settings *s,
					 const struct packet *p,
					 union state_leaf_word leaf, __u64 now,
					 struct verdict *v)
{
	bool charging = s->charge == MW_CHARGE_SYN;
	int block = state_block(p, now);
	struct standing from = {};

	if (policy_access(&leaf.leaf, block != BLOCK_NONE, v)) {
		policy_mode(s, v);
		if (v->reason == MW_RUNTIME_BLOCK)
			judge_count_block(p, block);
		return;
	}
	state_standing(p, &leaf.leaf, now, charging, &from);
	policy_rates(s, &leaf.leaf, &from, now, v);
	if (charging) {
		charge_payers_of_attempt(v);
		charge_levels(p, leaf, now, v);
	}
	policy_mode(s, v);
}

static __always_inline int judge_end(union state_leaf_word leaf,
				     const struct verdict *v)
{
	count_lists(&leaf.leaf, v);
	return count_verdict(v, true);
}

/* Twice where the clock may have decided; rates alone, which count nothing and
 * charge nobody. */
static __always_inline int judge(const struct packet *p)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	struct verdict v = {};

	judge_decide(state_settings(), p, leaf, now, &v);
	if (policy_close(state_settings(), &v)) {
		v = (struct verdict){};
		judge_decide(state_settings(), p, leaf, bpf_ktime_get_ns(), &v);
	}
	return judge_end(leaf, &v);
}

static __always_inline int judge_other(enum packet_kind kind)
{
	struct verdict v = {
		.reason = kind == PACKET_MALFORMED	  ? MW_MALFORMED
			  : kind == PACKET_LATER_FRAGMENT ? MW_LATER_FRAGMENT
							  : MW_NOT_ATTEMPT,
	};

	policy_mode(state_settings(), &v);
	return count_verdict(&v, false);
}

static __always_inline enum packet_kind judge_parse(struct xdp_md *ctx,
						    struct packet *p)
{
	struct frame f = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.ctx = ctx,
	};

	return packet_parse(&f, state_settings(), p);
}

SEC("xdp.frags")
int mailweir(struct xdp_md *ctx)
{
	struct packet p = {};
	enum packet_kind kind = judge_parse(ctx, &p);

	if (kind != PACKET_ATTEMPT)
		return judge_other(kind);
	return judge(&p);
}

/* Reached by tail calls from hook.bpf.c; which pair is loaded, the kernel
 * decides. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(opened, struct sock *sk)
{
	struct connection c = {};

	(void)ctx;
	if (connection_of_sock(sk, &c))
		established(sk, &c, bpf_ktime_get_ns());
	return 0;
}

SEC("sockops")
int opened_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct connection c = {};

	if (sk && connection_of_sockops(ctx, &c))
		established(sk, &c, bpf_ktime_get_ns());
	return 1;
}

/* Run once by user space when the one above is in force: the connections
 * that are there already. */
SEC("iter/tcp")
int recount(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct connection c = {};
	struct tcp_sock *sk;

	if (!common || !uncount_is_open(common->skc_state))
		return 0;
	sk = bpf_skc_to_tcp_sock(common);
	if (sk && connection_of_sock((struct sock *)sk, &c))
		established_recount(sk, &c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
