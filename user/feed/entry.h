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

/* The entries to come end in that many seconds; false: they have ended. */
bool entry_ends_in(struct format_input *in, double seconds);

/* Enters an address or a prefix. */
void entry_prefix(struct format_input *in, const char *word);
/* Enters an address, a prefix or a range a-b; word is changed. */
void entry_add(struct format_input *in, char *word);
/* Takes an address, a prefix or a range out of all entries, also of those that
 * stand behind it in the file; word is changed. */
void entry_exclude(struct format_input *in, char *word);
/* Enters all the prefixes of an AS. */
void entry_asn(struct format_input *in, __u32 asn);
/* Enters a client, a full-length prefix. */
void entry_client(struct format_input *in, const struct mw_prefix *client);
/* Enters into a table who originates first..last, or the prefix first where
 * last is NULL; the words are changed. */
void entry_origin(struct format_input *in, char *first, char *last,
		  const char *asn);

extern const char entry_web_page[];

#endif
