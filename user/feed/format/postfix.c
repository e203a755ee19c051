// SPDX-License-Identifier: GPL-2.0
/*
 * Postfix's cidr_table(5), as postscreen(8) and access(5) use it: PATTERN
 * ACTION, of which the first that matches decides; if PATTERN ... endif around
 * those that only hold inside it. A line that begins with a blank goes on with
 * the one before.
 */
#include "feed/entry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/format/rules.h"

enum { IFS = 32 /* in each other */ };

struct postfix {
	struct rules rules;
	struct mw_prefix inside[IFS]; /* the patterns of if at hand */
	int ifs;
	int nobody; /* from so many on they exclude each other; 0: none do */
	char text[FEED_LINE + 2]; /* the logical line at hand */
	size_t line;		  /* which begins here; 0: there is none */
	size_t permits, rejects;  /* rules that do */
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
	size_t len;

	len = strcspn(action, ","); /* of a list of restrictions */
	if (words_is_number(action))
		return number_decision(action, text);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i].word) == len &&
		    !strncasecmp(words[i].word, action, len))
			return words[i].decision;
	for (size_t i = 0; i < 3; i++)
		if (!strncasecmp(restrictions[i], action,
				 strlen(restrictions[i])))
			return NEITHER;
	return UNKNOWN;
}

static bool postfix_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy, *pattern, *action;
	struct entry_words e;
	const char *why;

	snprintf(copy, sizeof(copy), "%s", line);
	pattern = words_next(&rest);
	action = pattern ? words_next(&rest) : NULL;
	if (!action)
		return false;
	if (!strcasecmp(pattern, "if"))
		return !entry_read(action + (*action == '!'), &e, &why);
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

static const char no_action[] =
	"not an action of access(5) or postscreen(8); permit, reject and dunno "
	"are";

/* Reads a pattern; false: it is refused, or Postfix itself skips its rule. */
static bool read_pattern(struct format_input *in, const char *pattern,
			 struct mw_prefix *prefix)
{
	struct entry_words e;
	const char *why;

	if (*pattern == '!') {
		entry_fatal_word(in, pattern,
				 "! of cidr_table(5) is not read; write the "
				 "patterns that are meant");
	} else if (entry_read(pattern, &e, &why) || e.range) {
		entry_fatal_word(
			in, pattern,
			e.range ? "a range; cidr_table(5) has none" : why);
	} else if (e.masked) {
		skip_rule(in, pattern);
	} else {
		*prefix = e.first;
		return true;
	}
	return false;
}

/* Cuts the prefix to what is inside the patterns of if; false: nothing is. */
static bool clip(const struct postfix *table, struct mw_prefix *prefix)
{
	const struct mw_prefix *inside =
		table->ifs ? &table->inside[table->ifs - 1] : NULL;

	if (table->nobody)
		return false;
	if (!inside || prefix_covers(inside, prefix))
		return true;
	if (!prefix_covers(prefix, inside))
		return false;
	*prefix = *inside;
	return true;
}

static void start_if(struct format_input *in, const char *pattern)
{
	struct postfix *table = in->state;
	struct mw_prefix prefix;
	size_t errors = in->feed->report.fatal;

	if (table->ifs == IFS) {
		entry_fatal(in, "more than %d if in each other", IFS);
	} else if (read_pattern(in, pattern, &prefix)) {
		if (!clip(table, &prefix) && !table->nobody)
			table->nobody = table->ifs + 1;
		table->inside[table->ifs++] = prefix;
	} else if (in->feed->report.fatal == errors) {
		entry_fatal_word(in, pattern,
				 "host bits behind if, which Postfix skips; "
				 "write the network's first address");
	}
}

static void end_if(struct format_input *in)
{
	struct postfix *table = in->state;

	if (!table->ifs)
		entry_fatal(in, "endif without if");
	else if (--table->ifs < table->nobody)
		table->nobody = 0;
}

/* Takes the pattern as an entry, with an entry's guards, where it is wanted. */
static void add_rule(struct format_input *in, const char *pattern,
		     enum decision decision)
{
	struct postfix *table = in->state;
	struct rule rule = {.line = table->line};
	char text[PREFIX_TEXT];

	rule.wanted = decision == (in->guard->allow ? PERMIT : REJECT);
	if (!read_pattern(in, pattern, &rule.prefix))
		return;
	table->permits += decision == PERMIT;
	table->rejects += decision == REJECT;
	if (!clip(table, &rule.prefix))
		return;
	in->err = rules_add(&table->rules, &rule);
	prefix_text(&rule.prefix, text);
	if (rule.wanted)
		entry_prefix(in, table->ifs ? text : pattern);
}

/* A list that allows wants what is permitted, any other what is rejected; what
 * is neither takes away from both. */
static void logical_line(struct format_input *in)
{
	struct postfix *table = in->state;
	char *rest = table->text, *pattern = words_next(&rest);
	char *action = words_next(&rest);
	enum decision decision = action ? decision_of(action, rest) : UNKNOWN;

	if (!strcasecmp(pattern, "if") && action) {
		start_if(in, action);
	} else if (!strcasecmp(pattern, "endif")) {
		end_if(in);
	} else {
		/* An action that is unknown decides nothing that is known. */
		if (decision == UNKNOWN)
			entry_refuse_word(in, action ? action : "", no_action);
		add_rule(in, pattern, decision == UNKNOWN ? NEITHER : decision);
	}
}

/* Reads the logical line, as of the line where it begins. */
static void take_logical(struct format_input *in)
{
	struct postfix *table = in->state;
	size_t now = in->feed->report.lines;

	if (!table->line)
		return;
	in->feed->report.lines = table->line;
	logical_line(in);
	in->feed->report.lines = now;
	table->line = 0;
}

static void postfix_line(struct format_input *in)
{
	struct postfix *table = in->state;
	bool goes_on = isspace((unsigned char)*in->line);
	char *line = words_trim(in->line, false);
	size_t len;

	if (!*line || *line == '#')
		return;
	if (goes_on && !table->line) {
		entry_fatal_word(in, line,
				 "a line that begins with a blank goes on with "
				 "the one before, and there is none");
	} else if (goes_on) {
		/* Only the first two words count. */
		len = strlen(table->text);
		snprintf(table->text + len, sizeof(table->text) - len, " %s",
			 line);
	} else {
		take_logical(in);
		snprintf(table->text, sizeof(table->text), "%s", line);
		table->line = in->feed->report.lines;
	}
}

/* Rules that say only the opposite are no broken download. */
static void only_others(struct format_input *in)
{
	const struct postfix *table = in->state;
	bool allow = in->guard->allow;
	size_t wanted = allow ? table->permits : table->rejects;
	size_t others = allow ? table->rejects : table->permits;

	if (in->feed->set.n || wanted || !others || in->guard->may_be_empty)
		return;
	entry_fatal(in,
		    allow ? "no entries: %zu rules reject and none permits; a "
			    "list with action = block takes what is rejected"
			  : "no entries: %zu rules permit and none rejects; a "
			    "list with action = allow takes what is permitted",
		    others);
}

static void postfix_end(struct format_input *in)
{
	struct postfix *table = in->state;

	take_logical(in);
	if (table->ifs)
		entry_fatal(in, "no endif at the end: truncated");
	in->feed->set.n = 0;
	if (!in->err)
		in->err = rules_first_match(&table->rules);
	if (!in->err)
		in->err = rules_apply(&table->rules, false, &in->feed->set);
	if (!in->err)
		only_others(in);
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
