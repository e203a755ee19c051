// SPDX-License-Identifier: GPL-2.0
/*
 * A proxy as a container's published port has one: takes connections at PORT
 * (of ADDRESS alone, where that is given) and makes one to the server for each,
 * from its own address; bytes are handed on both ways.
 *	proxy PORT SECONDS SERVER SERVER_PORT [ADDRESS]
 * Prints "ready" when it listens.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, BUFFER = 4096 };

static socklen_t address(struct sockaddr_storage *at, const char *text,
			 const char *port)
{
	struct sockaddr_in6 *in6 = (void *)at;
	struct sockaddr_in *in = (void *)at;

	memset(at, 0, sizeof(*at));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(atoi(port));
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1) {
		fprintf(stderr, "proxy: '%s' is no address\n", text);
		exit(2);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(atoi(port));
	return sizeof(*in6);
}

static int listener(const char *text, const char *port)
{
	struct sockaddr_storage at;
	socklen_t size = address(&at, text, port);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (void *)&at, size) || listen(fd, BACKLOG)) {
		perror("proxy");
		exit(1);
	}
	return fd;
}

/* false: the end, told to the other side. */
static bool hand_on(int from, int to)
{
	char buffer[BUFFER];
	ssize_t n = read(from, buffer, sizeof(buffer));

	if (n > 0 && send(to, buffer, n, MSG_NOSIGNAL) == n)
		return true;
	shutdown(to, SHUT_WR);
	return false;
}

static void serve(int client, const struct sockaddr_storage *at, socklen_t size)
{
	int server = socket(at->ss_family, SOCK_STREAM, 0);
	struct pollfd fds[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};

	if (server < 0 || connect(server, (void *)at, size))
		return;
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		poll(fds, 2, -1);
		if (fds[0].revents && !hand_on(client, server))
			fds[0].fd = -1;
		if (fds[1].revents && !hand_on(server, client))
			fds[1].fd = -1;
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_storage at;
	socklen_t size;
	int fd, client;

	if (argc != 5 && argc != 6) {
		fputs("proxy PORT SECONDS SERVER SERVER_PORT [ADDRESS]\n",
		      stderr);
		return 2;
	}
	size = address(&at, argv[3], argv[4]);
	fd = listener(argc == 6 ? argv[5] : "::", argv[1]);
	signal(SIGCHLD, SIG_IGN);
	puts("ready");
	fflush(stdout);
	alarm(atoi(argv[2]));
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		if (!fork()) {
			serve(client, &at, size);
			_exit(0);
		}
		close(client);
	}
	return 0;
}
