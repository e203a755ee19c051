// SPDX-License-Identifier: GPL-2.0
#include "feed/format/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"
#include "feed/sort.h"

enum { LENGTHS = 129 /* of a prefix, 0 to 128 */ };

int rules_add(struct rules *rules, const struct rule *rule)
{
	struct rule *v = grow(rules->v, &rules->room, rules->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	rules->v = v;
	v[rules->n++] = *rule;
	return 0;
}

static int rule_compare(const void *a, const void *b)
{
	const struct rule *x = a, *y = b;

	return prefix_compare(&x->prefix, &y->prefix);
}

/* Rules of one prefix stay in the order of their lines. */
int rules_first_match(struct rules *rules)
{
	struct rule around[LENGTHS]; /* those that hold the rule at hand */
	size_t kept = 0;
	int depth = 0;
	int err = sort_stable(rules->v, rules->n, sizeof(*rules->v),
			      rule_compare);

	for (size_t i = 0; i < rules->n && !err; i++) {
		struct rule rule = rules->v[i];

		while (depth &&
		       !prefix_covers(&around[depth - 1].prefix, &rule.prefix))
			depth--;
		if (depth && around[depth - 1].line < rule.line)
			continue;
		around[depth++] = rule;
		rules->v[kept++] = rule;
	}
	rules->n = err ? 0 : kept;
	return err;
}

/* Adds the rules with that length that are wanted, or that are not. */
static int add_length(const struct rules *rules, int len, bool wanted,
		      struct prefix_set *set)
{
	int err = 0;

	for (size_t i = 0; i < rules->n && !err; i++) {
		const struct rule *rule = &rules->v[i];

		if (rule->prefix.len == len && rule->wanted == wanted)
			err = prefix_add(set, &rule->prefix);
	}
	return err;
}

/* From the widest to the narrowest: out with the unwanted, in the wanted. */
int rules_apply(const struct rules *rules, struct prefix_set *set)
{
	int err = 0;

	for (int len = 0; len < LENGTHS && !err; len++) {
		struct prefix_set out = {};

		err = add_length(rules, len, false, &out);
		if (!err && out.n && set->n)
			err = prefix_subtract(set, &out);
		prefix_free(&out);
		if (!err)
			err = add_length(rules, len, true, set);
	}
	return err;
}

void rules_free(struct rules *rules)
{
	free(rules->v);
	memset(rules, 0, sizeof(*rules));
}
