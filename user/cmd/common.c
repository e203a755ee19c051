// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "gate/clock.h"
#include "gate/health.h"
#include "kernel/table.h"
#include "out/log.h"

void *cmd_room(size_t size)
{
	void *room = calloc(1, size);

	if (!room)
		log_error("no memory");
	return room;
}

int cmd_usage(const char *what, const char *word)
{
	log_error("%s%s%s%s; see 'mailweir --help'", what, word ? " '" : "",
		  word ? word : "", word ? "'" : "");
	return EXIT_USAGE;
}

int cmd_failed(int err)
{
	return err ? EXIT_NO : EXIT_DONE;
}

static int read_config(const struct options *o, struct config *cfg)
{
	struct config_errors errors = {};
	int err = config_read_file(o->config, cfg, &errors);

	for (size_t i = 0; i < errors.errors && i < CONFIG_SHOWN; i++)
		log_error("%s", errors.error[i]);
	if (errors.errors > CONFIG_SHOWN)
		log_error("%s: %zu errors, the first %d shown", o->config,
			  errors.errors, CONFIG_SHOWN);
	if (err && !errors.errors)
		log_error("%s: %s", o->config, strerror(-err));
	config_errors_free(&errors);
	return err ? EXIT_CONFIG : EXIT_DONE;
}

int cmd_with_config(const struct options *o,
		    int (*run)(const struct options *o,
			       const struct config *cfg, void *arg),
		    void *arg)
{
	struct config *cfg = cmd_room(sizeof(*cfg));
	int code = cfg ? read_config(o, cfg) : EXIT_NO;

	if (cfg && !code) {
		code = run(o, cfg, arg);
		config_free(cfg);
	}
	free(cfg);
	return code;
}

int cmd_not_attached(void)
{
	log_error("not attached; 'mailweir attach DEV' does that");
	return EXIT_NOT_ATTACHED;
}

int cmd_attached(void)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);

	if (!err)
		engine_close(&e);
	return err == -ENOENT ? cmd_not_attached() : cmd_failed(err);
}

static int open_write(struct engine *e)
{
	int code = cmd_attached();

	if (code)
		return code;
	code = cmd_failed(gate_open(e));
	if (code || e->generation)
		return code;
	engine_close(e); /* it was detached a moment ago */
	return cmd_not_attached();
}

int cmd_open(struct engine *e, enum engine_mode mode)
{
	int err;

	if (mode == ENGINE_WRITE)
		return open_write(e);
	err = engine_open(e, mode);
	return err == -ENOENT ? cmd_not_attached() : cmd_failed(err);
}

int cmd_with(const struct options *o, enum engine_mode mode,
	     int (*run)(const struct options *o, struct engine *e))
{
	struct engine e;
	int code = cmd_open(&e, mode);

	if (code)
		return code;
	code = run(o, &e);
	engine_close(&e);
	return code;
}

/* Warns of what is red. */
static int warn_red(const struct engine *e)
{
	struct occupancy occupancy[OCCUPANCY_TABLES];
	struct mw_settings s;
	struct health h;
	int code = EXIT_DONE;

	if (table_settings(e, &s))
		return EXIT_DEGRADED;
	occupancy_read(e, &s, clock_now(), occupancy);
	if (health_read(e, &s, occupancy, &h) || h.n)
		code = EXIT_DEGRADED;
	for (size_t i = 0; i < h.n; i++)
		log_warning("%s", h.problem[i]);
	health_free(&h);
	return code;
}

int cmd_swapped(const struct engine *e, int err, const struct gate_swap *swap)
{
	int code;

	if (err == -ENOTCONN)
		return cmd_not_attached();
	if (err)
		return err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	code = warn_red(e);
	return swap->late ? EXIT_DEGRADED : code;
}
