// SPDX-License-Identifier: GPL-2.0
/* mailweir lists, lists load NAME [FILE|-], lists export NAME */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "gate/health.h"
#include "gate/read_list.h"
#include "kernel/table.h"
#include "lists/export.h"
#include "out/json.h"
#include "out/log.h"
#include "out/units.h"

static void lists_text(const struct engine *e, const struct mw_list_info *info,
		       const struct mw_list_counters *c)
{
	int n = 0;

	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		const struct mw_list_info *l = &info[i];
		char when[UNITS_TEXT];

		if (!l->name[0])
			continue;
		n++;
		units_time(l->loaded, when);
		printf("%s: %s, %s, %u IPv4 and %u IPv6 prefixes, %s\n"
		       "\tfrom %s, loaded %s\n"
		       "\tattempts %llu, dropped %llu, would_drop %llu\n",
		       l->name, l->action, l->mode, l->entries4, l->entries6,
		       health_list_state(e, l), l->file, when, c[i].attempts,
		       c[i].dropped, c[i].would_drop);
	}
	if (!n)
		puts("no lists; [list NAME] in the configuration makes one");
}

static void lists_json(const struct engine *e, struct json_object *doc,
		       const struct mw_list_info *info,
		       const struct mw_list_counters *c)
{
	struct json_object *lists = json_object_new_object();

	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		struct json_object *l;

		if (!info[i].name[0])
			continue;
		l = json_object_new_object();
		json_add_text(l, "action", info[i].action);
		json_add_text(l, "mode", info[i].mode);
		json_add_text(l, "state", health_list_state(e, &info[i]));
		json_add_text(l, "file", info[i].file);
		json_add_u64(l, "loaded", info[i].loaded);
		json_add_u64(l, "ipv4", info[i].entries4);
		json_add_u64(l, "ipv6", info[i].entries6);
		json_add_u64(l, "attempts", c[i].attempts);
		json_add_u64(l, "dropped", c[i].dropped);
		json_add_u64(l, "would_drop", c[i].would_drop);
		json_object_object_add(lists, info[i].name, l);
	}
	json_object_object_add(doc, "lists", lists);
}

struct shown {
	struct mw_list_info info[MW_LIST_SLOTS];
	struct mw_list_counters counters[MW_LIST_SLOTS];
};

static int show(const struct options *o, const struct engine *e,
		struct shown *s)
{
	if (table_lists(e, s->info) || table_list_counters(e, s->counters))
		return EXIT_NO;
	o->json ? lists_json(e, o->document, s->info, s->counters)
		: lists_text(e, s->info, s->counters);
	return EXIT_DONE;
}

static int lists_show(const struct options *o, struct engine *e)
{
	struct shown *s = cmd_room(sizeof(*s));
	int code = s ? show(o, e, s) : EXIT_NO;

	free(s);
	return code;
}

static int load_one(const struct config *cfg, const struct config_list *list,
		    const char *file, bool force)
{
	struct gate_swap swap;
	struct engine e;
	int code = cmd_attached(), err;

	if (code)
		return code;
	err = gate_swap_list(&e, cfg, list, file, force, &swap);
	code = cmd_swapped(&e, err, &swap);
	if (!err)
		engine_close(&e);
	return code;
}

static int load(const struct options *o, const struct config *cfg, void *arg)
{
	const struct config_list *list = config_find_list(cfg, o->args[1]);

	(void)arg;
	if (list)
		return load_one(cfg, list,
				o->nargs == 3 ? o->args[2] : list->file,
				o->force);
	log_error("list %s: not in %s", o->args[1], o->config);
	return EXIT_CONFIG;
}

static int lists_load(const struct options *o)
{
	if (o->nargs < 2)
		return cmd_usage("say 'mailweir lists load NAME [FILE|-]'",
				 NULL);
	return cmd_with_config(o, load, NULL);
}

static const struct mw_list_info *find_info(const struct mw_list_info *info,
					    const char *name)
{
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!strcmp(info[i].name, name))
			return &info[i];
	return NULL;
}

/* Is the copy of the list what is in force of it? info has room for all. */
static int check_copy(const char *name, struct engine *e,
		      struct mw_list_info *info)
{
	const struct mw_list_info *l;
	const char *why;

	if (table_lists(e, info))
		return EXIT_NO;
	l = find_info(info, name);
	if (!l) {
		log_error("list %s: not in force; 'mailweir lists' names those "
			  "that are",
			  name);
		return EXIT_NO;
	}
	why = health_copy_wrong(l);
	if (why)
		log_error("list %s: its copy %s, so that what is in force "
			  "cannot be printed; 'mailweir reload' writes it",
			  name, why);
	return why ? EXIT_NO : EXIT_DONE;
}

/* The last accepted copy is what is in force, where anything is. */
static int check_in_force(const char *name)
{
	struct mw_list_info *info;
	struct engine e;
	int err = engine_open(&e, ENGINE_READ), code;

	if (err)
		return err == -ENOENT ? EXIT_DONE : EXIT_NO;
	info = cmd_room(MW_LIST_SLOTS * sizeof(*info));
	code = info ? check_copy(name, &e, info) : EXIT_NO;
	free(info);
	engine_close(&e);
	return code;
}

static int lists_export(const struct options *o)
{
	const char *format = o->format ? o->format : "plain";
	struct prefix_set set;
	int err, code;

	if (o->nargs != 2 || o->json)
		return cmd_usage("say 'mailweir lists export NAME [--format "
				 "plain|ipset|nft]', without --json",
				 NULL);
	if (!config_is_list_name(o->args[1]))
		return cmd_usage("not a list's name", o->args[1]);
	code = check_in_force(o->args[1]);
	if (code)
		return code;
	err = read_list_copy(o->args[1], ANY_ACTION, &set);
	if (err) {
		log_error("list %s: never loaded here; 'mailweir lists' names "
			  "those that are",
			  o->args[1]);
		return EXIT_NO;
	}
	err = export_list(stdout, o->args[1], &set, format);
	prefix_free(&set);
	if (err)
		return cmd_usage("--format is plain, ipset or nft, not",
				 format);
	return EXIT_DONE;
}

int cmd_lists(const struct options *o)
{
	if (!o->nargs)
		return cmd_with(o, ENGINE_READ, lists_show);
	if (!strcmp(o->args[0], "export"))
		return lists_export(o);
	if (!strcmp(o->args[0], "load"))
		return lists_load(o);
	return cmd_usage("lists takes load or export, not", o->args[0]);
}
