// SPDX-License-Identifier: GPL-2.0
/* mailweir status: what is attached and how, tables, lists, what is red */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cmd/cmd.h"
#include "gate/clock.h"
#include "gate/health.h"
#include "kernel/hook.h"
#include "kernel/owed.h"
#include "kernel/table.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"
#include "out/settings_text.h"
#include "out/units.h"

struct status {
	struct mw_settings settings;
	struct mw_list_info lists[MW_LIST_SLOTS];
	enum hook_kind hook;
	struct mw_counters counters;
	__u64 now, answering, answered; /* when: since, and last; 0: never */
	struct occupancy occupancy[OCCUPANCY_TABLES];
	struct health health;
	const char *differs; /* what the configuration says of the mode */
	__u64 confirm; /* seconds until what waits to be confirmed is undone */
};

/* What is for a while. The configuration is read only where the mode was
 * switched beside it. */
static void status_passing(const struct options *o, const struct engine *e,
			   struct status *s)
{
	__u64 until, now = time(NULL);

	if (owed_is(&e->pins, OWED_MODE) == 1)
		s->differs = cmd_mode_differs(o, s->settings.mode);
	if (owed_confirm_is(&e->pins, &until) == 1 && until > now)
		s->confirm = until - now;
}

static int status_read(const struct engine *e, struct status *s)
{
	int err = table_settings(e, &s->settings);

	if (!err)
		err = table_lists(e, s->lists);
	if (!err)
		err = hook_kind(&e->pins, &s->hook);
	s->now = clock_now();
	if (!err)
		err = table_answering(e, s->now, &s->answering, &s->answered);
	if (!err)
		err = table_counters(e, &s->counters);
	if (err)
		return err;
	occupancy_read(e, &s->settings, s->now, s->occupancy);
	return health_read(e, &s->settings, s->occupancy, &s->health);
}

static const char *link_mode(const struct link *l)
{
	if (l->place != LINK_HERE)
		return "gone";
	return l->native ? "native" : "generic";
}

static void text_links(const struct engine *e, const struct status *s)
{
	for (size_t i = 0; i < e->links.n; i++)
		printf("%-12s %s, mode %s, generation %u\n",
		       e->links.v[i].current, link_mode(&e->links.v[i]),
		       name_mode(s->settings.mode), e->generation);
}

static void text_limit(const char *name, const char *words)
{
	printf("%-12s %s\n", name, words);
}

static void text_limits(const struct status *s)
{
	const struct mw_settings *c = &s->settings;

	printf("ports       ");
	for (int i = 0; i < MW_PORTS && c->ports[i]; i++)
		printf(" %u", c->ports[i]);
	if (c->charge == MW_CHARGE_SYN)
		puts(", charged at the SYN");
	else
		printf(", charged when a handshake completes (%s)\n",
		       hook_name(s->hook));
	settings_limits(c, text_limit);
}

/* The program may have answered since the clock was read. */
static __u64 age_of(const struct status *s, __u64 then)
{
	return s->now > then ? s->now - then : 0;
}

static void text_answers(const struct status *s)
{
	__u64 interval = s->settings.answer_above;
	char above[UNITS_TEXT], when[UNITS_TEXT];

	if (s->settings.answer != MW_ANSWER_AUTO) {
		puts("answers      no");
		return;
	}
	settings_rate(interval, above);
	if (!(UNITS_SECOND % interval))
		snprintf(above, sizeof(above), "%llu/1s",
			 UNITS_SECOND / interval);
	printf("answers      SYNs above %s of a CPU", above);
	units_duration(age_of(s, s->answering ?: s->answered), when);
	if (s->answering)
		printf(", since %s", when);
	else if (s->answered)
		printf(", last %s ago", when);
	printf(": %llu answered\n", s->counters.answered);
}

/* Shows the tables that are used, and those of buckets and blocks in any
 * case. */
static void text_tables(const struct status *s)
{
	for (int i = 0; i < OCCUPANCY_TABLES; i++) {
		const struct occupancy *f = &s->occupancy[i];

		if (!f->used && i >= OCCUPANCY_BUCKETS + MW_LIST &&
		    i != OCCUPANCY_BLOCKS)
			continue;
		printf("table        %llu of %llu %s", f->used, f->room,
		       occupancy_words(i));
		if (i >= OCCUPANCY_OPEN && i <= OCCUPANCY_OPEN_LAST)
			printf(", %llu in all", f->sum);
		if (i == OCCUPANCY_HISTORY)
			printf(", %llu regular", f->sum);
		putchar('\n');
	}
}

static void text_lists(const struct engine *e, const struct status *s)
{
	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		const struct mw_list_info *l = &s->lists[i];
		char age[UNITS_TEXT];

		if (!l->name[0])
			continue;
		units_ago(l->loaded, time(NULL), age);
		printf("list %-12s %s, %s, %u prefixes, loaded %s, %s\n",
		       l->name, l->action, l->mode, l->entries4 + l->entries6,
		       age, health_list_state(e, l));
	}
}

static void status_text(const struct options *o, const struct engine *e,
			const struct status *s)
{
	text_links(e, s);
	if (s->differs)
		printf("mode         %s by 'mailweir %s'; %s %s, and the next "
		       "reload does as it says\n",
		       name_mode(s->settings.mode), name_mode(s->settings.mode),
		       o->config, s->differs);
	if (s->confirm)
		printf("confirm      the last change is undone in %llu s, "
		       "unless 'mailweir confirm' comes before\n",
		       s->confirm);
	text_limits(s);
	text_answers(s);
	text_tables(s);
	text_lists(e, s);
	for (size_t i = 0; i < s->health.n; i++)
		printf("RED: %s\n", s->health.problem[i]);
	if (!s->health.n)
		puts("all is well");
}

static struct json_object *json_links(const struct engine *e)
{
	struct json_object *links = json_object_new_array();

	for (size_t i = 0; i < e->links.n; i++) {
		struct json_object *l = json_object_new_object();

		json_add_text(l, "name", e->links.v[i].current);
		json_add_text(l, "xdp", link_mode(&e->links.v[i]));
		json_object_array_add(links, l);
	}
	return links;
}

static struct json_object *json_lists(const struct engine *e,
				      const struct status *s)
{
	struct json_object *lists = json_object_new_object();

	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		const struct mw_list_info *info = &s->lists[i];
		struct json_object *l;

		if (!info->name[0])
			continue;
		l = json_object_new_object();
		json_add_text(l, "state", health_list_state(e, info));
		json_add_u64(l, "loaded", info->loaded);
		json_add_u64(l, "prefixes", info->entries4 + info->entries6);
		json_object_object_add(lists, info->name, l);
	}
	return lists;
}

static struct json_object *json_tables(const struct status *s)
{
	struct json_object *tables = json_object_new_object();

	for (int i = 0; i < OCCUPANCY_TABLES; i++) {
		struct json_object *t = json_object_new_object();

		json_add_u64(t, "used", s->occupancy[i].used);
		json_add_u64(t, "room", s->occupancy[i].room);
		json_object_object_add(tables, occupancy_key(i), t);
	}
	json_add_u64(json_object_object_get(tables,
					    occupancy_key(OCCUPANCY_HISTORY)),
		     "regular", s->occupancy[OCCUPANCY_HISTORY].sum);
	for (int i = OCCUPANCY_OPEN; i <= OCCUPANCY_OPEN_LAST; i++)
		json_add_u64(json_object_object_get(tables, occupancy_key(i)),
			     "connections", s->occupancy[i].sum);
	return tables;
}

static void json_add_age(struct json_object *o, const char *key,
			 const struct status *s, __u64 then)
{
	if (then)
		json_add_u64(o, key, age_of(s, then) / UNITS_SECOND);
	else
		json_object_object_add(o, key, NULL);
}

/* The ages are null where it does not answer now, or never did. */
static struct json_object *json_answers(const struct status *s)
{
	struct json_object *answers = json_object_new_object();

	json_add_text(answers, "answer",
		      s->settings.answer == MW_ANSWER_AUTO ? "auto" : "no");
	json_add_u64(answers, "above_ns", s->settings.answer_above);
	json_add_u64(answers, "answered", s->counters.answered);
	json_add_age(answers, "since_s", s, s->answering);
	json_add_age(answers, "last_s", s, s->answered);
	return answers;
}

static void status_json(struct json_object *doc, const struct engine *e,
			const struct status *s)
{
	struct json_object *red = json_object_new_array();

	json_add_u64(doc, "generation", e->generation);
	json_add_text(doc, "mode", name_mode(s->settings.mode));
	if (s->differs)
		json_add_text(doc, "configuration", s->differs);
	if (s->confirm)
		json_add_u64(doc, "undone_in_s", s->confirm);
	json_add_text(
		doc, "charge",
		s->settings.charge == MW_CHARGE_SYN ? "syn" : "handshake");
	json_add_text(doc, "hook", hook_name(s->hook));
	json_object_object_add(doc, "interfaces", json_links(e));
	json_object_object_add(doc, "answers", json_answers(s));
	json_object_object_add(doc, "tables", json_tables(s));
	json_add_u64(doc, "blocks", s->occupancy[OCCUPANCY_BLOCKS].sum);
	json_object_object_add(doc, "lists", json_lists(e, s));
	for (size_t i = 0; i < s->health.n; i++)
		json_object_array_add(red, json_utf8(s->health.problem[i]));
	json_object_object_add(doc, "red", red);
}

static int show(const struct options *o, struct engine *e, struct status *s)
{
	int code = cmd_failed(status_read(e, s));

	if (!code) {
		status_passing(o, e, s);
		o->json ? status_json(o->document, e, s) : status_text(o, e, s);
		code = s->health.n ? EXIT_DEGRADED : EXIT_DONE;
	}
	health_free(&s->health);
	return code;
}

static int show_status(const struct options *o, struct engine *e)
{
	struct status *s = cmd_room(sizeof(*s));
	int code = s ? show(o, e, s) : EXIT_NO;

	free(s);
	return code;
}

int cmd_status(const struct options *o)
{
	return cmd_with(o, ENGINE_READ, show_status);
}
