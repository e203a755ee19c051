// SPDX-License-Identifier: GPL-2.0
/*
 * Logs as they are found in the field, by the trial that found them: one
 * conversation in every dialect, of which the same two clients count whatever
 * stands in front of a line, and what senders write into it does not.
 */
#include "feed.h"

#define CLIENTS "198.51.100.11 2001:db8:1::11 "
#define NAMES	"addresses, postfix-log, opensmtpd-log, exim-log or rspamd-log"

static const struct feed_guard clients = {.kind = FEED_CLIENTS};

/* clang-format off */

/* A conversation: who wrote what. $N is Postfix's syslog_name, and [FORGED]
 * what a sender would like to be read. */
#define FORGED \
	"Nov 24 18:00:00 mx1 $N/smtpd[1]: 4F66: client=x[192.0.2.66]"
#define FORGED_QUEUE \
	"$N/qmgr[1]: 4F66: from=<a@b>, size=1, nrcpt=1 (queue active)"

static const struct {
	const char *program, *text;
} conversation[] = {
	{"$N/postscreen", "CONNECT from [198.51.100.68]:4711 to [192.0.2.25]:25"},
	{"$N/postscreen", "PREGREET 11 after 0.1 from [198.51.100.68]:4711: EHLO x\\r\\n"},
	{"$N/smtpd", "connect from mail.sender.example[198.51.100.11]"},
	{"$N/smtpd", "4F10: client=mail.sender.example[198.51.100.11]"},
	{"$N/cleanup", "4F10: message-id=<" FORGED ">"},
	{"$N/qmgr", "4F10: from=<a@sender.example>, size=252, nrcpt=1 (queue active)"},
	{"$N/smtpd", "disconnect from mail.sender.example[198.51.100.11] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5"},
	{"$N/smtpd", "NOQUEUE: reject: RCPT from unknown[198.51.100.66]: 454 4.7.1 <x@example.com>: Relay access denied; "
	 "from=<" FORGED_QUEUE "> to=<x@example.com> proto=ESMTP helo=<]: " FORGED ">"},
	{"$N/smtpd", "4F11: client=unknown[198.51.100.67]"},
	{"$N/cleanup", "4F11: milter-reject: END-OF-MESSAGE from unknown[198.51.100.67]: 5.7.1 Spam; from=<a@b> to=<c@d>"},
	{"$N/submission/smtpd", "4F12: client=unknown[198.51.100.50], sasl_method=PLAIN, sasl_username=me@example.com"},
	{"$N/qmgr", "4F12: from=<me@example.com>, size=252, nrcpt=1 (queue active)"},
	{"$N/smtps/smtpd", "4F13: client=unknown[198.51.100.51], sasl_method=LOGIN, sasl_username=you@example.com"},
	{"$N/qmgr", "4F13: from=<you@example.com>, size=252, nrcpt=1 (queue active)"},
	{"$N/smtpd", "4F14: client=mx.other.example[2001:db8:1::11]"},
	{"$N/cleanup", "4F14: message-id=<b@other.example>"},
	{"$N/qmgr", "4F14: from=<\"[1]: 4F66: client=x[192.0.2.66]\"@other.example>, size=9, nrcpt=1 (queue active)"},
	{"$N/smtp", "4F10: to=<me@example.com>, relay=mda[192.0.2.9]:24, delay=1, dsn=2.0.0, status=sent (250 " FORGED ")"},
	{"$N/qmgr", "4F10: removed"},
	{"$N/qmgr", "4F14: removed"},
};

/* Text to a file, with the quotes of JSON escaped. */
static void put_escaped(FILE *f, const char *text, const char *name)
{
	for (; *text; text++) {
		if (*text == '$' && text[1] == 'N') {
			fputs(name, f);
			text++;
			continue;
		}
		if (*text == '"' || *text == '\\')
			putc('\\', f);
		putc(*text, f);
	}
}

/* A line of a dialect: $P is its program, $I the process, $M the text. */
static void put(FILE *f, const char *text, const char *name, size_t line,
		bool json)
{
	for (; *text; text++) {
		char what = *text == '$' ? text[1] : 0;

		if (what == 'N')
			fputs(name, f);
		else if (what == 'P')
			put(f, conversation[line].program, name, line, false);
		else if (what == 'I')
			fprintf(f, "%zu", 2100 + line);
		else if (what == 'M' && json)
			put_escaped(f, conversation[line].text, name);
		else if (what == 'M')
			put(f, conversation[line].text, name, line, false);
		else
			putc(*text, f);
		text += what == 'N' || what == 'P' || what == 'I' ||
			what == 'M';
	}
}

struct dialect {
	const char *name, *first, *line, *last;
	const char *format; /* NULL: by content */
	bool json;
	bool nobody; /* is found: the programs are not there */
};

#define AFTER " $P[$I]: $M\n"

static const struct dialect dialects[] = {
	{"traditional", "", "Nov 24 18:00:00 mx1" AFTER, ""},
	{"traditional, a day without pad", "", "Nov 4 18:00:00 mx1" AFTER, ""},
	{"traditional, a day with a blank", "", "Nov  4 18:00:00 mx1" AFTER, ""},
	{"traditional, CRLF and BOM", "\xef\xbb\xbf", "Nov 24 18:00:00 mx1 $P[$I]: $M\r\n", ""},
	{"traditional, the host an address", "", "Nov 24 18:00:00 2001:db8::25" AFTER, ""},
	{"German", "", "Dez 24 18:00:00 mx1" AFTER, ""},
	{"German, not ASCII", "", "M\xc3\xa4r 24 18:00:00 mx1" AFTER, ""},
	{"Greek", "", "\xce\x9d\xce\xbf\xce\xb5 24 18:00:00 mx1" AFTER, ""},
	{"Japanese", "", "11\xe6\x9c\x88 24 18:00:00 mx1" AFTER, ""},
	{"French", "", "nov. 24 18:00:00 mx1" AFTER, ""},
	{"year first", "", "2026 Nov 24 18:00:00 mx1" AFTER, ""},
	{"year behind the day", "", "Nov 24 2026 18:00:00 mx1" AFTER, ""},
	{"RFC 3339", "", "2026-11-24T18:00:00.123456+01:00 mx1" AFTER, ""},
	{"RFC 3339, UTC", "", "2026-11-24T18:00:00Z mx1" AFTER, ""},
	{"ISO without a zone", "", "2026-11-24T18:00:00 mx1" AFTER, ""},
	{"ISO with a blank for T", "", "2026-11-24 18:00:00 mx1" AFTER, ""},
	{"ISO with a blank, a fraction and a zone", "", "2026-11-24 18:00:00,123+0100 mx1" AFTER, ""},
	{"FreeBSD -v", "", "Nov 24 18:00:00 <2.6> mx1" AFTER, ""},
	{"FreeBSD -vv", "", "Nov 24 18:00:00 <mail.info> mx1" AFTER, ""},
	{"RFC 5424", "", "<22>1 2026-11-24T18:00:00.123456+01:00 mx1 $P $I - - $M\n", ""},
	{"RFC 5424 without a priority", "", "1 2026-11-24T18:00:00.123456+01:00 mx1 $P $I - - $M\n", ""},
	{"RFC 5424 with data", "",
	 "<22>1 2026-11-24T18:00:00Z mx1 $P $I ID47 [meta@1 a=\"] \\\" x\" b=\"1\"][b] $M\n", ""},
	{"RFC 5424 with a BOM", "", "<22>1 2026-11-24T18:00:00Z mx1 $P $I - - \xef\xbb\xbf$M\n", ""},
	{"traditional with a priority", "", "<22>Nov 24 18:00:00 mx1" AFTER, ""},
	{"journalctl, short", "-- Journal begins at Tue 2026-11-24 17:00:00 CET. --\n", "Nov 24 18:00:00 mx1" AFTER,
	 "-- Boot 1 --\n"},
	{"journalctl -o short-precise", "", "Nov 24 18:00:00.123456 mx1" AFTER, ""},
	{"journalctl -o short-full", "", "Tue 2026-11-24 18:00:00 CET mx1" AFTER, ""},
	{"journalctl -o short-full, another zone", "", "Di 2026-11-24 18:00:00.123456 +03 mx1" AFTER, ""},
	{"journalctl -o short-monotonic", "", "[   12.345678] mx1" AFTER, ""},
	{"journalctl -o short-delta", "", "[   12.345678 <    0.000001 >] mx1" AFTER, ""},
	{"journalctl -o short-unix", "", "1795543200.123456 mx1" AFTER, ""},
	{"journalctl -o short-iso", "", "2026-11-24T18:00:00+0100 mx1" AFTER, ""},
	{"journalctl -o export", "",
	 "__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795543200000000\n_TRANSPORT=syslog\nPRIORITY=6\n_COMM=smtpd\n"
	 "SYSLOG_IDENTIFIER=$P\nSYSLOG_PID=$I\nMESSAGE=$M\n_HOSTNAME=mx1\n\n", ""},
	{"journalctl -o verbose", "",
	 "Tue 2026-11-24 18:00:00.123456 CET [s=1;i=2;b=3]\n    PRIORITY=6\n    SYSLOG_IDENTIFIER=$P\n"
	 "    SYSLOG_PID=$I\n    MESSAGE=$M\n    _HOSTNAME=mx1\n", ""},
	{"journalctl -o json", "",
	 "{\"__REALTIME_TIMESTAMP\":\"1795543200000000\",\"SYSLOG_IDENTIFIER\":\"$P\",\"_PID\":\"$I\",\"MESSAGE\":\"$M\"}\n",
	 "", .json = true},
	{"journalctl -o json-pretty", "",
	 "{\n\t\"SYSLOG_IDENTIFIER\" : \"$P\",\n\t\"_PID\" : \"$I\",\n\t\"MESSAGE\" : \"$M\"\n}\n", "", .json = true},
	{"journalctl -o json-sse", "", "data: {\"SYSLOG_IDENTIFIER\":\"$P\",\"MESSAGE\":\"$M\"}\n\n", "", .json = true},
	{"journalctl -o json-seq", "", "\036{\"SYSLOG_IDENTIFIER\":\"$P\",\"MESSAGE\":\"$M\"}\n", "", .json = true},
	{"journalctl -o cat, by name", "", "$M\n", "", "postfix-log"},
	{"journalctl -o cat", "", "$M\n", "", .nobody = true},
	{"Solaris", "", "Nov 24 18:00:00 mx1 $P[$I]: [ID 197553 mail.info] $M\n", ""},
	{"AIX", "", "Nov 24 18:00:00 mx1 mail:info" AFTER, ""},
	{"busybox", "", "Nov 24 18:00:00 mx1 mail.info" AFTER, ""},
	{"OpenWrt", "", "Tue Nov 24 18:00:00 2026 mail.info" AFTER, ""},
	{"docker compose logs", "", "postfix-mailcow-1  | Nov 24 18:00:00 mx1" AFTER, ""},
	{"docker compose logs, in colours", "", "\033[36mpostfix-1  |\033[0m Nov 24 18:00:00 mx1" AFTER, ""},
	{"docker compose logs, in version 2's colours", "", "\033[33mpostfix-1  | \033[0mNov 24 18:00:00 mx1" AFTER, ""},
	{"the journal driver of Docker", "", "Nov 24 18:00:00 host 3f2a1b4c5d6e[812]: Nov 24 18:00:00 mx1" AFTER, ""},
	{"docker compose logs -t", "", "postfix-1  | 2026-11-24T18:00:00.018306084Z Nov 24 18:00:00 mx1" AFTER, ""},
	{"docker logs -t", "", "2026-11-24T18:00:00.018306084Z Nov 24 18:00:00 mx1" AFTER, ""},
	{"docker logs -t of RFC 3339", "", "2026-11-24T18:00:00.018306084Z 2026-11-24T18:00:00+01:00 mx1" AFTER, ""},
	{"Docker's files", "", "{\"log\":\"Nov 24 18:00:00 mx1 $P[$I]: $M\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-24T18:00:00Z\"}\n",
	 "", .json = true},
	{"docker service logs", "", "mail_smtp.1.abc@node1    | Nov 24 18:00:00 mx1" AFTER, ""},
	{"files of Kubernetes", "", "2026-11-24T18:00:00.018306084+01:00 stdout F Nov 24 18:00:00 mx1" AFTER, ""},
	{"kubectl logs --prefix", "", "[pod/postfix-0/postfix] Nov 24 18:00:00 mx1" AFTER, ""},
	{"Mailu: no time", "", "$P[$I]: $M\n", ""},
	{"Mailu by compose", "", "smtp_1  | $P[$I]: $M\n", ""},
	{"NULs in front of a line", "Nov 24 17:00:00 mx1 postfix/smtpd[1]: connect\n", "\001Nov 24 18:00:00 mx1" AFTER, ""},
	{"a first line that is cut", "fix/smtpd[123]: connect from x[192.0.2.66]\n", "Nov 24 18:00:00 mx1" AFTER, ""},
	{"a first line that is one word", "active)\n", "Nov 24 18:00:00 mx1" AFTER, ""},
	{"tail's headers", "==> /var/log/mail.log <==\n", "Nov 24 18:00:00 mx1" AFTER, "\n==> /var/log/syslog <==\n"},
	{"others' lines first", "Nov 24 18:00:00 mx1 kernel: x\nNov 24 18:00:00 mx1 sshd[1]: x\n", "Nov 24 18:00:00 mx1" AFTER, ""},
};
/* clang-format on */

/* \001 in front of a line stands for a hole, of NUL bytes. */
static char *conversation_in(const struct dialect *d, const char *name,
			     size_t *size)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	assert_non_null(f);
	put(f, d->first, name, 0, false);
	for (size_t i = 0; i < ROWS(conversation); i++)
		put(f, d->line, name, i, d->json);
	put(f, d->last, name, 0, false);
	fclose(f);
	for (size_t i = 0; i < *size; i++)
		if (text[i] == '\001')
			text[i] = 0;
	return text;
}

/* Who is found of a text; what is told stands in report. */
static const char *found(const char *text, size_t size, const char *format,
			 struct feed_report *report)
{
	struct feed_guard guard = clients;
	FILE *f = feed_open(text, size);
	static char all[512];
	struct prefix_set set;
	int err;

	guard.format = format;
	err = feed_read(f, &guard, NULL, &set, report);
	fclose(f);
	assert_true(!err == !!set.n);
	snprintf(all, sizeof(all), "%s", feed_prefixes(&set));
	prefix_free(&set);
	return all;
}

static void every_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(dialects); i++) {
		const struct dialect *d = &dialects[i];
		struct feed_report report;
		size_t size;
		char *text = conversation_in(d, "postfix", &size);
		const char *who = found(text, size, d->format, &report);

		print_message("# T14: %s\n", d->name);
		if (report.errors && !d->nobody)
			print_error("%s\n", feed_error(&report, 0));
		assert_string_equal(who, d->nobody ? "" : CLIENTS);
		free(text);
	}
}

static void every_name(void **state)
{
	static const char *const names[] = {
		"postfix-mx",	"mx-in", "transfer",	"192.0.2.25",
		"2001:db8::25", "a/b",	 "HOST.example"};
	struct feed_report report;

	(void)state;
	for (size_t i = 0; i < ROWS(names); i++)
		for (int by_name = 0; by_name < 2; by_name++) {
			size_t size;
			char *text =
				conversation_in(&dialects[0], names[i], &size);

			print_message("# T15: %s\n", names[i]);
			assert_string_equal(
				found(text, size,
				      by_name ? "postfix-log" : NULL, &report),
				CLIENTS);
			free(text);
		}
}

#define T    "Nov 24 18:00:00 mx1 "
#define QMGR "from=<a@b>, size=1, nrcpt=1 (queue active)\n"
#define R \
	"2026-11-24 18:00:00 #25(rspamd_proxy) <5bd4f6>; proxy; rspamd_task_write_log: "
#define E   "2026-11-24 18:00:00 1abcDE-000123-AB <= "
#define S   T "smtpd[7]: 08d856b172f69c5c "
#define OK2 "198.51.100.11 "

/* clang-format off */
static const struct {
	const char *name, *text;
	const char *clients; /* NULL: refused, and error says why */
	const char *error, *format;
} logs[] = {
	/* T14: what is said of a log that is not understood */
	{"T14: nobody in a log of others", "Nov 24 18:00:00 mx1 sshd[1]: x\n", NULL,
	 "f:1: 1 lines of programs, and none of a mail server or filter; --format NAME says whose log it is (" NAMES ")"},
	{"T14: a time that is unknown", "[24/Nov/2026:18:00:00] mx1 postfix/smtpd[1]: x\n", NULL,
	 "f:1: '[24/Nov/2026:18:00:00] mx1 postfix/smtpd[1]: x': not understood; addresses, one a line, are expected, or "
	 "TIME HOST PROGRAM[PID]: TEXT, as syslog, journalctl and Docker have it (" NAMES ")"},
	{"T14: by name", "[24/Nov/2026:18:00:00] mx1 postfix/smtpd[1]: x\n", NULL,
	 "f:1: '[24/Nov/2026:18:00:00] mx1 postfix/smtpd[1]: x': not understood; addresses, one a line, are expected, or "
	 "TIME HOST PROGRAM[PID]: TEXT, as syslog, journalctl and Docker have it (" NAMES ")", "postfix-log"},
	{"T14: a web page", "<html>\n", NULL, "f:1: '<html>': looks like a web page, not like a list"},
	/* T15: names that are not clear */
	{"T15: two names", T "mx-in/smtpd[1]: 4F10: client=x[198.51.100.11]\n" T "x/qmgr[1]: 4F10: " QMGR, NULL,
	 "f:2: programs of 'mx-in' and of 'x' seem to be Postfix's; --format postfix-log takes both"},
	{"T15: both by name", T "transfer/smtpd[1]: 4F10: client=x[198.51.100.11]\n" T "postfix/qmgr[1]: 4F10: " QMGR, OK2,
	 NULL, "postfix-log"},
	/* T16: a filter before the queue */
	{"T16: a filter before the queue",
	 T "postfix/smtpd[1]: NOQUEUE: client=mail.sender.example[198.51.100.11]\n"
	 T "postfix/smtpd[2]: 4F10: client=localhost[127.0.0.1], orig_client=mail.sender.example[198.51.100.11]\n"
	 T "postfix/qmgr[3]: 4F10: " QMGR
	 T "postfix/smtpd[1]: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as 4F10; from=<a@b> to=<c@d>\n", OK2},
	{"T16: over IPv6", T "postfix/smtpd[2]: 4F10: client=localhost[::1]:4711, orig_client=x[2001:db8:1::11]\n"
	 T "postfix/qmgr[3]: 4F10: " QMGR, "2001:db8:1::11 "},
	{"T16: a user's message through it",
	 T "postfix/submission/smtpd[1]: NOQUEUE: client=x[198.51.100.50], sasl_method=PLAIN, sasl_username=u\n"
	 T "postfix/smtpd[2]: 4F10: client=localhost[127.0.0.1], orig_client=x[198.51.100.50]\n"
	 T "postfix/qmgr[3]: 4F10: " QMGR, NULL,
	 "f:3: no client whose mail was accepted is named in 3 lines of Postfix (NAME/smtpd, NAME/qmgr)"},
	{"T16: behind another host", T "postfix/smtpd[2]: 4F10: client=x[192.0.2.9], orig_client=x[198.51.100.50]\n"
	 T "postfix/qmgr[3]: 4F10: " QMGR, NULL,
	 "f:2: no client whose mail was accepted is named in 2 lines of Postfix (NAME/smtpd, NAME/qmgr)"},
	{"T16: more behind it", T "postfix/smtpd[2]: 4F10: client=localhost[127.0.0.1], orig_client=x[198.51.100.50], sasl_sender=y\n"
	 T "postfix/qmgr[3]: 4F10: " QMGR, NULL,
	 "f:2: no client whose mail was accepted is named in 2 lines of Postfix (NAME/smtpd, NAME/qmgr)"},
	/* T17: rspamd through the years */
	{"T17: 2016", R "id: <a@example.com>, qid: <D4CFE300135>, ip: 2001:db8:1::11, from: <o@example.com>, (default: F (no action): "
	 "[-2.11/15.00] [MIME_GOOD]), len: 6849, time: 538.803ms real, 26.851ms virtual, dns req: 22\n", "2001:db8:1::11 "},
	{"T17: 2017", R "id: <a@example.com>, qid: <D4CFE300135>, ip: 198.51.100.11, from: <o@example.com>, (default: F (no action): "
	 "[-2.11/15.00] [MIME_GOOD]), len: 6849, time: 538.803ms real, 26.851ms virtual, dns req: 22, digest: <0123abcd>\n", OK2},
	{"T17: forced", R "id: <a@example.com>, qid: <D4CF>, ip: 198.51.100.11, from: <o@example.com>, (default: T (no action): "
	 "[-53.30/16.00] [X(-50.00){}]), len: 342465, time: 256.862ms, dns req: 6, digest: <0123abcd>, rcpts: <u@example.org>, "
	 "mime_rcpts: <m@example.com>, forced: no action \"test\"; score=nan (set by force_actions), settings_id: X\n", OK2},
	{"T17: the FAQ's format", R "id: <a@example.com>, qid: <D4CF>, ip: [198.51.100.11], smtp_from: <o@example.com>, "
	 "mime_from: <o@example.com>, smtp_rcpts: <u@example.org>, mime_rcpts: <u@example.org>, (default: F (no action): [0/15] [X]), "
	 "len: 1, time: 1ms real, 1ms virtual, dns req: 0\n", OK2},
	{"T17: of a user", R "id: <a@example.com>, qid: <D4CF>, ip: [198.51.100.50], user: me, smtp_from: <o@example.com>, "
	 "(default: F (no action): [0/15] [X]), len: 1\n", NULL,
	 "f:1: no client whose mail was accepted is named in 1 lines of rspamd (rspamd_task_write_log)"},
	{"T17: compose", "rspamd-mailcow-1  | " R "id: <x>, qid: <D4CF>, ip: 198.51.100.11, from: <o@example.com>, (default: F (no "
	 "action): [0/15] [X]), len: 1, time: 1ms, dns req: 0, digest: <01ab>, rcpts: <u@example.org>\n", OK2},
	{"T17: by journalctl", "{\"SYSLOG_IDENTIFIER\":\"rspamd\",\"MESSAGE\":\"(rspamd_proxy) <5bd4f6>; proxy; rspamd_task_write_log: "
	 "id: <x>, qid: <D4CF>, ip: 198.51.100.11, from: <o@example.com>, (default: F (no action): [0/15] [X]), len: 1, time: 1ms, "
	 "dns req: 0, digest: <01ab>, rcpts: <u@example.org>\"}\n", OK2},
	{"T17: an older log with scans that have no address",
	 R "id: <x@y>, from: <z@y>, (default: F (no action): [0/15] [X]), len: 1, time: 1ms real, 1ms virtual, dns req: 0\n"
	 R "id: <x>, qid: <D4CF>, ip: 192.0.2.66, from: <y>, (default: F (no action): [0/15] [X]), len: 1, time: 1ms, dns req: 0\n",
	 NULL, "f:2: no client whose mail was accepted is named in 2 lines of rspamd (rspamd_task_write_log)"},
	/* Exim */
	{"Exim", E "a@sender.example H=mail.sender.example (helo.example) [198.51.100.11]:4711 I=[192.0.2.25]:25 P=esmtps X=TLS1.3:x:256 "
	 "CV=no S=1234 id=x@y T=\"a subject [192.0.2.66]\" for me@example.com\n"
	 "2026-11-24 18:00:01 1abcDE-000123-AB => me <me@example.com> R=local T=lmtp\n", OK2},
	{"Exim: newer ids, a process id, a fraction and a zone",
	 "2026-11-24 18:00:00.123 +0100 [99] 1rEx7v-0000000A1bC-0qAB <= <> H=([198.51.100.11]) [198.51.100.11] P=esmtp S=1 id=x\n", OK2},
	{"Exim: by syslog", T "exim[7]: 2026-11-24 18:00:00 1abcDE-000123-AB <= a@b H=x.example [2001:db8:1::11]:1 P=esmtps S=1\n"
	 T "exim[7]: 1abcDE-000123-AC <= a@b H=(x) [198.51.100.11] P=smtp S=1\n", OK2 "2001:db8:1::11 "},
	{"Exim: users", E "me@example.com H=(x) [198.51.100.50] P=esmtpsa A=plain_login:me S=1\n"
	 E "me@example.com H=(x) [198.51.100.50] I=[192.0.2.25]:587 P=esmtps S=1\n"
	 E "me@example.com U=root P=local S=1\n" E "me@example.com H=localhost [127.0.0.1] P=esmtp S=1\n"
	 E "a@b H=(x) [198.51.100.11] P=esmtp S=1\n", OK2},
	{"Exim: rejected", "2026-11-24 18:00:00 H=(x) [198.51.100.66] F=<a@b> rejected RCPT <c@d>: x\n"
	 E "a@b H=(x) [198.51.100.11] P=esmtp S=1\n", OK2},
	{"Exim: a HELO", E "a@b H=(x) [192.0.2.66]:1 P=esmtp S=1 id=) [198.51.100.66]:4711 I=[192.0.2.25]:25 P=esmtps S=1\n"
	 E "a@b H=(x) [192.0.2.66]:1 K=) [198.51.100.66]:4711 I=[192.0.2.25]:25 P=esmtps S=1\n"
	 E "a@b H=(x) [192.0.2.66]:1 P=esmtp T=\") [198.51.100.66]:1 P=esmtps T=\" id=\" for me\n"
	 E "a@b H=([192.0.2.66]) [198.51.100.11] P=esmtp S=1\n", OK2},
	{"Exim: a sender", E "\"x H=y [192.0.2.66] P=esmtp\"@b H=(x) [198.51.100.66] P=esmtp S=1\n"
	 E "H=y@b H=(x) [198.51.100.11] P=esmtp S=1\n", OK2},
	{"Exim: a subject", E "a@b H=(x) [198.51.100.11] P=esmtp S=1 T=\"H=y [192.0.2.66]\"\n", OK2},
	{"Exim: Postfix's words",
	 E "a@b H=(x) [198.51.100.11] P=esmtp S=1\n"
	 "2026-11-24 18:00:00 x postfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n2026-11-24 18:00:00 x postfix/qmgr[1]: 4F66: " QMGR, OK2},
	/* OpenSMTPD */
	{"OpenSMTPD", S "smtp connected address=198.51.100.11 host=mail.sender.example\n" S "smtp tls ciphers=x\n"
	 S "smtp message msgid=c405e39a size=303 nrcpt=1 proto=ESMTP\n"
	 S "smtp envelope evpid=c405e39ad6bbc64f from=<a@b> to=<c@d>\n" S "smtp disconnected reason=quit\n", OK2},
	{"OpenSMTPD: IPv6", S "smtp connected address=[2001:db8:1::11] host=x\n" S "smtp message msgid=c405e39a size=303\n",
	 "2001:db8:1::11 "},
	{"OpenSMTPD 6.0", S "smtp event=connected address=198.51.100.11 host=x\n"
	 S "smtp event=message msgid=c405e39a from=<a@b> to=<c@d> size=1 ndest=1 proto=ESMTP\n", OK2},
	{"OpenSMTPD before", T "smtpd[7]: smtp-in: New session 08d856b172f69c5c from host x.example [198.51.100.11]\n"
	 T "smtpd[7]: smtp-in: Accepted message 4296f490 on session 08d856b172f69c5c: from=<a@b>, to=<c@d>, size=1, ndest=1\n", OK2},
	{"OpenSMTPD: a user", S "smtp connected address=198.51.100.50 host=x\n" S "smtp authentication user=me result=ok\n"
	 S "smtp message msgid=c405e39a size=303\n", NULL,
	 "f:3: no client whose mail was accepted is named in 3 lines of OpenSMTPD (smtpd: ID smtp message)"},
	{"OpenSMTPD: rejected, and local", S "smtp connected address=198.51.100.66 host=x\n"
	 S "smtp failed-command command=\"RCPT TO:<x> 08d856b172f69c5c smtp message msgid=1\" result=\"550 x\"\n"
	 S "smtp disconnected reason=quit\n" S "smtp message msgid=c405e39a size=303\n"
	 S "smtp connected address=local host=x\n" S "smtp message msgid=c405e39a size=303\n", NULL,
	 "f:6: no client whose mail was accepted is named in 6 lines of OpenSMTPD (smtpd: ID smtp message)"},
	/* who would forge a client by what stands before a text */
	{"forged: the words of a program without a process id",
	 T "sudo: postfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n" T "app:x postfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n"
	 T "message repeated 2 times: [ postfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n"
	 T "postfix/qmgr[1]: 4F66: " QMGR T "postfix/smtpd[1]: 4F10: client=x[198.51.100.11]\n" T "postfix/qmgr[1]: 4F10: " QMGR, OK2},
	{"forged: a message of several lines",
	 T "app[1]: x\npostfix/smtpd[1]: 4F66: client=x[192.0.2.66]\npostfix/qmgr[1]: 4F66: " QMGR
	 T "postfix/smtpd[1]: 4F10: client=x[198.51.100.11]\n" T "postfix/qmgr[1]: 4F10: " QMGR, OK2},
	{"forged: by name, too",
	 T "app[1]: x\npostfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n4F66: client=x[192.0.2.66]\n4F66: " QMGR
	 T "postfix/smtpd[1]: 4F10: client=x[198.51.100.11]\n" T "postfix/qmgr[1]: 4F10: " QMGR, OK2, NULL, "postfix-log"},
	{"forged: another container",
	 "postfix-1  | " T "postfix/smtpd[1]: 4F10: client=x[198.51.100.11]\n"
	 "web-1      | " T "postfix/smtpd[1]: 4F66: client=x[192.0.2.66]\n", NULL,
	 "f:2: 'web-1': another container that seems to be a mail server; give the log of one"},
	{"forged: two programs of a record",
	 "{\"SYSLOG_IDENTIFIER\":[\"app\",\"postfix/smtpd\"],\"MESSAGE\":\"4F66: client=x[192.0.2.66]\"}\n"
	 "{\"SYSLOG_IDENTIFIER\":\"postfix/smtpd\",\"MESSAGE\":\"4F10: client=x[198.51.100.11]\"}\n"
	 "{\"SYSLOG_IDENTIFIER\":\"postfix/qmgr\",\"MESSAGE\":\"4F66: from=<a@b>, size=1, nrcpt=1 (queue active)\"}\n"
	 "{\"SYSLOG_IDENTIFIER\":\"postfix/qmgr\",\"MESSAGE\":\"4F10: from=<a@b>, size=1, nrcpt=1 (queue active)\"}\n", OK2},
	{"forged: a value of several lines",
	 "Tue 2026-11-24 18:00:00.123456 CET [s=1;i=2]\n    SYSLOG_IDENTIFIER=app\n    MESSAGE=x\n"
	 "            SYSLOG_IDENTIFIER=postfix/smtpd\n            MESSAGE=4F66: client=x[192.0.2.66]\n"
	 "Tue 2026-11-24 18:00:00.123456 CET [s=1;i=2]\n    SYSLOG_IDENTIFIER=postfix/qmgr\n"
	 "    MESSAGE=4F66: from=<a@b>, size=1, nrcpt=1 (queue active)\n", NULL,
	 "f:8: no client whose mail was accepted is named in 1 lines of Postfix (NAME/smtpd, NAME/qmgr)"},
};
/* clang-format on */

static void each_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(logs); i++) {
		struct feed_report report;
		const char *who = found(logs[i].text, strlen(logs[i].text),
					logs[i].format, &report);

		print_message("# %s\n", logs[i].name);
		if (report.errors && logs[i].clients)
			print_error("%s\n", feed_error(&report, 0));
		assert_string_equal(who,
				    logs[i].clients ? logs[i].clients : "");
		if (!logs[i].clients)
			assert_string_equal(feed_error(&report, 0),
					    logs[i].error);
	}
}

/* A record with a field of bytes, in which a record seems to stand. */
static void bytes_are_no_records(void **state)
{
	static const char inner[] =
		"x\n\nSYSLOG_IDENTIFIER=postfix/smtpd\n"
		"MESSAGE=4F66: client=x[192.0.2.66]\n\n"
		"SYSLOG_IDENTIFIER=postfix/qmgr\nMESSAGE=4F66: " QMGR "\n";
	static const char behind[] =
		"SYSLOG_IDENTIFIER=postfix/smtpd\n"
		"MESSAGE=4F10: client=x[198.51.100.11]\n\n"
		"SYSLOG_IDENTIFIER=postfix/qmgr\nMESSAGE=4F10: " QMGR "\n";
	unsigned long long size = sizeof(inner) - 1;
	struct feed_report report;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	fputs("__CURSOR=1\nSYSLOG_IDENTIFIER=app\nMESSAGE\n", f);
	for (int i = 0; i < 8; i++)
		putc(size >> 8 * i & 255, f);
	fputs(inner, f);
	fputs("\n\n", f);
	fputs(behind, f);
	fclose(f);
	assert_string_equal(found(text, len, NULL, &report), OK2);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"T14: other dialects of syslog and journald", every_dialect},
		{"T15: another syslog_name", every_name},
		{"T14 to T17: logs by their programs", each_log},
		{"T14: bytes in a journal's record", bytes_are_no_records},
	};

	return cmocka_run_group_tests_name("field logs", tests, NULL, NULL);
}
