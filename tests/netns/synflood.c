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
 * The line: sent= answered= reset= lost= left=0|1 seconds= seed=
 *       or: attempted= connected= greeted= refused= timeout= pending=
 *           failed= seconds=
 * lost: waited for in vain; what is sent and none of these is under way.
 * left=1: stopped by SECONDS before COUNT. Exit: 0 done, 1 failed, 2 usage.
 */
#include <arpa/inet.h>
#include "synflood.h"

#include <unistd.h>

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
