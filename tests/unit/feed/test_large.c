// SPDX-License-Identifier: GPL-2.0
/*
 * Every format with 200,000 entries, through the real child: what libc does by
 * itself depends on size, and a file is not an attack because it is large.
 */
#include "feed.h"

#include <sys/time.h>
#include <unistd.h>

#include "feed/child.h"
#include "file.h"

enum { ENTRIES = 200000 };

/* In a line $A is an address, another one in each, and $N the line's number. */
struct large {
	enum feed_kind kind;
	const char *format;
	const char *head, *line, *tail;
	size_t left; /* prefixes in the end; 0: ENTRIES */
};

#define JSON_BAN                                                              \
	"{\"duration\":\"999h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":" \
	"\"$A\"}"
#define T "Nov 24 18:56:31 gateway "

/* clang-format off */
static const struct large rows[] = {
	{FEED_LIST, "plain", "", "$A ; SBL$N\n", ""},
	{FEED_LIST, "ipsum", "", "$A\t3\n", ""},
	{FEED_LIST, "ipset", "create a hash:net family inet timeout 9\n"
	 "add a 11.0.0.0/8 nomatch\n", "add a $A timeout 600000\n", ""},
	{FEED_LIST, "nft", "table inet m {\n\tset s {\n\t\ttype ipv4_addr\n"
	 "\t\telements = { ", "$A,\n\t\t\t", "192.0.2.1 }\n\t}\n}\n",
	 ENTRIES + 1},
	{FEED_LIST, "nft-json", "{\"nftables\": [{\"set\": {\"family\": \"ip\", "
	 "\"table\": \"t\", \"name\": \"s\", \"elem\": [", "{\"elem\": {\"val\": "
	 "\"$A\", \"timeout\": 600}},\n", "\"192.0.2.1\"]}}]}\n", ENTRIES + 1},
	{FEED_LIST, "json", "{\"data\": [", "{\"ipAddress\": \"$A\"},\n",
	 "{\"ipAddress\": \"192.0.2.1\"}]}\n", ENTRIES + 1},
	{FEED_LIST, "csv", "ip,country,score\n", "$A,DE,\"$N\"\n", ""},
	{FEED_LIST, "dshield", "", "$A\t$A\t32\t$N\tNAME\n", ""},
	{FEED_LIST, "spamd", "", "$A - $A text $N\n", ""},
	{FEED_LIST, "csf", "", "$A # lfd $N\n", ""},
	{FEED_LIST, "fail2ban", "", "$A ", "\n"},
	{FEED_LIST, "rbldnsd", "$SOA 1\n", "$A :2:text $N\n", ""},
	{FEED_LIST, "postfix", "", "$A reject\n", ""},
	{FEED_LIST, "drop-json", "", "{\"cidr\":\"$A\",\"sblid\":\"SBL$N\"}\n",
	 NULL},
	{FEED_LIST, "crowdsec", "[", JSON_BAN ",\n",
	 "{\"duration\":\"1h\",\"scope\":\"Ip\",\"type\":\"ban\",\"value\":"
	 "\"192.0.2.1\"}]\n", ENTRIES + 1},
	{FEED_LIST, "kept", "# mailweir list x: 200000\n", "$A\n", ""},
	{FEED_ORIGINS, "iptoasn", "", "$A\t$A\t$N\tUS\tNAME\n", ""},
	{FEED_ORIGINS, "pyasn", "", "$A\t$N\n", ""},
	{FEED_ORIGINS, "bgpdump", "", "A|1|B|1|2|$A/32|3 $N|IGP|1|\n", ""},
	{FEED_CLIENTS, "addresses", "", "$A\n", ""},
	{FEED_CLIENTS, "postfix-log", "", T "postfix/smtpd[1]: 4F$N: client="
	 "x[$A]\n" T "postfix/qmgr[2]: 4F$N: from=<a@b>, size=1, nrcpt=1 "
	 "(queue active)\n", ""},
	{FEED_CLIENTS, "exim-log", "", "2026-11-24 18:00:00 1abcDE-000123-AB <= "
	 "a@b H=x.example (x) [$A]:4711 P=esmtps S=$N\n", ""},
	{FEED_CLIENTS, "opensmtpd-log", "", T "smtpd[7]: 08d856b172f69c5c smtp "
	 "connected address=$A host=x\n" T "smtpd[7]: 08d856b172f69c5c smtp "
	 "message msgid=$N size=1\n", ""},
	{FEED_CLIENTS, "rspamd-log", "", "2026-11-24 19:10:00 #15(normal) "
	 "<5bd4f6>; task; rspamd_task_write_log: id: <x$N>, qid: <5>, ip: $A, "
	 "from: <a@b>, (default: F (no action): [0/15] [OPT(0){}]), len: 1, "
	 "time: 1ms, dns req: 0, digest: <a4e0f9b6>, rcpts: <me@example.com>\n",
	 ""},
};
/* clang-format on */

static void put_line(FILE *f, const char *line, unsigned int i)
{
	for (; *line; line++) {
		if (*line != '$' || (line[1] != 'A' && line[1] != 'N'))
			putc(*line, f);
		else if (*++line == 'A')
			fprintf(f, "10.%u.%u.%u", i >> 16, i >> 8 & 255,
				i & 255);
		else
			fprintf(f, "%u", i + 1);
	}
}

static void write_file(const struct large *row)
{
	FILE *f = fopen(path, "w");
	long size;

	assert_non_null(f);
	put_line(f, row->head, 0);
	for (unsigned int i = 0; i < ENTRIES; i++)
		put_line(f, row->line, i * 2);
	size = ftell(f);
	if (row->tail)
		fputs(row->tail, f);
	else
		fprintf(f,
			"{\"type\":\"metadata\",\"size\":%ld,\"records\":%d}\n",
			size, ENTRIES);
	fclose(f);
}

static void check(const struct large *row)
{
	const struct feed_guard guard = {8, 19, .kind = row->kind,
					 .format = row->format};
	struct feed feed;
	int err;

	write_file(row);
	err = feed_child_read(path, &guard, &feed);
	if (!err && row->kind != FEED_ORIGINS)
		err = feed_child_finish(&feed, &guard, NULL);
	if (err)
		print_error("%s: %s\n", row->format,
			    feed_error(&feed.report, 0));
	assert_int_equal(err, 0);
	assert_int_equal(feed.set.n, row->left ? row->left : ENTRIES);
	feed_free(&feed);
}

static void every_format(void **state)
{
	static const enum feed_kind kinds[] = {FEED_LIST, FEED_ORIGINS,
					       FEED_CLIENTS};
	const char *name;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		check(&rows[i]);
	/* No format is without a row. */
	for (size_t k = 0; k < ROWS(kinds); k++)
		for (int i = 0; (name = feed_format(kinds[k], i)); i++) {
			bool found = false;

			for (size_t j = 0; j < ROWS(rows); j++)
				found |= !strcmp(rows[j].format, name);
			if (!found)
				print_error("no row for %s\n", name);
			assert_true(found);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"T1, U3: every format takes 200,000 entries", every_format},
	};

	return cmocka_run_group_tests_name("large", tests, make_dir,
					   remove_dir);
}
