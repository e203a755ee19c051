/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a format is: it knows what the lines of a file mean. Each format_*.c
 * defines one or a few, formats.c lists them, lines.c reads lines and hands
 * them over, entry.h says what a format may do with a line.
 */
#ifndef MAILWEIR_FORMAT_H
#define MAILWEIR_FORMAT_H

#include "feed/feed.h"
#include "feed/format/log_head.h"

struct format_input;

struct format {
	const char *name;
	enum feed_kind kind;
	/* Does the file's first line with content begin such a file? NULL: any
	 * line does that no other format knows. */
	bool (*is)(const char *line);
	/* Is that a line of such a log? */
	bool (*is_head)(const struct log_head *head);
	void (*line)(struct format_input *in); /* in->line, one line */
	void (*end)(struct format_input *in);  /* NULL: nothing is left to do */
	void (*free)(void *state); /* of what state points at; NULL: nothing */
	size_t state;		   /* bytes of in->state; 0: there is none */
	const char *expects;	   /* of a log: whose lines count */
	bool by_name;		   /* nobody's to name but mailweir's own */
	bool asks_comments;	   /* is() is asked of comment lines, too */
	bool long_lines;	   /* of any length: line() gets pieces */
	bool may_be_empty;	   /* no entry is no error */
	bool tells_its_end;	   /* the format notices a file that was cut */
};

/* A file being read. */
struct format_input {
	FILE *f;
	const struct feed_guard *guard;
	const struct format *format; /* NULL: no line has told it yet */
	void *state;		     /* the format's own, zeroed at first */
	struct feed *feed;
	char line[FEED_LINE + 2];
	size_t len;	   /* of line, without its newline */
	bool cut;	   /* the line goes on behind this piece */
	bool goes_on;	   /* this piece is not the begin of its line */
	bool unfinished;   /* the file ended without the line's newline */
	bool may_be_empty; /* the file says itself that it has no entry */
	size_t before;	   /* bytes of the file before line */
	size_t bytes;	   /* bytes of the file up to the end of line */
	size_t sort_at; /* so many clients are made unique before more come */
	struct log_reader *log; /* of a log */
	struct log_head head;	/* of a log: the line at hand */
	size_t heads;		/* lines of a log whose begin was understood */
	size_t own;		/* and which the program of the format wrote */
	char container[FEED_MISSED]; /* whose output the first of those was */
	__u16 ends; /* when the entries to come end: struct mw_prefix */
	char missed[FEED_MISSED]; /* the first line that nobody understood */
	size_t missed_line;	  /* its number; 0: there is none */
	int err; /* -ENOMEM, -EIO: the reading failed, no refusal */
};

/* The format that the first line with content tells; NULL: it tells none. */
const struct format *format_detect(const char *line, enum feed_kind kind);
/* The format of the log that has such a line; NULL: it is unknown. */
const struct format *format_of_head(const struct log_head *head);
/* From now on lines go to that format (NULL: it is not known yet). */
void format_start(struct format_input *in, const struct format *format);
/* The format of that name, whoever may name it; NULL: there is none. */
const struct format *format_named(const char *name, enum feed_kind kind);

#endif
