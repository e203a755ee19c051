// SPDX-License-Identifier: GPL-2.0
#include "kernel/veth.h"

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

struct end {
	int ifindex;   /* of the other end */
	int netns;     /* its id here; -1: this one */
	bool natively; /* a native program hangs on this one */
};

static void take_xdp(const struct nlattr *xdp, struct end *end)
{
	const struct nlattr *attr;

	mnl_attr_for_each_nested(attr, xdp)
	{
		if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED)
			end->natively =
				mnl_attr_get_u8(attr) == XDP_ATTACHED_DRV;
	}
}

static int take_link(const struct nlmsghdr *message, void *arg)
{
	struct end *end = arg;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg))
	{
		switch (mnl_attr_get_type(attr)) {
		case IFLA_LINK:
			end->ifindex = mnl_attr_get_u32(attr);
			break;
		case IFLA_LINK_NETNSID:
			end->netns = mnl_attr_get_u32(attr);
			break;
		case IFLA_XDP:
			take_xdp(attr, end);
			break;
		}
	}
	return MNL_CB_OK;
}

/* netns -1: this one. false: there is no such interface, or no leave. */
static bool link_read(struct mnl_socket *s, int ifindex, int netns,
		      struct end *end)
{
	char buffer[32768];
	struct nlmsghdr *ask = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;
	ssize_t n;

	ask->nlmsg_type = RTM_GETLINK;
	ask->nlmsg_flags = NLM_F_REQUEST;
	link = mnl_nlmsg_put_extra_header(ask, sizeof(*link));
	link->ifi_index = ifindex;
	if (netns >= 0)
		mnl_attr_put_u32(ask, IFLA_TARGET_NETNSID, netns);
	*end = (struct end){.netns = -1};
	if (mnl_socket_sendto(s, ask, ask->nlmsg_len) < 0)
		return false;
	n = mnl_socket_recvfrom(s, buffer, sizeof(buffer));
	return n > 0 && mnl_cb_run(buffer, n, 0, mnl_socket_get_portid(s),
				   take_link, end) >= MNL_CB_STOP;
}

bool veth_takes_frames(int ifindex)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct end here, there;
	bool takes;

	if (!s)
		return false;
	takes = mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) >= 0 &&
		link_read(s, ifindex, -1, &here) && here.ifindex &&
		link_read(s, here.ifindex, here.netns, &there) &&
		there.natively;
	mnl_socket_close(s);
	return takes;
}
