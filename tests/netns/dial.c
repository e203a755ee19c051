// SPDX-License-Identifier: GPL-2.0
/*
 * Real connections, with the kernel's own handshake:
 *	dial -d ADDRESS [-p PORT] [-s SOURCE | -f FILE] [-n COUNT]
 *	     [-i MICROSECONDS] [-t MILLISECONDS] [-k MILLISECONDS] [-R] [-1]
 *	     [-b AT ONCE] [-v]
 * COUNT connections, one or -b of them begun every -i, from SOURCE or from the
 * lines of FILE in turn; each is given -t to be established and is held for -k.
 * -R ends them by a reset; -1 leaves one out where its line has one open still.
 * Prints tried=, connected=, the median and the 99th percentile of the time
 * that a handshake took; -v a digit for each before that, 1 where it was
 * established, in the order in which they were begun.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { OPEN = 8192, SOURCES = 65536, MOST = 1000000 };

struct call {
	long number;
	double begun, since; /* in this state; microseconds */
	bool established;
};

static struct pollfd fds[OPEN];
static struct call calls[OPEN];
static int open_calls;
static char sources[SOURCES][INET6_ADDRSTRLEN];
static long n_sources, count = 1, interval, patience = 1000, held;
static long at_once = 1;
static const char *to, *port = "25";
static bool reset, one_each, verbose;
static bool has_open[SOURCES]; /* one_each: a source */
static char *outcome;	       /* of each, '0' or '1' */
static double *took;	       /* of those that were established */
static long connected;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static socklen_t address(struct sockaddr_storage *at, const char *text,
			 const char *service)
{
	struct sockaddr_in *in = (void *)at;
	struct sockaddr_in6 *in6 = (void *)at;

	memset(at, 0, sizeof(*at));
	if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
		in->sin_family = AF_INET;
		in->sin_port = htons(atoi(service));
		return sizeof(*in);
	}
	if (inet_pton(AF_INET6, text, &in6->sin6_addr) != 1) {
		fprintf(stderr, "dial: '%s' is no address\n", text);
		exit(2);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(atoi(service));
	return sizeof(*in6);
}

static int begin_socket(const char *source)
{
	struct sockaddr_storage at;
	socklen_t size = address(&at, to, port);
	int fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* IPv6 binds to an address of a local route only so. */
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one));
	if (source) {
		size = address(&at, source, "0");
		if (bind(fd, (void *)&at, size)) {
			perror(source);
			exit(1);
		}
		size = address(&at, to, port);
	}
	if (!connect(fd, (void *)&at, size) || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

static long source_of(long number)
{
	return n_sources ? number % n_sources : 0;
}

static void begin(long number)
{
	long source = source_of(number);
	double now = now_us();
	int fd;

	if (one_each && has_open[source])
		return;
	fd = begin_socket(n_sources ? sources[source] : NULL);
	if (fd < 0)
		return;
	has_open[source] = true;
	fds[open_calls] = (struct pollfd){.fd = fd, .events = POLLOUT};
	calls[open_calls] = (struct call){number, now, now, false};
	open_calls++;
}

static void end(int i)
{
	const struct linger now = {1, 0};

	if (reset)
		setsockopt(fds[i].fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fds[i].fd);
	has_open[source_of(calls[i].number)] = false;
	open_calls--;
	fds[i] = fds[open_calls];
	calls[i] = calls[open_calls];
}

/* false: it is over. */
static bool look(int i, double now)
{
	struct call *c = &calls[i];
	int err = 0;
	socklen_t size = sizeof(err);

	if (c->established)
		return now - c->since < held * 1e3;
	if (fds[i].revents) {
		getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &err, &size);
		if (err)
			return false;
		outcome[c->number] = '1';
		took[connected++] = now - c->begun;
		c->established = true;
		c->since = now;
		fds[i].events = 0;
		return held > 0;
	}
	return now - c->begun < patience * 1e3;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void report(void)
{
	qsort(took, connected, sizeof(*took), by_size);
	if (verbose)
		printf("%s\n", outcome);
	printf("tried=%ld connected=%ld median_us=%.0f p99_us=%.0f\n", count,
	       connected, connected ? took[connected / 2] : 0,
	       connected ? took[connected * 99 / 100] : 0);
}

static void read_sources(const char *file)
{
	FILE *f = fopen(file, "r");

	if (!f) {
		perror(file);
		exit(1);
	}
	while (n_sources < SOURCES &&
	       fscanf(f, "%45s", sources[n_sources]) == 1)
		n_sources++;
	fclose(f);
}

/* The options that take a number. */
static void read_number(int c, long n)
{
	if (c == 'n')
		count = n;
	else if (c == 'i')
		interval = n;
	else if (c == 't')
		patience = n;
	else if (c == 'k')
		held = n;
	else
		at_once = n;
}

static void usage(void)
{
	fputs("dial -d ADDRESS [options]: see its source\n", stderr);
	exit(2);
}

static void read_option(int c)
{
	switch (c) {
	case 'd':
		to = optarg;
		break;
	case 's':
		snprintf(sources[0], sizeof(sources[0]), "%s", optarg);
		n_sources = 1;
		break;
	case 'p':
		port = optarg;
		break;
	case 'f':
		read_sources(optarg);
		break;
	case 'R':
		reset = true;
		break;
	case '1':
		one_each = true;
		break;
	case 'v':
		verbose = true;
		break;
	case '?':
		usage();
		break;
	default:
		read_number(c, atol(optarg));
	}
}

static void read_options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "d:p:s:f:n:i:t:k:R1b:v")) != -1)
		read_option(c);
	if (!to || at_once < 1 || count < 1 || count > MOST)
		usage();
}

int main(int argc, char **argv)
{
	const struct rlimit files = {OPEN + 64, OPEN + 64};
	double start;
	long begun = 0;

	read_options(argc, argv);
	setrlimit(RLIMIT_NOFILE, &files);
	outcome = malloc(count + 1);
	took = calloc(count, sizeof(*took));
	if (!outcome || !took)
		return 1;
	memset(outcome, '0', count);
	outcome[count] = 0;
	start = now_us();
	while (begun < count || open_calls) {
		double now = now_us();

		while (begun < count && open_calls < OPEN &&
		       now >= start + (double)(begun / at_once) * interval)
			begin(begun++);
		poll(fds, open_calls, 1);
		now = now_us();
		for (int i = open_calls - 1; i >= 0; i--)
			if (!look(i, now))
				end(i);
	}
	report();
	return 0;
}
