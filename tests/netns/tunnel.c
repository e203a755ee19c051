// SPDX-License-Identifier: GPL-2.0
/*
 * A tunnel between two network namespaces whose ends have no link header:
 *	tunnel NETNS DEV NETNS DEV [TYPE]
 * A tun interface in each namespace, named by its path; what one sends the
 * other receives. TYPE: the number that they say is their ARPHRD_. Prints "ready"; ends by a signal.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if.h>
#include <linux/if_tun.h>

enum { PACKET = 65536 };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* The descriptor of a new tun interface. */
static int end_open(const char *netns, const char *dev, const char *type)
{
	struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
	int ns = open(netns, O_RDONLY | O_CLOEXEC), fd;

	if (ns < 0 || setns(ns, CLONE_NEWNET))
		die(netns);
	close(ns);
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/net/tun");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", dev);
	if (ioctl(fd, TUNSETIFF, &request))
		die(dev);
	if (type && ioctl(fd, TUNSETLINK, atol(type)))
		die(type);
	return fd;
}

/* A packet that the other end refuses, as one that is down does, is lost. */
static void carry(int from, int to)
{
	static char packet[PACKET];
	ssize_t n = read(from, packet, sizeof(packet));

	if (n > 0 && write(to, packet, n) < 0)
		return;
}

int main(int argc, char **argv)
{
	struct pollfd ends[2];

	if (argc != 5 && argc != 6) {
		fputs("tunnel NETNS DEV NETNS DEV [TYPE]\n", stderr);
		return 2;
	}
	for (int i = 0; i < 2; i++)
		ends[i] = (struct pollfd){
			.fd = end_open(argv[1 + 2 * i], argv[2 + 2 * i],
				       argv[5]),
			.events = POLLIN};
	puts("ready");
	fflush(stdout);
	while (poll(ends, 2, -1) > 0)
		for (int i = 0; i < 2; i++)
			if (ends[i].revents)
				carry(ends[i].fd, ends[!i].fd);
	return 1;
}
