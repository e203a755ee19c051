// SPDX-License-Identifier: GPL-2.0
/* mailweir test: how an attempt from ADDR would be judged now, and why. The
 * tables are read, policy.h judges, nothing is charged or counted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../bpf/block.h"
#include "../bpf/history.h"
#include "../bpf/concurrent.h"
#include "../bpf/policy.h"
#include "../bpf/source.h"
#include "clock.h"
#include "cmd.h"
#include "generation.h"
#include "json.h"
#include "log.h"
#include "names.h"
#include "settings_text.h"
#include "table.h"
#include "units.h"

struct test {
	struct mw_settings settings;
	struct mw_list_info lists[MW_LIST_SLOTS];
	struct mw_prefix address, block_prefix;
	struct mw_leaf leaf;
	struct mw_block block;
	bool blocked;
	__u64 now;
	struct standing from;
	struct mw_history history;
	__u32 hour;
	struct verdict enforced, verdict; /* before and after the gate's mode */
	bool rates;			  /* they had a say */
};

/* block.h asks for one entry at a time; what it found is remembered. */
struct block_lookup {
	const struct engine *engine;
	struct mw_block block;
	int err; /* of a lookup that failed; not there is no failure */
};

static struct mw_block *block_get(void *in, const struct mw_prefix *key)
{
	struct block_lookup *lookup = in;
	int err = table_block_get(lookup->engine, key, &lookup->block);

	if (err && err != -ENOENT)
		lookup->err = err;
	return err ? NULL : &lookup->block;
}

static int test_block(const struct engine *e, struct test *t)
{
	struct block_lookup lookup = {.engine = e};
	struct mw_block_lengths lengths;
	int err = table_block_lengths(e, &lengths), len;

	if (err)
		return err;
	len = block_find(&lookup, &lengths, &t->settings, t->address.family,
			 t->address.addr, t->now);
	t->blocked = len != BLOCK_NONE;
	if (!t->blocked)
		return lookup.err;
	t->block = lookup.block;
	block_key(&t->block_prefix, t->address.family, t->address.addr, len);
	return 0;
}

static __u64 level_key(const struct test *t, int level)
{
	return source_level_key(&t->settings, level, t->address.family,
				t->address.addr);
}

static int test_buckets(const struct engine *e, struct test *t)
{
	for (int level = 0; level < MW_LEVELS; level++) {
		__u64 key = level == MW_TOTAL ? 0 : level_key(t, level);
		struct table_view view;
		const struct mw_set *set;
		int err = table_buckets(e, level, &view), way;

		if (err)
			return err;
		set = &view.set[source_hash(key, t->settings.seed) % view.n];
		way = bucket_find(set, key);
		t->from.tat[level] = way == BUCKET_NONE ? 0 : set->way[way].tat;
		table_close(&view);
	}
	return 0;
}

static int test_open_at(const struct engine *e, const struct test *t, int level,
			__u32 *open)
{
	__u64 hash = source_hash(level_key(t, level), t->settings.seed);
	struct table_view view;
	int err = table_open_connections(e, level, &view);

	if (err)
		return err;
	*open = concurrent_count(&view.open[hash % view.n],
				 concurrent_tag(hash));
	table_close(&view);
	return 0;
}

/* None are counted where attempts are charged. */
static int test_open(const struct engine *e, struct test *t)
{
	int err;

	if (t->settings.charge == MW_CHARGE_SYN)
		return 0;
	err = test_open_at(e, t, MW_SOURCE, &t->from.source_open);
	return err ? err
		   : test_open_at(e, t, MW_NETBLOCK, &t->from.netblock_open);
}

static int test_history(const struct engine *e, struct test *t)
{
	__u64 key = level_key(t, MW_SOURCE);
	const struct mw_history_set *set;
	struct table_view view;
	int err = table_history(e, false, &view), way;

	if (err)
		return err;
	set = &view.history[source_hash(key, t->settings.seed) % view.n];
	way = history_find(set, key);
	t->hour = history_hour(t->now, t->settings.wall);
	if (way != HISTORY_NONE)
		t->history = set->way[way];
	t->from.regular = history_regular(&t->history, t->hour);
	table_close(&view);
	return 0;
}

static int test_read(const struct engine *e, struct test *t)
{
	int err = table_settings(e, &t->settings);

	t->now = clock_now();
	if (!err)
		err = table_lists(e, t->lists);
	if (!err)
		err = table_leaf(e, &t->address, t->now, &t->leaf);
	if (!err)
		err = test_block(e, t);
	if (!err)
		err = test_buckets(e, t);
	if (!err)
		err = test_open(e, t);
	if (!err)
		err = test_history(e, t);
	return err;
}

static void test_judge(struct test *t)
{
	t->rates = !policy_access(&t->leaf, t->blocked, &t->enforced);
	if (t->rates)
		policy_rates(&t->settings, &t->leaf, &t->from, t->now,
			     &t->enforced);
	t->verdict = t->enforced;
	policy_mode(&t->settings, &t->verdict);
}

/* The entry of the list's kept copy that holds the address: of those that do
 * not end the longest, else the one that ends last. *end: seconds since 1970,
 * 0 for never. */
static bool list_prefix(const char *name, const struct mw_prefix *address,
			struct mw_prefix *found, __s64 *end)
{
	struct prefix_set set;
	bool any = false;

	generation_kept(name, &set);
	for (size_t i = 0; i < set.n; i++) {
		__s64 ends = prefix_end(&set, &set.v[i]);

		if (!prefix_covers(&set.v[i], address) ||
		    (any && ends && (!*end || ends < *end)))
			continue;
		any = true;
		*end = ends;
		*found = set.v[i]; /* sorted: an inner one comes later */
	}
	prefix_free(&set);
	return any;
}

/* --- text ---------------------------------------------------------------- */

static void text_list(const struct test *t, const char *word, int slot)
{
	const struct mw_list_info *l = &t->lists[slot % MW_LIST_SLOTS];
	char text[PREFIX_TEXT] = "?", left[UNITS_TEXT];
	struct mw_prefix p;
	__s64 end = 0;

	if (list_prefix(l->name, &t->address, &p, &end))
		prefix_text(&p, text);
	printf("  %-9s %s: %s list, %s, prefix %s, from %s", word, l->name,
	       l->action, l->mode, text, l->file);
	if (end) {
		units_duration((end - time(NULL)) * UNITS_SECOND, left);
		printf(", ends in %s", left);
	}
	putchar('\n');
}

static void text_block(const struct test *t)
{
	char prefix[PREFIX_TEXT], left[UNITS_TEXT] = "never";

	prefix_text(&t->block_prefix, prefix);
	if (t->block.expires)
		units_duration(t->block.expires - t->now, left);
	printf("  block     %s, expires %s%s%s%s\n", prefix,
	       t->block.expires ? "in " : "", left,
	       t->block.why[0] ? ", why: " : "", t->block.why);
}

static __u64 events_left(const struct mw_limit *limit, __u64 tat, __u64 now)
{
	__u64 debt = bucket_debt(tat, now, limit);

	return debt > limit->window
		       ? 0
		       : (limit->window - debt) / limit->interval + 1;
}

static void text_bucket(const struct test *t, int level)
{
	const struct mw_limit *limit =
		policy_limit(&t->settings, &t->leaf, level);
	char prefix[PREFIX_TEXT], words[UNITS_TEXT];
	struct mw_prefix p;
	__u64 debt;

	if (!limit || (level == MW_TOTAL && t->from.regular))
		return;
	settings_limit(limit, words);
	prefix_of_key(&t->settings, level, level_key(t, level), &p);
	prefix_text(&p, prefix);
	printf("  %-9s %s: %llu of %llu left now (%s)", name_level(level),
	       level == MW_TOTAL ? "all that are not regular" : prefix,
	       events_left(limit, t->from.tat[level], t->now),
	       bucket_burst(limit), words);
	debt = bucket_debt(t->from.tat[level], t->now, limit);
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

static void text_history(const struct test *t)
{
	char since[UNITS_TEXT], last[UNITS_TEXT];

	if (!history_alive(&t->history, t->hour))
		return;
	units_hour(t->history.since, since);
	units_hour(t->history.last, last);
	printf("  history   since %s, last %s UTC: %s\n", since, last,
	       t->from.regular ? "regular" : "not two days yet");
}

/* Calls visit for each counter that this attempt would move. */
static void each_counter(const struct test *t,
			 void (*visit)(const char *name, void *arg), void *arg)
{
	visit(name_counter(t->verdict.reason), arg);
	for (int i = MW_FIRST_DROP; i < MW_REASONS; i++)
		if (t->verdict.would & 1 << i)
			visit(name_would_counter(i), arg);
}

static void text_counter(const char *name, void *arg)
{
	(void)arg;
	printf("  counter   %s\n", name);
}

/* What is observed on its own, in a list or a limit. */
static void text_observed(const struct test *t)
{
	for (int i = MW_FIRST_DROP; i < MW_REASONS; i++)
		if (t->enforced.would & 1 << i)
			printf("  observed  would drop: %s\n", name_reason(i));
}

static void test_text(const struct test *t)
{
	bool drop = t->verdict.reason >= MW_FIRST_DROP;
	char address[PREFIX_TEXT];

	prefix_text(&t->address, address);
	if (t->verdict.reason == MW_OBSERVED)
		printf("pass %s: the gate only observes; enforcing it would "
		       "drop: %s\n",
		       address, name_reason(t->enforced.reason));
	else if (!drop && t->verdict.would)
		printf("pass %s: what would drop it only observes\n", address);
	else
		printf("%s %s: %s\n", drop ? "drop" : "pass", address,
		       name_reason(t->verdict.reason));
	text_observed(t);
	if (t->blocked)
		text_block(t);
	if (t->leaf.action != MW_NONE)
		text_list(t, "list", t->leaf.slot);
	if (t->leaf.observed != MW_NONE)
		text_list(t, "observed", t->leaf.observed_slot);
	for (int i = 0; t->rates && i < MW_LEVELS; i++)
		text_bucket(t, i);
	if (t->rates) {
		text_open("source", t->from.source_open,
			  t->settings.source_open);
		text_open("netblock", t->from.netblock_open,
			  t->settings.netblock_open);
	}
	text_history(t);
	each_counter(t, text_counter, NULL);
}

/* --- JSON ---------------------------------------------------------------- */

static void json_list(struct json_object *doc, const struct test *t,
		      const char *key, int slot)
{
	const struct mw_list_info *l = &t->lists[slot % MW_LIST_SLOTS];
	struct json_object *o = json_object_new_object();
	struct mw_prefix p;
	__s64 end = 0;

	json_add_text(o, "name", l->name);
	json_add_text(o, "action", l->action);
	json_add_text(o, "mode", l->mode);
	if (list_prefix(l->name, &t->address, &p, &end))
		json_add_prefix(o, "prefix", &p);
	if (end)
		json_add_u64(o, "ends", end);
	json_add_text(o, "file", l->file);
	json_object_object_add(doc, key, o);
}

static void json_block(struct json_object *doc, const struct test *t)
{
	struct json_object *o = json_object_new_object();

	json_add_prefix(o, "prefix", &t->block_prefix);
	if (t->block.expires)
		json_add_u64(o, "expires_in_ns", t->block.expires - t->now);
	json_add_text(o, "why", t->block.why);
	json_object_object_add(doc, "block", o);
}

static void json_buckets(struct json_object *doc, const struct test *t)
{
	struct json_object *buckets = json_object_new_object();

	for (int i = 0; t->rates && i < MW_LEVELS; i++) {
		const struct mw_limit *limit =
			policy_limit(&t->settings, &t->leaf, i);
		struct json_object *o;

		if (!limit || (i == MW_TOTAL && t->from.regular))
			continue;
		o = json_object_new_object();
		json_add_u64(o, "left",
			     events_left(limit, t->from.tat[i], t->now));
		json_add_u64(o, "burst", bucket_burst(limit));
		json_object_object_add(buckets, name_level(i), o);
	}
	json_object_object_add(doc, "buckets", buckets);
}

static void json_counter(const char *name, void *list)
{
	json_object_array_add(list, json_object_new_string(name));
}

static void test_json(struct json_object *doc, const struct test *t)
{
	struct json_object *names = json_object_new_array();
	bool drop = t->verdict.reason >= MW_FIRST_DROP;

	json_add_prefix(doc, "address", &t->address);
	json_add_text(doc, "verdict", drop ? "drop" : "pass");
	json_add_text(doc, "reason", name_reason(t->enforced.reason));
	json_add_bool(doc, "would_drop",
		      t->verdict.would || t->verdict.reason >= MW_FIRST_DROP);
	json_add_text(doc, "mode", name_mode(t->settings.mode));
	each_counter(t, json_counter, names);
	json_object_object_add(doc, "counters", names);
	if (t->leaf.action != MW_NONE)
		json_list(doc, t, "list", t->leaf.slot);
	if (t->leaf.observed != MW_NONE)
		json_list(doc, t, "observed_list", t->leaf.observed_slot);
	if (t->blocked)
		json_block(doc, t);
	json_buckets(doc, t);
	json_add_u64(doc, "source_open", t->from.source_open);
	json_add_u64(doc, "netblock_open", t->from.netblock_open);
	json_add_bool(doc, "regular", t->from.regular);
}

int cmd_test(const struct options *o)
{
	static struct test t;
	const char *why;
	struct engine e;
	bool masked;
	int code, err;

	if (prefix_parse(o->args[0], &t.address, &masked, &why) ||
	    t.address.len != prefix_width(&t.address))
		return cmd_usage("test takes an address, such as 192.0.2.1, "
				 "not",
				 o->args[0]);
	code = cmd_open(&e, false);
	if (code)
		return code;
	err = test_read(&e, &t);
	if (err) {
		log_error("the tables cannot be read: %s", strerror(-err));
		return EXIT_NO;
	}
	test_judge(&t);
	o->json ? test_json(o->document, &t) : test_text(&t);
	return t.verdict.reason >= MW_FIRST_DROP ? EXIT_NO : EXIT_DONE;
}
