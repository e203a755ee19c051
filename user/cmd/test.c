// SPDX-License-Identifier: GPL-2.0
/* mailweir test: how an attempt from ADDR would be judged now, and why */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpf/history.h"
#include "cmd/cmd.h"
#include "gate/judge.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"
#include "out/settings_text.h"
#include "out/units.h"

/* --- text ---------------------------------------------------------------- */

static void text_list(const struct judgement *j, const char *word, int slot)
{
	const struct mw_list_info *l = &j->lists[slot % MW_LIST_SLOTS];
	char text[PREFIX_TEXT] = "?", left[UNITS_TEXT];
	struct mw_prefix p;
	__s64 end = 0;

	if (judge_entry(l->name, &j->address, &p, &end))
		prefix_text(&p, text);
	printf("  %-9s %s: %s list, %s, prefix %s, from %s", word, l->name,
	       l->action, l->mode, text, l->file);
	if (end) {
		__s64 now = time(NULL);

		units_duration(end > now ? (end - now) * UNITS_SECOND : 0,
			       left);
		printf(", ends in %s", left);
	}
	putchar('\n');
}

static void text_block(const struct judgement *j)
{
	char prefix[PREFIX_TEXT], left[UNITS_TEXT] = "never";

	prefix_text(&j->block_prefix, prefix);
	if (j->block.expires)
		units_duration(j->block.expires - j->now, left);
	printf("  block     %s, expires %s%s%s%s\n", prefix,
	       j->block.expires ? "in " : "", left,
	       j->block.why[0] ? ", why: " : "", j->block.why);
}

static __u64 events_left(const struct mw_limit *limit, __u64 tat, __u64 now)
{
	__u64 debt = bucket_debt(tat, now, limit);

	return debt > limit->window
		       ? 0
		       : (limit->window - debt) / limit->interval + 1;
}

static void text_bucket(const struct judgement *j, int level)
{
	const struct mw_limit *limit =
		policy_limit(&j->settings, &j->leaf, level);
	char prefix[PREFIX_TEXT], words[UNITS_TEXT];
	struct mw_prefix p;
	__u64 debt;

	if (!limit || (level == MW_TOTAL && j->from.regular))
		return;
	settings_limit(limit, words);
	prefix_of_key(&j->settings, level, judge_key(j, level), &p);
	prefix_text(&p, prefix);
	printf("  %-9s %s: %llu of %llu left now (%s)", name_level(level),
	       level == MW_TOTAL ? "all that are not regular" : prefix,
	       events_left(limit, j->from.tat[level], j->now),
	       bucket_burst(limit), words);
	debt = bucket_debt(j->from.tat[level], j->now, limit);
	if (debt > limit->window) {
		units_duration(debt - limit->window, words);
		printf(", the next in %s", words);
	}
	putchar('\n');
}

static void text_open(const char *word, __u32 open, __u32 most)
{
	if (most)
		printf("  %-9s %u of %u connections open\n", word, open, most);
}

static void text_history(const struct judgement *j)
{
	char since[UNITS_TEXT], last[UNITS_TEXT];

	if (!history_alive(&j->history, j->hour))
		return;
	units_hour(j->history.since, since);
	units_hour(j->history.last, last);
	printf("  history   since %s, last %s UTC: %s\n", since, last,
	       j->from.regular ? "regular" : "not two days yet");
}

/* Calls visit for each counter that this attempt would move. */
static void each_counter(const struct judgement *j,
			 void (*visit)(const char *name, void *arg), void *arg)
{
	visit(name_counter(j->verdict.reason), arg);
	for (int i = MW_FIRST_DROP; i < MW_REASONS; i++)
		if (j->verdict.would & 1U << i)
			visit(name_would_counter(i), arg);
}

static void text_counter(const char *name, void *arg)
{
	(void)arg;
	printf("  counter   %s\n", name);
}

/* What is observed on its own, in a list or a limit. */
static void text_observed(const struct judgement *j)
{
	for (int i = MW_FIRST_DROP; i < MW_REASONS; i++)
		if (j->enforced.would & 1U << i)
			printf("  observed  would drop: %s\n", name_reason(i));
}

static bool is_behind_nat64(const struct judgement *j)
{
	return prefix_compare(&j->address, &j->asked);
}

static void text_nat64(const struct judgement *j)
{
	char address[PREFIX_TEXT];

	if (!is_behind_nat64(j))
		return;
	prefix_text(&j->address, address);
	printf("  nat64     judged as %s\n", address);
}

static void test_text(const struct judgement *j)
{
	bool drop = j->verdict.reason >= MW_FIRST_DROP;
	char address[PREFIX_TEXT];

	prefix_text(&j->asked, address);
	if (j->verdict.reason == MW_OBSERVED)
		printf("pass %s: the gate only observes; enforcing it would "
		       "drop: %s\n",
		       address, name_reason(j->enforced.reason));
	else if (!drop && j->verdict.would)
		printf("pass %s: what would drop it only observes\n", address);
	else
		printf("%s %s: %s\n", drop ? "drop" : "pass", address,
		       name_reason(j->verdict.reason));
	text_nat64(j);
	text_observed(j);
	if (j->blocked)
		text_block(j);
	if (j->leaf.action != MW_NONE)
		text_list(j, "list", j->leaf.slot);
	if (j->leaf.observed != MW_NONE)
		text_list(j, "observed", j->leaf.observed_slot);
	for (int i = 0; j->rates && i < MW_LEVELS; i++)
		text_bucket(j, i);
	for (int i = 0; j->rates && i < MW_PREFIX_LEVELS; i++)
		text_open(name_level(i), j->from.open[i],
			  j->settings.level[i].open);
	text_history(j);
	each_counter(j, text_counter, NULL);
}

/* --- JSON ---------------------------------------------------------------- */

static void json_list(struct json_object *doc, const struct judgement *j,
		      const char *key, int slot)
{
	const struct mw_list_info *l = &j->lists[slot % MW_LIST_SLOTS];
	struct json_object *o = json_object_new_object();
	struct mw_prefix p;
	__s64 end = 0;

	json_add_text(o, "name", l->name);
	json_add_text(o, "action", l->action);
	json_add_text(o, "mode", l->mode);
	if (judge_entry(l->name, &j->address, &p, &end))
		json_add_prefix(o, "prefix", &p);
	if (end)
		json_add_u64(o, "ends", end);
	json_add_text(o, "file", l->file);
	json_object_object_add(doc, key, o);
}

static void json_block(struct json_object *doc, const struct judgement *j)
{
	struct json_object *o = json_object_new_object();

	json_add_prefix(o, "prefix", &j->block_prefix);
	if (j->block.expires)
		json_add_u64(o, "expires_in_ns", j->block.expires - j->now);
	json_add_text(o, "why", j->block.why);
	json_object_object_add(doc, "block", o);
}

static void json_buckets(struct json_object *doc, const struct judgement *j)
{
	struct json_object *buckets = json_object_new_object();

	for (int i = 0; j->rates && i < MW_LEVELS; i++) {
		const struct mw_limit *limit =
			policy_limit(&j->settings, &j->leaf, i);
		struct json_object *o;

		if (!limit || (i == MW_TOTAL && j->from.regular))
			continue;
		o = json_object_new_object();
		json_add_u64(o, "left",
			     events_left(limit, j->from.tat[i], j->now));
		json_add_u64(o, "burst", bucket_burst(limit));
		json_object_object_add(buckets, name_level(i), o);
	}
	json_object_object_add(doc, "buckets", buckets);
}

/* How many connections of each prefix level are open: LEVEL_open. */
static void json_open(struct json_object *doc, const struct judgement *j)
{
	for (int i = 0; i < MW_PREFIX_LEVELS; i++) {
		char key[32];

		snprintf(key, sizeof(key), "%s_open", name_level(i));
		json_add_u64(doc, key, j->from.open[i]);
	}
}

static void json_counter(const char *name, void *list)
{
	json_object_array_add(list, json_utf8(name));
}

static void test_json(struct json_object *doc, const struct judgement *j)
{
	struct json_object *names = json_object_new_array();
	bool drop = j->verdict.reason >= MW_FIRST_DROP;

	json_add_prefix(doc, "address", &j->asked);
	if (is_behind_nat64(j))
		json_add_prefix(doc, "judged_as", &j->address);
	json_add_text(doc, "verdict", drop ? "drop" : "pass");
	json_add_text(doc, "reason", name_reason(j->enforced.reason));
	json_add_bool(doc, "would_drop",
		      j->verdict.would || j->verdict.reason >= MW_FIRST_DROP);
	json_add_text(doc, "mode", name_mode(j->settings.mode));
	each_counter(j, json_counter, names);
	json_object_object_add(doc, "counters", names);
	if (j->leaf.action != MW_NONE)
		json_list(doc, j, "list", j->leaf.slot);
	if (j->leaf.observed != MW_NONE)
		json_list(doc, j, "observed_list", j->leaf.observed_slot);
	if (j->blocked)
		json_block(doc, j);
	json_buckets(doc, j);
	json_open(doc, j);
	json_add_bool(doc, "regular", j->from.regular);
}

static bool is_address(const char *word, struct mw_prefix *address)
{
	const char *why;

	return !prefix_parse(word, address, NULL, &why) &&
	       address->len == prefix_width(address);
}

static int judge_and_say(const struct options *o, const struct engine *e,
			 struct judgement *j)
{
	struct mw_prefix address;

	if (!is_address(o->args[0], &address) || judge(e, &address, j))
		return EXIT_NO;
	o->json ? test_json(o->document, j) : test_text(j);
	return j->verdict.reason >= MW_FIRST_DROP ? EXIT_NO : EXIT_DONE;
}

static int answer(const struct options *o, struct engine *e)
{
	struct judgement *j = cmd_room(sizeof(*j));
	int code = j ? judge_and_say(o, e, j) : EXIT_NO;

	free(j);
	return code;
}

int cmd_test(const struct options *o)
{
	struct mw_prefix address;

	if (!is_address(o->args[0], &address))
		return cmd_usage("test takes an address, such as 192.0.2.1, "
				 "not",
				 o->args[0]);
	return cmd_with(o, ENGINE_READ, answer);
}
