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

/* What an action says of a client: it is let in, or kept out, or neither. */
enum decision { UNKNOWN, PERMIT, REJECT, NEITHER };

/* A number alone means OK, a code with text behind it a refusal. */
static enum decision number_decision(const char *number, const char *text)
{
	bool code = strlen(number) == 3 && (*number == '4' || *number == '5');

	if (!*text)
		return PERMIT;
	return code ? REJECT : UNKNOWN;
}

/* The actions of access(5) and postscreen(8), and restrictions that may stand
 * for one. Those that depend on more than the client decide nothing. */
static enum decision decision_of(const char *action, const char *text)
{
	/* clang-format off */
	static const struct {
		const char *word;
		enum decision decision;
	} words[] = {
		{"permit", PERMIT}, {"ok", PERMIT}, {"relay", PERMIT},
		{"permit_auth_destination", PERMIT},
		{"reject", REJECT}, {"discard", REJECT}, {"drop", REJECT},
		{"defer", REJECT},
		{"dunno", NEITHER}, {"hold", NEITHER}, {"warn", NEITHER},
		{"info", NEITHER}, {"prepend", NEITHER}, {"filter", NEITHER},
		{"redirect", NEITHER}, {"bcc", NEITHER},
		{"defer_if_permit", NEITHER}, {"defer_if_reject", NEITHER},
		{"warn_if_reject", NEITHER},
	};
	/* clang-format on */
	static const char *const restrictions[] = {"permit_", "reject_",
						   "check_"};

	if (words_is_number(action))
		return number_decision(action, text);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(words[i].word, action))
			return words[i].decision;
	for (size_t i = 0; i < 3; i++)
		if (!strncasecmp(restrictions[i], action,
				 strlen(restrictions[i])))
			return NEITHER;
	return UNKNOWN;
}

static bool postfix_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *action;

	snprintf(copy, sizeof(copy), "%s", line);
	if (!words_next(&rest) || !(action = words_next(&rest)))
		return false;
	/* A number alone stands behind an address in other lists, too. */
	return decision_of(action, rest) != UNKNOWN &&
	       !(words_is_number(action) && !*rest);
}

/* A pattern with host bits set: Postfix warns and goes on without the rule. */
static void skip_rule(struct format_input *in, const char *pattern)
{
	entry_note_word(in, pattern,
			"left out, as Postfix skips a rule with host bits; "
			"write the network's first address");
	in->feed->report.unfit++;
}

/* Takes the pattern as an entry, with an entry's guards, where it is wanted. */
static void add_rule(struct format_input *in, const char *pattern, bool wanted)
{
	struct postfix *table = in->state;
	struct rule rule = {.line = in->feed->report.lines, .wanted = wanted};
	struct entry_words e;
	const char *why;

	if (entry_read(pattern, &e, &why) || e.range) {
		entry_refuse_word(
			in, pattern,
			e.range ? "a range; cidr_table(5) has none" : why);
		return;
	}
	if (e.masked) {
		skip_rule(in, pattern);
		return;
	}
	rule.prefix = e.first;
	in->err = rules_add(&table->rules, &rule);
	if (wanted)
		entry_prefix(in, pattern);
}

static bool is_unread(const char *pattern)
{
	return *pattern == '!' || !strcasecmp(pattern, "if") ||
	       !strcasecmp(pattern, "endif");
}

/* A list that allows wants what is permitted, any other what is rejected; what
 * is neither takes away from both. */
static void postfix_line(struct format_input *in)
{
	bool continued = isspace((unsigned char)*in->line);
	char *rest = words_trim(in->line, false), *pattern, *action;
	enum decision decision;

	if (!*rest || *rest == '#')
		return;
	pattern = words_next(&rest);
	action = words_next(&rest);
	decision = action ? decision_of(action, rest) : UNKNOWN;
	if (continued || is_unread(pattern))
		entry_refuse_word(in, pattern,
				  "continued lines, !, if and endif of "
				  "cidr_table(5) are not read; write each "
				  "pattern with its action");
	else if (decision == UNKNOWN)
		entry_refuse_word(in, action ? action : "",
				  "not an action of access(5) or "
				  "postscreen(8); permit, reject and dunno "
				  "are");
	else
		add_rule(in, pattern,
			 decision == (in->guard->allow ? PERMIT : REJECT));
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
		in->err = rules_apply(&table->rules, false, &in->feed->set);
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
