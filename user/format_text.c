// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- addresses, prefixes, ranges, ASNs; Spamhaus DROP as text, FireHOL ---------- */

static bool is_asn(const char *word)
{
	return !strncasecmp(word, "AS", 2) && isdigit((unsigned char)word[2]);
}

static void plain_asn(struct reader *r, const char *word)
{
	__u32 asn;

	if (asn_parse(word, &asn))
		reader_refuse_word(r, word, "not an AS number; AS64500 is one");
	else
		reader_asn(r, asn);
}

static void plain_line(struct reader *r)
{
	char *word = reader_trim(r->line, true);

	if (*word == '<')
		reader_fatal_word(r, word, reader_web_page);
	else if (*word == '!')
		reader_exclude(r, reader_trim(word + 1, false));
	else if (is_asn(word))
		plain_asn(r, word);
	else if (*word)
		reader_entry(r, word);
}

/* --- ipsum: ADDRESS, a tab, on how many lists it stands ------------------- */

static bool ipsum_is(const char *line)
{
	const char *tab = strchr(line, '\t');

	return tab && reader_is_number(tab + 1);
}

static void ipsum_line(struct reader *r)
{
	char *line = reader_trim(r->line, true);
	char *tab = strchr(line, '\t');

	if (!*line)
		return;
	if (!tab || !reader_is_number(tab + 1)) {
		reader_refuse_word(r, line, "not ADDRESS, a tab and a count");
		return;
	}
	*tab = 0;
	reader_prefix(r, line);
}

/* --- ipset save ----------------------------------------------------------- */

static bool ipset_is(const char *line)
{
	return reader_begins(line, "create ") || reader_begins(line, "add ");
}

/* A quoted comment can say anything. */
static void blank_quotes(char *line)
{
	bool inside = false;

	for (; *line; line++) {
		if (*line == '"') {
			inside = !inside;
			*line = ' ';
		} else if (inside) {
			*line = ' ';
		}
	}
}

static void ipset_add(struct reader *r, char *rest)
{
	char *set = reader_word(&rest), *entry = reader_word(&rest), *word;
	bool nomatch = false;

	while ((word = reader_word(&rest)))
		nomatch |= !strcmp(word, "nomatch");
	if (!set || !entry)
		reader_refuse(r, "add without an entry");
	else if (strchr(entry, ','))
		reader_refuse_word(r, entry,
				   "not an address alone; save a set of type "
				   "hash:ip or hash:net");
	else if (nomatch)
		reader_exclude(r, entry);
	else
		reader_entry(r, entry);
}

static void ipset_line(struct reader *r)
{
	char *rest = reader_trim(r->line, false), *word;

	if (!*rest || *rest == '#')
		return;
	blank_quotes(rest);
	word = reader_word(&rest);
	if (word && !strcmp(word, "add"))
		ipset_add(r, rest);
	else if (!word || strcmp(word, "create"))
		reader_refuse_word(r, word ? word : "",
				   "ipset save has lines with create and add");
}

/* --- nft list set --------------------------------------------------------- */

static bool nft_is(const char *line)
{
	return reader_begins(line, "table ") || reader_begins(line, "set ") ||
	       reader_begins(line, "add element ");
}

/* "1.2.3.0/24 timeout 1h": what follows the first word is about it. */
static void nft_element(struct reader *r, char *element)
{
	char *word = reader_word(&element);

	if (word)
		reader_entry(r, word);
}

static void nft_elements(struct reader *r, char *text)
{
	char *end = strchr(text, '}'), *comma;

	if (end) {
		*end = 0;
		r->inside = false;
	}
	for (; (comma = strchr(text, ',')); text = comma + 1) {
		*comma = 0;
		nft_element(r, text);
	}
	nft_element(r, text);
}

static void nft_line(struct reader *r)
{
	char *line = reader_trim(r->line, false), *brace;

	if (*line == '#')
		return;
	blank_quotes(line);
	if (r->inside) {
		nft_elements(r, line);
		return;
	}
	if (!reader_begins(line, "elements") &&
	    !reader_begins(line, "add element "))
		return;
	brace = strchr(line, '{');
	r->inside = brace != NULL;
	if (brace)
		nft_elements(r, brace + 1);
}

static void nft_end(struct reader *r)
{
	if (r->inside)
		reader_fatal(r, "no } after elements: truncated");
}

/* --- Postfix cidr_table(5), postscreen access lists ----------------------- */

enum decision { UNKNOWN, PERMIT, REJECT };

static enum decision postfix_decision(const char *action)
{
	static const struct {
		const char *word;
		enum decision decision;
	} words[] = {
		{"permit", PERMIT}, {"ok", PERMIT},	 {"dunno", PERMIT},
		{"reject", REJECT}, {"discard", REJECT}, {"drop", REJECT},
		{"hold", REJECT},   {"defer", REJECT},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(words[i].word, action))
			return words[i].decision;
	if (reader_is_number(action) && strlen(action) == 3 &&
	    (*action == '4' || *action == '5'))
		return REJECT;
	return UNKNOWN;
}

static bool postfix_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *action;

	snprintf(copy, sizeof(copy), "%s", line);
	return reader_word(&rest) && (action = reader_word(&rest)) &&
	       postfix_decision(action) != UNKNOWN;
}

static void rule_add(struct reader *r, const struct mw_prefix *p, bool wanted)
{
	struct reader_rule *v = r->rules;

	if (!(r->n_rules & (r->n_rules - 1))) { /* room doubles */
		v = realloc(v, (r->n_rules ? r->n_rules * 2 : 1) * sizeof(*v));
		if (!v) {
			r->err = -ENOMEM;
			return;
		}
		r->rules = v;
	}
	v[r->n_rules++] =
		(struct reader_rule){*p, r->feed->report.lines, wanted};
}

/* A list that allows wants what is permitted, any other what is rejected. */
static void postfix_line(struct reader *r)
{
	bool continued = isspace((unsigned char)*r->line);
	char *rest = reader_trim(r->line, false), *pattern, *action;
	enum decision decision;
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (!*rest || *rest == '#')
		return;
	pattern = reader_word(&rest);
	action = reader_word(&rest);
	decision = action ? postfix_decision(action) : UNKNOWN;
	if (continued || *pattern == '!' || !strcasecmp(pattern, "if") ||
	    !strcasecmp(pattern, "endif"))
		reader_refuse_word(r, pattern,
				   "continued lines, !, if and endif of "
				   "cidr_table(5) are not read; write each "
				   "pattern with its action");
	else if (decision == UNKNOWN)
		reader_refuse_word(r, action ? action : "",
				   "not an action; permit, reject and dunno "
				   "are");
	else if (prefix_parse(pattern, &p, &masked, &why))
		reader_refuse_word(r, pattern, why);
	else
		rule_add(r, &p, (decision == PERMIT) == r->guard->allow);
	/* A rule that is wanted is an entry, with its guards. */
	if (decision != UNKNOWN && r->n_rules &&
	    r->rules[r->n_rules - 1].line == r->feed->report.lines &&
	    r->rules[r->n_rules - 1].wanted)
		reader_prefix(r, pattern);
	/* A rule left out would change what the later ones mean. */
	r->feed->report.fatal = r->feed->report.errors;
}

static int rule_compare(const void *a, const void *b)
{
	const struct reader_rule *x = a, *y = b;
	int order = prefix_compare(&x->prefix, &y->prefix);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Drops the rules that an earlier one around them keeps from ever matching:
 * of those that are left the innermost decides. */
static void rules_that_match(struct reader *r)
{
	struct reader_rule around[130];
	size_t kept = 0;
	int depth = 0;

	if (!r->n_rules)
		return;
	qsort(r->rules, r->n_rules, sizeof(*r->rules), rule_compare);
	for (size_t i = 0; i < r->n_rules; i++) {
		struct reader_rule rule = r->rules[i];

		while (depth &&
		       !prefix_covers(&around[depth - 1].prefix, &rule.prefix))
			depth--;
		if (depth && around[depth - 1].line < rule.line)
			continue;
		around[depth++] = rule;
		r->rules[kept++] = rule;
	}
	r->n_rules = kept;
}

/* From the widest to the narrowest: out with the unwanted, in the wanted. */
static void postfix_end(struct reader *r)
{
	rules_that_match(r);
	r->feed->set.n = 0;
	for (int len = 0; len <= 128 && !r->err; len++) {
		struct prefix_set out = {};

		for (size_t i = 0; i < r->n_rules && !r->err; i++)
			if (r->rules[i].prefix.len == len &&
			    !r->rules[i].wanted)
				r->err = prefix_add(&out, &r->rules[i].prefix);
		if (!r->err && out.n && r->feed->set.n)
			r->err = prefix_subtract(&r->feed->set, &out);
		prefix_free(&out);
		for (size_t i = 0; i < r->n_rules && !r->err; i++)
			if (r->rules[i].prefix.len == len && r->rules[i].wanted)
				r->err = prefix_add(&r->feed->set,
						    &r->rules[i].prefix);
	}
}

/* --- what keep.c writes: PREFIX, or PREFIX, a tab and when it ends --------- */

/* It is asked for by name. */
static bool kept_is(const char *line)
{
	(void)line;
	return false;
}

static void kept_line(struct reader *r)
{
	char *line = reader_trim(r->line, false), *tab = strchr(line, '\t');

	if (*line == '#')
		sscanf(line, "# mailweir list %*[^:]: %zu", &r->promised);
	if (!*line || *line == '#')
		return;
	r->ends = 0;
	r->records++;
	if (tab) {
		*tab++ = 0;
		if (!reader_ends_in(r, strtod(tab, NULL) - r->guard->now)) {
			r->feed->report.ended++;
			return;
		}
	}
	reader_prefix(r, line);
}

static void kept_end(struct reader *r)
{
	if (r->records != r->promised)
		reader_fatal(r,
			     "%zu entries where its first line says %zu: "
			     "truncated",
			     r->records, r->promised);
}

const struct format format_plain = {"plain", NULL, plain_line};
const struct format format_ipsum = {"ipsum", ipsum_is, ipsum_line};
const struct format format_ipset = {"ipset", ipset_is, ipset_line};
const struct format format_nft = {"nft", nft_is, nft_line, nft_end};
const struct format format_postfix = {"postfix", postfix_is, postfix_line,
				      postfix_end};
const struct format format_kept = {
	.name = "kept",
	.is = kept_is,
	.line = kept_line,
	.end = kept_end,
	.may_be_empty = true,
};
