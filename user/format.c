// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

struct format {
	const char *name;
	/* By its first line with content. NULL: only by name, or the last. */
	bool (*is)(const char *line);
	void (*line)(struct reader *r);
	void (*end)(struct reader *r); /* NULL: nothing is left to do */
};

static const char blanks[] = " \t\v\f\r";

/* The next word of *rest, NUL-terminated there; NULL: none is left. */
static char *next_word(char **rest)
{
	char *word = *rest + strspn(*rest, blanks);
	size_t len = strcspn(word, blanks);

	if (!len)
		return NULL;
	*rest = word + len + (word[len] != 0);
	word[len] = 0;
	return word;
}

static bool begins(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

/* --- addresses, prefixes, ranges; Spamhaus DROP as text, FireHOL ---------- */

static void plain_line(struct reader *r)
{
	char *word = reader_trim(r->line, true);

	if (*word == '<')
		reader_refuse_word(r, word, reader_web_page);
	else if (*word == '!')
		reader_exclude(r, reader_trim(word + 1, false));
	else if (*word)
		reader_entry(r, word);
}

/* --- ipsum: ADDRESS, a tab, on how many lists it stands ------------------- */

static bool is_count(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

static bool ipsum_is(const char *line)
{
	const char *tab = strchr(line, '\t');

	return tab && is_count(tab + 1);
}

static void ipsum_line(struct reader *r)
{
	char *line = reader_trim(r->line, true);
	char *tab = strchr(line, '\t');

	if (!*line)
		return;
	if (!tab || !is_count(tab + 1)) {
		reader_refuse_word(r, line, "not ADDRESS, a tab and a count");
		return;
	}
	*tab = 0;
	reader_prefix(r, line);
}

/* --- ipset save ----------------------------------------------------------- */

static bool ipset_is(const char *line)
{
	return begins(line, "create ") || begins(line, "add ");
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
	char *set = next_word(&rest), *entry = next_word(&rest), *word;
	bool nomatch = false;

	while ((word = next_word(&rest)))
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
	word = next_word(&rest);
	if (word && !strcmp(word, "add"))
		ipset_add(r, rest);
	else if (!word || strcmp(word, "create"))
		reader_refuse_word(r, word ? word : "",
				   "ipset save has lines with create and add");
}

/* --- nft list set --------------------------------------------------------- */

static bool nft_is(const char *line)
{
	return begins(line, "table ") || begins(line, "set ") ||
	       begins(line, "add element ");
}

/* "1.2.3.0/24 timeout 1h": what follows the first word is about it. */
static void nft_element(struct reader *r, char *element)
{
	char *word = next_word(&element);

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
	if (!begins(line, "elements") && !begins(line, "add element "))
		return;
	brace = strchr(line, '{');
	r->inside = brace != NULL;
	if (brace)
		nft_elements(r, brace + 1);
}

static void nft_end(struct reader *r)
{
	if (r->inside)
		reader_refuse(r, "no } after elements: truncated");
}

/* --- rbldnsd ip4trie, ip6trie, ip4set ------------------------------------- */

static bool rbldnsd_is(const char *line)
{
	/* :: begins an IPv6 address. */
	return *line == '$' || (*line == ':' && line[1] != ':');
}

/* $DIRECTIVE, :default, PREFIX :value, !PREFIX */
static void rbldnsd_line(struct reader *r)
{
	char *rest = reader_trim(r->line, true), *word;
	bool exclude = *rest == '!';

	if (!*rest || rbldnsd_is(rest))
		return;
	rest += exclude;
	word = next_word(&rest);
	if (!word)
		reader_refuse(r, "! without a prefix");
	else if (exclude)
		reader_exclude(r, word);
	else
		reader_entry(r, word);
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
	if (is_count(action) && strlen(action) == 3 &&
	    (*action == '4' || *action == '5'))
		return REJECT;
	return UNKNOWN;
}

static bool postfix_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *action;

	snprintf(copy, sizeof(copy), "%s", line);
	return next_word(&rest) && (action = next_word(&rest)) &&
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
	v[r->n_rules++] = (struct reader_rule){*p, r->report->lines, wanted};
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
	pattern = next_word(&rest);
	action = next_word(&rest);
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
	    r->rules[r->n_rules - 1].line == r->report->lines &&
	    r->rules[r->n_rules - 1].wanted)
		reader_prefix(r, pattern);
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
	r->set->n = 0;
	for (int len = 0; len <= 128 && !r->err; len++) {
		struct prefix_set out = {};

		for (size_t i = 0; i < r->n_rules && !r->err; i++)
			if (r->rules[i].prefix.len == len &&
			    !r->rules[i].wanted)
				r->err = prefix_add(&out, &r->rules[i].prefix);
		if (!r->err && out.n && r->set->n)
			r->err = prefix_subtract(r->set, &out);
		prefix_free(&out);
		for (size_t i = 0; i < r->n_rules && !r->err; i++)
			if (r->rules[i].prefix.len == len && r->rules[i].wanted)
				r->err =
					prefix_add(r->set, &r->rules[i].prefix);
	}
}

/* --- Spamhaus DROP, JSON lines ------------------------------------------- */

static bool json_number(struct json_object *o, const char *key, size_t *value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_int) ||
	    json_object_get_int64(member) < 0)
		return false;
	*value = json_object_get_int64(member);
	return true;
}

/* The last line says how much there must be: the check against truncation. */
static void json_metadata(struct reader *r, struct json_object *o)
{
	size_t records, size;

	r->metadata = true;
	if (!json_number(o, "records", &records) ||
	    !json_number(o, "size", &size))
		reader_refuse(
			r, "metadata without records and size; fetch the file "
			   "again");
	else if (records != r->records)
		reader_refuse(
			r,
			"metadata says %zu records, the file has %zu: truncated "
			"or altered; fetch it again",
			records, r->records);
	else if (size != r->before)
		reader_refuse(
			r,
			"metadata says %zu bytes, the file has %zu: truncated "
			"or altered; fetch it again",
			size, r->before);
}

static void json_entry(struct reader *r, struct json_object *cidr)
{
	const char *word = json_object_get_string(cidr);

	r->records++;
	if (strlen(word) != (size_t)json_object_get_string_len(cidr))
		reader_refuse(r,
			      "a NUL byte in \"cidr\"; fetch the file again");
	else
		reader_prefix(r, word);
}

static void json_object_line(struct reader *r, struct json_object *o)
{
	struct json_object *member;

	if (r->metadata)
		reader_refuse(
			r, "a line behind the metadata; fetch the file again");
	else if (json_object_object_get_ex(o, "type", &member) &&
		 !strcmp(json_object_get_string(member) ?: "", "metadata"))
		json_metadata(r, o);
	else if (json_object_object_get_ex(o, "cidr", &member) &&
		 json_object_is_type(member, json_type_string))
		json_entry(r, member);
	else
		reader_refuse(r, "neither an entry with \"cidr\" nor metadata");
}

static void json_line(struct reader *r)
{
	struct json_tokener *t = json_tokener_new();
	char *text = reader_trim(r->line, false);
	struct json_object *o;

	if (!t) {
		r->err = -ENOMEM;
		return;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = *text ? json_tokener_parse_ex(t, text, strlen(text) + 1) : NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_line(r, o);
	else if (*text)
		reader_refuse_word(r, text,
				   "not a line of JSON; fetch the file again");
	json_object_put(o);
	json_tokener_free(t);
}

static bool json_is(const char *line)
{
	return *line == '{';
}

static void json_end(struct reader *r)
{
	if (!r->metadata)
		reader_refuse(r, "no metadata in the last line: truncated; "
				 "fetch the file again");
}

/* --- all ----------------------------------------------------------------- */

/* The first that knows its first line; plain takes the rest. */
static const struct format formats[] = {
	{"drop-json", json_is, json_line, json_end},
	{"nft", nft_is, nft_line, nft_end}, /* "add element" before "add" */
	{"ipset", ipset_is, ipset_line, NULL},
	{"rbldnsd", rbldnsd_is, rbldnsd_line, NULL},
	{"ipsum", ipsum_is, ipsum_line, NULL},
	{"postfix", postfix_is, postfix_line, postfix_end},
	{"plain", NULL, plain_line, NULL},
};

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const char *format_name(int i)
{
	return i < FORMATS ? formats[i].name : NULL;
}

const struct format *format_named(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	return NULL;
}

/* NULL: nothing but a comment so far. */
const struct format *format_detect(const char *line)
{
	line += strspn(line, blanks);
	if (!*line || *line == '#' || *line == ';')
		return NULL;
	for (int i = 0; i < FORMATS; i++)
		if (formats[i].is && formats[i].is(line))
			return &formats[i];
	return &formats[FORMATS - 1];
}

void format_line(struct reader *r)
{
	r->format->line(r);
}

void format_end(struct reader *r)
{
	if (r->format && r->format->end)
		r->format->end(r);
}
