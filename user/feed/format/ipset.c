// SPDX-License-Identifier: GPL-2.0
/* What `ipset save` and `ipset list` print, and scripts for `ipset restore`,
 * which may fill one set and swap it for another; of several sets one is
 * meant. */
#include "feed/entry.h"

#include <stdlib.h>
#include <string.h>

#include "feed/format/rules.h"
#include "feed/format/sets.h"

struct ipset {
	struct sets sets;
	struct rules nomatch;  /* exceptions of sets that are taken */
	struct set *listed;    /* ipset list: the set at hand */
	bool members;	       /* and its members follow */
	size_t promised, seen; /* members by its header, and by count */
};

static const char one_line_each[] =
	"ipset save has lines with create and add, ipset list has members";

/* --- commands ------------------------------------------------------------ */

static void ipset_create(struct format_input *in, char *rest);
static void ipset_add(struct format_input *in, char *rest);
static void ipset_flush(struct format_input *in, char *rest);
static void ipset_destroy(struct format_input *in, char *rest);
static void ipset_swap(struct format_input *in, char *rest);
static void ipset_del(struct format_input *in, char *rest);

static const struct command {
	const char *name, *option;
	void (*run)(struct format_input *in, char *rest);
} commands[] = {
	{"create", "-N", ipset_create}, {"add", "-A", ipset_add},
	{"flush", "-F", ipset_flush},	{"destroy", "-X", ipset_destroy},
	{"swap", "-W", ipset_swap},	{"del", "-D", ipset_del},
	{"rename", "-E", ipset_del},
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

/* An option that says only that what is there already is no error. */
static bool is_exist(const char *word)
{
	return !strcmp(word, "-exist") || !strcmp(word, "-!");
}

/* Cuts off the command that a line begins with; NULL: it begins with none. */
static const struct command *command_of(char **rest)
{
	char *word = words_next(rest);

	if (word && is_exist(word))
		word = words_next(rest);
	for (int i = 0; word && i < COMMANDS; i++)
		if (!strcmp(word, commands[i].name) ||
		    !strcmp(word, commands[i].option))
			return &commands[i];
	return NULL;
}

/* The next word that is no option; NULL: there is none. */
static char *operand(char **rest)
{
	char *word = words_next(rest);

	return word && is_exist(word) ? words_next(rest) : word;
}

static bool ipset_is(const char *line)
{
	char copy[FEED_LINE + 2], *rest = copy;

	snprintf(copy, sizeof(copy), "%s", line);
	return words_begin(line, "Name: ") ||
	       (command_of(&rest) && operand(&rest));
}

/* --- options ------------------------------------------------------------- */

enum option { UNKNOWN, ALONE, VALUE, TEXT };

/* What follows an option that says nothing of whether, and for how long, an
 * address is in the set. */
static enum option plain_option(const char *word)
{
	static const struct {
		const char *word;
		enum option option;
	} options[] = {
		{"packets", VALUE}, {"bytes", VALUE},	 {"skbmark", VALUE},
		{"skbprio", VALUE}, {"skbqueue", VALUE}, {"comment", TEXT},
		{"-exist", ALONE},  {"-!", ALONE},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (!strcmp(options[i].word, word))
			return options[i].option;
	return UNKNOWN;
}

/* Skips what follows the option; false: it is none. Text in quotes has been
 * blanked. */
static bool skip_option(const char *word, char **rest)
{
	enum option option = plain_option(word);

	if (option == VALUE || (option == TEXT && **rest && **rest != ' '))
		words_next(rest);
	return option != UNKNOWN;
}

/* What stands behind an element. */
struct options {
	double timeout;
	bool nomatch;
};

/* false: refused. */
static bool read_options(struct format_input *in, char *rest, struct options *o)
{
	char *word;

	while ((word = words_next(&rest))) {
		if (!strcmp(word, "nomatch")) {
			o->nomatch = true;
		} else if (!strcmp(word, "timeout")) {
			word = words_next(&rest);
			if (!word || !words_is_number(word)) {
				entry_refuse_word(in, word ? word : "",
						  "not a timeout; 600 is one");
				return false;
			}
			o->timeout = atof(word);
		} else if (!skip_option(word, &rest)) {
			entry_refuse_word(in, word, "not an option of ipset");
			return false;
		}
	}
	return true;
}

/* --- sets ---------------------------------------------------------------- */

/* Why elements of sets of that type are never entries; NULL: they may be. */
static const char *never(const char *type)
{
	static const char *const addresses[] = {"hash:ip", "hash:net",
						"bitmap:ip"};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (!strcmp(type, addresses[i]))
			return NULL;
	if (!strcmp(type, "list:set"))
		return "a set of sets, not of addresses; name one of them";
	return "an element is not an address alone; save a set of type hash:ip "
	       "or hash:net";
}

/* bitmask MASK: an element stands for all addresses that have these bits. */
static void set_bitmask(struct set *set, const char *word)
{
	int len = entry_mask(word);

	if (len > 0)
		set->length = len;
	else
		set->never = "its bitmask is that of no prefix";
}

/* What holds for all elements: of create's options, or of a header. */
static void set_options(struct set *set, char *rest)
{
	char *word;

	while ((word = words_next(&rest))) {
		if (!strcmp(word, "timeout") && (word = words_next(&rest)))
			set->timeout = atof(word);
		else if (word && !strcmp(word, "netmask") &&
			 (word = words_next(&rest)))
			set->length = atoi(word);
		else if (word && !strcmp(word, "bitmask") &&
			 (word = words_next(&rest)))
			set_bitmask(set, word);
		if (!word)
			return;
	}
}

static void ipset_create(struct format_input *in, char *rest)
{
	struct ipset *ipset = in->state;
	char *name = operand(&rest), *type = operand(&rest);
	struct set *set;

	if (!name || !type) {
		entry_refuse(in, "create without a name and a type");
		return;
	}
	set = sets_get(in, &ipset->sets, name);
	if (!set)
		return;
	set->never = never(type);
	set_options(set, rest);
}

/* --- elements ------------------------------------------------------------ */

/* Copies the element; where the set has a netmask an address stands for its
 * prefix. */
static void with_netmask(const struct set *set, const char *element, char *text,
			 size_t size)
{
	if (set->length && !strpbrk(element, "/-"))
		snprintf(text, size, "%s/%d", element, set->length);
	else
		snprintf(text, size, "%s", element);
}

static void add_element(struct format_input *in, const struct set *set,
			const char *element, char *rest)
{
	struct options o = {.timeout = set->timeout};
	struct ipset *ipset = in->state;
	char text[FEED_LINE + 8];

	if (strchr(element, ',')) {
		entry_refuse_word(in, element,
				  "not an address alone; save a set of type "
				  "hash:ip or hash:net");
		return;
	}
	if (!read_options(in, rest, &o))
		return;
	with_netmask(set, element, text, sizeof(text));
	in->ends = 0;
	if (o.nomatch)
		rules_unwanted(in, &ipset->nomatch, text);
	else if (o.timeout && !entry_ends_in(in, o.timeout - in->guard->age))
		in->feed->report.ended++;
	else
		entry_add(in, text);
}

static void ipset_add(struct format_input *in, char *rest)
{
	struct ipset *ipset = in->state;
	char *name = operand(&rest), *element = operand(&rest);
	struct set *set = NULL;

	if (!name || !element)
		entry_refuse(in, "add without an entry");
	else
		set = sets_get(in, &ipset->sets, name);
	if (set)
		set->elements++;
	if (set && sets_take(in, &ipset->sets, set))
		add_element(in, set, element, rest);
}

/* --- what scripts do to sets --------------------------------------------- */

/* Is nothing in the set, or in any where no name is given? Otherwise the file
 * is refused. */
static bool is_unfilled(struct format_input *in, const char *name,
			struct set **found)
{
	const struct ipset *ipset = in->state;
	struct set *set = name ? sets_find(&ipset->sets, name) : NULL;

	if (found)
		*found = set;
	if (name ? !set || !set->elements : !in->feed->set.n)
		return true;
	entry_fatal_word(in, name ? name : "", sets_taken_away);
	return false;
}

/* Scripts empty a set before they fill it. */
static void ipset_flush(struct format_input *in, char *rest)
{
	is_unfilled(in, operand(&rest), NULL);
}

static void ipset_destroy(struct format_input *in, char *rest)
{
	struct set *set;

	if (is_unfilled(in, operand(&rest), &set) && set)
		set->gone = true;
}

static void ipset_swap(struct format_input *in, char *rest)
{
	struct ipset *ipset = in->state;
	char *from = operand(&rest), *to = operand(&rest);
	struct set *a = from && to ? sets_get(in, &ipset->sets, from) : NULL;
	struct set *b = a ? sets_get(in, &ipset->sets, to) : NULL;
	const char *called;

	if (!from || !to)
		entry_refuse(in, "swap without two names");
	if (!b)
		return;
	called = a->called;
	a->called = b->called;
	b->called = called;
}

static void ipset_del(struct format_input *in, char *rest)
{
	entry_fatal_word(in, rest, sets_taken_away);
}

/* --- ipset list ---------------------------------------------------------- */

static void members_end(struct format_input *in)
{
	struct ipset *ipset = in->state;

	if (ipset->listed && ipset->seen != ipset->promised)
		entry_fatal(in,
			    "%zu members where the header says %zu: truncated; "
			    "list the set again",
			    ipset->seen, ipset->promised);
	ipset->members = false;
	ipset->listed = NULL;
}

/* A line of the header. false: it is none. */
static bool header_line(struct format_input *in, char *line)
{
	static const char *const others[] = {
		"Revision:", "Size in memory:", "References:"};
	struct ipset *ipset = in->state;
	struct set *set = ipset->listed;

	if (words_begin(line, "Name: ")) {
		members_end(in);
		ipset->listed =
			sets_get(in, &ipset->sets, words_trim(line + 6, false));
		ipset->promised = ipset->seen = 0;
		return true;
	}
	if (!set)
		return false;
	if (words_begin(line, "Type: "))
		set->never = never(line + 6);
	else if (words_begin(line, "Header: "))
		set_options(set, line + 8);
	else if (words_begin(line, "Number of entries: "))
		ipset->promised = strtoul(line + 19, NULL, 10);
	else if (!strcmp(line, "Members:"))
		ipset->members = true;
	else
		for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
			if (words_begin(line, others[i]))
				return true;
	return ipset->members || line[strcspn(line, ":")];
}

static void member_line(struct format_input *in, char *rest)
{
	struct ipset *ipset = in->state;
	char *element = words_next(&rest);

	ipset->seen++;
	if (sets_take(in, &ipset->sets, ipset->listed))
		add_element(in, ipset->listed, element, rest);
}

/* --- lines --------------------------------------------------------------- */

static void ipset_line(struct format_input *in)
{
	struct ipset *ipset = in->state;
	char *line = words_trim(in->line, false), *rest = line;
	const struct command *command;
	char whole[FEED_MISSED];

	if (*line == '#' || !*line)
		return;
	words_blank_quotes(line);
	if (ipset->members && !words_begin(line, "Name: ")) {
		member_line(in, line);
		return;
	}
	if (header_line(in, line))
		return;
	snprintf(whole, sizeof(whole), "%s", line);
	command = command_of(&rest);
	if (command)
		command->run(in, rest);
	else if (strcmp(whole, "COMMIT"))
		entry_refuse_word(in, whole, one_line_each);
}

static void ipset_end(struct format_input *in)
{
	struct ipset *ipset = in->state;

	members_end(in);
	sets_end(in, &ipset->sets);
	if (ipset->nomatch.n && in->feed->set.n && !in->err)
		in->err = rules_except(&ipset->nomatch, false, &in->feed->set);
}

static void ipset_free(void *state)
{
	struct ipset *ipset = state;

	sets_free(&ipset->sets);
	rules_free(&ipset->nomatch);
}

const struct format format_ipset = {
	.name = "ipset",
	.is = ipset_is,
	.line = ipset_line,
	.end = ipset_end,
	.free = ipset_free,
	.state = sizeof(struct ipset),
};
