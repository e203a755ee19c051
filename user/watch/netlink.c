// SPDX-License-Identifier: GPL-2.0
#include "watch/netlink.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "out/log.h"

int netlink_open(void)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK,
				 .nl_groups = RTMGRP_LINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_ROUTE);
	int err = fd < 0 ? -errno : 0;

	if (!err && bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err = -errno;
	if (!err)
		return fd;
	log_error("interfaces cannot be watched: %s", strerror(-err));
	if (fd >= 0)
		close(fd);
	return err;
}

struct wanted {
	const struct interfaces *in;
	bool found;
};

static int visit_name(const struct nlattr *attr, void *arg)
{
	struct wanted *w = arg;
	int type = mnl_attr_get_type(attr);

	if (type == IFLA_PROP_LIST)
		return mnl_attr_parse_nested(attr, visit_name, w);
	if ((type != IFLA_IFNAME && type != IFLA_ALT_IFNAME) ||
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING))
		return MNL_CB_OK;
	for (int i = 0; i < w->in->n; i++)
		w->found |= !strcmp(mnl_attr_get_str(attr), w->in->v[i].name);
	return MNL_CB_OK;
}

static int visit_message(const struct nlmsghdr *message, void *arg)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	struct wanted *w = arg;

	if (message->nlmsg_type != RTM_NEWLINK &&
	    message->nlmsg_type != RTM_DELLINK)
		return MNL_CB_OK;
	for (int i = 0; i < w->in->n; i++)
		w->found |= w->in->v[i].index == info->ifi_index;
	return mnl_attr_parse(message, sizeof(*info), visit_name, w);
}

bool netlink_heard(int fd, const struct interfaces *in)
{
	static char buffer[32768]; /* as libmnl advises */
	struct wanted w = {in, false};
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0 ||
	       (n < 0 && (errno == ENOBUFS || errno == EINTR)))
		if (n < 0 || mnl_cb_run(buffer, n, 0, 0, visit_message, &w) < 0)
			w.found = true;
	return w.found;
}
