// SPDX-License-Identifier: GPL-2.0
/*
 * deliver DEV MAC DESTINATION COUNT <SOURCES
 *
 * Sends COUNT SYNs to port 25 out of DEV, made by the kernel itself
 * (BPF_F_TEST_XDP_LIVE_FRAMES), from the addresses on standard input in turn;
 * prints the ns of each: the receiver's work on this CPU is in it.
 *
 * deliver null DEV
 *
 * Drops everything at DEV by an XDP program of one line, until it is told the
 * end of standard input; prints how many they were.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "deliver.skel.h"

enum { PACKET = 64, SOURCES = 1 << 16, COUNT_MAX = 2000000 };

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* From an Ethernet address of nobody: veth has no filter for it. */
static int make_packet(__u8 packet[PACKET], const char *mac, const char *to)
{
	static const __u8 head[] = {
		0,    0, 0, 0,	0, 0, 2, 0, 0,	0, 0, 1, 8, 0, /* Ethernet */
		0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6,	       /* IPv4 */
	};
	static const __u8 tcp[] = {0x9c, 0x40, 0, 25, 0,    0, 0,    1,
				   0,	 0,    0, 0,  0x50, 2, 0xff, 0xff};

	memset(packet, 0, PACKET);
	memcpy(packet, head, sizeof(head));
	memcpy(packet + 34, tcp, sizeof(tcp));
	return sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", packet, packet + 1,
		      packet + 2, packet + 3, packet + 4, packet + 5) == 6 &&
			       inet_pton(AF_INET, to, packet + 30) == 1
		       ? 0
		       : -1;
}

static __u32 read_sources(const struct bpf_map *map)
{
	char line[64];
	__u32 n = 0;
	__u64 at;

	while (n < SOURCES && fgets(line, sizeof(line), stdin)) {
		at = 0;
		line[strcspn(line, "/\n")] = 0;
		if (inet_pton(AF_INET, line, &at) == 1 &&
		    !bpf_map_update_elem(bpf_map__fd(map), &n, &at, 0))
			n++;
	}
	return n;
}

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int deliver(struct deliver_bpf *skel, const __u8 *packet, int count)
{
	struct xdp_md in = {.data_end = PACKET};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = PACKET, .ctx_in = &in,
		    .ctx_size_in = sizeof(in), .repeat = count,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	double start = now_ns();

	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.deliver), &opts))
		return fail("BPF_PROG_TEST_RUN");
	printf("%.1f\n", (now_ns() - start) / count);
	return 0;
}

static int drop_all(struct deliver_bpf *skel, int device)
{
	struct bpf_link *link =
		bpf_program__attach_xdp(skel->progs.nothing, device);
	char line[64];

	if (!link)
		return fail("attach");
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin))
		;
	printf("%llu\n", skel->bss->dropped);
	bpf_link__destroy(link);
	return 0;
}

int main(int argc, char **argv)
{
	bool null = argc == 3 && !strcmp(argv[1], "null");
	int device = argc > 2 ? if_nametoindex(argv[null ? 2 : 1]) : 0;
	int count = argc == 5 ? atoi(argv[4]) : 0;
	struct deliver_bpf *skel;
	__u8 packet[PACKET];
	int code;

	if (!device || (!null && (count < 1 || count > COUNT_MAX ||
				  make_packet(packet, argv[2], argv[3])))) {
		fputs("deliver DEV MAC DESTINATION COUNT, or null DEV\n",
		      stderr);
		return 2;
	}
	skel = deliver_bpf__open_and_load();
	if (!skel)
		return 1;
	skel->bss->device = device;
	if (!null)
		skel->data->many = read_sources(skel->maps.sources);
	code = null ? drop_all(skel, device) : deliver(skel, packet, count);
	deliver_bpf__destroy(skel);
	return code;
}
