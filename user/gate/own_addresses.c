// SPDX-License-Identifier: GPL-2.0
#include "gate/own_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"

/* On the link or inside the machine: no attempt to it is ever judged. */
static bool is_local(const struct mw_prefix *p)
{
	if (p->family == 4)
		return p->addr[0] == 127 ||
		       (p->addr[0] == 169 && p->addr[1] == 254);
	return IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)p->addr) ||
	       IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)p->addr);
}

/* family AF_INET or AF_INET6, address in network byte order. */
static void add(struct own_addresses *own, int family, const void *address,
		const char *what, const char *detail)
{
	struct mw_prefix p = {.family = family == AF_INET ? 4 : 6};
	struct own_address *v;

	if (family != AF_INET && family != AF_INET6)
		return;
	p.len = prefix_width(&p);
	memcpy(p.addr, address, p.len / 8);
	if (is_local(&p))
		return;
	v = grow(own->v, &own->room, own->n + 1, sizeof(*v));
	if (!v)
		return;
	own->v = v;
	v[own->n] = (struct own_address){.address = p};
	snprintf(v[own->n++].what, sizeof(v->what), "%s%s", what, detail);
}

/* --- its own ------------------------------------------------------------- */

static void add_interfaces(struct own_addresses *own)
{
	struct ifaddrs *all, *i;

	if (getifaddrs(&all))
		return;
	for (i = all; i; i = i->ifa_next) {
		const struct sockaddr *a = i->ifa_addr;

		if (a && a->sa_family == AF_INET)
			add(own, AF_INET,
			    &((const struct sockaddr_in *)a)->sin_addr,
			    "this machine's address on ", i->ifa_name);
		else if (a && a->sa_family == AF_INET6)
			add(own, AF_INET6,
			    &((const struct sockaddr_in6 *)a)->sin6_addr,
			    "this machine's address on ", i->ifa_name);
	}
	freeifaddrs(all);
}

/* --- its default gateways ------------------------------------------------ */

static void add_gateway(struct own_addresses *own, int family,
			const struct nlattr *attr)
{
	size_t size = family == AF_INET ? 4 : 16;

	if (mnl_attr_get_payload_len(attr) >= size)
		add(own, family, mnl_attr_get_payload(attr),
		    "the default gateway", "");
}

/* The next hops of a route with several. */
static void add_hops(struct own_addresses *own, int family,
		     const struct nlattr *attr)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(attr);
	int left = mnl_attr_get_payload_len(attr);

	for (; RTNH_OK(hop, left);
	     left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
		const struct nlattr *inner;
		size_t size = hop->rtnh_len - sizeof(*hop);

		for (inner = (const void *)RTNH_DATA(hop);
		     mnl_attr_ok(inner, size);
		     size -= MNL_ALIGN(inner->nla_len),
		    inner = mnl_attr_next(inner))
			if (mnl_attr_get_type(inner) == RTA_GATEWAY)
				add_gateway(own, family, inner);
	}
}

static int take_route(const struct nlmsghdr *message, void *arg)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attr;

	if (route->rtm_dst_len || route->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(attr, message, sizeof(*route))
	{
		if (mnl_attr_get_type(attr) == RTA_GATEWAY)
			add_gateway(arg, route->rtm_family, attr);
		else if (mnl_attr_get_type(attr) == RTA_MULTIPATH)
			add_hops(arg, route->rtm_family, attr);
	}
	return MNL_CB_OK;
}

static void add_gateways(struct own_addresses *own)
{
	struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	char buffer[8192]; /* parts of a dump are no larger */
	struct nlmsghdr *ask = mnl_nlmsg_put_header(buffer);
	ssize_t n;

	if (!s)
		return;
	ask->nlmsg_type = RTM_GETROUTE;
	ask->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(ask, sizeof(struct rtmsg)); /* any family */
	if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) >= 0 &&
	    mnl_socket_sendto(s, ask, ask->nlmsg_len) >= 0)
		do
			n = mnl_socket_recvfrom(s, buffer, sizeof(buffer));
		while (n > 0 &&
		       mnl_cb_run(buffer, n, 0, mnl_socket_get_portid(s),
				  take_route, own) > MNL_CB_STOP);
	mnl_socket_close(s);
}

/* --- its DNS servers ----------------------------------------------------- */

/* The nameserver lines of a resolv.conf(5). */
static void add_resolvers(struct own_addresses *own, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[512], word[64];

	while (f && fgets(line, sizeof(line), f)) {
		struct mw_prefix p;
		const char *why;

		/* "fe80::1%eth0" is link-local, and no prefix. */
		if (sscanf(line, " nameserver %63s", word) == 1 &&
		    !prefix_parse(word, &p, NULL, &why) &&
		    p.len == prefix_width(&p))
			add(own, p.family == 4 ? AF_INET : AF_INET6, p.addr,
			    "the DNS server of ", path);
	}
	if (f)
		fclose(f);
}

void own_addresses_find(struct own_addresses *own)
{
	memset(own, 0, sizeof(*own));
	add_interfaces(own);
	add_gateways(own);
	add_resolvers(own, "/etc/resolv.conf");
	/* What stands behind systemd-resolved's own address. */
	add_resolvers(own, "/run/systemd/resolve/resolv.conf");
}

void own_addresses_free(struct own_addresses *own)
{
	free(own->v);
	memset(own, 0, sizeof(*own));
}
