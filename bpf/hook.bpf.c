// SPDX-License-Identifier: GPL-2.0
/*
 * The fixed ends of the charging program. A tracing link cannot be updated, so
 * what hangs on it never changes: it tail-calls what the generation in force
 * has put into opened, and does nothing where that is empty. What a closed
 * connection takes back stands at its socket, so that needs no generation.
 * A map of programs serves one kind of program only, so either the two for the
 * tracepoint are loaded or the one for kernels that have it not.
 */
#include <stdbool.h>

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "uncount.h"

enum { HOOK_SYN_RECV = 3 }; /* TCP_ of the kernel */

/* 0: the program; 1: the same, once recount() has run for it. */
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
	if (from == HOOK_SYN_RECV && uncount_is_open(to))
		bpf_tail_call(ctx, &opened, 0);
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(hook_opened, struct sock *sk, int from, int to)
{
	hook_state_changed(ctx, sk, from, to);
	return 0;
}

/* The kernel does not run a program on a CPU that is in it already, as when a
 * process closes a connection and is interrupted by a packet. One of two runs
 * always; the second finds nothing to do. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(hook_opened_again, struct sock *sk, int from, int to)
{
	hook_state_changed(ctx, sk, from, to);
	return 0;
}

/* Asks for the changes of state of who comes in, and leaves to others what
 * they asked for. A Fast Open connection comes here with its SYN, before it
 * has proved anything. */
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
