// SPDX-License-Identifier: GPL-2.0
/* A SYN from another source in every run, into a device; and a null. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { SOURCES = 1 << 16 };

/* Network byte order, in turn. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SOURCES);
	__type(key, __u32);
	__type(value, __u64);
} sources SEC(".maps");

__u32 turn, many = 1, device;

SEC("xdp")
int deliver(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data,
	     *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 i = turn++ % (many ? many : 1), sum = 0;
	__u64 *source = bpf_map_lookup_elem(&sources, &i);
	__u16 *half = (__u16 *)ip;

	if (!source || (void *)(ip + 1) > end)
		return XDP_ABORTED;
	ip->saddr = *source;
	ip->check = 0;
	for (int n = 0; n < 10; n++)
		sum += half[n];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
	return bpf_redirect(device, 0);
}

__u64 dropped;

SEC("xdp")
int nothing(struct xdp_md *ctx)
{
	(void)ctx;
	__sync_fetch_and_add(&dropped, 1);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
