// SPDX-License-Identifier: GPL-2.0
/*
 * The fixed ends of the charging program. A tracing link cannot be updated, so
 * what hangs on it never changes: it tail-calls what the generation in force
 * has put into opened, and does nothing where that is empty. One pair for the
 * tracepoints, one program for kernels that have them not; a map of programs
 * serves one kind of program only, so the other kind is not loaded.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

enum { HOOK_ESTABLISHED = 1, HOOK_SYN_RECV = 3 }; /* TCP_ of the kernel */

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} opened SEC(".maps");

struct sock;

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(hook_opened, const struct sock *sk, int from, int to)
{
	(void)sk;
	if (from == HOOK_SYN_RECV && to == HOOK_ESTABLISHED)
		bpf_tail_call(ctx, &opened, 0);
	return 0;
}

SEC("sockops")
int hook_sockops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_tail_call(ctx, &opened, 0);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
