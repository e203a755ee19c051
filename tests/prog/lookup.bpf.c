// SPDX-License-Identifier: GPL-2.0
/* The lookup as the programs include it, for many addresses in one run. */
#include "bpf/state.h"

enum { LOOKUPS = 1024 };

struct probe {
	__u64 high, low; /* host byte order; IPv4: high alone */
	__u32 class;
	__u32 family;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 65536);
	__type(key, __u32);
	__type(value, struct probe);
} probes SEC(".maps");

__u32 next_probe;

__attribute__((noinline)) __u32 class4(__u32 address)
{
	return lookup_class4(NULL, address);
}

__attribute__((noinline)) __u32 class6(__u64 high, __u64 low)
{
	return lookup_class6(NULL, high, low);
}

SEC("xdp.frags")
int lookup(struct xdp_md *ctx)
{
	(void)ctx;
	for (int i = 0; i < LOOKUPS; i++) {
		__u32 at = next_probe++;
		struct probe *p = bpf_map_lookup_elem(&probes, &at);

		if (!p)
			return XDP_PASS;
		p->class = p->family == 4 ? class4(p->high)
					  : class6(p->high, p->low);
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
