// SPDX-License-Identifier: GPL-2.0
/* mailweir known: who has a history; import it, save it */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/history.h"
#include "../bpf/source.h"
#include "clock.h"
#include "cmd.h"
#include "generation.h"
#include "history_table.h"
#include "child.h"
#include "json.h"
#include "log.h"
#include "table.h"
#include "units.h"

static bool is_regular(const struct history_entry *entry)
{
	const struct mw_history h = {.since = entry->since,
				     .last = entry->last};

	return history_regular(&h, clock_hour());
}

/* --- saving ---------------------------------------------------------------- */

/* The histories in force to their file. */
static int save(const struct engine *e)
{
	struct mw_settings s;
	struct histories all = {};
	int err = table_settings(e, &s);

	if (!err)
		err = history_table_read(e, &s, clock_hour(), &all);
	if (err)
		log_error("the histories cannot be read: %s", strerror(-err));
	else
		err = histories_write(&all);
	histories_free(&all);
	return err;
}

int cmd_known_save(const struct engine *e)
{
	return save(e) ? EXIT_DEGRADED : EXIT_DONE;
}

/* A file that is refused is told, and no reason not to guard the gate: who is
 * in it must become known anew. */
int cmd_known_restore(const struct engine *e, const struct mw_settings *s)
{
	struct histories all = {};
	size_t left_out;
	int err = histories_read(&all);

	if (err) {
		histories_put_aside("refused");
		return 0;
	}
	err = history_table_add(e, s, clock_hour(), &all, &left_out);
	if (err)
		log_error("the histories cannot be restored: %s",
			  strerror(-err));
	else if (left_out)
		log_warning("%zu of %zu histories were left out: of another "
			    "prefix length, or no room",
			    left_out, all.n);
	histories_free(&all);
	return err;
}

/* --- import ---------------------------------------------------------------- */

static void say_errors(const struct feed_report *r, const char *name)
{
	char text[FEED_ERROR + 4096];

	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++) {
		report_text(r, i, name, text, sizeof(text));
		log_error("%s", text);
	}
}

/* file NULL or "-": standard input. */
static int read_clients(const struct options *o, const char *file,
			struct feed *feed)
{
	const struct feed_guard guard = {.kind = FEED_CLIENTS,
					 .format = o->format};
	bool input = !file || !strcmp(file, "-");
	int err = input ? feed_child_input(&guard, feed)
			: feed_child_read(file, &guard, feed);

	if (!err)
		err = feed_finish(feed, &guard, NULL);
	say_errors(&feed->report, input ? "standard input" : file);
	if (err && err != -EINVAL)
		log_error("%s: %s", input ? "standard input" : file,
			  strerror(-err));
	return err;
}

/* Histories as if the clients had connected a day ago and now: they are
 * regular. */
static int histories_of(const struct prefix_set *clients,
			const struct mw_settings *s, struct histories *all)
{
	__u32 hour = clock_hour();

	all->v = calloc(clients->n + 1, sizeof(*all->v));
	if (!all->v)
		return -ENOMEM;
	for (size_t i = 0; i < clients->n; i++) {
		struct history_entry *to = &all->v[all->n++];
		const struct mw_prefix *from = &clients->v[i];

		prefix_of_key(s, MW_SOURCE,
			      source_level_key(s, MW_SOURCE, from->family,
					       from->addr),
			      &to->source);
		to->since = hour - 24;
		to->last = hour;
	}
	return 0;
}

/* all gets what more has, too. */
static int histories_append(struct histories *all, const struct histories *more)
{
	struct history_entry *v =
		reallocarray(all->v, all->n + more->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	memcpy(v + all->n, more->v, more->n * sizeof(*v));
	all->v = v;
	all->n += more->n;
	return 0;
}

static int import_into(struct engine *e, const struct prefix_set *clients)
{
	struct mw_settings s;
	struct histories all = {};
	size_t left_out = 0;
	int err = table_settings(e, &s);

	if (!err)
		err = histories_of(clients, &s, &all);
	if (!err)
		err = history_table_add(e, &s, clock_hour(), &all, &left_out);
	if (err)
		log_error("the histories cannot be written: %s",
			  strerror(-err));
	else
		log_info("%zu addresses are regular from now on%s",
			 clients->n - left_out,
			 left_out ? "; for the others there was no room" : "");
	histories_free(&all);
	return err;
}

/* To the file, for the next attach; the lengths are the configuration's. */
static int import_file(const struct options *o,
		       const struct prefix_set *clients)
{
	struct histories kept = {}, more = {};
	struct config cfg;
	int code = cmd_config(o, &cfg), err;

	if (code)
		return code;
	err = histories_read(&kept);
	if (err == -EINVAL)
		log_error("put a good copy in its place, or remove it and "
			  "import again");
	if (!err)
		err = histories_of(clients, &cfg.settings, &more);
	if (!err)
		err = histories_append(&kept, &more);
	if (!err)
		err = histories_write(&kept);
	if (!err)
		log_info(
			"%zu addresses will be regular from the next attach on",
			clients->n);
	histories_free(&kept);
	histories_free(&more);
	config_free(&cfg);
	return cmd_failed(err);
}

static int import_now(const struct prefix_set *clients)
{
	struct engine e;
	int code = cmd_open(&e, true);

	if (code)
		return code;
	code = cmd_failed(import_into(&e, clients));
	if (!code)
		code = cmd_known_save(&e);
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

static int import(const struct options *o)
{
	struct feed feed = {};
	int code;

	if (o->format && !feed_format_named(FEED_CLIENTS, o->format))
		return unknown_format(o->format);
	if (read_clients(o, o->nargs == 2 ? o->args[1] : NULL, &feed)) {
		feed_free(&feed);
		return EXIT_NO;
	}
	if (!feed.set.n)
		log_warning("no client whose mail was accepted was found");
	code = cmd_attached() ? import_now(&feed.set)
			      : import_file(o, &feed.set);
	feed_free(&feed);
	return code;
}

static int save_now(const struct options *o)
{
	struct engine e;
	int code;

	if (o->nargs > 1)
		return cmd_usage("known save: unexpected argument", o->args[1]);
	code = cmd_open(&e, true);
	if (code)
		return code;
	code = cmd_failed(save(&e));
	/* The timer's chance for those that have ended. */
	table_block_purge(&e, clock_now());
	engine_close(&e);
	return code;
}

/* --- the list -------------------------------------------------------------- */

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

static int list(const struct options *o)
{
	struct mw_settings s;
	struct histories all = {};
	struct engine e;
	int code = cmd_open(&e, false), err;

	if (code)
		return code;
	err = table_settings(&e, &s);
	if (!err)
		err = history_table_read(&e, &s, clock_hour(), &all);
	if (err) {
		log_error("the histories cannot be read: %s", strerror(-err));
		return EXIT_NO;
	}
	qsort(all.v, all.n, sizeof(*all.v), by_prefix);
	o->json ? list_json(o->document, &all) : list_text(&all);
	histories_free(&all);
	return EXIT_DONE;
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
	return list(o);
}
