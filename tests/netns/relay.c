// SPDX-License-Identifier: GPL-2.0
/*
 * A long wire between two interfaces: relay DEV DEV MILLISECONDS SECONDS
 *
 * Every frame that comes in at one leaves by the other, as it is, MILLISECONDS
 * later. Both should have offloads off, else a frame can be longer than the
 * wire carries, or its checksum still be missing. Prints "ready"; at its end,
 * after SECONDS or at SIGTERM, "carried=N dropped=N lost=N late_us=N": dropped
 * found no room in the queue or were too long, lost came faster than they were
 * read, and none left more than late_us after its time.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

enum {
	QUEUE = 1 << 15,
	FRAME = 1522, /* with two tags; no jumbo frames */
	AT_ONCE = 64, /* read before those that are due are sent */
	DELAY_MAX = 10000,
	SECONDS_MAX = 3600,
};

struct frame {
	uint64_t due; /* ns */
	int out;
	size_t size;
	uint8_t bytes[FRAME];
};

/* Of one delay, so the first to come is the first to leave. */
static struct frame queue[QUEUE];
static unsigned int head, tail;
static uint64_t delay;
static uint64_t carried, dropped, lost, late;
static volatile sig_atomic_t stop;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* Everything that comes in at the device; nothing that is sent from it. */
static int open_device(const char *name)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = if_nametoindex(name),
	};
	struct packet_mreq all = {
		.mr_ifindex = at.sll_ifindex,
		.mr_type = PACKET_MR_PROMISC,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	int on = 1, room = 64 << 20;

	if (!at.sll_ifindex || fd < 0)
		die(name);
	if (setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
		       sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all,
		       sizeof(all)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (void *)&at, sizeof(at)))
		die(name);
	return fd;
}

static void take(int in, int out)
{
	for (int i = 0; i < AT_ONCE; i++) {
		struct frame *f = &queue[tail % QUEUE];
		bool full = tail - head == QUEUE;
		uint8_t nowhere[1];
		ssize_t size = recv(in, full ? nowhere : f->bytes,
				    full ? sizeof(nowhere) : FRAME,
				    MSG_DONTWAIT | MSG_TRUNC);

		if (size < 0)
			return;
		if (full || size > FRAME) {
			dropped++;
			continue;
		}
		f->due = now_ns() + delay;
		f->out = out;
		f->size = size;
		tail++;
	}
}

static void deliver(void)
{
	while (head != tail) {
		const struct frame *f = &queue[head % QUEUE];
		uint64_t now = now_ns();

		if (f->due > now)
			return;
		if (now - f->due > late)
			late = now - f->due;
		if (send(f->out, f->bytes, f->size, 0) < 0)
			dropped++;
		else
			carried++;
		head++;
	}
}

static struct timespec until_due(void)
{
	uint64_t now = now_ns(), wait = 100000000;

	if (head != tail) {
		uint64_t due = queue[head % QUEUE].due;

		wait = due > now ? due - now : 0;
	}
	return (struct timespec){wait / 1000000000, wait % 1000000000};
}

static void count_lost(int fd)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (!getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		lost += stats.tp_drops;
}

static void carry(struct pollfd fds[2], uint64_t end)
{
	while (!stop && now_ns() < end) {
		struct timespec wait = until_due();

		if (ppoll(fds, 2, &wait, NULL) < 0 && errno != EINTR)
			die("ppoll");
		take(fds[0].fd, fds[1].fd);
		take(fds[1].fd, fds[0].fd);
		deliver();
	}
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	int ms = argc == 5 ? atoi(argv[3]) : -1;
	int seconds = argc == 5 ? atoi(argv[4]) : 0;
	struct pollfd fds[2];

	if (ms < 0 || ms > DELAY_MAX || seconds < 1 || seconds > SECONDS_MAX) {
		fputs("relay DEV DEV MILLISECONDS SECONDS\n", stderr);
		return 2;
	}
	delay = ms * 1000000ULL;
	for (int i = 0; i < 2; i++)
		fds[i] = (struct pollfd){open_device(argv[i + 1]), POLLIN, 0};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	puts("ready");
	fflush(stdout);
	carry(fds, now_ns() + seconds * 1000000000ULL);
	count_lost(fds[0].fd);
	count_lost(fds[1].fd);
	printf("carried=%llu dropped=%llu lost=%llu late_us=%llu\n",
	       (unsigned long long)carried, (unsigned long long)dropped,
	       (unsigned long long)lost, (unsigned long long)late / 1000);
	return 0;
}
