// SPDX-License-Identifier: GPL-2.0
/*
 * The programs that stay when a generation goes. A tracing link cannot be
 * updated, so the program that hangs on it never changes: where a handshake is
 * no longer under way, it tail-calls the program that the generation in force
 * has put into the map opened; without a generation the map is empty, and
 * nothing happens. Where a connection is closed, the socket's storage says
 * what is to be taken back, which needs no generation. A program array takes
 * programs of one type only, so either the two tracepoint programs are loaded
 * or, on kernels where the tracepoint cannot be used, the sockops program.
 */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "uncount.h"

enum { HOOK_SYN_RECV = 3 }; /* TCP_ of the kernel */

/* 0: the program to call; 1: that program, once recount() has run for its
 * generation. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} opened SEC(".maps");

struct sock;

static __always_inline void hook_state_changed(void *ctx, void *sk, int from,
					       int to)
{
	if (uncount_is_open(from) && !uncount_is_open(to))
		uncount_closed(sk);
	if (to == UNCOUNT_CLOSE)
		uncount_flow(sk);
	/* Established; or a Fast Open connection, which has carried data,
	 * ends with its handshake. */
	if (from == HOOK_SYN_RECV)
		bpf_tail_call(ctx, &opened, 0);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(hook_opened, struct sock *sk, int from, int to)
{
	hook_state_changed(ctx, sk, from, to);
	return 0;
}

/* The kernel does not start a program on a CPU that is running it already, as
 * when a packet interrupts a process that closes a connection. Of two programs
 * one always runs; if both run, the second finds nothing to do. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(hook_opened_again, struct sock *sk, int from, int to)
{
	hook_state_changed(ctx, sk, from, to);
	return 0;
}

/* Asks the kernel for the changes of state of each incoming connection, and
 * keeps the flags that other programs have set. A Fast Open connection is
 * announced here at its SYN. */
SEC("sockops")
int hook_sockops(struct bpf_sock_ops *ctx)
{
	struct bpf_sock *sk = ctx->sk;

	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_ops_cb_flags_set(ctx,
					  ctx->bpf_sock_ops_cb_flags |
						  BPF_SOCK_OPS_STATE_CB_FLAG);
	if (ctx->op == BPF_SOCK_OPS_STATE_CB && sk)
		hook_state_changed(ctx, sk, ctx->args[0], ctx->args[1]);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
