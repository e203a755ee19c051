// SPDX-License-Identifier: GPL-2.0
#include "gate/answers.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_vlan.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kernel/nic.h"
#include "kernel/veth.h"
#include "lists/grow.h"
#include "out/log.h"

/* The VLAN of an interface; 0: it is none of one. */
static __u32 vlan_of(int fd, const char *name)
{
	struct vlan_ioctl_args ask = {.cmd = GET_VLAN_VID_CMD};

	strncpy(ask.device1, name, sizeof(ask.device1) - 1);
	return ioctl(fd, SIOCGIFVLAN, &ask) ? 0 : ask.u.VID;
}

static bool are_vlans(int fd, const struct ifaddrs *all)
{
	for (const struct ifaddrs *i = all; i; i = i->ifa_next)
		if (vlan_of(fd, i->ifa_name))
			return true;
	return false;
}

/* Frames of any VLAN may be for its addresses. */
static bool is_behind_others(const struct ifaddrs *i)
{
	struct nic nic;

	if (i->ifa_flags & IFF_LOOPBACK)
		return true;
	nic_read(i->ifa_name, &nic);
	return !strcmp(nic.driver, "bridge") || !strcmp(nic.driver, "dummy");
}

/* false: not one that is answered for. */
static bool address_of(const struct ifaddrs *i, struct mw_prefix *p)
{
	const struct sockaddr *a = i->ifa_addr;
	const struct in6_addr *v6;

	memset(p, 0, sizeof(*p));
	if (a && a->sa_family == AF_INET) {
		*p = (struct mw_prefix){.family = 4, .len = 32};
		memcpy(p->addr, &((const struct sockaddr_in *)a)->sin_addr, 4);
		return p->addr[0] != IN_LOOPBACKNET;
	}
	if (!a || a->sa_family != AF_INET6)
		return false;
	v6 = &((const struct sockaddr_in6 *)a)->sin6_addr;
	*p = (struct mw_prefix){.family = 6, .len = 128};
	memcpy(p->addr, v6, 16);
	return !IN6_IS_ADDR_LOOPBACK(v6) && !IN6_IS_ADDR_LINKLOCAL(v6);
}

static int add(struct load_own *own, const struct mw_prefix *p, __u32 vid)
{
	struct load_address *v =
		grow(own->v, &own->room, own->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	own->v = v;
	v[own->n++] = (struct load_address){.address = *p, .vid = vid};
	return 0;
}

/* It would lose what is sent back. */
static bool is_deaf(const char *name)
{
	struct nic nic;

	nic_read(name, &nic);
	return !strcmp(nic.driver, "veth") &&
	       !veth_takes_frames(if_nametoindex(name));
}

static int take_deaf(struct load_own *own)
{
	struct if_nameindex *all = if_nameindex();
	int err = all ? 0 : -errno;

	for (struct if_nameindex *i = all; i && i->if_index && !err; i++) {
		struct mw_prefix p = {};

		memcpy(p.addr, &i->if_index, sizeof(i->if_index));
		if (is_deaf(i->if_name))
			err = add(own, &p, 0);
	}
	if (all)
		if_freenameindex(all);
	return err;
}

static int take_all(struct load_own *own, int fd, const struct ifaddrs *all)
{
	bool vlans = are_vlans(fd, all);
	struct mw_prefix p;
	int err = 0;

	for (const struct ifaddrs *i = all; i && !err; i = i->ifa_next)
		if (address_of(i, &p) && !(vlans && is_behind_others(i)))
			err = add(own, &p, vlan_of(fd, i->ifa_name));
	return err;
}

int answers_find(enum mw_native native, struct load_own *own)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;
	struct ifaddrs *all = NULL;

	own->n = 0;
	if (fd < 0 || getifaddrs(&all))
		err = -errno;
	if (!err)
		err = take_all(own, fd, all);
	if (!err && native != MW_NATIVE_NO)
		err = take_deaf(own);
	if (err)
		log_error("the addresses of this machine are not to be had: %s",
			  strerror(-err));
	freeifaddrs(all);
	if (fd >= 0)
		close(fd);
	return err;
}

void answers_free(struct load_own *own)
{
	free(own->v);
	memset(own, 0, sizeof(*own));
}
