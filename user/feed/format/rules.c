// SPDX-License-Identifier: GPL-2.0
#include "feed/format/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"
#include "feed/entry.h"
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

/* How far inside others a rule is. */
static int level(const struct mw_prefix *p, bool octets)
{
	if (!octets || p->family != 4)
		return p->len;
	return p->len ? (p->len + 7) / 8 * 8 : 8;
}

/* Adds the rules of that level that are wanted, or that are not. */
static int add_level(const struct rules *rules, bool octets, int at,
		     bool wanted, struct prefix_set *set)
{
	int err = 0;

	for (size_t i = 0; i < rules->n && !err; i++) {
		const struct rule *rule = &rules->v[i];

		if (rule->wanted == wanted &&
		    level(&rule->prefix, octets) == at)
			err = prefix_add(set, &rule->prefix);
	}
	return err;
}

/* From the widest to the narrowest: in the wanted, out with the unwanted. */
int rules_apply(const struct rules *rules, bool octets, struct prefix_set *set)
{
	int err = 0;

	for (int at = 0; at < LENGTHS && !err; at++) {
		struct prefix_set out = {};

		err = add_level(rules, octets, at, true, set);
		if (!err)
			err = add_level(rules, octets, at, false, &out);
		if (!err && out.n && set->n)
			err = prefix_subtract(set, &out);
		prefix_free(&out);
	}
	return err;
}

int rules_except(struct rules *rules, bool octets, struct prefix_set *set)
{
	struct rule rule = {.wanted = true};
	int err = 0;

	for (size_t i = 0; i < set->n && !err; i++) {
		rule.prefix = set->v[i];
		err = rules_add(rules, &rule);
	}
	set->n = 0;
	return err ? err : rules_apply(rules, octets, set);
}

void rules_unwanted(struct format_input *in, struct rules *rules,
		    const char *word)
{
	struct rule rule = {.line = in->feed->report.lines};
	struct prefix_set set = {};
	struct entry_words e;
	const char *why;

	if (entry_read(word, &e, &why)) {
		entry_fatal_word(in, word, why);
		return;
	}
	in->err = entry_into(&set, &e, 0);
	for (size_t i = 0; i < set.n && !in->err; i++) {
		rule.prefix = set.v[i];
		in->err = rules_add(rules, &rule);
	}
	prefix_free(&set);
	in->feed->report.excluded++;
}

void rules_free(struct rules *rules)
{
	free(rules->v);
	memset(rules, 0, sizeof(*rules));
}
