// SPDX-License-Identifier: GPL-2.0
/* mailweir known: who has a history; import it, save it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/history.h"
#include "cmd/cmd.h"
#include "feed/child.h"
#include "gate/blocks.h"
#include "gate/clock.h"
#include "gate/feed_errors.h"
#include "gate/histories.h"
#include "kernel/table.h"
#include "out/json.h"
#include "out/log.h"
#include "out/units.h"

/* --- import -------------------------------------------------------------- */

/* Reads a log or addresses; file NULL or "-" is standard input. */
static int read_clients(const struct options *o, const char *file,
			struct feed *feed)
{
	const struct feed_guard guard = {.kind = FEED_CLIENTS,
					 .format = o->format};
	bool input = !file || !strcmp(file, "-");
	int err = input ? feed_child_input(&guard, feed)
			: feed_child_read(file, &guard, feed);

	if (!err)
		err = feed_child_finish(feed, &guard, NULL);
	feed_errors_tell(input ? "standard input" : file, &feed->report, err);
	return err;
}

/* Imports into the table, and writes the table to the file. */
static int import_now(const struct engine *e, const struct prefix_set *clients)
{
	size_t left_out;
	int err = gate_histories_import(e, clients, &left_out);

	if (err)
		return EXIT_NO;
	log_info("%zu addresses are regular from now on%s",
		 clients->n - left_out,
		 left_out ? "; for the others there was no room" : "");
	return gate_histories_save(e) ? EXIT_DEGRADED : EXIT_DONE;
}

/* Imports into the file, for the next attach. The configuration has the prefix
 * lengths of sources. */
static int import_file(const struct options *o, const struct config *cfg,
		       void *set)
{
	const struct prefix_set *clients = set;
	int code =
		cmd_failed(gate_histories_import_file(&cfg->settings, clients));

	(void)o;
	if (!code)
		log_info("%zu addresses will be regular from the next attach "
			 "on",
			 clients->n);
	return code;
}

/* The lock keeps others from writing the file, or attaching, meanwhile. */
static int import_locked(const struct options *o, struct prefix_set *clients)
{
	struct engine e;
	int code;

	if (gate_open(&e))
		return EXIT_NO;
	code = e.generation ? import_now(&e, clients)
			    : cmd_with_config(o, import_file, clients);
	engine_close(&e);
	return code;
}

static int unknown_format(const char *name)
{
	char names[FEED_FORMATS], words[FEED_FORMATS + 32];

	feed_formats(FEED_CLIENTS, names);
	snprintf(words, sizeof(words), "--format takes %s, not", names);
	return cmd_usage(words, name);
}

static int import_feed(const struct options *o, struct feed *feed)
{
	const char *file = o->nargs == 2 ? o->args[1] : NULL;
	int code = cmd_failed(read_clients(o, file, feed));

	if (!code)
		code = import_locked(o, &feed->set);
	feed_free(feed);
	return code;
}

static int import(const struct options *o)
{
	struct feed *feed;
	int code;

	if (o->format && !feed_format_named(FEED_CLIENTS, o->format))
		return unknown_format(o->format);
	feed = cmd_room(sizeof(*feed));
	code = feed ? import_feed(o, feed) : EXIT_NO;
	free(feed);
	return code;
}

static int save(const struct options *o, struct engine *e)
{
	int err = gate_histories_save(e), purged;

	(void)o;
	err = blocks_catch_up(e) ?: err;
	/* A timer runs this command: the blocks that have ended go with it. */
	purged = table_block_purge(e, clock_now());
	err = blocks_save(e) ?: err;
	return cmd_failed(err ? err : purged);
}

static int save_now(const struct options *o)
{
	if (o->nargs > 1)
		return cmd_usage("known save: unexpected argument", o->args[1]);
	return cmd_with(o, ENGINE_WRITE, save);
}

/* --- the list ------------------------------------------------------------ */

static bool is_regular(const struct history_entry *entry)
{
	const struct mw_history h = {.since = entry->since,
				     .last = entry->last};

	return history_regular(&h, clock_hour());
}

static int by_prefix(const void *a, const void *b)
{
	const struct history_entry *x = a, *y = b;

	return prefix_compare(&x->source, &y->source);
}

static void list_text(const struct histories *all)
{
	if (!all->n)
		puts("no source has a history yet");
	else
		printf("%-24s %-17s %s\n", "source", "first (UTC)", "last");
	for (size_t i = 0; i < all->n; i++) {
		char source[PREFIX_TEXT], since[UNITS_TEXT], last[UNITS_TEXT];

		prefix_text(&all->v[i].source, source);
		units_hour(all->v[i].since, since);
		units_hour(all->v[i].last, last);
		printf("%-24s %-17s %s%s\n", source, since, last,
		       is_regular(&all->v[i]) ? "  regular" : "");
	}
}

static void list_json(struct json_object *doc, const struct histories *all)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < all->n; i++) {
		struct json_object *o = json_object_new_object();

		json_add_prefix(o, "source", &all->v[i].source);
		json_add_u64(o, "first", all->v[i].since * 3600ULL);
		json_add_u64(o, "last", all->v[i].last * 3600ULL);
		json_add_bool(o, "regular", is_regular(&all->v[i]));
		json_object_array_add(array, o);
	}
	json_object_object_add(doc, "sources", array);
}

static int list(const struct options *o, struct engine *e)
{
	struct histories all;
	int code = cmd_failed(gate_histories_read(e, &all));

	if (!code) {
		if (all.n)
			qsort(all.v, all.n, sizeof(*all.v), by_prefix);
		o->json ? list_json(o->document, &all) : list_text(&all);
	}
	histories_free(&all);
	return code;
}

int cmd_known(const struct options *o)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *o);
	} verbs[] = {{"import", import}, {"save", save_now}};

	for (size_t i = 0; o->nargs && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(o->args[0], verbs[i].name))
			return verbs[i].run(o);
	if (o->nargs)
		return cmd_usage("known takes import or save, not", o->args[0]);
	return cmd_with(o, ENGINE_READ, list);
}
