// SPDX-License-Identifier: GPL-2.0
#include "gate/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "out/log.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

int sockets_netns(__u64 *cookie)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;
	socklen_t size = sizeof(*cookie);

	*cookie = 0;
	if (fd < 0 ||
	    (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie, &size) &&
	     errno != ENOPROTOOPT))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err)
		log_error("the network namespace cannot be told: %s",
			  strerror(-err));
	return err;
}

struct search {
	const __u16 *ports;
	bool found;
};

static int take_listener(const struct nlmsghdr *message, void *arg)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(message);
	struct search *s = arg;

	for (int i = 0; i < MW_PORTS && s->ports[i]; i++)
		s->found |= ntohs(m->id.idiag_sport) == s->ports[i];
	return MNL_CB_OK;
}

/* Asks the kernel for listening sockets; false: it did not answer. */
static bool ask_listeners(struct mnl_socket *nl, int family, struct search *s)
{
	char buffer[8192];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request;
	int n, left = MNL_CB_OK;

	message->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = time(NULL);
	request = mnl_nlmsg_put_extra_header(message, sizeof(*request));
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_states = 1 << TCP_LISTEN;
	if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		return false;
	while (left > MNL_CB_STOP) {
		n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
		left = n < 0 ? MNL_CB_ERROR
			     : mnl_cb_run(buffer, n, 0, 0, take_listener, s);
	}
	return left == MNL_CB_STOP;
}

bool sockets_listening(const __u16 ports[MW_PORTS])
{
	struct mnl_socket *nl = mnl_socket_open(NETLINK_SOCK_DIAG);
	struct search s = {.ports = ports};
	bool asked = nl && !mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) &&
		     ask_listeners(nl, AF_INET, &s) &&
		     ask_listeners(nl, AF_INET6, &s);

	if (nl)
		mnl_socket_close(nl);
	return s.found || !asked;
}
