/* SPDX-License-Identifier: GPL-2.0 */
/* The fields that are read of the kernel's structs. The loader finds them by
 * name, wherever they stand in the running kernel. */
#ifndef MAILWEIR_KERNEL_H
#define MAILWEIR_KERNEL_H

#include <linux/in6.h>
#include <linux/types.h>

#pragma clang attribute push(__attribute__((preserve_access_index)), \
			     apply_to = record)
struct netns_ipv4 {
	__u32 sysctl_tcp_fastopen;
	int sysctl_tcp_adv_win_scale;
	__u8 sysctl_ip_default_ttl;
};

struct net {
	__u64 net_cookie;
	struct netns_ipv4 ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr, skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct dst_entry {
	unsigned long _metrics;
};

struct sock_reuseport {
	unsigned int synq_overflow_ts;
};

struct sock {
	struct sock_common __sk_common;
	struct dst_entry *sk_dst_cache;
	struct sock_reuseport *sk_reuseport_cb;
	int sk_rcvbuf;
};

struct tcp_request_sock {
	__u32 rcv_isn;
};

/* hop_limit: of nine bits in older kernels. */
struct ipv6_pinfo {
	short hop_limit;
	__u8 tclass;
};

struct inet_sock {
	struct sock sk;
	struct ipv6_pinfo *pinet6;
	short uc_ttl;
	__u8 tos;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
};

struct tcp_options_received {
	int ts_recent_stamp;
	__u16 user_mss;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	struct tcp_options_received rx_opt;
	__u32 snd_una, window_clamp;
	__u8 scaling_ratio;
	__u8 fastopen_no_cookie : 1;
	struct tcp_request_sock *fastopen_rsk;
};

struct bpf_iter__tcp {
	struct sock_common *sk_common;
};
#pragma clang attribute pop

#endif
