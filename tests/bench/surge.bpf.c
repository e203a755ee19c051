// SPDX-License-Identifier: GPL-2.0
/*
 * A flood of forged SYNs, each frame written whole, as who answers by XDP_TX
 * changes it in place; and what stands at either end of the wire. The frames
 * are as long as their answers.
 */
#include <stdbool.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum {
	FROM = 0xc6120000, /* 198.18.0.0/15 */
	FROM_MASK = 0xfffe0000,
	WORDS = 58 / 2,
	IP_AT = 14 / 2, /* in halves of words */
	SOURCE_AT = 26 / 2,
	PORT_AT = 34 / 2,
	SEQUENCE_AT = 38 / 2,
	IP_CHECK_AT = 24 / 2,
	TCP_CHECK_AT = 50 / 2,
};

const volatile __u16 frame[WORDS]; /* its checksums are sums so far */
__u32 device;
__u64 random = 88172645463325252ULL;
__u64 answered, unanswered;

/* xorshift64*, Vigna 2016. */
static __always_inline __u32 draw(void)
{
	__u64 x = random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	random = x;
	return x * 0x2545f4914f6cdd1dULL >> 32;
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return ~((sum & 0xffff) + (sum >> 16));
}

SEC("xdp")
int surge(struct xdp_md *ctx)
{
	__u16 *at = (void *)(long)ctx->data;
	__u32 word = draw(), from = bpf_htonl(FROM | (word & 0x1ffff));
	__u16 port = 1024 + (word >> 17), high = from, low = from >> 16;

	if ((void *)(at + WORDS) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	for (int i = 0; i < WORDS; i++)
		at[i] = frame[i];
	at[SOURCE_AT] = high;
	at[SOURCE_AT + 1] = low;
	at[PORT_AT] = port;
	at[SEQUENCE_AT] = word;
	at[IP_CHECK_AT] = fold(frame[IP_CHECK_AT] + high + low);
	at[TCP_CHECK_AT] =
		fold(frame[TCP_CHECK_AT] + high + low + port + (__u16)word);
	return bpf_redirect(device, 0);
}

/* Of the flood: from, or to, one of its addresses. */
static __always_inline struct tcphdr *of_flood(struct xdp_md *ctx, bool to)
{
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > (void *)(long)ctx->data_end ||
	    eth->h_proto != bpf_htons(ETH_P_IP) || ip->ihl != 5 ||
	    ip->protocol != IPPROTO_TCP)
		return NULL;
	if (((to ? ip->daddr : ip->saddr) & bpf_htonl(FROM_MASK)) !=
	    bpf_htonl(FROM))
		return NULL;
	return tcp;
}

/* At the flood's end: counts and drops its answers. */
SEC("xdp")
int sink(struct xdp_md *ctx)
{
	struct tcphdr *tcp = of_flood(ctx, true);

	if (!tcp)
		return XDP_PASS;
	if (tcp->syn && tcp->ack)
		__sync_fetch_and_add(&answered, 1);
	else
		__sync_fetch_and_add(&unanswered, 1);
	return XDP_DROP;
}

/* In the place of who answers: drops the flood. */
SEC("xdp")
int drop(struct xdp_md *ctx)
{
	return of_flood(ctx, false) ? XDP_DROP : XDP_PASS;
}

/* The same: sends it back as it is, but for its flags and its addresses. */
SEC("xdp")
int bounce(struct xdp_md *ctx)
{
	struct tcphdr *tcp = of_flood(ctx, false);
	void *data = (void *)(long)ctx->data;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 from;

	if (!tcp || (void *)(ip + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	from = ip->saddr;
	ip->saddr = ip->daddr;
	ip->daddr = from;
	tcp->ack = 1;
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
