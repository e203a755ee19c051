/* SPDX-License-Identifier: GPL-2.0 */
/* What came of reading a file. */
#ifndef MAILWEIR_REPORT_H
#define MAILWEIR_REPORT_H

#include "asn.h"

enum { FEED_SHOWN = 10, FEED_ERROR = 384 };

struct feed_error {
	__u64 line;	       /* 0: of the whole file */
	char text[FEED_ERROR]; /* what; what would be right */
};

/* Plain data: it crosses a pipe as it is. */
struct feed_report {
	__u64 lines;		  /* in the file */
	__u64 entries;		  /* that named a prefix, a range, an AS */
	__u64 entries4, entries6; /* prefixes, ranges split, as accepted */
	__u64 masked;		  /* entries with host bits set */
	__u64 duplicates;	  /* prefixes that were there already */
	__u64 nested;		  /* prefixes inside another one of this file */
	__u64 excluded;		  /* ! lines */
	__u64 unfit; /* entries of other kinds: countries, captchas */
	__u64 ended; /* decisions whose time is over */
	/* Seconds since 1970: when it was written, by its own word or else its
	 * file's (0: no file), and until when it is good, by its own (0: ever). */
	__s64 modified, expires;
	__u64 fatal;  /* errors that max_errors does not forgive */
	__u64 errors; /* all of them, of which shown: */
	struct feed_error error[FEED_SHOWN];
};

/* A file as read. */
struct feed {
	struct prefix_set set;
	struct prefix_set except; /* what the file itself excludes */
	/* What it names by number; of a table (FEED_ORIGINS): asns.v[i] is
	 * the origin of set.v[i]. */
	struct asn_set asns;
	struct feed_report report;
};

/* An entry that is left out if max_errors allows it. */
__attribute__((format(printf, 3, 4))) void
report_error(struct feed_report *r, size_t line, const char *format, ...);
/* The file cannot be used, or not without this line. */
__attribute__((format(printf, 3, 4))) void
report_fatal(struct feed_report *r, size_t line, const char *format, ...);

bool report_refused(const struct feed_report *r, size_t max_errors);

/* Error i as "FILE:LINE: what; what would be right". */
void report_text(const struct feed_report *r, size_t i, const char *name,
		 char *text, size_t size);

#endif
