/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file from outside to prefixes, in two steps: feed_parse() reads its bytes
 * in one of many formats, feed_finish() sorts and guards what was read. Both
 * are strict: a bad line refuses the file unless max_errors allows it. What
 * reads bytes is done by a child without rights (child.h). No libbpf, no
 * printing.
 */
#ifndef MAILWEIR_FEED_H
#define MAILWEIR_FEED_H

#include <stdio.h>

#include "lists/asn.h"

enum {
	FEED_LINE = 4096, /* the longest line, bytes */
	FEED_SHOWN = 10,  /* errors of a file that are told */
	FEED_NOTES = 5,	  /* notes on a file that are told */
	FEED_ERROR = 512, /* bytes of an error's text, with its NUL */
	FEED_MISSED = 80, /* bytes of a line that is shown */
};

/* What a file is, and with that which formats it can have. */
enum feed_kind {
	FEED_LIST,    /* of prefixes, ASNs, exclusions */
	FEED_ORIGINS, /* a table of prefixes and their ASNs */
	FEED_CLIENTS, /* addresses of hosts, or a log that names them */
};

/* What a file must be. */
struct feed_guard {
	/* Shorter prefixes are refused: than 8 and 19 unless the list says. */
	int max_prefix4, max_prefix6;
	size_t min_entries;		 /* fewer prefixes are refused */
	size_t max_errors;		 /* more bad lines are refused */
	const struct prefix_set *except; /* subtracted; NULL: nothing is */
	const struct mw_nat64 *nat64;	 /* prefixes that hold IPv4, or NULL */
	const char *format;		 /* feed_format(); NULL: by content */
	/* Of a file of several sets: those that are meant, by their names with
	 * commas between; nft's as "[family] table set". NULL: the only one. */
	const char *set;
	__s64 age;  /* seconds since the file was written: decisions end */
	__s64 now;  /* seconds since 1970 */
	bool allow; /* of a Postfix table: take permit, else reject */
	bool ignore_text;  /* that stands behind an entry */
	bool may_be_empty; /* no entry is no error */
	bool goes_on;	   /* who reads adds prefixes before feed_finish() */
	enum feed_kind kind;
};

struct feed_error {
	__u64 line;	       /* 0: the error is of the whole file */
	char text[FEED_ERROR]; /* what is wrong; what would be right */
};

/* What came of reading a file. Plain data: a report crosses a pipe. */
struct feed_report {
	__u64 lines;		  /* in the file */
	__u64 entries;		  /* that named a prefix, a range, an AS */
	__u64 entries4, entries6; /* prefixes, ranges split, as accepted */
	__u64 masked;		  /* entries with host bits set */
	__u64 duplicates;	  /* prefixes that were there already */
	__u64 nested;		  /* prefixes inside another one of this file */
	__u64 excluded;		  /* ! lines */
	__u64 unfit;  /* entries of other kinds: countries, captchas */
	__u64 ended;  /* entries whose end has passed */
	__u64 silent; /* ASNs that announce nothing */
	/* Seconds since 1970. When the file was written, by its own word or
	 * else by its inode (0: there is none); and until when it is good, by
	 * its own word (0: for ever). */
	__s64 modified, expires;
	__u64 fatal;  /* errors that max_errors does not forgive */
	__u64 errors; /* all errors, of which the first are kept: */
	struct feed_error error[FEED_SHOWN];
	__u64 notes; /* what was left out on purpose; the first are kept: */
	struct feed_error note[FEED_NOTES];
};

/* A file as read. */
struct feed {
	struct prefix_set set;
	struct prefix_set except; /* what the file itself excludes */
	/* ASNs that the file names. Of a table (FEED_ORIGINS) asns.v[i] is the
	 * origin of set.v[i]. */
	struct asn_set asns;
	struct feed_report report;
	bool finished; /* feed_finish() is done */
};

/*
 * Reads all of f, in guard->format or in the format that its first lines tell.
 * 0, or -EINVAL: refused, with report.errors > 0; -ENOMEM, -EIO. Words from
 * the file are shown with every byte outside 0x20..0x7e as \xNN. feed is to be
 * freed in any case. Of clients set holds addresses, full-length prefixes; a
 * log in which nobody was accepted is no error, and set is empty.
 */
int feed_parse(FILE *f, const struct feed_guard *guard, struct feed *feed);

/*
 * Adds the prefixes of asns to set, of each number once (table NULL: none is
 * configured). 0, -EINVAL: there is no table, or -ENOMEM. A number without
 * prefixes is counted; that most of them have none is an error of the report.
 */
int feed_resolve(const struct asn_set *asns, const struct asn_table *table,
		 const struct feed_guard *guard, struct prefix_set *set,
		 struct feed_report *report);

/*
 * Adds the prefixes of feed->asns to feed->set, makes those behind NAT64 the
 * IPv4 ones that they are, sorts the set by prefix_compare, drops duplicates
 * (nested prefixes stay), takes out what is excluded, and guards what is left.
 * 0, or an error of feed_parse().
 */
int feed_finish(struct feed *feed, const struct feed_guard *guard,
		const struct asn_table *table);

void feed_free(struct feed *feed);

/* --- formats (formats.c) ------------------------------------------------- */

/* The format of the copies of lists that mailweir keeps: prefixes, and when
 * they end. A file has it only where guard->format names it. */
#define FEED_KEPT "kept"

/* The name of format i of that kind, for guard->format; NULL: there are i. */
const char *feed_format(enum feed_kind kind, int i);

/* The constant name that equals name; NULL: no format of that kind has it. */
const char *feed_format_named(enum feed_kind kind, const char *name);

/* The names of all formats of a kind: "plain, ipset or nft". */
enum { FEED_FORMATS = 256 };
void feed_formats(enum feed_kind kind, char names[FEED_FORMATS]);

/* --- reports (report.c) -------------------------------------------------- */

/* An entry that is left out if max_errors allows it. line 0: of the file. */
__attribute__((format(printf, 3, 4))) void
report_error(struct feed_report *r, size_t line, const char *format, ...);
/* The file cannot be used, or not without this line. */
__attribute__((format(printf, 3, 4))) void
report_fatal(struct feed_report *r, size_t line, const char *format, ...);

/* What an operator should hear of a file that is taken. */
__attribute__((format(printf, 3, 4))) void
report_note(struct feed_report *r, size_t line, const char *format, ...);

bool report_refused(const struct feed_report *r, size_t max_errors);

/* Error i as "FILE:LINE: what; what would be right". */
void report_text(const struct feed_report *r, size_t i, const char *name,
		 char *text, size_t size);
/* Note i in the same way. */
void report_note_text(const struct feed_report *r, size_t i, const char *name,
		      char *text, size_t size);

#endif
