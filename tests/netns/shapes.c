// SPDX-License-Identifier: GPL-2.0
/*
 * Asks a real TCP/IP stack which forms of a SYN it answers.
 *
 *	shapes list [answered|malformed|short]
 *	shapes run [-p PORT] [-w MS] DEV MAC SRC4 DST4 SRC6 DST6 NAME...
 *	shapes listen [-s SECONDS] PORT...
 *
 * list: every shape; those that Linux answers; those that mailweir drops
 * whatever the port, as the port is hidden; those with a piece that shows a
 * guarded port and not the flags, which is dropped.
 * run sends each shape's frames to MAC through DEV, from a source port of its
 * own, to PORT (25), and says "NAME answered" where a SYN-ACK came back within
 * MS (300) of the last frame, else "NAME silent". NAME all is every shape.
 * listen accepts and closes, IPv4 and IPv6, for SECONDS (120); it says
 * "listening" when it does. Exit: 0 done, 1 failed, 2 usage.
 */
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>

#include "shapes.h"

enum { SHAPES = sizeof(shapes) / sizeof(*shapes) };

struct run {
	int fd, index;
	int gso; /* as fd, but frames are sent behind a virtio_net_hdr */
	uint8_t from_mac[6], to_mac[6];
	const char *from4, *to4, *from6, *to6;
	int port, wait;
	uint16_t first; /* source port of the first shape */
	uint32_t id;	/* of fragments; random start */
	const struct shape *todo[SHAPES];
	bool answered[SHAPES];
	int shapes;
};

static int usage(void)
{
	fprintf(stderr,
		"shapes list [answered|malformed|short]\n"
		"shapes run [-p PORT] [-w MS] DEV MAC SRC4 DST4 SRC6 DST6 "
		"NAME...\n"
		"shapes listen [-s SECONDS] PORT...\n");
	return 2;
}

static bool is_v6(const struct shape *s)
{
	return s->p.from != NULL;
}

/* An SRv6 header carries a packet of either family; the last one counts. */
static bool is_v4_inside(const struct shape *s)
{
	const char *inside = s->p.chain ? strpbrk(s->p.chain, "vV") : NULL;

	while (inside && strpbrk(inside + 1, "vV"))
		inside = strpbrk(inside + 1, "vV");
	return inside && *inside == 'v';
}

/* --- frames -------------------------------------------------------------- */

static uint32_t add_words(uint32_t sum, const uint8_t *at, int len)
{
	for (int i = 0; i < len; i++)
		sum += i % 2 ? at[i] : at[i] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Where what is cut begins: behind the IPv4 header or the fragment header. */
static int body_of(const struct pkt_frame *f, const struct shape *s)
{
	if (is_v6(s))
		return f->fragment ? f->fragment + 8 : f->ip + 40;
	return f->ip + 20 + s->p.options;
}

static void sum_ip(struct pkt_frame *f, const struct shape *s)
{
	uint8_t *ip = f->data + f->ip;
	int bad = s->is & BAD_IP ? 1 : 0;

	if (is_v4_inside(s))
		pkt_u16(f->data + f->inner + 10,
			folded(add_words(0, f->data + f->inner, 20)));
	if (is_v6(s))
		return;
	pkt_u16(ip + 10, 0);
	pkt_u16(ip + 10, folded(add_words(0, ip, 20 + s->p.options)) ^ bad);
}

static void sum_tcp(struct pkt_frame *f, const struct shape *s)
{
	int len = f->len - s->p.pad - f->tcp, bad = s->is & BAD_TCP ? 1 : 0;
	uint8_t *ip = f->data + (f->inner ? f->inner : f->ip);
	uint8_t *tcp = f->data + f->tcp;
	uint32_t sum = 6 + len;

	if (!f->tcp || len < 20)
		return;
	sum = ip[0] >> 4 == 6 ? add_words(sum, ip + 8, 32)
			      : add_words(sum, ip + 12, 8);
	if (s->is & GSO) { /* the kernel adds the rest */
		pkt_u16(tcp + 16, ~folded(sum));
		return;
	}
	pkt_u16(tcp + 16, folded(add_words(sum, tcp, len)) ^ bad);
}

static void build(struct pkt_frame *f, const struct run *r, int which)
{
	const struct shape *s = r->todo[which];
	struct pkt p = s->p;
	uint32_t id = htonl(r->id + which);

	p.from = is_v6(s) ? r->from6 : r->from4;
	p.to = is_v6(s) ? r->to6 : r->to4;
	if (is_v4_inside(s)) {
		p.inner_from = r->from4;
		p.inner_to = r->to4;
	}
	p.port = r->port;
	p.source_port = r->first + which;
	pkt_build(f, &p);
	memcpy(f->data, r->to_mac, 6);
	memcpy(f->data + 6, r->from_mac, 6);
	if (!is_v6(s))
		memcpy(f->data + f->ip + 4, (uint8_t *)&id + 2, 2);
	else if (f->fragment)
		memcpy(f->data + f->fragment + 4, &id, 4);
	sum_tcp(f, s);
	sum_ip(f, s);
}

/* Bytes from..to of what is cut as a fragment of its own. */
static void cut_out(struct pkt_frame *f, const struct pkt_frame *whole,
		    const struct shape *s, int from, int to, bool more)
{
	int body = body_of(whole, s);

	*f = *whole;
	memcpy(f->data + body, whole->data + body + from, to - from);
	f->len = body + to - from;
	if (is_v6(s)) {
		pkt_u16(f->data + f->ip + 4, f->len - f->ip - 40);
		pkt_u16(f->data + f->fragment + 2, (from & ~7) | more);
	} else {
		pkt_u16(f->data + f->ip + 2, f->len - f->ip);
		pkt_u16(f->data + f->ip + 6, from / 8 | more << 13);
	}
	sum_ip(f, s);
}

static struct sockaddr_ll receiver(const struct run *r)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = r->index,
				 .sll_halen = 6};

	memcpy(to.sll_addr, r->to_mac, 6);
	return to;
}

static int send_gso(const struct run *r, const struct pkt_frame *f)
{
	struct virtio_net_hdr how = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = f->tcp + 20,
		.gso_size = 1000,
		.csum_start = f->tcp,
		.csum_offset = 16,
	};
	struct iovec parts[] = {{&how, sizeof(how)}, {(void *)f->data, f->len}};
	struct sockaddr_ll to = receiver(r);
	struct msghdr message = {.msg_name = &to,
				 .msg_namelen = sizeof(to),
				 .msg_iov = parts,
				 .msg_iovlen = 2};

	return sendmsg(r->gso, &message, 0) < 0 ? -errno : 0;
}

static int send_frame(const struct run *r, const struct pkt_frame *f)
{
	struct sockaddr_ll to = receiver(r);

	if (sendto(r->fd, f->data, f->len, 0, (struct sockaddr *)&to,
		   sizeof(to)) != f->len)
		return -errno;
	return 0;
}

static int send_pieces(const struct run *r, const struct pkt_frame *whole,
		       const struct shape *s)
{
	const char *at = s->cut;
	int err = 0;

	while (*at && !err) {
		int end = whole->len - body_of(whole, s), from, to;
		struct pkt_frame shown = *whole, f;
		char *next;

		from = strtol(at, &next, 10);
		next++; /* the - */
		to = isdigit(*next) ? strtol(next, &next, 10) : end;
		at = next;
		if (*at == '!') {
			shown.data[shown.tcp + 13] = ACK;
			at++;
		}
		at += *at == ' ';
		cut_out(&f, &shown, s, from, to, to < end);
		err = send_frame(r, &f);
	}
	return err;
}

static int send_shape(const struct run *r, int which)
{
	const struct shape *s = r->todo[which];
	struct pkt_frame f;
	int err;

	build(&f, r, which);
	err = s->cut	    ? send_pieces(r, &f, s)
	      : s->is & GSO ? send_gso(r, &f)
			    : send_frame(r, &f);
	if (err)
		fprintf(stderr, "shapes: %s: %s\n", s->name, strerror(-err));
	return err;
}

/* --- answers ------------------------------------------------------------- */

static uint16_t get_u16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static bool answers_v6(const struct shape *s)
{
	return is_v6(s) && !is_v4_inside(s);
}

/* Linux answers with a plain header. */
static void look_at(struct run *r, const uint8_t *frame, int len)
{
	bool v6 = len > 14 && get_u16(frame + 12) == 0x86dd;
	const uint8_t *ip = frame + 14, *tcp = ip + (v6 ? 40 : 20);
	int which;

	if (len < 14 + (v6 ? 40 : 20) + 20 || ip[v6 ? 6 : 9] != 6)
		return;
	if (!v6)
		tcp = ip + (ip[0] & 15) * 4;
	if (tcp + 20 > frame + len || get_u16(tcp) != r->port ||
	    (tcp[13] & (SYN | ACK | RST)) != (SYN | ACK))
		return;
	which = get_u16(tcp + 2) - r->first;
	if (which >= 0 && which < r->shapes && answers_v6(r->todo[which]) == v6)
		r->answered[which] = true;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Takes what comes for that long. */
static void collect(struct run *r, int ms)
{
	int64_t end = now_ms() + ms, left;

	while ((left = end - now_ms()) >= 0) {
		struct pollfd p = {.fd = r->fd, .events = POLLIN};
		struct sockaddr_ll from;
		socklen_t size = sizeof(from);
		uint8_t frame[256];
		ssize_t len;

		if (poll(&p, 1, left) <= 0)
			continue;
		len = recvfrom(r->fd, frame, sizeof(frame), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &size);
		if (len > 0 && from.sll_pkttype != PACKET_OUTGOING)
			look_at(r, frame, len);
	}
}

/* --- commands ------------------------------------------------------------ */

static int list(const char *which)
{
	int want = 0, is = 0;

	if (which && !strcmp(which, "answered"))
		want = SILENT;
	else if (which && !strcmp(which, "malformed"))
		want = is = MALFORMED;
	else if (which && !strcmp(which, "short"))
		want = is = SHORT;
	else if (which)
		return usage();
	for (int i = 0; i < SHAPES; i++)
		if ((shapes[i].is & want) == is)
			puts(shapes[i].name);
	return 0;
}

static int open_device(struct run *r, const char *dev)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = htons(ETH_P_ALL)};
	struct ifreq req = {};
	int yes = 1;

	r->gso = socket(AF_PACKET, SOCK_RAW, 0); /* receives nothing */
	if (r->gso < 0 ||
	    setsockopt(r->gso, SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof(yes)))
		return -errno;
	r->fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
	if (r->fd < 0)
		return -errno;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", dev);
	if (ioctl(r->fd, SIOCGIFHWADDR, &req))
		return -errno;
	memcpy(r->from_mac, req.ifr_hwaddr.sa_data, 6);
	if (ioctl(r->fd, SIOCGIFINDEX, &req))
		return -errno;
	at.sll_ifindex = r->index = req.ifr_ifindex;
	if (bind(r->fd, (struct sockaddr *)&at, sizeof(at)))
		return -errno;
	return 0;
}

static int choose(struct run *r, const char *name)
{
	bool all = !strcmp(name, "all");
	int before = r->shapes;

	for (int i = 0; i < SHAPES && r->shapes < SHAPES; i++)
		if (all || !strcmp(name, shapes[i].name))
			r->todo[r->shapes++] = &shapes[i];
	if (r->shapes > before)
		return 0;
	fprintf(stderr, "shapes: no shape %s, or too many\n", name);
	return -ENOENT;
}

static int perform(struct run *r)
{
	if (getrandom(&r->first, sizeof(r->first), 0) < 0 ||
	    getrandom(&r->id, sizeof(r->id), 0) < 0)
		return 1;
	r->first = 10000 + r->first % 50000;
	for (int i = 0; i < r->shapes; i++) {
		if (send_shape(r, i))
			return 1;
		collect(r, 1);
	}
	collect(r, r->wait);
	for (int i = 0; i < r->shapes; i++)
		printf("%s %s\n", r->todo[i]->name,
		       r->answered[i] ? "answered" : "silent");
	return 0;
}

static int run(int argc, char **argv)
{
	struct run r = {.port = 25, .wait = 300};
	uint8_t *m = r.to_mac;
	int opt, err;

	while ((opt = getopt(argc, argv, "p:w:")) != -1) {
		if (opt == '?')
			return usage();
		*(opt == 'p' ? &r.port : &r.wait) = atoi(optarg);
	}
	argv += optind;
	if (argc - optind < 7 ||
	    sscanf(argv[1], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2,
		   m + 3, m + 4, m + 5) != 6)
		return usage();
	r.from4 = argv[2];
	r.to4 = argv[3];
	r.from6 = argv[4];
	r.to6 = argv[5];
	for (char **name = argv + 6; *name; name++)
		if (choose(&r, *name))
			return 2;
	err = open_device(&r, argv[0]);
	if (err) {
		fprintf(stderr, "shapes: %s: %s\n", argv[0], strerror(-err));
		return 1;
	}
	return perform(&r);
}

static int open_listener(int port)
{
	struct sockaddr_in6 at = {.sin6_family = AF_INET6,
				  .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    listen(fd, 1024))
		return -1;
	return fd;
}

static int do_listen(int argc, char **argv)
{
	struct pollfd fds[8];
	int n = 0, opt, seconds = 120;

	while ((opt = getopt(argc, argv, "s:")) != -1) {
		if (opt == '?')
			return usage();
		seconds = atoi(optarg);
	}
	for (argv += optind; *argv && n < 8; argv++, n++) {
		fds[n].fd = open_listener(atoi(*argv));
		fds[n].events = POLLIN;
		if (fds[n].fd < 0) {
			fprintf(stderr, "shapes: port %s: %m\n", *argv);
			return 1;
		}
	}
	if (!n || *argv)
		return usage();
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	alarm(seconds);
	puts("listening");
	fflush(stdout);
	while (poll(fds, n, -1) > 0)
		for (int i = 0; i < n; i++)
			close(accept(fds[i].fd, NULL, NULL));
	return 1;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && argc <= 3 && !strcmp(argv[1], "list"))
		return list(argv[2]);
	if (argc > 1 && !strcmp(argv[1], "run"))
		return run(argc - 1, argv + 1);
	if (argc > 1 && !strcmp(argv[1], "listen"))
		return do_listen(argc - 1, argv + 1);
	return usage();
}
