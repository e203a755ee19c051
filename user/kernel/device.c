// SPDX-License-Identifier: GPL-2.0
#include "kernel/device.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* --- reading ------------------------------------------------------------- */

static int info_data(const struct nlattr *attr, void *device)
{
	struct device *d = device;

	if (mnl_attr_get_type(attr) == IFLA_IPVLAN_MODE &&
	    mnl_attr_get_payload_len(attr) >= sizeof(__u16))
		d->ipvlan_mode = mnl_attr_get_u16(attr);
	return MNL_CB_OK;
}

/* The kind comes before its data. */
static int link_info(const struct nlattr *attr, void *device)
{
	struct device *d = device;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND)
		snprintf(d->kind, sizeof(d->kind), "%.*s",
			 (int)mnl_attr_get_payload_len(attr),
			 (const char *)mnl_attr_get_payload(attr));
	if (mnl_attr_get_type(attr) == IFLA_INFO_DATA &&
	    !strcmp(d->kind, "ipvlan"))
		return mnl_attr_parse_nested(attr, info_data, d);
	return MNL_CB_OK;
}

static int link_attribute(const struct nlattr *attr, void *device)
{
	__u32 len = mnl_attr_get_payload_len(attr);
	struct device *d = device;

	if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
		return mnl_attr_parse_nested(attr, link_info, d);
	if (mnl_attr_get_type(attr) == IFLA_BROADCAST &&
	    len <= sizeof(d->peer)) {
		memcpy(d->peer, mnl_attr_get_payload(attr), len);
		d->peer_len = len;
	}
	return MNL_CB_OK;
}

static int link_message(const struct nlmsghdr *message, void *device)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct device *d = device;

	d->type = info->ifi_type;
	return mnl_attr_parse(message, sizeof(*info), link_attribute, d);
}

static int ask(struct mnl_socket *nl, int ifindex, struct device *d)
{
	char buffer[32768]; /* as libmnl advises */
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	unsigned int seq = time(NULL);
	struct ifinfomsg *info;
	ssize_t n;

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nlmsg_seq = seq;
	info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	info->ifi_index = ifindex;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		if (n < 0)
			return -errno;
		n = mnl_cb_run(buffer, n, seq, mnl_socket_get_portid(nl),
			       link_message, d);
	} while (n > MNL_CB_STOP);
	return n < 0 ? -errno : 0;
}

int device_read(int ifindex, struct device *d)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int err;

	memset(d, 0, sizeof(*d));
	if (!nl)
		return -errno;
	err = ask(nl, ifindex, d);
	mnl_socket_close(nl);
	return err;
}

/* --- judging ------------------------------------------------------------- */

static bool is_l3s(const struct device *d)
{
	return d->ipvlan_mode == IPVLAN_MODE_L3S;
}

/* Such a GRE tunnel shows XDP the outer header (ipgre_header_ops). */
static bool has_no_peer(const struct device *d)
{
	static const __u8 none[DEVICE_ADDRESS];

	return !memcmp(d->peer, none, d->peer_len) || d->peer[0] >> 4 == 0xe;
}

/*
 * The first row that fits decides. kind NULL: any; when NULL: always; why NULL:
 * the entry fits. An ARPHRD_NONE of another kind may begin with anything: xfrm
 * interfaces keep the outer Ethernet header, for one.
 */
static const struct {
	__u16 type;
	const char *kind;
	bool (*when)(const struct device *d);
	enum device_entry entry;
	const char *why;
} rows[] = {
	{ARPHRD_ETHER, "vrf",
	 .why = "the kernel runs no XDP program on a vrf device; attach to the "
		"interfaces that are in the vrf"},
	{ARPHRD_ETHER, "ipvlan", is_l3s,
	 .why = "the kernel runs no XDP program on an ipvlan of mode l3s; "
		"attach to the interface below, or use mode l2 or l3"},
	{ARPHRD_ETHER, .entry = DEVICE_ETHERNET},
	{ARPHRD_LOOPBACK, .entry = DEVICE_ETHERNET},
	{ARPHRD_IPGRE, "gre", has_no_peer,
	 .why = "a GRE tunnel without one remote address shows XDP the outer "
		"packet; give the tunnel a remote address, or use gretap"},
	{ARPHRD_IPGRE, "gre", .entry = DEVICE_IP},
	{ARPHRD_NONE, "gre", .entry = DEVICE_IP},
	{ARPHRD_NONE, "tun", .entry = DEVICE_IP},
	{ARPHRD_NONE, "wireguard", .entry = DEVICE_IP},
	{ARPHRD_PPP, .entry = DEVICE_IP},
	{ARPHRD_SIT, "sit", .entry = DEVICE_IP},
	{ARPHRD_TUNNEL, "ipip", .entry = DEVICE_IP},
	{ARPHRD_TUNNEL6, "ip6tnl", .entry = DEVICE_IP},
};

const char *device_refusal(const struct device *d, enum device_entry *entry)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].type != d->type ||
		    (rows[i].kind && strcmp(rows[i].kind, d->kind)) ||
		    (rows[i].when && !rows[i].when(d)))
			continue;
		if (!rows[i].why)
			*entry = rows[i].entry;
		return rows[i].why;
	}
	return "mailweir does not know with which header packets begin on an "
	       "interface of this kind ('ip -d link' shows the kind); attach "
	       "to the interface that the packets come in by before, or after";
}
