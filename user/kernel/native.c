// SPDX-License-Identifier: GPL-2.0
#include "kernel/native.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "out/log.h"

enum { WORDS = 128, MESSAGE = 4096 };

/* --- the driver's words -------------------------------------------------- */

static int extack_words(const struct nlattr *attr, void *words)
{
	if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG &&
	    !mnl_attr_validate(attr, MNL_TYPE_STRING))
		snprintf(words, WORDS, "%.*s",
			 (int)mnl_attr_get_payload_len(attr),
			 mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

/* XDP of an interface by netlink: the request that is answered in words. */
static void put_request(struct nlmsghdr *message, int ifindex, int program,
			__u32 flags)
{
	struct ifinfomsg *info;
	struct nlattr *xdp;

	message->nlmsg_type = RTM_SETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nlmsg_seq = time(NULL);
	info = mnl_nlmsg_put_extra_header(message, sizeof(*info));
	info->ifi_index = ifindex;
	xdp = mnl_attr_nest_start(message, IFLA_XDP);
	mnl_attr_put_u32(message, IFLA_XDP_FD, program);
	mnl_attr_put_u32(message, IFLA_XDP_FLAGS, flags);
	mnl_attr_nest_end(message, xdp);
}

/* 0: done; else what the kernel says, and its words, if it has any. */
static int request(struct mnl_socket *nl, int ifindex, int program, __u32 flags,
		   char words[WORDS])
{
	char buffer[MESSAGE] __attribute__((aligned(8)));
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	const struct nlmsgerr *answer;
	ssize_t n;

	put_request(message, ifindex, program, flags);
	if (mnl_socket_sendto(nl, message, message->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(nl, buffer, sizeof(buffer));
	if (n < 0)
		return -errno;
	if (!mnl_nlmsg_ok(message, n) || message->nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	answer = mnl_nlmsg_get_payload(message);
	if (message->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_parse(message, sizeof(*answer), extack_words, words);
	return answer->error;
}

/* A link is refused without words: netlink is asked for the program, which is
 * refused for the same reason. Where it is not, it is taken off again. */
static void driver_words(int ifindex, int program, char words[WORDS])
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int on = 1;

	words[0] = 0;
	if (!nl)
		return;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_setsockopt(nl, NETLINK_EXT_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(nl, NETLINK_CAP_ACK, &on, sizeof(on)))
		goto close;
	if (!request(nl, ifindex, program,
		     XDP_FLAGS_DRV_MODE | XDP_FLAGS_UPDATE_IF_NOEXIST, words))
		request(nl, ifindex, -1, XDP_FLAGS_DRV_MODE, words);
close:
	mnl_socket_close(nl);
}

/* --- the link ------------------------------------------------------------ */

/* What a driver answers that does not run the program as things are. */
static bool is_refusal(int err)
{
	static const int refusals[] = {-EOPNOTSUPP, -EINVAL, -ENOMEM, -ENOSPC,
				       -ERANGE};

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i] == err)
			return true;
	return false;
}

static int create(int ifindex, int program, __u32 flags)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = flags);
	int fd = bpf_link_create(program, ifindex, BPF_XDP, &opts);

	return fd < 0 ? -errno : fd;
}

/* "the driver (ena) says: WORDS; CURE may let it". A driver that is not known
 * and does not support it has no native XDP. */
static void refusal_text(const char *name, int err, const char *words,
			 char text[NIC_WORDS * 2])
{
	char cure[NIC_WORDS];
	struct nic nic;
	int n;

	nic_read(name, &nic);
	nic_cure(&nic, name, cure);
	if (err == -EOPNOTSUPP && !nic_has_native(&nic))
		cure[0] = 0;
	n = snprintf(text, NIC_WORDS * 2,
		     "no native XDP here: the driver (%s) says: %s",
		     *nic.driver ? nic.driver : "without a name",
		     *words ? words : strerror(-err));
	if (!*words)
		n += snprintf(text + n, NIC_WORDS * 2 - n,
			      " ('dmesg' can have more)");
	if (*cure)
		snprintf(text + n, NIC_WORDS * 2 - n, "; what may let it: %s",
			 cure);
}

static int told(const char *name, int fd)
{
	if (fd < 0 && fd != -EBUSY)
		log_error("%s: cannot be attached: %s", name, strerror(-fd));
	return fd;
}

static int link_generic(const char *name, int ifindex, int program)
{
	return told(name, create(ifindex, program, XDP_FLAGS_SKB_MODE));
}

int native_link(const char *name, int ifindex, int program, enum mw_native want)
{
	char words[WORDS], why[NIC_WORDS * 2];
	int fd;

	if (want == MW_NATIVE_NO)
		return link_generic(name, ifindex, program);
	fd = create(ifindex, program, XDP_FLAGS_DRV_MODE);
	if (!is_refusal(fd))
		return told(name, fd);
	driver_words(ifindex, program, words);
	refusal_text(name, fd, words, why);
	if (want == MW_NATIVE_REQUIRE) {
		log_error("%s: cannot be attached: native = require, and %s",
			  name, why);
		return fd;
	}
	fd = link_generic(name, ifindex, program);
	if (fd >= 0)
		log_warning("%s: %s; attached in the slower generic mode", name,
			    why);
	return fd;
}

void native_lacks(const char *name, char text[NIC_WORDS * 2])
{
	char cure[NIC_WORDS];
	struct nic nic;

	nic_read(name, &nic);
	nic_cure(&nic, name, cure);
	if (!nic_has_native(&nic))
		snprintf(text, NIC_WORDS * 2,
			 "its driver (%s) has no native XDP",
			 *nic.driver ? nic.driver : "without a name");
	else if (*cure)
		snprintf(
			text, NIC_WORDS * 2,
			"what may let its driver (%s) do it natively: %s; then "
			"'mailweir detach %s' and 'mailweir attach %s'",
			nic.driver, cure, name, name);
	else
		snprintf(text, NIC_WORDS * 2,
			 "its driver (%s) has native XDP; 'mailweir detach %s' "
			 "and 'mailweir attach %s' say why not here",
			 nic.driver, name, name);
}
