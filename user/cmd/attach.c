// SPDX-License-Identifier: GPL-2.0
/* mailweir attach and reload: a new generation from the configuration */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "gate/histories.h"
#include "gate/undo.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"

enum { CONFIRM_MOST = 86400 };

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

/* What is in force is *e, which is closed. */
static int say_done(const struct options *o, const struct config *cfg,
		    struct engine *e, int code)
{
	say_links(e, &cfg->settings);
	if (o->json) {
		json_add_u64(o->document, "generation", e->generation);
		json_add_bool(o->document, "degraded", code == EXIT_DEGRADED);
	}
	engine_close(e);
	return code;
}

/* save: there was a gate before, so its histories are saved. u NULL: without
 * confirmation. */
static int put_in_force(const struct options *o, const struct config *cfg,
			bool save, struct undo *u)
{
	struct gate_swap swap;
	struct engine e;
	int err = gate_swap_config(&e, cfg, o->force, o->args, o->nargs, &swap);
	int code = cmd_swapped(&e, err, &swap);

	if (u && err)
		undo_cancel(u);
	if (err)
		return code;
	if (u && undo_arm(u, &e))
		code = EXIT_DEGRADED;
	else if (u)
		log_info("'mailweir confirm' within %u s keeps this; else it "
			 "is undone",
			 u->seconds);
	if (save && gate_histories_save(&e))
		code = EXIT_DEGRADED;
	return say_done(o, cfg, &e, code);
}

/* The same, with --confirm or without. */
static int put(const struct options *o, const struct config *cfg, bool save)
{
	struct undo u;
	char *end;
	long seconds;

	if (!o->confirm)
		return put_in_force(o, cfg, save, NULL);
	seconds = strtol(o->confirm, &end, 10);
	if (*end || seconds < 1 || seconds > CONFIRM_MOST)
		return cmd_usage("--confirm takes seconds, 1 to 86400, not",
				 o->confirm);
	if (undo_begin(&u, seconds, o->args, o->nargs))
		return EXIT_NO;
	return put_in_force(o, cfg, save, &u);
}

static int attach(const struct options *o, const struct config *cfg, void *arg)
{
	(void)arg;
	return put(o, cfg, false);
}

int cmd_attach(const struct options *o)
{
	return cmd_with_config(o, attach, NULL);
}

static int reload(const struct options *o, const struct config *cfg, void *arg)
{
	int code = cmd_attached();

	(void)arg;
	return code ? code : put(o, cfg, true);
}

int cmd_reload(const struct options *o)
{
	return cmd_with_config(o, reload, NULL);
}
