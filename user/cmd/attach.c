// SPDX-License-Identifier: GPL-2.0
/* mailweir attach and reload: a new generation from the configuration */
#include "cmd/cmd.h"
#include "gate/histories.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"

static void say_links(const struct engine *e, const struct mw_settings *s)
{
	for (size_t i = 0; i < e->links.n; i++) {
		const struct link *l = &e->links.v[i];

		if (l->place == LINK_HERE)
			log_info("%s: attached, %s, generation %u, mode %s",
				 l->current, l->native ? "native" : "generic",
				 e->generation, name_mode(s->mode));
	}
}

/* save: there was a gate before, so its histories are saved. */
static int put_in_force(const struct options *o, const struct config *cfg,
			bool save)
{
	struct gate_swap swap;
	struct engine e;
	int err = gate_swap_config(&e, cfg, o->force, o->args, o->nargs, &swap);
	int code = cmd_swapped(&e, err, &swap);

	if (err)
		return code;
	say_links(&e, &cfg->settings);
	if (save && gate_histories_save(&e))
		code = EXIT_DEGRADED;
	if (o->json) {
		json_add_u64(o->document, "generation", e.generation);
		json_add_bool(o->document, "degraded", code == EXIT_DEGRADED);
	}
	engine_close(&e);
	return code;
}

static int attach(const struct options *o, const struct config *cfg, void *arg)
{
	(void)arg;
	return put_in_force(o, cfg, false);
}

int cmd_attach(const struct options *o)
{
	return cmd_with_config(o, attach, NULL);
}

static int reload(const struct options *o, const struct config *cfg, void *arg)
{
	int code = cmd_attached();

	(void)arg;
	return code ? code : put_in_force(o, cfg, true);
}

int cmd_reload(const struct options *o)
{
	return cmd_with_config(o, reload, NULL);
}
