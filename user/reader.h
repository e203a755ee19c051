/* SPDX-License-Identifier: GPL-2.0 */
/* A file being read: its errors and its entries. For feed.c, which reads
 * lines, and format_*.c, which know what lines mean. */
#ifndef MAILWEIR_READER_H
#define MAILWEIR_READER_H

#include <stdio.h>

#include "guard.h"
#include "report.h"

struct reader;

struct format {
	const char *name;
	/* By its first line with content; NULL: what no other knows. */
	bool (*is)(const char *line);
	void (*line)(struct reader *r);
	void (*end)(struct reader *r); /* NULL: nothing is left to do */
	enum feed_kind kind;
	bool long_lines;   /* of any length: line gets pieces */
	bool may_be_empty; /* that nobody is banned is no failure */
};

/* A line of a format in which the first match decides. */
struct reader_rule {
	struct mw_prefix prefix;
	size_t line;
	bool wanted;
};

/* One file being read. */
struct reader {
	FILE *f;
	const struct feed_guard *guard;
	const struct format *format; /* NULL: no line has told it yet */
	struct feed *feed;
	char line[FEED_LINE + 2];
	size_t len;	/* of line, without its end */
	bool cut;	/* the line goes on behind it */
	bool goes_on;	/* it is not the line's begin */
	size_t before;	/* bytes of the file before line */
	size_t bytes;	/* and up to its end */
	size_t records; /* JSON lines with "cidr" or "asn", refused ones too */
	bool metadata;	/* JSON: its line has been seen */
	bool inside;	/* nft: between the braces of elements */
	__u64 max_range4; /* rbldnsd: addresses in an entry; 0: any */
	struct reader_rule *rules;
	size_t n_rules;
	struct json_tokener *json; /* of a document of many lines */
	size_t promised;	   /* kept: entries by its first line */
	struct postfix_queue *queue;	   /* Postfix: what is not yet decided */
	size_t sort_at;		   /* a log's clients, when they are so many */
	__u16 ends;		   /* of the entries to come, see prefix.h */
	int err;		   /* -ENOMEM, -EIO: no refusal */
};

/* This line is not used; and: nothing can be used without it. */
__attribute__((format(printf, 2, 3))) void
reader_refuse(struct reader *r, const char *format, ...);
__attribute__((format(printf, 2, 3))) void
reader_fatal(struct reader *r, const char *format, ...);
/* "'WORD': why" */
void reader_refuse_word(struct reader *r, const char *word, const char *why);
void reader_fatal_word(struct reader *r, const char *word, const char *why);

/* What is left of a line without comment and blanks around. */
char *reader_trim(char *line, bool comments);
/* The next word of *rest, NUL-terminated there; NULL: none is left. */
char *reader_word(char **rest);
bool reader_begins(const char *line, const char *with);
/* Digits only, at least one. */
bool reader_is_number(const char *word);

/* An address or a prefix. */
void reader_prefix(struct reader *r, const char *word);
/* The same, or a range a-b. */
void reader_entry(struct reader *r, char *word);
/* The entries to come end in that many seconds; false: they have. */
bool reader_ends_in(struct reader *r, double seconds);
/* The same, taken out of all others, wherever it stands. */
void reader_exclude(struct reader *r, char *word);
/* All the prefixes of an AS. */
void reader_asn(struct reader *r, __u32 asn);
/* What stands in a table: the first and the last address, or one prefix in
 * words (last NULL), and who originates it. */
void reader_origin(struct reader *r, char *first, char *last, const char *asn);

extern const char reader_web_page[];

#endif
