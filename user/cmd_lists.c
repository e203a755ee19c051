// SPDX-License-Identifier: GPL-2.0
/* mailweir lists, lists load NAME [FILE], lists export NAME */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "export.h"
#include "generation.h"
#include "json.h"
#include "log.h"
#include "table.h"
#include "units.h"

static void lists_text(const struct mw_list_info *info,
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
		       cmd_list_state(l), l->file, when, c[i].attempts,
		       c[i].dropped, c[i].would_drop);
	}
	if (!n)
		puts("no lists; [list NAME] in the configuration makes one");
}

static void lists_json(struct json_object *doc, const struct mw_list_info *info,
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
		json_add_text(l, "state", cmd_list_state(&info[i]));
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

static int lists_show(const struct options *o)
{
	static struct mw_list_info info[MW_LIST_SLOTS];
	static struct mw_list_counters counters[MW_LIST_SLOTS];
	struct engine e;
	int code = cmd_open(&e, false), err;

	if (code)
		return code;
	err = table_lists(&e, info);
	if (!err)
		err = table_list_counters(&e, counters);
	if (err) {
		log_error("the lists cannot be read: %s", strerror(-err));
		return EXIT_NO;
	}
	o->json ? lists_json(o->document, info, counters)
		: lists_text(info, counters);
	return EXIT_DONE;
}

static const struct config_list *find_list(const struct config *cfg,
					   const char *name)
{
	for (int i = 0; i < cfg->lists; i++)
		if (!strcmp(cfg->list[i].name, name))
			return &cfg->list[i];
	return NULL;
}

static int load_one(struct engine *e, const struct config *cfg,
		    const struct config_list *list, const char *file,
		    bool force)
{
	static struct generation g;
	static struct mw_list_info info[MW_LIST_SLOTS];
	struct mw_settings settings;
	int err = table_settings(e, &settings), code;

	if (!err)
		err = table_lists(e, info);
	if (!err)
		err = generation_reread(&g, &settings, info, cfg, list, file,
					force);
	if (err == -ENOENT)
		log_error("list %s: configured but not in force; 'mailweir "
			  "reload' loads it",
			  list->name);
	else if (err == -EINVAL)
		log_error("list %s: refused, nothing was changed", list->name);
	code = err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	if (!err)
		code = cmd_swap(e, &g, &settings, NULL, 0);
	generation_free(&g);
	return code;
}

static int lists_load(const struct options *o)
{
	const struct config_list *list;
	struct config cfg;
	struct engine e;
	int code;

	if (o->nargs < 2)
		return cmd_usage("say 'mailweir lists load NAME [FILE]'", NULL);
	code = cmd_config(o, &cfg);
	if (code)
		return code;
	list = find_list(&cfg, o->args[1]);
	if (!list) {
		log_error("list %s: not in %s", o->args[1], o->config);
		code = EXIT_CONFIG;
	} else {
		code = cmd_open(&e, true);
		if (!code) {
			code = load_one(&e, &cfg, list,
					o->nargs == 3 ? o->args[2] : list->file,
					o->force);
			engine_close(&e);
		}
	}
	config_free(&cfg);
	return code;
}

/* The last accepted copy is what is in force, where anything is. */
static int lists_export(const struct options *o)
{
	const char *format = o->format ? o->format : "plain";
	struct prefix_set set;
	int err;

	if (o->nargs != 2 || o->json)
		return cmd_usage("say 'mailweir lists export NAME [--format "
				 "plain|ipset|nft]', without --json",
				 NULL);
	if (!config_is_list_name(o->args[1]))
		return cmd_usage("not a list's name", o->args[1]);
	err = generation_kept(o->args[1], &set);
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
	return fflush(stdout) || ferror(stdout) ? EXIT_NO : EXIT_DONE;
}

int cmd_lists(const struct options *o)
{
	if (!o->nargs)
		return lists_show(o);
	if (!strcmp(o->args[0], "export"))
		return lists_export(o);
	if (!strcmp(o->args[0], "load"))
		return lists_load(o);
	return cmd_usage("lists takes load or export, not", o->args[0]);
}
