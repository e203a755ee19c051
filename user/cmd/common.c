// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "gate/health.h"
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

int cmd_with_config(const struct options *o,
		    int (*run)(const struct options *o,
			       const struct config *cfg, void *arg),
		    void *arg)
{
	struct config *cfg = cmd_room(sizeof(*cfg));
	int code = EXIT_NO;

	if (cfg)
		code = config_load(o->config, cfg) ? EXIT_CONFIG : EXIT_DONE;
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

const char *cmd_mode_differs(const struct options *o, enum mw_mode mode)
{
	struct config *cfg = cmd_room(sizeof(*cfg));
	struct config_errors errors = {};
	const char *differs = "cannot be read";

	if (cfg && !config_read_file(o->config, cfg, &errors)) {
		differs = cfg->settings.mode == MW_ENFORCE ? "says enforce"
							   : "says observe";
		if (cfg->settings.mode == mode)
			differs = NULL;
		config_free(cfg);
	}
	config_errors_free(&errors);
	free(cfg);
	return differs;
}

int cmd_swapped(const struct engine *e, int err, const struct gate_swap *swap)
{
	int code;

	if (err == -ENOTCONN)
		return cmd_not_attached();
	if (err)
		return err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	code = health_warn(e) ? EXIT_DEGRADED : EXIT_DONE;
	return swap->late ? EXIT_DEGRADED : code;
}
