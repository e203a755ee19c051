// SPDX-License-Identifier: GPL-2.0
/* synflood connect: real connections, and how far each came. */
#include "synflood.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum stage { FREE, CONNECTING, GREETING, QUITTING };

struct client {
	int fd;
	enum stage stage;
	uint64_t until;
};

struct caller {
	const struct job *job;
	struct client client[CONNECTS];
	uint64_t start;
	long attempted, connected, greeted, refused, timeout, failed;
};

static void client_close(struct client *c)
{
	/* With a reset: no TIME_WAIT that would use up the ports. */
	struct linger now = {.l_onoff = 1};

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c->fd);
	c->stage = FREE;
}

static int client_socket(const struct job *j)
{
	struct sockaddr_storage from;
	socklen_t len = address_sockaddr(&j->from, 0, &from);
	int fd, on = 1;

	fd = socket(j->to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    0);
	if (fd < 0)
		die("socket");
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (j->has_from && bind(fd, (void *)&from, len))
		die("bind");
	return fd;
}

static void client_connected(struct caller *all, struct client *c)
{
	all->connected++;
	c->stage = GREETING;
	/* A server has longer to greet than to answer a SYN. */
	c->until += 10 * (uint64_t)SECOND;
	if (!all->job->smtp)
		client_close(c);
}

static void client_start(struct caller *all, struct client *c)
{
	const struct job *j = all->job;
	struct sockaddr_storage to;
	socklen_t len = address_sockaddr(&j->to, j->port, &to);

	c->fd = client_socket(j);
	c->stage = CONNECTING;
	c->until = now_ns() + j->wait_ms * (uint64_t)MILLISECOND;
	all->attempted++;
	if (!connect(c->fd, (void *)&to, len)) {
		client_connected(all, c);
	} else if (errno != EINPROGRESS) {
		all->failed++;
		client_close(c);
	}
}

static void client_read(struct caller *all, struct client *c)
{
	static const char quit[] = "QUIT\r\n";
	char line[512];
	ssize_t n = recv(c->fd, line, sizeof(line), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (c->stage == GREETING && n >= 4 && !memcmp(line, "220", 3)) {
		all->greeted++;
		c->stage = QUITTING;
		if (send(c->fd, quit, sizeof(quit) - 1, MSG_NOSIGNAL) > 0)
			return;
	}
	client_close(c);
}

static void client_ready(struct caller *all, struct client *c)
{
	socklen_t len = sizeof(int);
	int err = 0;

	if (c->stage != CONNECTING) {
		client_read(all, c);
		return;
	}
	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	if (!err) {
		client_connected(all, c);
		return;
	}
	if (err == ECONNREFUSED || err == ECONNRESET)
		all->refused++;
	else if (err == ETIMEDOUT)
		all->timeout++;
	else
		all->failed++;
	client_close(c);
}

/* Gives up those past their time; returns how many are under way. */
static int caller_expire(struct caller *all, uint64_t now)
{
	int busy = 0;

	for (int i = 0; i < CONNECTS; i++) {
		struct client *c = &all->client[i];

		if (c->stage == FREE)
			continue;
		busy++;
		if (now < c->until)
			continue;
		if (c->stage == CONNECTING)
			all->timeout++;
		client_close(c);
		busy--;
	}
	return busy;
}

static void caller_start(struct caller *all, uint64_t elapsed)
{
	long until = due(all->job, elapsed);

	for (int i = 0; i < CONNECTS && all->attempted < until; i++)
		if (all->client[i].stage == FREE)
			client_start(all, &all->client[i]);
}

static void caller_poll(struct caller *all)
{
	static struct pollfd fds[CONNECTS];

	for (int i = 0; i < CONNECTS; i++) {
		enum stage stage = all->client[i].stage;

		fds[i].fd = stage == FREE ? -1 : all->client[i].fd;
		fds[i].events = stage == CONNECTING ? POLLOUT : POLLIN;
		fds[i].revents = 0;
	}
	if (poll(fds, CONNECTS, 2) <= 0)
		return;
	for (int i = 0; i < CONNECTS; i++)
		if (fds[i].revents)
			client_ready(all, &all->client[i]);
}

static void caller_print(const struct caller *all)
{
	long pending = all->attempted - all->connected - all->refused -
		       all->timeout - all->failed;

	printf("attempted=%ld connected=%ld greeted=%ld refused=%ld "
	       "timeout=%ld pending=%ld failed=%ld seconds=%.3f\n",
	       all->attempted, all->connected, all->greeted, all->refused,
	       all->timeout, pending, all->failed,
	       (now_ns() - all->start) / 1e9);
	fflush(stdout);
}

int connect_main(const struct job *j)
{
	static struct caller all;
	uint64_t elapsed, told = 0;

	all.job = j;
	all.start = now_ns();
	while ((elapsed = now_ns() - all.start) <
	       j->seconds * (uint64_t)SECOND) {
		caller_start(&all, elapsed);
		if (!caller_expire(&all, all.start + elapsed) &&
		    all.attempted == j->count)
			break;
		caller_poll(&all);
		if (j->every_ms &&
		    elapsed >= told + j->every_ms * (uint64_t)MILLISECOND) {
			caller_print(&all);
			told = elapsed;
		}
	}
	caller_print(&all);
	return 0;
}
