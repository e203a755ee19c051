// SPDX-License-Identifier: GPL-2.0
/*
 * A mail server that says yes to everything and keeps nothing, to talk to in
 * a private network: smtpd PORT SECONDS [BACKLOG [mptcp]]. IPv4 and IPv6.
 * Prints "ready" when it listens and "connections=N messages=N" at its end,
 * after SECONDS or at SIGTERM.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CLIENTS = 1000, /* poll() takes no more than there may be files */
	BACKLOG = 128,
	AT_ONCE = 64, /* welcomed before the others are heard */
	LINE = 1024,
	KIND = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
};

struct client {
	bool data; /* between DATA and the lone dot */
	size_t have;
	char text[LINE];
};

static struct pollfd fds[CLIENTS + 1]; /* the last one listens */
static struct client clients[CLIENTS];
static long connections, messages;
static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static void hang_up(int i)
{
	close(fds[i].fd);
	fds[i].fd = -1;
}

static void say(int i, const char *text)
{
	if (send(fds[i].fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		hang_up(i);
}

static void data_line(int i, const char *line)
{
	if (strcmp(line, "."))
		return;
	clients[i].data = false;
	messages++;
	say(i, "250 ok\r\n");
}

static void command(int i, const char *line)
{
	if (!strncasecmp(line, "DATA", 4)) {
		clients[i].data = true;
		say(i, "354 go on\r\n");
	} else if (!strncasecmp(line, "QUIT", 4)) {
		say(i, "221 bye\r\n");
		if (fds[i].fd >= 0)
			hang_up(i);
	} else {
		say(i, "250 ok\r\n");
	}
}

static void lines(int i)
{
	struct client *c = &clients[i];
	char *end;

	while (fds[i].fd >= 0 && (end = memchr(c->text, '\n', c->have))) {
		size_t len = end + 1 - c->text;

		*end = 0;
		if (end > c->text && end[-1] == '\r')
			end[-1] = 0;
		if (c->data)
			data_line(i, c->text);
		else
			command(i, c->text);
		c->have -= len;
		memmove(c->text, c->text + len, c->have);
	}
	if (c->have == LINE) /* an over-long line means nothing here */
		c->have = 0;
}

static void hear(int i)
{
	struct client *c = &clients[i];
	ssize_t n = recv(fds[i].fd, c->text + c->have, LINE - c->have, 0);

	if (n <= 0) {
		hang_up(i);
		return;
	}
	c->have += n;
	lines(i);
}

static bool welcome(void)
{
	int fd = accept(fds[CLIENTS].fd, NULL, NULL);

	if (fd < 0)
		return false;
	connections++;
	for (int i = 0; i < CLIENTS; i++) {
		if (fds[i].fd >= 0)
			continue;
		fds[i].fd = fd;
		fds[i].events = POLLIN;
		clients[i] = (struct client){};
		say(i, "220 ready\r\n");
		return true;
	}
	close(fd);
	return true;
}

/* Inherited: a client that is gone is noticed in four seconds. */
static void keep_alive(int fd)
{
	const int on = 1, idle = 2, interval = 1, probes = 2;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof(probes));
}

/* IPv4 alone where the machine was booted without IPv6. */
static int listener(int port, int backlog, int protocol)
{
	struct sockaddr_in6 at6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(port),
	};
	struct sockaddr_in at4 = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int on = 1, off = 0, err;
	int fd = socket(AF_INET6, KIND, protocol);
	bool v6 = fd >= 0;

	if (!v6)
		fd = socket(AF_INET, KIND, protocol);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	keep_alive(fd);
	err = v6 ? bind(fd, (void *)&at6, sizeof(at6))
		 : bind(fd, (void *)&at4, sizeof(at4));
	if (err || listen(fd, backlog)) {
		perror("smtpd");
		exit(1);
	}
	return fd;
}

static void serve(time_t seconds)
{
	struct sigaction action = {.sa_handler = on_signal};
	time_t end = time(NULL) + seconds;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	while (!stop && time(NULL) < end) {
		if (poll(fds, CLIENTS + 1, 200) <= 0)
			continue;
		for (int i = 0; i < CLIENTS; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				hear(i);
		for (int i = 0; i < AT_ONCE && welcome(); i++)
			;
	}
}

int main(int argc, char **argv)
{
	bool usage = argc < 3 || argc > 5;
	int port = usage ? 0 : atoi(argv[1]);
	int seconds = usage ? 0 : atoi(argv[2]);
	int backlog = argc >= 4 ? atoi(argv[3]) : BACKLOG;
	int protocol = argc == 5 ? IPPROTO_MPTCP : 0;

	if (port < 1 || port > 65535 || seconds < 1 || backlog < 1) {
		fputs("smtpd PORT SECONDS [BACKLOG [mptcp]]\n", stderr);
		return 2;
	}
	for (int i = 0; i < CLIENTS; i++)
		fds[i].fd = -1;
	fds[CLIENTS].fd = listener(port, backlog, protocol);
	fds[CLIENTS].events = POLLIN;
	puts("ready");
	fflush(stdout);
	serve(seconds);
	printf("connections=%ld messages=%ld\n", connections, messages);
	return 0;
}
