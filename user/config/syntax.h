/* SPDX-License-Identifier: GPL-2.0 */
/* The ways to write a value: text to its destination, and what to write. For
 * the files of config. */
#ifndef MAILWEIR_CONFIG_SYNTAX_H
#define MAILWEIR_CONFIG_SYNTAX_H

#include "config/parser.h"

struct key;

/* A way to write a value. */
struct syntax {
	/* Sets *to. false: value is not written that way. */
	bool (*parse)(struct config_parser *p, const struct key *key,
		      const char *value, void *to);
	/* What may be written, as it follows "write"; NULL: the key's want. */
	void (*want)(const struct key *key, char *text, size_t size);
};

struct word {
	const char *name;
	__u8 value;
};

struct key {
	enum config_section section;
	const char *name, *example;
	const char *initial; /* the default as it is written; NULL: zero */
	const struct syntax *syntax;
	size_t at, size; /* the destination: bytes from its base, and its own */
	bool list;	 /* the base: the config_list, else the config */
	size_t line_at;	 /* an int beside it that gets the line; 0: none */
	bool always;	 /* the default holds without the section, too */
	bool required;	 /* the section needs it */
	__u64 min, max;	 /* of a number or a duration (ns) */
	__u64 unit;	 /* number: is multiplied; duration, room: is divided */
	const char *want;	  /* in place of what the syntax says */
	const struct word *words; /* up to one without name */
};

extern const struct syntax syntax_number, syntax_room, syntax_percent,
	syntax_word, syntax_duration, syntax_rate, syntax_times, syntax_ports,
	syntax_asns, syntax_lengths, syntax_nat64, syntax_path, syntax_text,
	syntax_format;

/* What may be written for a key, as it follows "write". */
void syntax_want(const struct key *key, char *text, size_t size);

/* Appends a and b to text, as far as they have room. */
void syntax_append(char *text, size_t size, const char *a, const char *b);

#endif
