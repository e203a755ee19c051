// SPDX-License-Identifier: GPL-2.0
/* mailweir attach and reload: a new generation from the configuration */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "generation.h"
#include "json.h"
#include "list_copies.h"
#include "log.h"
#include "names.h"
#include "store.h"
#include "table.h"

static void say_links(const struct engine *e, const struct mw_settings *s)
{
	struct engine_link links[ENGINE_DEVS];
	int n = engine_links(e, links);

	for (int i = 0; i < n; i++)
		if (links[i].ifindex)
			log_info("%s: attached, %s, generation %u, mode %s",
				 links[i].current,
				 links[i].native ? "native" : "generic",
				 e->generation, name_mode(s->mode));
	engine_links_close(links, n > 0 ? n : 0);
}

static void result_json(struct json_object *doc, const struct engine *e,
			int code)
{
	json_add_u64(doc, "generation", e->generation);
	json_add_bool(doc, "degraded", code == EXIT_DEGRADED);
}

/* With a generation in force a refused list refuses the whole; at boot the
 * last good copies serve. */
static int load(const struct options *o, struct engine *e,
		const struct config *cfg, char *const *devs, int ndevs)
{
	static struct generation g;
	struct mw_list_info running[MW_LIST_SLOTS];
	const struct generation_past past = {running, o->force};
	int code, err = table_lists(e, running);

	if (err) {
		log_error("the lists in force cannot be read: %s",
			  strerror(-err));
		return EXIT_NO;
	}
	generation_read(&g, cfg, !e->generation, &past);
	if (g.refused && e->generation) {
		log_error("nothing was changed: %d of %d lists refused",
			  g.refused, g.lists);
		code = EXIT_CONFIG;
	} else {
		code = cmd_swap(e, &g, &cfg->settings, devs, ndevs);
	}
	if (code == EXIT_DONE || code == EXIT_DEGRADED) {
		say_links(e, &cfg->settings);
		if (o->json)
			result_json(o->document, e, code);
	}
	generation_free(&g);
	return code;
}

int cmd_attach(const struct options *o)
{
	struct engine e;
	struct config cfg;
	int code;

	if (o->nargs > ENGINE_DEVS)
		return cmd_usage("too many interfaces", NULL);
	code = cmd_config(o, &cfg);
	if (code)
		return code;
	if (engine_open(&e, true)) {
		config_free(&cfg);
		return EXIT_NO;
	}
	store_sweep();
	list_copies_settle(e.generation);
	code = load(o, &e, &cfg, o->args, o->nargs);
	engine_close(&e);
	config_free(&cfg);
	return code;
}

int cmd_reload(const struct options *o)
{
	struct engine e;
	struct config cfg;
	int code;

	code = cmd_config(o, &cfg);
	if (code)
		return code;
	code = cmd_open(&e, true);
	if (!code) {
		code = load(o, &e, &cfg, NULL, 0);
		if (code == EXIT_DONE || code == EXIT_DEGRADED)
			code = cmd_known_save(&e) ? EXIT_DEGRADED : code;
		engine_close(&e);
	}
	config_free(&cfg);
	return code;
}
