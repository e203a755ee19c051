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

static int put_in_force(const struct options *o, struct engine *e,
			const struct config *cfg, char *const *devs, int ndevs)
{
	struct gate_swap swap;
	int err = gate_swap_config(e, cfg, o->force, devs, ndevs, &swap);
	int code = cmd_swapped(e, err, &swap);

	if (err)
		return code;
	say_links(e, &cfg->settings);
	if (o->json) {
		json_add_u64(o->document, "generation", e->generation);
		json_add_bool(o->document, "degraded", code == EXIT_DEGRADED);
	}
	return code;
}

int cmd_attach(const struct options *o)
{
	struct engine e;
	struct config cfg;
	int code = cmd_config(o, &cfg);

	if (code)
		return code;
	code = cmd_failed(gate_open(&e));
	if (!code) {
		code = put_in_force(o, &e, &cfg, o->args, o->nargs);
		engine_close(&e);
	}
	config_free(&cfg);
	return code;
}

int cmd_reload(const struct options *o)
{
	struct engine e;
	struct config cfg;
	int code = cmd_config(o, &cfg);

	if (code)
		return code;
	code = cmd_open(&e, ENGINE_WRITE);
	if (!code) {
		code = put_in_force(o, &e, &cfg, NULL, 0);
		if (code == EXIT_DONE || code == EXIT_DEGRADED)
			code = gate_histories_save(&e) ? EXIT_DEGRADED : code;
		engine_close(&e);
	}
	config_free(&cfg);
	return code;
}
