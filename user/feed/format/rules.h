/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes that are wanted or not, of a file in which one of them decides. */
#ifndef MAILWEIR_RULES_H
#define MAILWEIR_RULES_H

#include "feed/format/format.h"

struct rule {
	struct mw_prefix prefix;
	size_t line; /* of the file */
	bool wanted;
};

struct rules {
	struct rule *v;
	size_t n, room;
};

/* Adds a rule, in the order of lines. 0 or -ENOMEM. */
int rules_add(struct rules *rules, const struct rule *rule);

/* Where the first rule that matches decides: drops the rules that an earlier
 * one around them keeps from ever matching. The innermost of those that are
 * left decides. 0 or -ENOMEM. */
int rules_first_match(struct rules *rules);

/*
 * Adds to set what is wanted where the innermost rule decides. octets: IPv4
 * prefixes count as the octets that they fill, as rbldnsd's ip4set has them:
 * /17 to /24 are equal, and what is unwanted wins among equals. 0 or -ENOMEM.
 */
int rules_apply(const struct rules *rules, bool octets, struct prefix_set *set);

/* The same with the prefixes of set as what is wanted, which keep
 * their ends. */
int rules_except(struct rules *rules, bool octets, struct prefix_set *set);

/* Adds what a word names to rules, as unwanted; a word that is refused is
 * fatal, as the list would hold too much. */
void rules_unwanted(struct format_input *in, struct rules *rules,
		    const char *word);

void rules_free(struct rules *rules);

#endif
