// SPDX-License-Identifier: GPL-2.0
#include "feed/format/nft_sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/entry.h"
#include "feed/format/nft_names.h"
#include "lists/grow.h"

void nft_clear(struct nft *nft)
{
	*nft->text = 0;
	nft->long_text = false;
}

/* --- words of a statement ------------------------------------------------ */

enum { WORDS = 6 };

/* Copies the text and cuts it into its first words; the others stay empty. */
static void first_words(const char *text, char copy[NFT_TEXT],
			const char *word[WORDS])
{
	char *rest = copy;

	snprintf(copy, NFT_TEXT, "%s", text);
	for (int i = 0; i < WORDS; i++) {
		char *next = words_next(&rest);

		word[i] = next ? next : "";
	}
}

static bool is_one_of(const char *word, const char *const of[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, of[i]))
			return true;
	return false;
}

#define IS_ONE_OF(word, of) is_one_of(word, of, sizeof(of) / sizeof(*(of)))

static const char *const adding[] = {"add", "create", "insert"};
static const char *const taking[] = {"delete", "destroy", "flush", "reset"};
static const char *const families[] = {"ip",  "ip6",	"inet",
				       "arp", "bridge", "netdev"};

/* The name in full of [FAMILY] TABLE SET; without a family nft means ip. */
static void full_name(const char *const word[], char name[NFT_TEXT])
{
	if (IS_ONE_OF(word[0], families) && *word[1])
		snprintf(name, NFT_TEXT, "%s %s%s%s", word[0], word[1],
			 *word[2] ? " " : "", word[2]);
	else
		snprintf(name, NFT_TEXT, "ip %s%s%s", word[0],
			 *word[1] ? " " : "", word[1]);
}

/* --- defines ------------------------------------------------------------- */

static struct nft_define *find_define(const struct nft *nft, const char *name)
{
	for (size_t i = 0; i < nft->n_defines; i++)
		if (!strcmp(nft->defines[i]->name, name))
			return nft->defines[i];
	return NULL;
}

static struct nft_define *new_define(struct format_input *in, const char *name)
{
	struct nft *nft = in->state;
	struct nft_define *d = find_define(nft, name), **v;

	if (d) { /* redefine */
		d->set.n = 0;
		d->other = false;
		return d;
	}
	d = calloc(1, sizeof(*d));
	v = grow(nft->defines, &nft->room, nft->n_defines + 1,
		 sizeof(struct nft_define *));
	if (v)
		nft->defines = v;
	if (d)
		d->name = strdup(name);
	if (!v || !d || !d->name) {
		free(d);
		in->err = -ENOMEM;
		return NULL;
	}
	nft->defines[nft->n_defines++] = d;
	return d;
}

/* Adds an element to the variable at hand. */
static void define_element(struct format_input *in, const char *element)
{
	struct nft *nft = in->state;
	struct nft_define *to = nft->define;
	const struct nft_define *from =
		*element == '$' ? find_define(nft, element + 1) : NULL;
	struct entry_words e;
	const char *why;

	for (size_t i = 0; from && i < from->set.n && !in->err; i++)
		in->err = prefix_add(&to->set, &from->set.v[i]);
	if (from)
		to->other |= from->other;
	else if (entry_read(element, &e, &why))
		to->other = true;
	else if (!in->err)
		in->err = entry_into(&to->set, &e, 0);
}

/* Enters what a variable holds. */
static void use_define(struct format_input *in, const char *name)
{
	const struct nft *nft = in->state;
	const struct nft_define *d = find_define(nft, name);

	if (!d || d->other) {
		entry_refuse_word(
			in, name,
			d ? "a variable that holds more than addresses"
			  : "a variable that is not defined here");
		return;
	}
	for (size_t i = 0; i < d->set.n && !in->err; i++)
		entry_given(in, &d->set.v[i]);
}

/* --- elements ------------------------------------------------------------ */

/* How long the element lasts, by the words behind it; *never: without end. A
 * script gives what is left as timeout, a listing as expires.
 * false: refused. */
static bool read_end(struct format_input *in, char *rest, double *seconds)
{
	bool expires = false;
	char *word;

	while ((word = words_next(&rest))) {
		bool end = !strcmp(word, "expires");

		if (!strcmp(word, ".") || !strcmp(word, ":")) {
			entry_refuse_word(in, word,
					  "an element that is not an address "
					  "alone");
			return false;
		}
		if (!end && strcmp(word, "timeout"))
			continue;
		word = words_next(&rest);
		if (end < expires)
			continue;
		expires |= end;
		if (!word || !nft_seconds(word, seconds)) {
			entry_refuse_word(in, word ? word : "",
					  "not a time of nft; 9m59s is one");
			return false;
		}
		/* 0 is for good, but what expires in 0 has ended. */
		if (end && !*seconds)
			*seconds = -1;
	}
	return true;
}

void nft_element(struct format_input *in)
{
	struct nft *nft = in->state;
	double seconds = nft->set ? nft->set->timeout : 0;
	char *rest = nft->text, *element;

	if (nft->set && !nft->take)
		return;
	if (nft->long_text) {
		entry_refuse_word(in, nft->text, "too long for an element");
		return;
	}
	element = words_entry(&rest);
	if (nft->define) {
		define_element(in, element);
		nft->define->other |= *rest != 0;
		return;
	}
	if (!read_end(in, rest, &seconds))
		return;
	in->ends = 0;
	if (seconds && !entry_ends_in(in, seconds - in->guard->age))
		in->feed->report.ended++;
	else if (*element == '$')
		use_define(in, element + 1);
	else
		entry_add(in, element);
}

/* --- statements ---------------------------------------------------------- */

/* Elements of the set of that name follow. */
static void start_elements(struct format_input *in, const char *name)
{
	struct nft *nft = in->state;

	nft->set = sets_get(in, &nft->sets, name);
	nft->take = nft->set && sets_take(in, &nft->sets, nft->set);
}

/* A property of the set at hand: what it holds, and for how long. */
static void set_property(struct format_input *in)
{
	struct nft *nft = in->state;
	struct set *set = nft->set;
	char copy[NFT_TEXT];
	const char *word[WORDS], *value = strchr(nft->text, ' ');

	first_words(nft->text, copy, word);
	value = value ? value + 1 : "";
	if (!set)
		return;
	if (!strcmp(word[0], "type") || !strcmp(word[0], "typeof"))
		set->never = set->never ? set->never : nft_never(value);
	else if (!strcmp(word[0], "flags") && strstr(value, "dynamic"))
		set->never = nft_is_dynamic;
	else if (!strcmp(word[0], "timeout"))
		nft_seconds(value, &set->timeout);
	nft->take = sets_take(in, &nft->sets, set);
	if (!strcmp(word[0], "elements") && nft->take && *word[2] == '$') {
		in->ends = 0;
		use_define(in, word[2] + 1);
	}
}

/* What takes away is not read, but for what empties a set before it is filled,
 * as scripts begin. */
static void take_away(struct format_input *in)
{
	const struct nft *nft = in->state;

	if (strstr(nft->text, " element ") || in->feed->set.n)
		entry_fatal_word(in, nft->text, sets_taken_away);
}

/* A chain stands in a table; what stands further in is a part of a rule. */
enum { CHAIN_DEPTH = 2 };

/* add rule [FAMILY] TABLE CHAIN ... */
static bool is_rule(const char *const word[])
{
	return IS_ONE_OF(word[0], adding) && !strcmp(word[1], "rule");
}

/* The text is of a rule that a command at the top adds. */
static void top_rule(struct nft *nft, const char *const word[], bool end)
{
	bool family = IS_ONE_OF(word[2], families);
	char table[NFT_TEXT];

	snprintf(table, sizeof(table), "%s %s", family ? word[2] : "ip",
		 word[2 + family]);
	nft_rule(nft, table, end);
}

void nft_statement(struct format_input *in, enum nft_block block)
{
	struct nft *nft = in->state;
	char copy[NFT_TEXT], name[NFT_TEXT];
	const char *word[WORDS];

	first_words(nft->text, copy, word);
	if (block == NFT_SET) {
		set_property(in);
	} else if (block != NFT_TOP) {
		nft_rule(nft, nft->table, nft->depth == CHAIN_DEPTH);
	} else if (is_rule(word)) {
		top_rule(nft, word, true);
	} else if (!strcmp(word[0], "include")) {
		entry_refuse_word(in, nft->text,
				  "another file; give it a list of its own");
	} else if (IS_ONE_OF(word[0], taking)) {
		take_away(in);
	} else if (IS_ONE_OF(word[0], adding) && !strcmp(word[1], "element")) {
		full_name(word + 2, name);
		start_elements(in, name);
		entry_refuse_word(in, nft->text, "add element without { }");
	} else if (!strcmp(word[0], "define") || !strcmp(word[0], "redefine")) {
		nft->define = new_define(in, word[1]);
		if (nft->define)
			define_element(in, word[3]);
		nft->define = NULL;
	}
}

/* A set or a map is declared: its block follows. */
static enum nft_block open_set(struct format_input *in, const char *name,
			       bool map)
{
	struct nft *nft = in->state;

	start_elements(in, name);
	if (nft->set && map) {
		nft->set->never = nft_is_map;
		nft->take = false;
	}
	return NFT_SET;
}

/* Of a table's block, or of the whole file: what NAME { opens. */
static enum nft_block open_in_table(struct format_input *in,
				    const char *const word[])
{
	struct nft *nft = in->state;
	char name[NFT_TEXT * 2];
	bool map = !strcmp(word[0], "map");

	if (!map && strcmp(word[0], "set"))
		return NFT_OTHER;
	snprintf(name, sizeof(name), "%s%s%s", nft->table,
		 *nft->table ? " " : "", word[1]);
	return open_set(in, name, map);
}

static enum nft_block open_at_top(struct format_input *in,
				  const char *const word[])
{
	struct nft *nft = in->state;
	bool add = IS_ONE_OF(word[0], adding);
	const char *const *object = word + add;
	char name[NFT_TEXT];

	if (!strcmp(object[0], "table")) {
		full_name(object + 1, nft->table);
		return NFT_TABLE;
	}
	if (!strcmp(word[0], "define") || !strcmp(word[0], "redefine")) {
		nft->define = new_define(in, word[1]);
		return NFT_ELEMENTS;
	}
	if (is_rule(word))
		top_rule(nft, word, false);
	if (!add) {
		if (IS_ONE_OF(word[0], taking))
			take_away(in);
		return open_in_table(in, word);
	}
	full_name(object + 1, name);
	if (!strcmp(object[0], "set") || !strcmp(object[0], "map"))
		return open_set(in, name, *object[0] == 'm');
	if (strcmp(object[0], "element"))
		return NFT_OTHER;
	start_elements(in, name);
	return NFT_ELEMENTS;
}

enum nft_block nft_open(struct format_input *in, enum nft_block outside)
{
	struct nft *nft = in->state;
	char copy[NFT_TEXT];
	const char *word[WORDS];

	first_words(nft->text, copy, word);
	if (outside == NFT_TOP)
		return open_at_top(in, word);
	if (outside == NFT_TABLE)
		return open_in_table(in, word);
	if (outside == NFT_OTHER)
		nft_rule(nft, nft->table, false);
	if (outside == NFT_SET && !strcmp(word[0], "elements"))
		return NFT_ELEMENTS;
	if (outside == NFT_ELEMENTS)
		entry_refuse_word(in, nft->text,
				  "an element that is not an address alone");
	return NFT_OTHER;
}

void nft_close(struct format_input *in, enum nft_block closed)
{
	struct nft *nft = in->state;

	/* Behind the elements of a set more of the set can follow. */
	if (closed == NFT_SET || !nft->depth) {
		nft->set = NULL;
		nft->define = NULL;
	}
	if (closed == NFT_TABLE)
		*nft->table = 0;
}

/* --- the end ------------------------------------------------------------- */

/* Without sets, or where the list's section names one, a variable is one. */
static void defines_as_sets(struct format_input *in)
{
	struct nft *nft = in->state;
	bool only = !nft->sets.n;

	for (size_t i = 0; i < nft->n_defines && !in->err; i++) {
		const struct nft_define *d = nft->defines[i];
		char name[NFT_TEXT];
		struct set *set;

		if (!only && !in->guard->set)
			continue;
		snprintf(name, sizeof(name), "define %s", d->name);
		set = sets_get(in, &nft->sets, name);
		if (set && d->other)
			set->never = "a variable that holds more than "
				     "addresses";
		in->ends = 0;
		if (set && sets_take(in, &nft->sets, set))
			use_define(in, d->name);
	}
}

void nft_sets_end(struct format_input *in)
{
	struct nft *nft = in->state;

	defines_as_sets(in);
	sets_judge(in, &nft->sets);
	sets_end(in, &nft->sets);
}

void nft_free(void *state)
{
	struct nft *nft = state;

	for (size_t i = 0; i < nft->n_defines; i++) {
		free(nft->defines[i]->name);
		prefix_free(&nft->defines[i]->set);
		free(nft->defines[i]);
	}
	free(nft->defines);
	sets_free(&nft->sets);
}
