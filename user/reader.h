/* SPDX-License-Identifier: GPL-2.0 */
/* A file being read: its errors and its entries. For feed.c, which reads files
 * and guards sets, and format.c, which knows what lines mean. */
#ifndef MAILWEIR_READER_H
#define MAILWEIR_READER_H

#include <stdio.h>

#include "guard.h"

struct format;

/* A line of a format in which the first match decides. */
struct reader_rule {
	struct mw_prefix prefix;
	size_t line;
	bool wanted;
};

/* One file being read. */
struct reader {
	FILE *f;
	const char *name;
	const struct feed_guard *guard;
	const struct format *format; /* NULL: no line has told it yet */
	struct prefix_set *set;
	struct prefix_set except; /* of exclusions in the file */
	struct feed_report *report;
	char line[FEED_LINE + 2];
	size_t len;	/* of line, without its end */
	size_t before;	/* bytes of the file before line */
	size_t bytes;	/* and up to its end */
	size_t records; /* JSON lines with "cidr", refused ones too */
	bool metadata;	/* JSON: its line has been seen */
	bool inside;	/* nft: between the braces of elements */
	struct reader_rule *rules;
	size_t n_rules;
	int err; /* -ENOMEM, -EIO: no refusal */
};

__attribute__((format(printf, 2, 3))) void
reader_refuse(struct reader *r, const char *format, ...);
void reader_refuse_word(struct reader *r, const char *word, const char *why);

/* What is left of a line without comment and blanks around. */
char *reader_trim(char *line, bool comments);

/* An address or a prefix. */
void reader_prefix(struct reader *r, const char *word);
/* The same, or a range a-b. */
void reader_entry(struct reader *r, char *word);
/* What is taken out of all others, wherever it stands. */
void reader_exclude(struct reader *r, const char *word);

extern const char reader_web_page[];

#endif
