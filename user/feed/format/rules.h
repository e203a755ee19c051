/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes that are wanted or not, of a file in which one of them decides. */
#ifndef MAILWEIR_RULES_H
#define MAILWEIR_RULES_H

#include "lists/prefix.h"

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

/* Where the innermost rule decides: adds to set what is wanted. 0
 * or -ENOMEM. */
int rules_apply(const struct rules *rules, struct prefix_set *set);

void rules_free(struct rules *rules);

#endif
