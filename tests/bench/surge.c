// SPDX-License-Identifier: GPL-2.0
/*
 * surge flood DEV MAC DESTINATION RATE MS
 *
 * Forged SYNs to port 25 out of DEV, made by the kernel itself
 * (BPF_F_TEST_XDP_LIVE_FRAMES), RATE a second (0: as many as can be) for so
 * many milliseconds; the line: sent= ns= (of CPU time for each, with what its
 * receiver does on this CPU) rate= (a second).
 *
 * surge sink|drop|bounce DEV
 *
 * Hangs that program of surge.bpf.c on DEV until the end of standard input;
 * prints how many SYNs were answered.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "surge.skel.h"

enum { FRAME = 58, CHUNK = 4096, CHUNKS_A_SECOND = 100 };

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static double clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* What this process has used, with the packets that the kernel handles in it: a
 * busy machine does not make that longer. */
static double used_ns(void)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static __u16 partial(const __u8 *at, int len, __u32 sum)
{
	for (int i = 0; i < len; i += 2)
		sum += at[i] | at[i + 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* In the place of the checksums stand the sums of what does not change. */
static bool make_frame(__u8 frame[FRAME], const char *mac, const char *to)
{
	static const __u8 ip[] = {0x45, 0, 0, 44, 0, 0, 0x40, 0, 64, 6};
	static const __u8 tcp[] = {0, 0, 0, 25, 0,    0, 0,    0,
				   0, 0, 0, 0,	0x60, 2, 0xfa, 0xf0,
				   0, 0, 0, 0,	2,    4, 0x05, 0xb4};
	__u16 sum;

	memset(frame, 0, FRAME);
	frame[6] = 2;
	frame[11] = 1;
	frame[12] = 8;
	memcpy(frame + 14, ip, sizeof(ip));
	memcpy(frame + 34, tcp, sizeof(tcp));
	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", frame, frame + 1,
		   frame + 2, frame + 3, frame + 4, frame + 5) != 6 ||
	    inet_pton(AF_INET, to, frame + 30) != 1)
		return false;
	sum = partial(frame + 30, 4, htons(IPPROTO_TCP) + htons(sizeof(tcp)));
	sum = partial(frame + 34, sizeof(tcp), sum);
	memcpy(frame + 50, &sum, 2);
	sum = partial(frame + 14, 20, 0);
	memcpy(frame + 24, &sum, 2);
	return true;
}

static int send_chunk(int fd, const __u8 *frame, int count)
{
	struct xdp_md in = {.data_end = FRAME};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame,
		    .data_size_in = FRAME, .ctx_in = &in,
		    .ctx_size_in = sizeof(in), .repeat = count,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	return bpf_prog_test_run_opts(fd, &opts);
}

/* A rate is kept chunk by chunk; what is late is not made good. */
static int flood(struct surge_bpf *skel, const __u8 *frame, double rate,
		 double ms)
{
	int fd = bpf_program__fd(skel->progs.surge);
	int count = rate ? rate / CHUNKS_A_SECOND + 1 : CHUNK;
	double start = now_ns(), next = start, at = start, used = used_ns();
	long sent = 0;

	while (at < start + ms * 1e6) {
		if (send_chunk(fd, frame, count))
			return fail("BPF_PROG_TEST_RUN");
		sent += count;
		at = now_ns();
		next = rate ? next + count * 1e9 / rate : at;
		if (next < at)
			next = at;
		if (next - at > 200e3) {
			struct timespec t = {.tv_nsec = next - at - 50e3};

			nanosleep(&t, NULL);
		}
		while ((at = now_ns()) < next)
			;
	}
	printf("sent=%ld ns=%.1f rate=%.0f\n", sent, (used_ns() - used) / sent,
	       sent / (at - start) * 1e9);
	return 0;
}

static int hang(struct surge_bpf *skel, const char *name, int device)
{
	struct bpf_program *program =
		bpf_object__find_program_by_name(skel->obj, name);
	struct bpf_link *link =
		program ? bpf_program__attach_xdp(program, device) : NULL;
	char line[64];

	if (!link)
		return fail(name);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		printf("answered=%llu\n", skel->bss->answered);
		fflush(stdout);
	}
	bpf_link__destroy(link);
	return 0;
}

int main(int argc, char **argv)
{
	bool floods = argc == 7 && !strcmp(argv[1], "flood");
	int device = argc > 2 ? if_nametoindex(argv[2]) : 0, code = 1;
	struct surge_bpf *skel;
	__u8 frame[FRAME] = {};

	if (!device || (!floods && argc != 3) ||
	    (floods && !make_frame(frame, argv[3], argv[4]))) {
		fputs("surge flood DEV MAC DESTINATION RATE MS, or "
		      "sink|drop|bounce DEV\n",
		      stderr);
		return 2;
	}
	skel = surge_bpf__open();
	if (!skel)
		return 1;
	memcpy((void *)skel->rodata->frame, frame, FRAME);
	if (!surge_bpf__load(skel)) {
		skel->bss->device = device;
		code = floods ? flood(skel, frame, atof(argv[5]), atof(argv[6]))
			      : hang(skel, argv[1], device);
	}
	surge_bpf__destroy(skel);
	return code;
}
