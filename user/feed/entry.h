/* SPDX-License-Identifier: GPL-2.0 */
/* What a format may do with a line: enter what it names, or refuse it. */
#ifndef MAILWEIR_ENTRY_H
#define MAILWEIR_ENTRY_H

#include "feed/format/format.h"
#include "feed/format/words.h"

/* This line is not used; or, with fatal: the file cannot be used without it. */
__attribute__((format(printf, 2, 3))) void
entry_refuse(struct format_input *in, const char *format, ...);
__attribute__((format(printf, 2, 3))) void entry_fatal(struct format_input *in,
						       const char *format, ...);
/* "'WORD': why", the word escaped and cut to what can be shown. */
void entry_refuse_word(struct format_input *in, const char *word,
		       const char *why);
void entry_fatal_word(struct format_input *in, const char *word,
		      const char *why);

/* Something that an operator should hear of a file that is taken: what was left
 * out, and why; also "'WORD': what". */
__attribute__((format(printf, 2, 3))) void entry_note(struct format_input *in,
						      const char *format, ...);
void entry_note_word(struct format_input *in, const char *word,
		     const char *what);
/* Remembers the first line that nobody understood. */
void entry_missed(struct format_input *in, const char *line);
/* Counts a line of a log that the program wrote whose log it is. */
void entry_own(struct format_input *in);

/* The entries to come end in that many seconds; false: they have ended. */
bool entry_ends_in(struct format_input *in, double seconds);

/* Enters an address or a prefix. IPv6 may stand in brackets, here and below. */
void entry_prefix(struct format_input *in, const char *word);
/* Enters a prefix. */
void entry_given(struct format_input *in, const struct mw_prefix *p);
/* Enters an address, a prefix or a range a-b. */
void entry_add(struct format_input *in, const char *word);
/* Enters word, behind which text stands that says nothing of the entry; refused
 * where the text begins with another address, as ends of ranges do. */
void entry_with_text(struct format_input *in, const char *word,
		     const char *text);
/* Enters a range, given by its addresses. */
void entry_range(struct format_input *in, const char *first, const char *last);
/* Takes an address, a prefix or a range out of all entries, also of those that
 * stand behind it in the file. */
void entry_exclude(struct format_input *in, const char *word);
/* Enters all the prefixes of an AS. */
void entry_asn(struct format_input *in, __u32 asn);
/* Enters a client, a full-length prefix. */
void entry_client(struct format_input *in, const struct mw_prefix *client);
/* Enters into a table who originates first..last, or the prefix first where
 * last is NULL. */
void entry_origin(struct format_input *in, const char *first, const char *last,
		  const char *asn);

/* What a word names: a prefix first, or a range first..last. */
struct entry_words {
	struct mw_prefix first, last;
	bool range;
	bool masked; /* the prefix has host bits, which are cleared */
};

/* Reads what entry_add() takes, and enters nothing. 0, or -EINVAL with *why a
 * constant sentence. */
int entry_read(const char *word, struct entry_words *e, const char **why);
/* The length that a mask such as 255.255.255.0 stands for; -1: it is that of no
 * prefix. */
int entry_mask(const char *word);
/* Adds what was read to a set. 0 or -ENOMEM. */
int entry_into(struct prefix_set *set, const struct entry_words *e, __u16 ends);

extern const char entry_web_page[];

#endif
