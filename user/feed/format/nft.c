// SPDX-License-Identifier: GPL-2.0
/*
 * nft: what `nft list` prints, and scripts for `nft -f` (add element, sets on
 * one line, define). Of several sets one is meant; what stands in rules and
 * maps is none.
 *
 * Bytes become tokens here, tokens statements; nft_sets.c knows what statements
 * say of sets. Blocks can be nested and lines of any length: a file is read
 * byte by byte.
 */
#include "feed/format/nft_sets.h"

#include <string.h>

#include "feed/entry.h"

/* --- which files --------------------------------------------------------- */

/* The kinds of objects that an nft command is about. */
static bool is_object(const char *word)
{
	static const char *const words[] = {
		"table",   "set",     "map",	   "chain", "rule",  "element",
		"ruleset", "counter", "flowtable", "quota", "limit", "ct"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

/* ipset has `add NAME ADDRESS` and `flush NAME`: a set can have any name. */
static bool nft_is(const char *line)
{
	static const char *const verbs[] = {"add",     "create", "delete",
					    "destroy", "flush",	 "insert"};
	char copy[FEED_LINE + 2], *rest = copy, *verb, *object, *next;

	snprintf(copy, sizeof(copy), "%s", line);
	verb = words_next(&rest);
	object = verb ? words_next(&rest) : NULL;
	next = object ? words_next(&rest) : NULL;
	if (!object)
		return false;
	if (!strcmp(verb, "table") || !strcmp(verb, "set") ||
	    !strcmp(verb, "define") || !strcmp(verb, "include"))
		return true;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verb, verbs[i]))
			return is_object(object) &&
			       (next ? *next > '9' || *next == '@'
				     : !strcmp(object, "ruleset"));
	return false;
}

/* --- blocks -------------------------------------------------------------- */

/* Adds a word to the statement at hand. */
static void add_word(struct nft *nft, const char *word)
{
	size_t len = strlen(nft->text), more = strlen(word);

	if (len + more + 2 > sizeof(nft->text)) {
		nft->long_text = true;
		return;
	}
	if (len)
		nft->text[len++] = ' ';
	memcpy(nft->text + len, word, more + 1);
}

static enum nft_block block(const struct nft *nft)
{
	return nft->depth ? nft->stack[nft->depth - 1] : NFT_TOP;
}

static void open_block(struct format_input *in)
{
	struct nft *nft = in->state;

	if (nft->depth == NFT_DEPTH) {
		entry_fatal(in,
			    "more than %d blocks in each other; this is no "
			    "file of nft",
			    NFT_DEPTH);
		return;
	}
	nft->stack[nft->depth] = nft_open(in, block(nft));
	nft->depth++;
	nft_clear(nft);
}

static void statement_end(struct format_input *in)
{
	struct nft *nft = in->state;

	if (*nft->text && block(nft) == NFT_ELEMENTS)
		nft_element(in);
	else if (*nft->text)
		nft_statement(in, block(nft));
	nft_clear(nft);
}

static void close_block(struct format_input *in)
{
	struct nft *nft = in->state;

	statement_end(in);
	if (!nft->depth) {
		entry_fatal(in, "a } too many; this is no whole file of nft");
		return;
	}
	nft_close(in, nft->stack[--nft->depth]);
}

/* --- tokens -------------------------------------------------------------- */

static void word_end(struct nft *nft)
{
	if (!nft->len)
		return;
	nft->word[nft->len] = 0;
	add_word(nft, nft->word);
	nft->len = 0;
}

static void punctuation(struct format_input *in, char c)
{
	struct nft *nft = in->state;
	bool elements = block(nft) == NFT_ELEMENTS;

	word_end(nft);
	if (c == '{')
		open_block(in);
	else if (c == '}')
		close_block(in);
	else if (c == '=')
		add_word(nft, "=");
	else if (c == ',' && !elements)
		add_word(nft, ",");
	else if (c != '\n' || !elements)
		statement_end(in);
}

/* A byte outside comments and quotes. */
static void plain_byte(struct format_input *in, char c)
{
	struct nft *nft = in->state;

	if (c == '#') {
		nft->comment = true;
	} else if (c == '"') {
		nft->quoted = true;
	} else if (strchr("{},;=\n", c)) {
		punctuation(in, c);
	} else if (strchr(words_blanks, c)) {
		word_end(nft);
	} else if (nft->len < sizeof(nft->word) - 1) {
		nft->word[nft->len++] = c;
	} else {
		nft->long_text = true;
	}
}

static void byte(struct format_input *in, char c)
{
	struct nft *nft = in->state;
	bool escaped = nft->backslash;

	nft->backslash = c == '\\' && !nft->comment && !nft->quoted;
	if (escaped && c == '\n')
		return; /* the line goes on */
	if (nft->comment || nft->quoted) {
		/* What is quoted names nothing: comments, interfaces. */
		if (c == '\n')
			nft->comment = nft->quoted = false;
		else if (c == '"' && nft->quoted)
			nft->quoted = false;
		if (c != '\n')
			return;
	}
	if (!nft->backslash)
		plain_byte(in, c);
}

static void nft_line(struct format_input *in)
{
	struct feed_report *report = &in->feed->report;

	for (size_t i = 0; i < in->len && !in->err && !report->fatal; i++)
		byte(in, in->line[i]);
	if (!in->cut && !in->err && !report->fatal)
		byte(in, '\n');
}

static void nft_end(struct format_input *in)
{
	const struct nft *nft = in->state;

	if (block(nft) == NFT_ELEMENTS)
		entry_fatal(in, "no } after elements: truncated");
	else if (nft->depth)
		entry_fatal(in, "no } at the end: truncated");
	else
		nft_sets_end(in);
}

const struct format format_nft = {
	.name = "nft",
	.is = nft_is,
	.line = nft_line,
	.end = nft_end,
	.free = nft_free,
	.state = sizeof(struct nft),
	.long_lines = true,
	.tells_its_end = true,
};
