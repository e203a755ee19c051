// SPDX-License-Identifier: GPL-2.0
/*
 * Makes attempts, and counts what became of them.
 *
 *	synflood syn -d DST -i DEV (-a SRC | -n PREFIX | -f FILE) -c COUNT
 *		-t SECONDS [-p PORT] [-r RATE] [-s SEED] [-w MS] [-e MS] [-v]
 *	synflood connect -d DST -c COUNT -t SECONDS [-a SRC] [-p PORT]
 *		[-r RATE] [-w MS] [-e MS] [-m]
 *
 * syn sends bare SYNs, RATE a second (0: as fast as it can), from one source,
 * from random ones in PREFIX, or from those in FILE (one a line) in turn, and
 * counts which of them a SYN-ACK came back for at DEV. -w: how long the last
 * ones are waited for (300). -v: a line for each source of FILE.
 * connect does real connects, each given up after -w (900: before the kernel
 * sends a second SYN); -m then waits for 220 and says QUIT.
 * COUNT and SECONDS bound every run. -e: a line of the counts so far each MS.
 *
 * The line: sent= answered= reset= left=0|1 seconds= seed=
 *       or: attempted= connected= greeted= refused= timeout= pending=
 *           failed= seconds=
 * left=1: stopped by SECONDS before COUNT. Exit: 0 done, 1 failed, 2 usage.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#ifndef IPV6_HDRINCL
#define IPV6_HDRINCL 36
#endif

enum {
	COUNT_MAX = 10000000,
	SECONDS_MAX = 600,
	CONNECTS = 1024, /* under way at once */
	SECOND = 1000000000,
	MILLISECOND = 1000000,
};

/* Network byte order; IPv4 in the first 4 bytes. */
struct address {
	int family;
	uint8_t bytes[16];
};

struct job {
	struct address to, from;
	const char *dev;
	bool has_from, verbose, smtp;
	struct address *list;
	uint32_t *list_answered;
	size_t listed;
	int random_bits; /* -1: none */
	uint16_t port;
	long count, seconds, rate, wait_ms, every_ms;
	uint64_t seed;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (uint64_t)SECOND + t.tv_nsec;
}

/* splitmix64: the n-th number of a seed, without the ones before it. */
static uint64_t random_at(uint64_t seed, uint64_t n)
{
	uint64_t x = seed + (n + 1) * 0x9e3779b97f4a7c15ULL;

	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

static bool address_parse(const char *text, struct address *a)
{
	memset(a, 0, sizeof(*a));
	a->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(a->family, text, a->bytes) == 1;
}

static socklen_t address_sockaddr(const struct address *a, uint16_t port,
				  struct sockaddr_storage *to)
{
	struct sockaddr_in6 *in6 = (void *)to;
	struct sockaddr_in *in = (void *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = a->family;
	if (a->family == AF_INET) {
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, a->bytes, 4);
		return sizeof(*in);
	}
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, a->bytes, 16);
	return sizeof(*in6);
}

/* How many should have gone out by now. */
static long due(const struct job *j, uint64_t elapsed)
{
	uint64_t n = j->count;

	if (j->rate)
		n = elapsed * j->rate / SECOND + 1;
	return n < (uint64_t)j->count ? (long)n : j->count;
}

/* --- syn: bare SYNs ------------------------------------------------------ */

struct flood {
	const struct job *job;
	int out, in;
	uint64_t start;
	long sent, answered, reset;
	uint8_t *seen; /* a bit for each SYN */
	uint32_t base; /* sequence number of the first */
};

struct syn {
	uint8_t ip[40]; /* IPv4: the first 20 are unused */
	struct tcphdr tcp;
	uint8_t mss[4];
};

static struct address flood_source(const struct job *j, long n)
{
	struct address a = j->listed ? j->list[n % j->listed] : j->from;
	int width = a.family == AF_INET ? 4 : 16;
	uint64_t r = 0;

	for (int bit = 0; bit < j->random_bits; bit++) {
		if (bit % 64 == 0)
			r = random_at(j->seed, n * 2 + bit / 64);
		if (r >> (bit % 64) & 1)
			a.bytes[width - 1 - bit / 8] ^= 1 << (bit % 8);
	}
	return a;
}

static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	return sum;
}

static uint16_t tcp_checksum(const struct syn *s, const struct address *from,
			     const struct address *to)
{
	int width = from->family == AF_INET ? 4 : 16;
	uint32_t sum = IPPROTO_TCP + sizeof(s->tcp) + sizeof(s->mss);

	sum = sum16(from->bytes, width, sum);
	sum = sum16(to->bytes, width, sum);
	sum = sum16(&s->tcp, sizeof(s->tcp) + sizeof(s->mss), sum);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* The kernel fills in length, identification and checksum of IPv4. */
static void syn_ip(struct syn *s, const struct address *from,
		   const struct address *to)
{
	uint8_t *ip4 = s->ip + 20, *ip6 = s->ip;

	if (from->family == AF_INET) {
		ip4[0] = 0x45;
		ip4[8] = 64;
		ip4[9] = IPPROTO_TCP;
		memcpy(ip4 + 12, from->bytes, 4);
		memcpy(ip4 + 16, to->bytes, 4);
		return;
	}
	ip6[0] = 0x60;
	ip6[5] = sizeof(s->tcp) + sizeof(s->mss);
	ip6[6] = IPPROTO_TCP;
	ip6[7] = 64;
	memcpy(ip6 + 8, from->bytes, 16);
	memcpy(ip6 + 24, to->bytes, 16);
}

static bool flood_one(struct flood *f)
{
	const struct job *j = f->job;
	struct address from = flood_source(j, f->sent);
	size_t skip = from.family == AF_INET ? 20 : 0;
	struct syn s = {.mss = {2, 4, 0x05, 0xb4}};
	struct sockaddr_storage to;
	socklen_t len = address_sockaddr(&j->to, 0, &to);

	syn_ip(&s, &from, &j->to);
	s.tcp.source = htons(1024 + (f->base + f->sent) % 64000);
	s.tcp.dest = htons(j->port);
	s.tcp.seq = htonl(f->base + f->sent);
	s.tcp.doff = (sizeof(s.tcp) + sizeof(s.mss)) / 4;
	s.tcp.syn = 1;
	s.tcp.window = htons(64240);
	s.tcp.check = tcp_checksum(&s, &from, &j->to);
	if (sendto(f->out, (uint8_t *)&s + skip, sizeof(s) - skip, 0,
		   (void *)&to, len) < 0) {
		if (errno == ENOBUFS || errno == EAGAIN)
			return false;
		die("sendto");
	}
	f->sent++;
	return true;
}

static void flood_answer(struct flood *f, const uint8_t *ip, ssize_t len)
{
	bool v4 = f->job->to.family == AF_INET;
	ssize_t header = v4 ? (ip[0] & 15) * 4 : 40;
	const uint8_t *from = v4 ? ip + 12 : ip + 8;
	struct tcphdr tcp;
	uint32_t n;

	if (len < header + (ssize_t)sizeof(tcp) ||
	    ip[v4 ? 9 : 6] != IPPROTO_TCP ||
	    memcmp(from, f->job->to.bytes, v4 ? 4 : 16))
		return;
	memcpy(&tcp, ip + header, sizeof(tcp));
	n = ntohl(tcp.ack_seq) - 1 - f->base;
	if (ntohs(tcp.source) != f->job->port || !tcp.ack || n >= f->sent ||
	    f->seen[n / 8] & 1 << n % 8)
		return;
	f->seen[n / 8] |= 1 << n % 8;
	if (tcp.rst) {
		f->reset++;
	} else if (tcp.syn) {
		f->answered++;
		if (f->job->listed)
			f->job->list_answered[n % f->job->listed]++;
	}
}

static void flood_drain(struct flood *f)
{
	uint8_t ip[128];
	ssize_t len;

	while ((len = recv(f->in, ip, sizeof(ip), MSG_DONTWAIT)) > 0)
		if (len >= 40)
			flood_answer(f, ip, len);
}

static void flood_open(struct flood *f)
{
	bool v4 = f->job->to.family == AF_INET;
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(v4 ? ETH_P_IP : ETH_P_IPV6),
		.sll_ifindex = if_nametoindex(f->job->dev),
	};
	int on = 1, room = 32 << 20;

	if (!at.sll_ifindex)
		die(f->job->dev);
	/* Of one protocol: sees what comes in, not what goes out. */
	f->in = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->out = socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC,
			IPPROTO_RAW);
	if (f->in < 0 || f->out < 0)
		die("socket");
	setsockopt(f->in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (bind(f->in, (void *)&at, sizeof(at)))
		die("bind");
	if (v4 ? setsockopt(f->out, IPPROTO_IP, IP_HDRINCL, &on, sizeof(on))
	       : setsockopt(f->out, IPPROTO_IPV6, IPV6_HDRINCL, &on,
			    sizeof(on)))
		die("HDRINCL");
}

static void flood_print(const struct flood *f)
{
	printf("sent=%ld answered=%ld reset=%ld left=%d seconds=%.3f "
	       "seed=%llu\n",
	       f->sent, f->answered, f->reset, f->sent < f->job->count,
	       (now_ns() - f->start) / 1e9, (unsigned long long)f->job->seed);
	fflush(stdout);
}

/* At most 64 at a time, so that answers are read between them. */
static void flood_send(struct flood *f, uint64_t elapsed)
{
	long until = due(f->job, elapsed);

	if (until > f->sent + 64)
		until = f->sent + 64;
	while (f->sent < until && flood_one(f))
		;
}

static void flood_run(struct flood *f)
{
	const struct job *j = f->job;
	uint64_t end = j->seconds * (uint64_t)SECOND, last = 0, told = 0;
	struct pollfd in = {.fd = f->in, .events = POLLIN};

	for (;;) {
		uint64_t elapsed = now_ns() - f->start;
		bool more = f->sent < j->count;

		if (elapsed >= end ||
		    (!more &&
		     elapsed >= last + j->wait_ms * (uint64_t)MILLISECOND))
			break;
		if (more) {
			flood_send(f, elapsed);
			last = elapsed;
		}
		if (j->every_ms &&
		    elapsed >= told + j->every_ms * (uint64_t)MILLISECOND) {
			flood_print(f);
			told = elapsed;
		}
		poll(&in, 1, more && !j->rate ? 0 : 1);
		flood_drain(f);
	}
}

static int syn_main(const struct job *j)
{
	struct flood f = {
		.job = j,
		.seen = calloc(j->count / 8 + 1, 1),
		.base = random_at(j->seed, UINT32_MAX),
	};

	if (!f.seen)
		die("calloc");
	flood_open(&f);
	f.start = now_ns();
	flood_run(&f);
	flood_print(&f);
	for (size_t i = 0; i < j->listed && j->verbose; i++) {
		char text[INET6_ADDRSTRLEN];

		inet_ntop(j->list[i].family, j->list[i].bytes, text,
			  sizeof(text));
		printf("source=%s answered=%u\n", text, j->list_answered[i]);
	}
	free(f.seen);
	return 0;
}

/* --- connect: real connections ------------------------------------------- */

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

static int connect_main(const struct job *j)
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

/* --- the command line ---------------------------------------------------- */

static int usage(const char *wrong)
{
	fprintf(stderr,
		"synflood: %s\n"
		"synflood syn -d DST -i DEV (-a SRC | -n PREFIX | -f FILE) "
		"-c COUNT -t SECONDS\n"
		"\t[-p PORT] [-r RATE] [-s SEED] [-w MS] [-e MS] [-v]\n"
		"synflood connect -d DST -c COUNT -t SECONDS [-a SRC] "
		"[-p PORT] [-r RATE]\n"
		"\t[-w MS] [-e MS] [-m]\n",
		wrong);
	exit(2);
}

static long number(const char *text, long low, long high)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < low || n > high)
		usage(text);
	return n;
}

static void job_prefix(struct job *j, char *text)
{
	char *slash = strchr(text, '/');
	int width;

	if (!slash)
		usage("-n wants ADDRESS/LENGTH");
	*slash = 0;
	if (!address_parse(text, &j->from))
		usage(text);
	width = j->from.family == AF_INET ? 32 : 128;
	j->random_bits = width - number(slash + 1, 0, width);
	j->has_from = true;
}

static void job_list(struct job *j, const char *path)
{
	char line[128];
	FILE *f = fopen(path, "re");

	if (!f)
		die(path);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\r\n")] = 0;
		j->list =
			reallocarray(j->list, j->listed + 1, sizeof(*j->list));
		if (!j->list)
			die("reallocarray");
		if (!address_parse(line, &j->list[j->listed++]))
			usage(line);
	}
	fclose(f);
	if (!j->listed)
		usage("-f: an empty file");
	j->list_answered = calloc(j->listed, sizeof(*j->list_answered));
	if (!j->list_answered)
		die("calloc");
}

static void job_address(const char *text, struct address *a)
{
	if (!address_parse(text, a))
		usage(text);
}

static void job_number(struct job *j, int c, const char *text)
{
	switch (c) {
	case 'p':
		j->port = number(text, 1, 65535);
		break;
	case 'c':
		j->count = number(text, 1, COUNT_MAX);
		break;
	case 't':
		j->seconds = number(text, 1, SECONDS_MAX);
		break;
	case 'r':
		j->rate = number(text, 0, COUNT_MAX);
		break;
	case 's':
		j->seed = number(text, 0, INT32_MAX);
		break;
	case 'w':
		j->wait_ms = number(text, 0, 60000);
		break;
	case 'e':
		j->every_ms = number(text, 1, 60000);
		break;
	default:
		usage("unknown option, or one without its value");
	}
}

static void job_option(struct job *j, int c, char *text)
{
	switch (c) {
	case 'd':
		job_address(text, &j->to);
		break;
	case 'a':
		job_address(text, &j->from);
		j->has_from = true;
		break;
	case 'n':
		job_prefix(j, text);
		break;
	case 'f':
		job_list(j, text);
		break;
	case 'i':
		j->dev = text;
		break;
	case 'v':
		j->verbose = true;
		break;
	case 'm':
		j->smtp = true;
		break;
	default:
		job_number(j, c, text);
	}
}

static void job_check(const struct job *j, bool syn)
{
	if (!j->to.family || !j->count || !j->seconds)
		usage("-d, -c and -t are needed");
	if (syn && (!j->dev || j->has_from == !!j->listed))
		usage("syn needs -i, and one of -a, -n and -f");
	if (!syn && (j->listed || j->random_bits >= 0))
		usage("connect takes -a, not -n or -f");
	if (j->has_from && j->from.family != j->to.family)
		usage("source and destination are of two families");
	for (size_t i = 0; i < j->listed; i++)
		if (j->list[i].family != j->to.family)
			usage("source and destination are of two families");
}

int main(int argc, char **argv)
{
	bool syn = argc > 1 && !strcmp(argv[1], "syn");
	struct job j = {
		.random_bits = -1,
		.port = 25,
		.wait_ms = syn ? 300 : 900,
		.seed = now_ns() & INT32_MAX,
	};
	int c;

	if (argc < 2 || (!syn && strcmp(argv[1], "connect")))
		usage("syn or connect?");
	while ((c = getopt(argc - 1, argv + 1, "d:p:a:n:f:i:c:t:r:s:w:e:vm")) !=
	       -1)
		job_option(&j, c, optarg);
	if (optind != argc - 1)
		usage("a word too many");
	job_check(&j, syn);
	return syn ? syn_main(&j) : connect_main(&j);
}
