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

static __always_inline void count_block(const struct packet *p, int len)
{
	struct mw_prefix key;
	struct mw_block *block;

	block_key(&key, p->family, p->source, len);
	block = block_get(&key);
	if (block)
		__sync_fetch_and_add(&block->drops, 1);
}

static __always_inline void decide(const struct mw_settings *s,
				   const struct packet *p, union leaf_word leaf,
				   __u64 now, struct verdict *v)
{
	bool charging = s->charge == MW_CHARGE_SYN;
	int block = block_of(p, now);
	struct standing from = {};

	if (policy_access(&leaf.leaf, block != BLOCK_NONE, v)) {
		policy_mode(s, v);
		if (v->reason == MW_RUNTIME_BLOCK)
			count_block(p, block);
		return;
	}
	standing_of(p, &leaf.leaf, now, charging, &from);
	policy_rates(s, &leaf.leaf, &from, now, v);
	if (charging) {
		policy_charge_attempt(v);
		charge_levels(p, leaf, now, v);
	}
	policy_mode(s, v);
}

static __always_inline int judged(union leaf_word leaf, const struct verdict *v)
{
	count_lists(&leaf.leaf, v);
	return count(v, true);
}

/* Twice where the clock may have decided; rates alone, which count nothing and
 * charge nobody. */
static __always_inline int judge(const struct packet *p)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	union leaf_word leaf = {.word = leaf_of(p, now)};
	struct verdict v = {};

	decide(config(), p, leaf, now, &v);
	if (policy_close(config(), &v)) {
		v = (struct verdict){};
		decide(config(), p, leaf, bpf_ktime_get_ns(), &v);
	}
	return judged(leaf, &v);
}

static __always_inline int pass_by(enum packet_kind kind)
{
	struct verdict v = {
		.reason = kind == PACKET_MALFORMED	  ? MW_MALFORMED
			  : kind == PACKET_LATER_FRAGMENT ? MW_LATER_FRAGMENT
							  : MW_NOT_ATTEMPT,
	};

	policy_mode(config(), &v);
	return count(&v, false);
}

static __always_inline enum packet_kind parse(struct xdp_md *ctx,
					      struct packet *p)
{
	struct frame f = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.ctx = ctx,
	};

	return packet_parse(&f, config(), p);
}

SEC("xdp.frags")
int mailweir(struct xdp_md *ctx)
{
	struct packet p = {};
	enum packet_kind kind = parse(ctx, &p);

	if (kind != PACKET_ATTEMPT)
		return pass_by(kind);
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
		connection_opened(sk, &c, bpf_ktime_get_ns());
	return 0;
}

SEC("sockops")
int opened_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;
	struct connection c = {};

	if (sk && connection_of_sockops(ctx, &c))
		connection_opened(sk, &c, bpf_ktime_get_ns());
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
		connection_recount(sk, &c);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
