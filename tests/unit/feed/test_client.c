// SPDX-License-Identifier: GPL-2.0
/* Clients, as addresses and as logs name them; and who would forge one. */
#include "feed.h"
#include "feed/child.h"
#include "feed/format/postfix_queue.h"

#define NAMES "addresses, postfix-log, opensmtpd-log, exim-log or rspamd-log"
#define T     "Nov 24 18:56:31 gateway postfix/"
#define QMGR  "from=<a@sender.example>, size=252, nrcpt=1 (queue active)\n"
#define IN(id, client)                                                    \
	T "smtpd[336]: " id ": client=" client "\n" T "cleanup[340]: " id \
	  ": message-id=<x@sender.example>\n"
#define OK(id) T "qmgr[292]: " id ": " QMGR
/* Accepted, so that no row is empty for the wrong reason. */
#define LAST IN("5A0C66A", "unknown[203.0.113.1]") OK("5A0C66A")

#define R	     "2026-11-24 19:10:00 #15(normal) <5bd4f6>; task; "
#define WRITE	     "rspamd_task_write_log: "
#define QID	     ", qid: <502F55F>, ip: "
#define ENVELOPE     ", from: <a@sender.example>, "
#define ACTION(name) "(default: F (" name "): [-0.10/15.00] [OPT(-0.10){x;}]), "
#define TAIL                                                            \
	"len: 158, time: 2.178ms, dns req: 0, digest: "                 \
	"<a4e0f9b6ae8b3bd4b2c3c9ed0c8b6b4f>, rcpts: <me@example.com>, " \
	"mime_rcpts: <me@example.com>\n"
#define SCAN(mid, ip, action) \
	R WRITE "id: <" mid ">" QID ip ENVELOPE ACTION(action) TAIL
#define LAST_SCAN SCAN("z@sender.example", "203.0.113.1", "no action")

static const struct {
	const char *what, *text;
	const char *clients; /* NULL: refused */
	const char *error;
} logs[] = {
	/* addresses */
	{"addresses",
	 "# who\n\n192.0.2.7\n 192.0.2.1 ; relay\n2001:db8::1\n192.0.2.7\n",
	 "192.0.2.1 192.0.2.7 2001:db8::1 ", NULL},
	{"a prefix", "192.0.2.0/24\n", NULL,
	 "f:1: '192.0.2.0/24': a prefix; clients are addresses, one a line"},
	{"a prefix of one address", "192.0.2.1/32\n", NULL,
	 "f:1: '192.0.2.1/32': a prefix; clients are addresses, one a line"},
	{"a name", "192.0.2.1\nmail.example\n", NULL,
	 "f:2: 'mail.example': not an address; 192.0.2.1 or 2001:db8::1 is "
	 "one"},
	{"a range", "192.0.2.1-192.0.2.9\n", NULL,
	 "f:1: '192.0.2.1-192.0.2.9': not an address; 192.0.2.1 or "
	 "2001:db8::1 is one"},
	{"an exclusion", "192.0.2.1\n!192.0.2.1\n", NULL,
	 "f:2: '!192.0.2.1': not an address; 192.0.2.1 or 2001:db8::1 is one"},
	{"an AS", "AS64500\n", NULL,
	 "f:1: 'AS64500': not an address; 192.0.2.1 or 2001:db8::1 is one"},
	{"mapped", "::ffff:192.0.2.1\n", NULL,
	 "f:1: '::ffff:192.0.2.1': IPv4 inside IPv6; write it as IPv4"},
	{"two", "192.0.2.1 192.0.2.2\n", NULL,
	 "f:1: '192.0.2.1 192.0.2.2': more than one word; one address a line, "
	 "and comments begin with # or ;"},
	{"a web page", "<html>\n", NULL,
	 "f:1: '<html>': looks like a web page, not like a list"},
	{"compressed", "\x1f\x8b\x08 xx\n", NULL,
	 "f:1: compressed (gzip); unpack it first"},
	{"nothing", "", NULL,
	 "f: no address, and no line of a log (" NAMES ")"},
	{"a log of others",
	 "Nov 24 18:56:31 gateway kernel: x\nNov 24 18:56:31 gateway "
	 "sshd[1]: 192.0.2.1\n",
	 NULL,
	 "f:2: 1 lines of programs, and none of a mail server or filter; "
	 "--format NAME says whose log it is (" NAMES ")"},

	/* Postfix */
	{"the last", LAST, "203.0.113.1 ", NULL},
	{"others first",
	 "-- Journal begins at Tue 2026-11-24 --\nNov  4 18:56:31 gateway "
	 "kernel: x\n" LAST,
	 "203.0.113.1 ", NULL},
	{"nobody accepted", IN("502F55F", "unknown[192.0.2.9]"), NULL,
	 "f:2: no client whose mail was accepted is named in 2 lines of "
	 "Postfix (NAME/smtpd, NAME/qmgr)"},
	{"other times and names",
	 "2026-11-24T18:56:31.123456+01:00 gw postfix-in/smtpd[1]: 502F55F: "
	 "client=mail.sender.example[192.0.2.9]\n"
	 "2026-11-24T18:56:31Z gw postfix-in/qmgr[1]: 502F55F: " QMGR
	 "2026-11-24T18:56:31+0000 gw postfix/smtp/smtpd[1]: 502F560: "
	 "client=mail.sender.example[192.0.2.8]\n"
	 "2026-11-24T18:56:31-01:00 gw postfix/qmgr[1]: 502F560: " QMGR,
	 "192.0.2.8 192.0.2.9 ", NULL},
	{"long id and port",
	 IN("4jYsVD4DLlz26", "unknown[192.0.2.9]:54376") OK("4jYsVD4DLlz26"),
	 "192.0.2.9 ", NULL},
	{"IPv6", IN("502F55F", "unknown[2001:db8:1::10]") OK("502F55F"),
	 "2001:db8:1::10 ", NULL},
	{"mapped", IN("502F55F", "unknown[::ffff:192.0.2.9]") OK("502F55F"),
	 "192.0.2.9 ", NULL},
	{"of this host",
	 IN("502F55F", "localhost[127.0.0.1]") OK("502F55F")
		 IN("502F560", "localhost[::1]") OK("502F560")
			 IN("502F561", "unknown[0.0.0.0]") OK("502F561") IN(
				 "502F562", "unknown[::]") OK("502F562") LAST,
	 "203.0.113.1 ", NULL},
	{"no addresses",
	 IN("502F55F", "unknown[unknown]") OK("502F55F")
		 IN("502F564", "unknown[192.0.2.9]:25x") OK("502F564")
			 IN("502F560", "unknown[192.0.2.0/24]") OK("502F560")
				 IN("502F561", "unknown") OK("502F561") IN(
					 "502F562", "unknown[]") OK("502F562")
					 IN("502F563", "unknown]192.0.2.9[")
						 OK("502F563") LAST,
	 "203.0.113.1 ", NULL},
	{"by a milter",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "cleanup[340]: 502F55F: milter-reject: END-OF-MESSAGE from "
	 "unknown[192.0.2.9]: 5.7.1 Command rejected; from=<a@sender.example>"
	 "\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"discarded by a milter",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "cleanup[340]: 502F55F: milter-discard: END-OF-MESSAGE from "
	 "unknown[192.0.2.9]: milter triggers DISCARD action\n" OK("502F55F")
		 LAST,
	 "203.0.113.1 ", NULL},
	{"by a header",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "cleanup[340]: 502F55F: reject: header Subject: x from "
	 "unknown[192.0.2.9]; from=<a@sender.example>\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"discarded by a header",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "cleanup[340]: 502F55F: discard: header Subject: x\n" OK("502F55F")
		 LAST,
	 "203.0.113.1 ", NULL},
	{"one recipient rejected",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "smtpd[336]: 502F55F: reject: RCPT from unknown[192.0.2.9]: 454 "
	 "4.7.1 <b@example.com>: Relay access denied\n" OK("502F55F"),
	 "192.0.2.9 ", NULL},
	{"removed first",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "qmgr[292]: 502F55F: removed\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"expired",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "qmgr[292]: 502F55F: from=<\"x>, size=1, nrcpt=1 (queue active)\"@"
	 "sender.example>, status=expired, returned to sender\n" LAST,
	 "203.0.113.1 ", NULL},
	{"an id comes again",
	 IN("502F55F", "unknown[192.0.2.9]") IN("502F55F", "unknown[192.0.2.8]")
		 OK("502F55F"),
	 "192.0.2.8 ", NULL},
	{"and is accepted once",
	 IN("502F55F", "unknown[192.0.2.9]") OK("502F55F") OK("502F55F")
		 IN("502F55F", "unknown[192.0.2.8]") T
	 "smtpd[336]: lost connection after DATA from unknown[192.0.2.8]\n",
	 "192.0.2.9 ", NULL},
	{"an id becomes a local message's",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "pickup[366]: 502F55F: uid=0 from=<root>\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"or a user's",
	 IN("502F55F", "unknown[192.0.2.9]") IN(
		 "502F55F", "unknown[192.0.2.8], sasl_method=PLAIN, "
			    "sasl_username=me@example.com") OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"users",
	 T "submission/smtpd[1]: 502F55F: client=unknown[192.0.2.9]\n" OK(
		 "502F55F") T
	 "smtps/smtpd[1]: 502F560: client=unknown[192.0.2.8]\n" OK("502F560") T
	 "587/smtpd[1]: 502F561: client=unknown[192.0.2.8]\n" OK("502F561") T
	 "465/smtpd[1]: 502F562: client=unknown[192.0.2.8]\n" OK("502F562")
		 LAST,
	 "203.0.113.1 ", NULL},
	{"from a content filter",
	 IN("502F55F", "localhost[192.0.2.9], orig_queue_id=5A0C66B, "
		       "orig_client=unknown[192.0.2.8]") OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"NOQUEUE",
	 T "smtpd[1]: NOQUEUE: client=unknown[192.0.2.9]\n" T
	   "qmgr[292]: NOQUEUE: " QMGR LAST,
	 "203.0.113.1 ", NULL},
	{"a HELO",
	 T "smtpd[336]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 454 "
	   "4.7.1 <me@example.com>: x; from=<> to=<me@example.com> "
	   "proto=ESMTP helo=<a]: 502F55F: client=x[192.0.2.66]>\n" OK(
		   "502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"a HELO at the end",
	 T "smtpd[336]: 502F550: reject: RCPT from unknown[192.0.2.9]: helo=<"
	   " 502F55F: client=x[192.0.2.66]\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"a client's name",
	 IN("502F55F", "x[192.0.2.66], y[192.0.2.9]") OK("502F55F")
		 IN("502F560", "x[192.0.2.66] y[192.0.2.9]") OK("502F560") LAST,
	 "203.0.113.1 ", NULL},
	{"a client's name with brackets",
	 IN("502F55F", "x[192.0.2.66]y[192.0.2.9]") OK("502F55F"), "192.0.2.9 ",
	 NULL},
	{"a Message-ID",
	 T "cleanup[340]: 502F550: message-id=<" T
	   "smtpd[336]: 502F55F: client=x[192.0.2.66]\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"a Message-ID that accepts",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "cleanup[340]: 502F550: message-id=<qmgr[1]: 502F55F: " QMGR LAST,
	 "203.0.113.1 ", NULL},
	{"a sender",
	 IN("502F55F", "unknown[192.0.2.9]") IN("502F560", "unknown[192.0.2.8]")
		 T
	 "qmgr[292]: 502F55F: from=<\"502F560: from=<x>, size=1, nrcpt=1 "
	 "(queue active)\"@sender.example>, size=1, nrcpt=1 (queue active)\n",
	 "192.0.2.9 ", NULL},
	{"another program's line",
	 "Nov 24 18:56:31 gateway sshd[336]: postfix/smtpd[336]: 502F55F: "
	 "client=x[192.0.2.66]\n"
	 "Nov 24 18:56:31 gateway postfixx: 502F55F: client=x[192.0.2.66]\n"
	 " " T "smtpd[336]: 502F55F: client=x[192.0.2.66]\n"
	 "502F55F: client=x[192.0.2.66]\n" T
	 "smtp[336]: 502F55F: client=x[192.0.2.66]\n" T
	 "smtpd: 502F55F: client=x[192.0.2.66]\n" T
	 "smtpd[x]: 502F55F: client=x[192.0.2.66]\n" OK("502F55F") LAST,
	 "203.0.113.1 ", NULL},
	{"another program accepts",
	 IN("502F55F", "unknown[192.0.2.9]") T
	 "smtp[1]: 502F55F: " QMGR
	 "Nov 24 18:56:31 gateway x/qmgr[1]: 502F55F: " QMGR LAST,
	 "203.0.113.1 ", NULL},
	{"rspamd's words in Postfix's log",
	 LAST T "cleanup[340]: 502F550: message-id=<" SCAN("x", "192.0.2.66",
							   "no action"),
	 "203.0.113.1 ", NULL},

	/* rspamd */
	{"a scan", SCAN("a@sender.example", "192.0.2.9", "no action"),
	 "192.0.2.9 ", NULL},
	{"its other heads",
	 "2026-11-24 19:10:00.12345 [info] #15(rspamd_proxy) <>; proxy; " WRITE
	 "id: <x>" QID "192.0.2.1, from: <>, " ACTION("no action") TAIL
	 "Nov 24 19:10:00 gw rspamd[15]: <5bd4f6>; task; " WRITE "id: <>" QID
	 "192.0.2.2" ENVELOPE ACTION("no action") TAIL
	 "2026-11-24T19:10:00+00:00 gw rspamd[15]: (normal) <5bd4f6>; task; " WRITE
	 "id: <x>" QID "192.0.2.3" ENVELOPE ACTION("no action") TAIL
	 "Nov 24 19:10:00 gw rspamd[15]: #15(rspamd_proxy) <5bd4f6>; proxy; " WRITE
	 "id: <x>" QID "192.0.2.4" ENVELOPE ACTION("no action") TAIL,
	 "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 ", NULL},
	{"a bounce",
	 R WRITE "id: <x>" QID "192.0.2.9, " ACTION("no action") TAIL,
	 "192.0.2.9 ", NULL},
	{"a bounce with a Message-ID",
	 R WRITE "id: <x>" QID "192.0.2.66>" QID
		 "192.0.2.9, " ACTION("no action") TAIL R WRITE
	 "id: <x>" QID "192.0.2.66, from: <y>" QID
	 "192.0.2.9, " ACTION("no action") TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"IPv6", SCAN("x", "2001:db8:1::10", "no action"), "2001:db8:1::10 ",
	 NULL},
	{"mapped", SCAN("x", "::ffff:192.0.2.9", "no action"), "192.0.2.9 ",
	 NULL},
	{"of this host",
	 SCAN("x", "127.0.0.1", "no action") SCAN("x", "::1", "no action")
		 LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"other actions",
	 SCAN("x", "192.0.2.1", "add header")
		 SCAN("x", "192.0.2.2", "rewrite subject")
			 SCAN("x", "192.0.2.3", "greylist")
				 SCAN("x", "192.0.2.4", "soft reject") SCAN(
					 "x", "192.0.2.5", "reject")
					 SCAN("x", "192.0.2.6", "") LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"none accepted", SCAN("x", "192.0.2.1", "reject"), NULL,
	 "f:1: no client whose mail was accepted is named in 1 lines of rspamd "
	 "(rspamd_task_write_log)"},
	{"a user",
	 SCAN("x", "192.0.2.9, user: me@example.com", "no action") LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"shown to the controller",
	 "2026-11-24 19:10:00 #15(controller) <5bd4f6>; csession; " WRITE
	 "id: <x>" QID "192.0.2.9" ENVELOPE ACTION("no action") TAIL
	 "2026-11-24 19:10:00 #15(controller) <5bd4f6>; task; " WRITE
	 "id: <x>" QID "192.0.2.9" ENVELOPE ACTION("no action") TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"a Message-ID with all of it",
	 SCAN("x>" QID "192.0.2.66" ENVELOPE ACTION("no action") "<",
	      "192.0.2.9", "reject") LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"a Message-ID with another address",
	 SCAN("x>" QID "192.0.2.66, from: <y", "192.0.2.9", "no action")
		 LAST_SCAN,
	 "203.0.113.1 ", NULL},
	/* clang-format off */
	{"a Message-ID where nothing else is known",
	 R WRITE "id: <x>" QID "192.0.2.66, from: <y>, " ACTION(
		 "no action") "len: 1, time: 1ms, dns req: 0, digest: <a4e0f9b6>, "
			      "mime_rcpts: <a, digest: <a4e0f9b6>, rcpts: <b>\n" R
				      WRITE "id: <x>" QID
			      "192.0.2.66, from: <y>, " ACTION(
				      "no action") "len: 1, time: 1ms, dns req: 0, digest: <a4e0f9b6>\n" R
				      WRITE "id: <x>" QID
						   "192.0.2.66, from: <y>" ENVELOPE
							   ACTION("no action")
		TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	/* clang-format on */
	{"and a symbol that names recipients",
	 R WRITE "id: <x>" QID "192.0.2.66, from: <y>, "
		 "(default: F (no action): [0/15] [OPT(0){x, digest: "
		 "<a4e0f9b6>, rcpts: <b>;}]), len: 1, time: 1ms, dns req: 0, "
		 "digest: <a4e0f9b6>, mime_rcpts: <b>\n" LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"a sender",
	 R WRITE "id: <x>" QID "192.0.2.9, from: <\"x>, " ACTION(
		 "no action") "\"@sender.example>, " ACTION("reject")
		 TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"a symbol",
	 R WRITE "id: <x>" QID "192.0.2.9" ENVELOPE
		 "(default: T (reject): [20/15] [BAD(20){spam}]), " ACTION(
			 "no action") TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"a recipient, who loses only their own",
	 R WRITE "id: <x>" QID "192.0.2.9" ENVELOPE ACTION(
		 "no action") "digest: <a4e0f9b6>, rcpts: <\"(default: \"@example.com>\n" LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"another module's words",
	 R "rspamd_message_parse: loaded message; id: <; task; " WRITE
	   "id: <x>" QID "192.0.2.66" ENVELOPE ACTION("no action") TAIL
	 "2026-11-24 19:10:00 #15(normal) <5bd4f6>; lua; x.lua:1: <5bd4f6>; "
	 "task; " WRITE "id: <x>" QID "192.0.2.66" ENVELOPE ACTION("no action")
		 TAIL LAST_SCAN,
	 "203.0.113.1 ", NULL},
	{"another program's words",
	 LAST_SCAN
	 "Nov 24 18:56:31 gateway postfix/smtpd[336]: NOQUEUE: helo=<" R WRITE
	 "id: <x>" QID "192.0.2.66" ENVELOPE ACTION("no action") TAIL
	 "Nov 24 18:56:31 gateway rspamdx[336]: <5bd4f6>; task; " WRITE
	 "id: <x>" QID "192.0.2.66" ENVELOPE ACTION("no action") TAIL,
	 "203.0.113.1 ", NULL},
	{"Postfix's words in rspamd's log",
	 LAST_SCAN IN("502F55F", "unknown[192.0.2.66]") OK("502F55F"),
	 "203.0.113.1 ", NULL},
};

static const struct feed_guard clients = {.kind = FEED_CLIENTS};

static void clients_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS(logs); i++) {
		struct feed_report report;
		struct prefix_set set;
		int err =
			feed_text(logs[i].text, &clients, NULL, &set, &report);
		const char *got =
			err ? feed_error(&report, 0) : feed_prefixes(&set);

		if (strcmp(got, err ? logs[i].error ?: "" : logs[i].clients))
			print_error("%s\n", logs[i].what);
		assert_int_equal(err, logs[i].clients ? 0 : -EINVAL);
		assert_string_equal(got, err ? logs[i].error : logs[i].clients);
		prefix_free(&set);
	}
}

/* A format that is named reads nothing else, and decides nothing by content. */
static void clients_by_name(void **state)
{
	static const char *const names[] = {"rspamd-log", "exim-log",
					    "opensmtpd-log", "postfix-log",
					    "addresses"};
	static const struct {
		const char *format, *text, *clients;
	} rows[] = {
		{"addresses", "192.0.2.1\n", "192.0.2.1 "},
		{"addresses", LAST, NULL},
		{"postfix-log", LAST_SCAN LAST, "203.0.113.1 "},
		{"postfix-log", LAST_SCAN "192.0.2.1\n", NULL},
		{"postfix-log", "", NULL},
		{"rspamd-log", LAST SCAN("x", "192.0.2.9", "no action"),
		 "192.0.2.9 "},
		{"rspamd-log", LAST, NULL},
		{"plain", "192.0.2.1\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const struct feed_guard guard = {.kind = FEED_CLIENTS,
						 .format = rows[i].format};
		struct feed_report report;
		struct prefix_set set;
		int err = feed_text(rows[i].text, &guard, NULL, &set, &report);

		assert_int_equal(err, rows[i].clients ? 0 : -EINVAL);
		if (!err)
			assert_string_equal(feed_prefixes(&set),
					    rows[i].clients);
		prefix_free(&set);
	}
	for (size_t i = 0; i < ROWS(names); i++)
		assert_string_equal(feed_format(FEED_CLIENTS, i), names[i]);
	assert_null(feed_format(FEED_CLIENTS, ROWS(names)));
}

/* What the real ones wrote, through the child that reads it. */
static void real_logs(void **state)
{
	static const struct {
		const char *log, *clients;
		size_t entries;
	} rows[] = {
		{"tests/fuzz/corpus/postfix-log",
		 "192.0.2.1 198.51.100.10 198.51.100.19 198.51.100.20 "
		 "2001:db8:1::10 ",
		 5},
		{"tests/fuzz/corpus/rspamd-log",
		 "198.51.100.10 198.51.100.16 198.51.100.18 2001:db8:1::10 ",
		 7},
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct feed feed;

		assert_int_equal(feed_child_read(rows[i].log, &clients, &feed),
				 0);
		assert_int_equal(feed.report.entries, rows[i].entries);
		assert_int_equal(feed_finish(&feed, &clients, NULL), 0);
		assert_string_equal(feed_prefixes(&feed.set), rows[i].clients);
		feed_free(&feed);
	}
}

/* A line of any length, of which what stands behind FEED_LINE is not taken
 * for a line. */
static void long_lines(void **state)
{
	static const char forged[] = IN("502F55F", "unknown[192.0.2.66]");
	static const char heads[][64] = {T "smtpd[336]: ", T "x[1]: ",
					 "Nov 24 18:56:31 gateway kernel: ", R};
	char *text = NULL;
	size_t size;

	(void)state;
	for (size_t i = 0; i < ROWS(heads); i++) {
		FILE *f = open_memstream(&text, &size);
		struct feed_report report;
		struct prefix_set set;

		fputs(heads[i], f);
		for (int n = strlen(heads[i]); n < 3 * (FEED_LINE + 1); n++)
			putc('x', f);
		fputs(forged, f);
		fputs(OK("502F55F") LAST LAST_SCAN, f);
		fclose(f);
		f = fmemopen(text, size, "r");
		assert_int_equal(feed_read(f, &clients, NULL, &set, &report),
				 0);
		assert_string_equal(feed_prefixes(&set), "203.0.113.1 ");
		prefix_free(&set);
		fclose(f);
		free(text);
	}
}

/* Nor is its begin for the whole: a sender can be as long as it takes. */
static void long_senders(void **state)
{
	static const char begin[] = T "qmgr[292]: 502F55F: from=<\"";
	static const char end[] = ", size=1, nrcpt=1 (queue active)";
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct feed_report report;
	struct prefix_set set;

	(void)state;
	fputs(IN("502F55F", "unknown[192.0.2.9]"), f);
	fprintf(f, "%s%0*d%s", begin,
		(int)(FEED_LINE + 1 - strlen(begin) - strlen(end)), 0, end);
	fputs("\"@sender.example>, status=expired\n" LAST, f);
	fclose(f);
	f = fmemopen(text, size, "r");
	assert_int_equal(feed_read(f, &clients, NULL, &set, &report), 0);
	assert_string_equal(feed_prefixes(&set), "203.0.113.1 ");
	prefix_free(&set);
	fclose(f);
	free(text);
}

/* More messages than memory is kept for: a line is all that is the same. */
struct endless {
	const char *line;
	size_t left, at;
};

static ssize_t endless_read(void *cookie, char *data, size_t size)
{
	struct endless *e = cookie;
	size_t len = strlen(e->line), n = 0;

	while (n < size && e->left) {
		size_t part = len - e->at < size - n ? len - e->at : size - n;

		memcpy(data + n, e->line + e->at, part);
		n += part;
		e->at = (e->at + part) % len;
		e->left -= !e->at;
	}
	return n;
}

static void many_messages(void **state)
{
	enum { MESSAGES = 1200000 };
	struct endless e = {LAST_SCAN, MESSAGES};
	FILE *f = fopencookie(&e, "r",
			      (cookie_io_functions_t){.read = endless_read});
	struct feed feed;

	(void)state;
	assert_int_equal(feed_parse(f, &clients, &feed), 0);
	assert_int_equal(feed.report.entries, MESSAGES);
	assert_true(feed.set.n < MESSAGES / 4);
	assert_int_equal(feed_finish(&feed, &clients, NULL), 0);
	assert_int_equal(feed.set.n, 1);
	assert_int_equal(feed.report.duplicates, MESSAGES - 1);
	feed_free(&feed);
	fclose(f);
}

/* --- the queue ----------------------------------------------------------- */

static void number(char id[POSTFIX_QUEUE_ID], unsigned int n)
{
	snprintf(id, POSTFIX_QUEUE_ID, "%06X", n);
}

static void the_oldest_goes(void **state)
{
	enum { ALL = 3 * POSTFIX_QUEUE_MOST };
	struct postfix_queue *q = postfix_queue_new();
	struct mw_prefix p = {4, 32};
	char id[POSTFIX_QUEUE_ID];

	(void)state;
	for (unsigned int i = 0; i < ALL; i++) {
		number(id, i);
		memcpy(p.addr, &i, sizeof(i));
		postfix_queue_put(q, id, &p);
	}
	for (unsigned int i = 0; i < ALL; i++) {
		bool kept = i >= ALL - POSTFIX_QUEUE_MOST;

		number(id, i);
		assert_int_equal(postfix_queue_take(q, id, &p), kept);
		if (kept)
			assert_memory_equal(p.addr, &i, sizeof(i));
		assert_false(postfix_queue_take(q, id, NULL));
	}
	free(q);
}

/* One id takes one place, and a place that is left is not an older one's. */
static void an_id_is_one_message(void **state)
{
	struct postfix_queue *q = postfix_queue_new();
	struct mw_prefix p = {4, 32};

	(void)state;
	for (int i = 0; i < POSTFIX_QUEUE_MOST + 9; i++) {
		p.addr[0] = i;
		postfix_queue_put(q, "502F55F", &p);
	}
	assert_true(postfix_queue_take(q, "502F55F", &p));
	assert_int_equal(p.addr[0], (__u8)(POSTFIX_QUEUE_MOST + 8));
	assert_false(postfix_queue_take(q, "502F55F", &p));
	free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_of),
		cmocka_unit_test(clients_by_name),
		cmocka_unit_test(real_logs),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(long_senders),
		cmocka_unit_test(many_messages),
		cmocka_unit_test(the_oldest_goes),
		cmocka_unit_test(an_id_is_one_message),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
