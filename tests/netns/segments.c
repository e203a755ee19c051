// SPDX-License-Identifier: GPL-2.0
/*
 * What only segments made by hand do: from a SOURCE that nobody has, so that
 * no kernel answers for it.
 *
 *	segments cookies OPTIONS -c COUNT	SYNs from as many ports; prints
 *		a line for each that is answered: port and both sequence numbers
 *	segments replay OPTIONS [-F] <LINES	the ACK of each of those lines
 *		(-F: with a FIN), a reset for who answers; lines: replayed=
 *		greeted= (data came) refused= (a reset)
 *	segments fastopen OPTIONS -c COUNT [-T TEXT] [-N|-B] [-A]	asks
 *		for a Fast Open cookie, then SYNs with it (-N: with none, -B: a
 *		wrong one) and TEXT; -A: each answer is acknowledged; line:
 *		cookie=0|1 sent= taken= (TEXT was acknowledged) greeted=
 *		(data came)
 *	segments acks OPTIONS -c COUNT		ACKs of nothing, from all ports
 *
 * OPTIONS: -i DEV -d DESTINATION -s SOURCE [-p PORT] [-P FIRST SOURCE PORT]
 *	[-w MS]: how long an answer is waited for (500).
 */
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

enum { MOST = 4096, ACKS_MOST = 10000000, COOKIE_MOST = 16, TEXT_MOST = 400 };

/* One flow from our side. */
struct flow {
	uint16_t port;
	uint32_t seq, ack; /* of the next byte of each side; host order */
	bool answered, taken, greeted, refused;
};

static struct address to, from;
static const char *dev, *text = "";
static long count, wait_ms = 500, first_port = 20000, dest_port = 25;
static bool fin, no_cookie, wrong_cookie, acknowledge;
static int in, out;
static struct flow flows[MOST];
static long n_flows;
static uint8_t cookie[COOKIE_MOST];
static int cookie_len = -1; /* -1: none came */

static void usage(void)
{
	fputs("segments cookies|replay|fastopen|acks OPTIONS: see its source\n",
	      stderr);
	exit(2);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* --- sending ------------------------------------------------------------- */

static struct segment segment_of(const struct flow *f)
{
	return (struct segment){
		.tcp = {.source = htons(f->port),
			.dest = htons(dest_port),
			.seq = htonl(f->seq),
			.ack_seq = htonl(f->ack),
			.doff = 5},
	};
}

static void put(struct segment *s)
{
	while (!raw_send(out, s, &from, &to))
		;
}

static void put_ack(const struct flow *f, bool with_fin)
{
	struct segment s = segment_of(f);

	s.tcp.ack = 1;
	s.tcp.fin = with_fin;
	put(&s);
}

static void put_reset(const struct flow *f)
{
	struct segment s = segment_of(f);

	s.tcp.ack_seq = 0;
	s.tcp.rst = 1;
	put(&s);
}

/* fast: bytes of a Fast Open cookie, 0 asks for one, -1: no such option. */
static void put_syn(struct flow *f, int fast, const char *data)
{
	struct segment s = segment_of(f);
	uint8_t *at = s.more;

	memcpy(at, "\x02\x04\x05\xb4", 4); /* MSS */
	at += 4;
	if (fast >= 0) {
		*at++ = 34;
		*at++ = 2 + fast;
		memcpy(at, cookie, fast);
		at += fast;
		while ((at - s.more) % 4)
			*at++ = 1;
	}
	s.tcp.syn = 1;
	s.tcp.doff = 5 + (at - s.more) / 4;
	memcpy(at, data, strlen(data));
	s.more_len = at - s.more + strlen(data);
	put(&s);
	f->seq++;
}

/* --- what comes back ----------------------------------------------------- */

static void read_cookie(const uint8_t *options, int len)
{
	for (int i = 0; i + 1 < len && options[i];) {
		int size = options[i] == 1 ? 1 : options[i + 1];

		if (size < 1 || i + size > len)
			return;
		if (options[i] == 34 && size > 2 && size <= 2 + COOKIE_MOST) {
			cookie_len = size - 2;
			memcpy(cookie, options + i + 2, cookie_len);
		}
		i += size;
	}
}

static void flow_hears(struct flow *f, const struct tcphdr *tcp, long data)
{
	f->refused |= tcp->rst;
	if (tcp->rst)
		return;
	f->greeted |= data > 0;
	if (tcp->syn) {
		f->answered = true;
		f->ack = ntohl(tcp->seq) + 1;
		f->taken |= ntohl(tcp->ack_seq) - f->seq == strlen(text);
		if (acknowledge) {
			f->seq = ntohl(tcp->ack_seq);
			put_ack(f, false);
		}
	} else if (acknowledge) {
		f->ack = ntohl(tcp->seq) + data + tcp->fin;
		put_ack(f, false);
	}
}

static void hear(const uint8_t *ip, long len)
{
	bool v4 = to.family == AF_INET;
	long header = v4 ? (ip[0] & 15) * 4 : 40;
	long total = v4 ? ip[2] << 8 | ip[3] : 40 + (ip[4] << 8 | ip[5]);
	struct tcphdr tcp;
	long at;

	if (total > len || total < header + (long)sizeof(tcp) ||
	    ip[v4 ? 9 : 6] != IPPROTO_TCP ||
	    memcmp(ip + (v4 ? 12 : 8), to.bytes, v4 ? 4 : 16) ||
	    memcmp(ip + (v4 ? 16 : 24), from.bytes, v4 ? 4 : 16))
		return;
	memcpy(&tcp, ip + header, sizeof(tcp));
	at = header + tcp.doff * 4;
	if (ntohs(tcp.source) != dest_port || at > total)
		return;
	if (tcp.syn)
		read_cookie(ip + header + sizeof(tcp), tcp.doff * 4 - 20);
	for (long i = 0; i < n_flows; i++)
		if (flows[i].port == ntohs(tcp.dest))
			flow_hears(&flows[i], &tcp, total - at);
}

/* Until -w has passed, or all that are to be heard are. */
static void listen_for(bool (*done)(const struct flow *f))
{
	double until = now_ms() + wait_ms;
	struct pollfd fd = {.fd = in, .events = POLLIN};
	uint8_t ip[2048];
	long left = 1, len;

	while (left && now_ms() < until) {
		poll(&fd, 1, 5);
		while ((len = recv(in, ip, sizeof(ip), MSG_DONTWAIT)) > 0)
			if (len >= 40)
				hear(ip, len);
		left = !done;
		for (long i = 0; done && i < n_flows; i++)
			left += !done(&flows[i]);
	}
}

static bool is_answered(const struct flow *f)
{
	return f->answered || f->refused;
}

static bool is_greeted(const struct flow *f)
{
	return f->greeted || f->refused;
}

static long count_of(bool (*is)(const struct flow *f))
{
	long n = 0;

	for (long i = 0; i < n_flows; i++)
		n += is(&flows[i]);
	return n;
}

static bool was_greeted(const struct flow *f)
{
	return f->greeted;
}

static bool was_refused(const struct flow *f)
{
	return f->refused;
}

static bool was_taken(const struct flow *f)
{
	return f->taken;
}

/* --- the commands -------------------------------------------------------- */

static void make_flows(long n, long port)
{
	n_flows = n;
	for (long i = 0; i < n; i++)
		flows[i] =
			(struct flow){.port = port + i, .seq = rand() * 7u + i};
}

static void cookies(void)
{
	make_flows(count, first_port);
	for (long i = 0; i < n_flows; i++)
		put_syn(&flows[i], -1, "");
	listen_for(is_answered);
	for (long i = 0; i < n_flows; i++)
		if (flows[i].answered)
			printf("%u %u %u\n", flows[i].port, flows[i].seq,
			       flows[i].ack);
}

static void replay(void)
{
	unsigned int port;
	struct flow f = {};

	while (n_flows < MOST &&
	       scanf("%u %u %u", &port, &f.seq, &f.ack) == 3) {
		f.port = port;
		flows[n_flows++] = f;
	}
	for (long i = 0; i < n_flows; i++)
		put_ack(&flows[i], fin);
	listen_for(is_greeted);
	for (long i = 0; i < n_flows; i++) {
		flows[i].seq += fin;
		put_reset(&flows[i]);
	}
	printf("replayed=%ld greeted=%ld refused=%ld\n", n_flows,
	       count_of(was_greeted), count_of(was_refused));
}

static void fastopen(void)
{
	const char *data = text;
	bool later = acknowledge;

	text = "";
	acknowledge = false;
	make_flows(1, first_port - 1);
	put_syn(flows, 0, "");
	listen_for(is_answered);
	put_reset(flows);
	text = data;
	acknowledge = later;
	if (no_cookie)
		cookie_len = -1;
	if (wrong_cookie)
		cookie[0] ^= 1;
	make_flows(count, first_port);
	for (long i = 0; i < n_flows; i++)
		put_syn(&flows[i], cookie_len, text);
	listen_for(NULL);
	printf("cookie=%d sent=%ld taken=%ld greeted=%ld\n", cookie_len > 0,
	       n_flows, count_of(was_taken), count_of(was_greeted));
}

static void acks(void)
{
	for (long i = 0; i < count; i++) {
		struct flow f = {.port = i, .ack = rand() * 7u};

		put_ack(&f, false);
	}
	printf("sent=%ld\n", count);
}

/* false: no such option. */
static bool number_option(int c, const char *word)
{
	static const struct {
		char letter;
		long *number;
	} numbers[] = {
		{'p', &dest_port},
		{'P', &first_port},
		{'c', &count},
		{'w', &wait_ms},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (numbers[i].letter != c)
			continue;
		*numbers[i].number = atol(word);
		return true;
	}
	return false;
}

/* false: not as it should be. */
static bool option(int c, char *word)
{
	switch (c) {
	case 'i':
		dev = word;
		return true;
	case 'd':
		return address_parse(word, &to);
	case 's':
		return address_parse(word, &from);
	case 'T':
		text = word;
		return strlen(word) <= TEXT_MOST;
	case 'F':
		return fin = true;
	case 'N':
		return no_cookie = true;
	case 'B':
		return wrong_cookie = true;
	case 'A':
		return acknowledge = true;
	}
	return number_option(c, word);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
		long most;
	} commands[] = {
		{"cookies", cookies, MOST},
		{"replay", replay, 0},
		{"fastopen", fastopen, MOST},
		{"acks", acks, ACKS_MOST},
	};
	int c;

	if (argc < 2)
		usage();
	while ((c = getopt(argc - 1, argv + 1, "i:d:s:p:P:c:w:T:FNAB")) != -1)
		if (!option(c, optarg))
			usage();
	if (!dev || !to.family || from.family != to.family)
		usage();
	srand(getpid());
	raw_open(dev, to.family, &in, &out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(argv[1], commands[i].name))
			continue;
		if (count < !!commands[i].most || count > commands[i].most)
			usage();
		commands[i].run();
		return 0;
	}
	usage();
}
