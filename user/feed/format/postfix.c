// SPDX-License-Identifier: GPL-2.0
/*
 * Postfix's cidr_table(5), as postscreen(8) and access(5) use it: PATTERN
 * ACTION, of which the first that matches decides.
 */
#include "feed/entry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/format/rules.h"

struct postfix {
	struct rules rules;
};

enum decision { UNKNOWN, PERMIT, REJECT };

static enum decision decision_of(const char *action)
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
	if (words_is_number(action) && strlen(action) == 3 &&
	    (*action == '4' || *action == '5'))
		return REJECT;
	return UNKNOWN;
}

static bool postfix_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *action;

	snprintf(copy, sizeof(copy), "%s", line);
	return words_next(&rest) && (action = words_next(&rest)) &&
	       decision_of(action) != UNKNOWN;
}

/* Takes the pattern as an entry, with an entry's guards, where it is wanted. */
static void add_rule(struct format_input *in, const char *pattern, bool wanted)
{
	struct postfix *table = in->state;
	struct rule rule = {.line = in->feed->report.lines, .wanted = wanted};
	const char *why;

	if (prefix_parse(pattern, &rule.prefix, NULL, &why)) {
		entry_refuse_word(in, pattern, why);
		return;
	}
	in->err = rules_add(&table->rules, &rule);
	if (wanted)
		entry_prefix(in, pattern);
}

static bool is_unread(const char *pattern)
{
	return *pattern == '!' || !strcasecmp(pattern, "if") ||
	       !strcasecmp(pattern, "endif");
}

/* A list that allows wants what is permitted, any other what is rejected. */
static void postfix_line(struct format_input *in)
{
	bool continued = isspace((unsigned char)*in->line);
	char *rest = words_trim(in->line, false), *pattern, *action;
	enum decision decision;

	if (!*rest || *rest == '#')
		return;
	pattern = words_next(&rest);
	action = words_next(&rest);
	decision = action ? decision_of(action) : UNKNOWN;
	if (continued || is_unread(pattern))
		entry_refuse_word(in, pattern,
				  "continued lines, !, if and endif of "
				  "cidr_table(5) are not read; write each "
				  "pattern with its action");
	else if (decision == UNKNOWN)
		entry_refuse_word(in, action ? action : "",
				  "not an action; permit, reject and dunno "
				  "are");
	else
		add_rule(in, pattern, (decision == PERMIT) == in->guard->allow);
	/* Whatever was refused here is fatal: without a rule the later ones
	 * would mean something else. */
	in->feed->report.fatal = in->feed->report.errors;
}

static void postfix_end(struct format_input *in)
{
	struct postfix *table = in->state;

	in->feed->set.n = 0;
	in->err = rules_first_match(&table->rules);
	if (!in->err)
		in->err = rules_apply(&table->rules, &in->feed->set);
}

static void postfix_free(void *state)
{
	struct postfix *table = state;

	rules_free(&table->rules);
}

const struct format format_postfix = {
	.name = "postfix",
	.is = postfix_is,
	.line = postfix_line,
	.end = postfix_end,
	.free = postfix_free,
	.state = sizeof(struct postfix),
};
