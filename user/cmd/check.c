// SPDX-License-Identifier: GPL-2.0
/* mailweir check: reads the configuration and every list; no kernel, no root */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "gate/generation.h"
#include "kernel/sizes.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"
#include "out/settings_text.h"

static void say_limit(const char *name, const char *words)
{
	log_info("%s: %s", name, words);
}

static void say_settings(const struct mw_settings *s)
{
	char ports[128] = "";
	size_t n = 0;

	for (int i = 0; i < MW_PORTS && s->ports[i]; i++)
		n += snprintf(ports + n, sizeof(ports) - n, "%s%u",
			      i ? ", " : "", s->ports[i]);
	log_info("gate: ports %s, %s, charged %s", ports, name_mode(s->mode),
		 s->charge == MW_CHARGE_SYN ? "at the SYN"
					    : "when a handshake completes");
	settings_limits(s, say_limit);
}

static void check_json(const struct options *o, const struct generation *g)
{
	struct json_object *doc = o->document;
	struct json_object *lists = json_object_new_object();

	json_add_text(doc, "config", o->config);
	json_add_bool(doc, "ok", !g->refused);
	for (int i = 0; i < g->lists; i++) {
		struct json_object *list = json_object_new_object();

		json_add_text(list, "file", g->list[i].file);
		json_add_bool(list, "ok", g->list[i].from == LIST_FROM_FILE);
		json_add_u64(list, "prefixes", g->list[i].set.n);
		json_object_object_add(lists, g->list[i].name, list);
	}
	json_object_object_add(doc, "lists", lists);
	json_add_u64(doc, "flattened", g->flattened);
	json_add_u64(doc, "table_bytes", sizes_bytes(&g->in.settings, NULL));
	json_add_u64(doc, "bytes", pack_bytes(&g->in.pack));
}

static int check(const struct options *o, struct generation *g)
{
	static const struct in_force nothing;
	int err;

	generation_read(g);
	err = generation_compile(g, &g->cfg->settings, &nothing);
	if (err)
		return err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	if (o->json)
		check_json(o, g);
	if (g->refused) {
		if (!o->json)
			log_error("%d of %d lists refused", g->refused,
				  g->lists);
		return EXIT_CONFIG;
	}
	log_info("tables: %.1f MiB",
		 sizes_bytes(&g->in.settings, NULL) / 1048576.0);
	log_info("%d lists, flattened to %zu prefixes in %.1f MiB", g->lists,
		 g->flattened, pack_bytes(&g->in.pack) / 1048576.0);
	log_info("%s: good", o->config);
	return EXIT_DONE;
}

static int check_all(const struct options *o, const struct config *cfg,
		     void *arg)
{
	struct generation *g;
	int code = EXIT_NO;

	(void)arg;
	say_settings(&cfg->settings);
	g = generation_new(cfg, false);
	if (g)
		code = check(o, g);
	generation_free(g);
	return code;
}

int cmd_check(const struct options *o)
{
	return cmd_with_config(o, check_all, NULL);
}
