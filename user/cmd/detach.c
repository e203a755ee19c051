// SPDX-License-Identifier: GPL-2.0
/* mailweir detach [DEV...] */
#include "cmd/cmd.h"
#include "gate/histories.h"

/* Nothing is attached, but a killed command may have left pins. */
static void sweep(void)
{
	struct engine e;

	if (engine_open(&e, false))
		return;
	engine_close(&e);
	if (!engine_open(&e, true)) {
		engine_detach(&e, NULL, 0);
		engine_close(&e);
	}
}

int cmd_detach(const struct options *o)
{
	struct engine e;
	int code = cmd_open(&e, true), saved;

	if (code == EXIT_NOT_ATTACHED)
		sweep();
	if (code)
		return code;
	/* While there are tables to save from. */
	saved = gate_histories_save(&e) ? EXIT_DEGRADED : EXIT_DONE;
	code = cmd_failed(engine_detach(&e, o->args, o->nargs));
	engine_close(&e);
	return code ? code : saved;
}
