// SPDX-License-Identifier: GPL-2.0
/*
 * One SYN frame of each arrangement, and the frame that answers it.
 *
 *	synack -l					the arrangements' names
 *	synack -i DEV -m MAC -d DESTINATION -s SOURCE [-p PORT]
 *		[-P SOURCE PORT] [-b] NAME
 *
 * -b: SYNs without options go first, from other ports, so that this one is
 * above the rate. The line: NAME answered=0|1 check=ok|bad, and the answer in
 * hex from its first byte on, without what may differ from answer to answer:
 * sequence number, flow label, and checksums, which check speaks of.
 */
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

enum {
	WAIT_MS = 200,
	FRAME = 256,
	BURN = 3,
	ETHERNET = 14,
	CONGESTION = 0xc0, /* ECE, CWR */
};

static const struct shape {
	const char *name;
	const char *options; /* of TCP */
	int len;
	int tag; /* 1: a VLAN tag with what is next */
	int tci;
	int flags; /* beside SYN */
	int tos;
	int ip_options; /* bytes, of IPv4 */
	int extension;	/* bytes, of IPv6 */
	int data;	/* bytes behind the header */
	bool broken;	/* the checksum of IPv4 */
	bool group;	/* to a group of Ethernet */
} shapes[] = {
	{"plain"},
	{"mss", "\x02\x04\x05\xb4", 4},
	{"small-mss", "\x02\x04\x02\x18", 4},
	{"sack-scale", "\x02\x04\x05\xb4\x04\x02\x01\x03\x03\x07\x01\x01", 12},
	{"unknown-option", "\x02\x04\x05\xb4\xfa\x04zz", 8},
	{"broken-option", "\x02\x04\x05\xb4\x08\x28zz", 8},
	{"end-of-options", "\x02\x04\x05\xb4\x00\x22\x02\x00", 8},
	{"ecn", "\x02\x04\x05\xb4", 4, .flags = CONGESTION},
	{"push-urgent", "\x02\x04\x05\xb4", 4, .flags = 0x28},
	{"tos", "\x02\x04\x05\xb4", 4, .tos = 0xb8},
	{"ect", "\x02\x04\x05\xb4", 4, .tos = 0x02, .flags = CONGESTION},
	{"data", "\x02\x04\x05\xb4", 4, .data = 40},
	{"priority-tag", "\x02\x04\x05\xb4", 4, .tag = 1, .tci = 0xe000},
	/* Passed on. */
	{"vlan", "\x02\x04\x05\xb4", 4, .tag = 1, .tci = 5},
	{"ip-options", "\x02\x04\x05\xb4", 4, .ip_options = 4},
	{"extension", "\x02\x04\x05\xb4", 4, .extension = 8},
	{"fast-open", "\x02\x04\x05\xb4\x22\x02\x01\x01", 8},
	{"md5", "\x02\x04\x05\xb4\x13\x04zz", 8},
	{"broken", "\x02\x04\x05\xb4", 4, .broken = true},
	{"group", "\x02\x04\x05\xb4", 4, .group = true},
};

enum { SHAPES = sizeof(shapes) / sizeof(*shapes) };

static struct address to, from;
static uint8_t mac_to[6], mac_from[6];
static int dest_port = 25;

static void usage(void)
{
	fputs("synack -l | -i DEV -m MAC -d DST -s SRC [-p PORT] [-P PORT] [-b] NAME\n",
	      stderr);
	exit(2);
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static void put16(uint8_t *at, int value)
{
	at[0] = value >> 8;
	at[1] = value;
}

/* The sum of a TCP segment with its pseudo header; of a right one 0. */
static uint16_t tcp_sum(const uint8_t *tcp, int len, const uint8_t *a,
			const uint8_t *b, int width)
{
	uint32_t sum = IPPROTO_TCP + len;

	sum = raw_sum(a, width, sum);
	sum = raw_sum(b, width, sum);
	return fold(raw_sum(tcp, len, sum));
}

/* --- sending ------------------------------------------------------------- */

static int put_ethernet(uint8_t *at, const struct shape *s, int type)
{
	int len = 12;

	memcpy(at, mac_to, 6);
	memcpy(at + 6, mac_from, 6);
	at[0] |= s->group;
	if (s->tag) {
		put16(at + len, ETH_P_8021Q);
		put16(at + len + 2, s->tci);
		len += 4;
	}
	put16(at + len, type);
	return len + 2;
}

static int put_ipv4(uint8_t *ip, const struct shape *s, int payload)
{
	int header = 20 + s->ip_options;

	memset(ip, 0, header);
	ip[0] = 0x40 | header / 4;
	ip[1] = s->tos;
	put16(ip + 2, header + payload);
	put16(ip + 4, 4711);
	put16(ip + 6, 0x4000);
	ip[8] = 61;
	ip[9] = IPPROTO_TCP;
	memcpy(ip + 12, from.bytes, 4);
	memcpy(ip + 16, to.bytes, 4);
	memset(ip + 20, 1, s->ip_options);
	put16(ip + 10, fold(raw_sum(ip, header, 0)) ^ s->broken);
	return header;
}

static int put_ipv6(uint8_t *ip, const struct shape *s, int payload)
{
	memset(ip, 0, 40 + s->extension);
	ip[0] = 0x60 | s->tos >> 4;
	ip[1] = s->tos << 4 | 5;
	put16(ip + 4, payload + s->extension);
	ip[6] = s->extension ? IPPROTO_DSTOPTS : IPPROTO_TCP;
	ip[7] = 61;
	memcpy(ip + 8, from.bytes, 16);
	memcpy(ip + 24, to.bytes, 16);
	if (s->extension) {
		ip[40] = IPPROTO_TCP;
		ip[42] = 1; /* PadN */
		ip[43] = 4;
	}
	return 40 + s->extension;
}

static void put_tcp(uint8_t *tcp, const struct shape *s, int port, int width)
{
	int len = 20 + s->len + s->data;

	memset(tcp, 0, len);
	put16(tcp, port);
	put16(tcp + 2, dest_port);
	memcpy(tcp + 4, "\x12\x34\x56\x78", 4);
	tcp[12] = (20 + s->len) / 4 << 4;
	tcp[13] = 0x02 | s->flags;
	put16(tcp + 14, 64240);
	memcpy(tcp + 20, s->options ? s->options : "", s->len);
	put16(tcp + 16, tcp_sum(tcp, len, from.bytes, to.bytes, width));
}

static void send_syn(int fd, const struct shape *s, int port)
{
	int payload = 20 + s->len + s->data, len;
	bool v4 = from.family == AF_INET;
	uint8_t frame[FRAME];

	len = put_ethernet(frame, s, v4 ? ETH_P_IP : ETH_P_IPV6);
	len += v4 ? put_ipv4(frame + len, s, payload)
		  : put_ipv6(frame + len, s, payload);
	put_tcp(frame + len, s, port, v4 ? 4 : 16);
	if (send(fd, frame, len + payload, 0) < 0)
		die("send");
}

/* --- the answer ---------------------------------------------------------- */

/* Takes out of the frame what differs. false: a checksum is wrong. */
static bool normalize(uint8_t *ip, uint8_t *tcp, int len)
{
	bool v4 = from.family == AF_INET;
	bool good = !tcp_sum(tcp, len, ip + (v4 ? 12 : 8), ip + (v4 ? 16 : 24),
			     v4 ? 4 : 16);

	if (v4) {
		good &= !fold(raw_sum(ip, 20, 0));
		put16(ip + 10, 0);
	} else {
		ip[1] &= 0xf0;
		put16(ip + 2, 0);
	}
	memset(tcp + 4, 0, 4);
	put16(tcp + 16, 0);
	return good;
}

/* false: it is another frame. */
static bool is_answer(uint8_t *frame, int len, const char *name, int port)
{
	bool v4 = from.family == AF_INET, good;
	int at = ETHERNET + (v4 ? 20 : 40), type = v4 ? ETH_P_IP : ETH_P_IPV6;
	uint8_t *tcp = frame + at;

	if (len < at + 20 || (frame[12] << 8 | frame[13]) != type ||
	    tcp[13] != 0x12 || (tcp[2] << 8 | tcp[3]) != port ||
	    memcmp(frame, mac_from, 6))
		return false;
	good = normalize(frame + ETHERNET, tcp, len - at);
	put16(tcp + 2, 0); /* the port: each SYN has its own */
	printf("%s answered=1 check=%s ", name, good ? "ok" : "bad");
	for (int i = 0; i < len; i++)
		printf("%02x", frame[i]);
	puts("");
	return true;
}

static bool await(int fd, const char *name, int port)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};
	uint8_t frame[2048];
	struct timespec t;
	long long now, end = 0;

	do {
		ssize_t len = recv(fd, frame, sizeof(frame), MSG_DONTWAIT);

		if (len > 0 && is_answer(frame, len, name, port))
			return true;
		if (len < 0)
			poll(&in, 1, 5);
		clock_gettime(CLOCK_MONOTONIC, &t);
		now = t.tv_sec * 1000LL + t.tv_nsec / 1000000;
		end = end ? end : now + WAIT_MS;
	} while (now < end);
	return false;
}

/* --- main ---------------------------------------------------------------- */

static int open_device(const char *dev)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(dev),
	};
	struct ifreq ask = {};

	snprintf(ask.ifr_name, sizeof(ask.ifr_name), "%s", dev);
	if (fd < 0 || !at.sll_ifindex || bind(fd, (void *)&at, sizeof(at)) ||
	    ioctl(fd, SIOCGIFHWADDR, &ask))
		die(dev);
	memcpy(mac_from, ask.ifr_hwaddr.sa_data, 6);
	return fd;
}

static const struct shape *shape_named(const char *name)
{
	for (int i = 0; i < SHAPES; i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	usage();
	return NULL;
}

static void list(void)
{
	for (int i = 0; i < SHAPES; i++)
		puts(shapes[i].name);
	exit(0);
}

static bool mac_parse(const char *text)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac_to[0],
		      &mac_to[1], &mac_to[2], &mac_to[3], &mac_to[4],
		      &mac_to[5]) == 6;
}

int main(int argc, char **argv)
{
	const struct shape *s;
	const char *dev = NULL;
	bool burn = false, good = true;
	int c, fd, port = 10000 + getpid() % 20000 * 2;

	while ((c = getopt(argc, argv, "li:m:d:s:p:P:b")) != -1) {
		if (c == 'l')
			list();
		else if (c == 'i')
			dev = optarg;
		else if (c == 'p')
			dest_port = atoi(optarg);
		else if (c == 'b')
			burn = true;
		else
			good &= c == 'm'   ? mac_parse(optarg)
				: c == 'd' ? address_parse(optarg, &to)
				: c == 's' ? address_parse(optarg, &from)
				: c == 'P' ? (port = atoi(optarg)) > 0
					   : false;
	}
	if (!good || !dev || optind != argc - 1 || to.family != from.family)
		usage();
	s = shape_named(argv[optind]);
	fd = open_device(dev);
	for (int i = 0; burn && i < BURN; i++)
		send_syn(fd, &shapes[0], port + 1 + 2 * i);
	send_syn(fd, s, port);
	if (!await(fd, s->name, port))
		printf("%s answered=0\n", s->name);
	return 0;
}
