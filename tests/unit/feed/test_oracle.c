// SPDX-License-Identifier: GPL-2.0
/*
 * A file that another program writes or reads means what that program does
 * with the file: random files, as Postfix, rbldnsd, ipset and nft answer for
 * 512 addresses, in a network of the test's own. MW_SEED repeats a run.
 */
#include "feed.h"

#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feed/child.h"
#include "file.h"

enum { ADDRESSES = 512, LINES = 24 };

static unsigned int seed;

static unsigned int below(unsigned int n)
{
	return rand_r(&seed) % n;
}

__attribute__((format(printf, 1, 2))) static int run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command);
}

/* --- a directory, a network --------------------------------------------- */

static int set_up(void **state)
{
	const char *given = getenv("MW_SEED");

	seed = given ? atoi(given) : (int)time(NULL);
	print_message("# MW_SEED=%u\n", seed);
	/* For postmap, where Postfix was installed without a configuration. */
	if (make_dir(state) || chmod(dir, 0755) ||
	    run("touch '%s/main.cf'", dir))
		return -1;
	if (geteuid())
		return 0;
	/* postmap wants an interface. */
	return unshare(CLONE_NEWNET) || run("ip link set lo up") ? -1 : 0;
}

static int take_down(void **state)
{
	return run("rm '%s/main.cf'", dir) ? -1 : remove_dir(state);
}

/* Has the machine the program, and the right to use it? */
static bool is_there(const char *program)
{
	return geteuid() == 0 && !run("command -v %s >/dev/null", program);
}

/* --- what a file means -------------------------------------------------- */

/* Of 10.0.0.0/23, the addresses that are in. */
struct answer {
	bool in[ADDRESSES];
};

static void take(struct answer *a, const char *file,
		 const struct feed_guard *guard)
{
	struct feed feed;
	int err = feed_child_read(file, guard, &feed);

	if (!err)
		err = feed_child_finish(&feed, guard, NULL);
	if (err)
		print_error("%s: %s\n", file, feed_error(&feed.report, 0));
	assert_int_equal(err, 0);
	memset(a, 0, sizeof(*a));
	for (int i = 0; i < ADDRESSES; i++) {
		const struct mw_prefix p = {4, 32, 0, {10, 0, i >> 8, i & 255}};

		a->in[i] = prefix_around(&feed.set, &p);
	}
	feed_free(&feed);
}

static void same(const struct answer *ours, const struct answer *theirs,
		 const char *what)
{
	for (int i = 0; i < ADDRESSES; i++) {
		if (ours->in[i] == theirs->in[i])
			continue;
		print_error("%s: 10.0.%d.%d is %s, and %s here\n", what, i >> 8,
			    i & 255, theirs->in[i] ? "in" : "out",
			    ours->in[i] ? "in" : "out");
		run("cat %s >&2", path);
		fail();
	}
}

static int index_of(const char *text)
{
	unsigned int c, d;

	return sscanf(text, "10.0.%u.%u", &c, &d) == 2 && c < 2 && d < 256
		       ? (int)(c << 8 | d)
		       : -1;
}

/* A prefix of at least /23, with host bits now and then. */
static void random_prefix(char text[32], bool host_bits)
{
	unsigned int len = 23 + below(10), at = below(ADDRESSES);

	if (!host_bits || below(8))
		at &= ~0U << (32 - len);
	snprintf(text, 32, len == 32 ? "10.0.%u.%u" : "10.0.%u.%u/%u", at >> 8,
		 at & 255, len);
}

/* --- Postfix ------------------------------------------------------------ */

/* Does what postmap says for an address keep it out, or let it in? */
static bool is_wanted(const char *action, bool allow)
{
	static const char *const permit[] = {"permit", "OK", "RELAY"};
	static const char *const reject[] = {"reject", "550 no", "DISCARD"};

	for (size_t i = 0; i < 3; i++)
		if (!strcmp(action, allow ? permit[i] : reject[i]))
			return true;
	return false;
}

static void ask_postmap(struct answer *a, bool allow)
{
	char command[700], key[64], action[64];
	FILE *f;

	snprintf(command, sizeof(command),
		 "for c in 0 1; do for d in $(seq 0 255); do echo 10.0.$c.$d; "
		 "done; done | postmap -c %s -q - cidr:%s 2>/dev/null",
		 dir, path);
	f = popen(command, "r");
	assert_non_null(f);
	memset(a, 0, sizeof(*a));
	while (fscanf(f, "%63[^\t]\t%63[^\n]\n", key, action) == 2)
		if (index_of(key) >= 0)
			a->in[index_of(key)] = is_wanted(action, allow);
	pclose(f);
}

/* Rules, some in if and endif, some on two lines. */
static void random_table(FILE *f)
{
	static const char *const actions[] = {
		"permit", "reject", "dunno", "OK",	"RELAY",
		"550 no", "WARN x", "HOLD",  "DISCARD", "DUNNO"};
	char prefix[32];
	int depth = 0;

	for (int i = 0; i < LINES; i++) {
		random_prefix(prefix, below(6) > 0);
		if (!below(6) && depth < 3) {
			random_prefix(prefix, false);
			fprintf(f, "if %s\n", prefix);
			depth++;
		} else if (depth && !below(4)) {
			fprintf(f, "endif\n");
			depth--;
		} else {
			fprintf(f, "%s%s%s\n", prefix,
				below(4) ? "\t" : "\n# x\n  ",
				actions[below(ROWS(actions))]);
		}
	}
	while (depth--)
		fprintf(f, "endif\n");
}

static void postfix(void **state)
{
	(void)state;
	if (!is_there("postmap"))
		skip();
	for (int round = 0; round < 20; round++) {
		FILE *f = fopen(path, "w");

		random_table(f);
		fclose(f);
		for (int allow = 0; allow < 2; allow++) {
			const struct feed_guard guard = {
				8, 19, .format = "postfix", .allow = allow,
				.may_be_empty = true};
			struct answer ours, theirs;

			take(&ours, path, &guard);
			ask_postmap(&theirs, allow);
			same(&ours, &theirs, "postmap");
		}
	}
}

/* --- rbldnsd ------------------------------------------------------------ */

static void random_zone_line(FILE *f)
{
	unsigned int at = below(ADDRESSES), c = at >> 8, d = at & 255;
	char prefix[32];

	if (!below(4))
		putc('!', f);
	switch (below(5)) {
	case 0:
		fprintf(f, "10.0.%u\n", c);
		break;
	case 1:
		fprintf(f, "10.0.%u.%u-%u :2:x\n", c, d, d + below(256 - d));
		break;
	case 2:
		fprintf(f, "10.0.%u.%u:3:x\n", c, d);
		break;
	default:
		random_prefix(prefix, true);
		fprintf(f, "%s ; x\n", prefix);
	}
}

/* A dump has a name per address, or per /24 with * in front; the narrower one
 * answers, and that an exception excludes it. */
static void ask_rbldnsd(struct answer *a)
{
	bool narrow[ADDRESSES] = {};
	char command[700], name[64], type[64];
	FILE *f;

	snprintf(command, sizeof(command),
		 "rbldnsd -n -d x.example:ip4set:%s 2>/dev/null | "
		 "awk '$2 == \"A\" || $2 == \"CNAME\" { print $1, $2 }'",
		 path);
	f = popen(command, "r");
	assert_non_null(f);
	memset(a, 0, sizeof(*a));
	while (fscanf(f, "%63s %63s\n", name, type) == 2) {
		unsigned int c, d;
		bool one = sscanf(name, "%u.%u.0.10", &d, &c) == 2;

		if (!one && sscanf(name, "*.%u.0.10", &c) != 1)
			continue;
		for (unsigned int i = 0; i < 256; i++) {
			if (c > 1 || (one ? i != d : narrow[c << 8 | i]))
				continue;
			narrow[c << 8 | i] |= one;
			a->in[c << 8 | i] = *type == 'A';
		}
	}
	pclose(f);
}

static void rbldnsd(void **state)
{
	const struct feed_guard guard = {8, 19, .format = "rbldnsd",
					 .may_be_empty = true};

	(void)state;
	if (!is_there("rbldnsd"))
		skip();
	for (int round = 0; round < 20; round++) {
		struct answer ours, theirs;
		FILE *f = fopen(path, "w");

		fputs("$SOA 3600 ns.example admin.example 0 1 1 1 1\n", f);
		for (int i = 0; i < LINES; i++)
			random_zone_line(f);
		fclose(f);
		take(&ours, path, &guard);
		ask_rbldnsd(&theirs);
		same(&ours, &theirs, "rbldnsd");
	}
}

/* --- ipset -------------------------------------------------------------- */

static void ask_ipset(struct answer *a, const struct answer *ours)
{
	*a = *ours;
	for (int i = 0; i < 32; i++) {
		unsigned int at = below(ADDRESSES);

		a->in[at] =
			!run("ipset -q test s 10.0.%u.%u", at >> 8, at & 255);
	}
}

static void ipset(void **state)
{
	static const char *const creates[] = {
		"hash:net", "hash:ip", "hash:ip netmask 27",
		"hash:net timeout 600", "bitmap:ip range 10.0.0.0/23"};
	static const char *const prints[] = {"save", "list"};
	const struct feed_guard guard = {8, 19, .format = "ipset", .set = "s",
					 .may_be_empty = true};

	(void)state;
	if (!is_there("ipset") || run("ipset create x hash:net 2>/dev/null"))
		skip();
	for (int round = 0; round < 5; round++) {
		const char *create = creates[round % ROWS(creates)];
		bool net = !strncmp(create, "hash:net", 8);

		assert_int_equal(run("ipset create s %s", create), 0);
		for (int i = 0; i < LINES; i++) {
			char prefix[32];

			random_prefix(prefix, true);
			if (!net)
				prefix[strcspn(prefix, "/")] = 0;
			run("ipset -exist add s %s%s%s", prefix,
			    net && !below(4) ? " nomatch" : "",
			    strstr(create, "timeout") && below(2) ? " timeout 0"
								  : "");
		}
		for (size_t i = 0; i < ROWS(prints); i++) {
			struct answer ours, theirs;

			run("ipset %s >%s", prints[i], path);
			take(&ours, path, &guard);
			ask_ipset(&theirs, &ours);
			same(&ours, &theirs, prints[i]);
		}
		run("ipset destroy s");
	}
}

/* --- nft ---------------------------------------------------------------- */

static void ask_nft(struct answer *a, const struct answer *ours)
{
	*a = *ours;
	for (int i = 0; i < 32; i++) {
		unsigned int at = below(ADDRESSES);

		a->in[at] = !run("nft get element ip t s '{ 10.0.%u.%u }' "
				 ">/dev/null 2>&1",
				 at >> 8, at & 255);
	}
}

/* A script with elements that do not overlap: each in a /27 of its own. */
static void write_script(void)
{
	static const char *const ends[] = {"", " timeout 1h",
					   " comment \"a } b, #\""};
	FILE *f = fopen(path, "w");

	fputs("#!/usr/sbin/nft -f\nflush ruleset\ndefine some = { 10.0.0.1, "
	      "10.0.0.4-10.0.0.9 }\nadd table ip t\nadd set ip t other { type "
	      "ipv4_addr; elements = { 10.0.1.1 } }\nadd set ip t s { type "
	      "ipv4_addr; flags interval, timeout; }\nadd chain ip t c\n"
	      "add rule ip t c ip saddr { 10.0.0.0/24 } drop\n"
	      "add element ip t s { $some }\nadd element ip t s {",
	      f);
	for (unsigned int block = 1; block < 16; block++) {
		unsigned int first = block * 32 + below(16),
			     last = first + below(16);
		const char *end = ends[below(ROWS(ends))];

		if (below(2))
			fprintf(f, " 10.0.%u.%u-10.0.%u.%u%s,\n", first >> 8,
				first & 255, last >> 8, last & 255, end);
		else
			fprintf(f, " 10.0.%u.%u/%u%s, # x }\n",
				(block * 32) >> 8, block * 32 & 255,
				27 + below(6), end);
	}
	fputs("}\n", f);
	fclose(f);
}

static void nft(void **state)
{
	static const char *const prints[] = {"list ruleset", "list set ip t s",
					     "-j list ruleset",
					     "-s list ruleset"};
	const struct feed_guard guard = {8, 19, .set = "ip t s"};

	(void)state;
	if (!is_there("nft") || run("nft add table ip t 2>/dev/null"))
		skip();
	for (int round = 0; round < 3; round++) {
		struct answer ours, theirs, again;

		write_script();
		assert_int_equal(run("nft -f %s", path), 0);
		take(&ours, path, &guard);
		ask_nft(&theirs, &ours);
		same(&ours, &theirs, "a script");
		for (size_t i = 0; i < ROWS(prints); i++) {
			run("nft %s >%s", prints[i], path);
			take(&again, path, &guard);
			same(&again, &ours, prints[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"T8, T9: postmap -q is the judge of a table", postfix},
		{"T7: rbldnsd -d is the judge of a zone", rbldnsd},
		{"T4, T5: ipset test is the judge of a set", ipset},
		{"T2, T3: nft get element is the judge of a set", nft},
	};

	return cmocka_run_group_tests_name("oracle", tests, set_up, take_down);
}
