// SPDX-License-Identifier: GPL-2.0
/* The programs of a generation: one judges attempts, the others charge and
 * count connections. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "judge.h"
#include "established.h"

static __always_inline __u64 clock_coarse(void)
{
	return bpf_ktime_get_coarse_ns();
}

static __always_inline __u64 clock_fine(void)
{
	return bpf_ktime_get_ns();
}

SEC("xdp.frags")
int mailweir(struct xdp_md *ctx)
{
	return judge_frame(ctx);
}

/* Of the interfaces without a link header: tun, WireGuard, GRE, PPP. */
SEC("xdp.frags")
int mailweir_ip(struct xdp_md *ctx)
{
	return judge_frame_ip(ctx);
}

/* hook.bpf.c tail-calls one of the next two programs, opened where the kernel
 * has the tracepoint, else opened_sockops. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(opened, struct sock *sk, int from, int to)
{
	(void)ctx;
	(void)from;
	established_next(sk, bpf_skc_to_tcp_sock(sk), to, clock_fine());
	return 0;
}

SEC("sockops")
int opened_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	if (sk)
		established_next(sk, bpf_skc_to_tcp_sock(sk), ctx->args[1],
				 clock_fine());
	return 1;
}

/* User space runs this program once when a generation is in force: it counts
 * the connections that are open already. */
SEC("iter/tcp")
int recount(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	struct connection c = {};
	struct tcp_sock *tp;

	if (!common || !uncount_is_open(common->skc_state))
		return 0;
	tp = bpf_skc_to_tcp_sock(common);
	if (tp && connection_of_sock(tp, &c))
		established_recount(tp, &c, clock_fine());
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
