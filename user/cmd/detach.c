// SPDX-License-Identifier: GPL-2.0
/* mailweir detach [DEV...] */
#include <errno.h>

#include "cmd/cmd.h"
#include "gate/blocks.h"
#include "gate/guard.h"
#include "gate/histories.h"

/* What another version of mailweir attached. EXIT_NOT_ATTACHED: nothing. */
static int detach_other(const struct options *o)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_OTHER);

	if (err)
		return err == -ENOENT ? EXIT_NOT_ATTACHED : EXIT_NO;
	err = engine_detach(&e, o->args, o->nargs);
	engine_close(&e);
	return cmd_failed(err);
}

/* Looks before it writes, and tells what fails once. */
static int look(void)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);

	if (!err)
		engine_close(&e);
	return err;
}

/* Detaches also what runs without the pins of its generation. */
int cmd_detach(const struct options *o)
{
	struct engine e;
	int code = detach_other(o), err, saved;

	if (code != EXIT_NOT_ATTACHED)
		return code;
	err = look();
	if (err == -ENOENT) {
		gate_sweep();
		return cmd_not_attached();
	}
	if (err && err != -EUCLEAN)
		return cmd_failed(err);
	if (gate_open(&e))
		return EXIT_NO;
	/* While there are tables to save from. */
	saved = blocks_save(&e) ? EXIT_DEGRADED : EXIT_DONE;
	if (gate_histories_save(&e))
		saved = EXIT_DEGRADED;
	code = cmd_failed(gate_detach(&e, o->args, o->nargs));
	engine_close(&e);
	return code ? code : saved;
}
