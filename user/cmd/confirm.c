// SPDX-License-Identifier: GPL-2.0
/* mailweir confirm: what reload or attach --confirm put in force stays */
#include "cmd/cmd.h"
#include "gate/undo.h"
#include "out/log.h"

static int confirm(const struct options *o, struct engine *e)
{
	int err = undo_confirm(e);

	(void)o;
	if (err == 1)
		log_error("nothing waits to be confirmed; 'mailweir status' "
			  "tells whether it was undone");
	else if (!err)
		log_info("confirmed: generation %u stays", e->generation);
	return cmd_failed(err);
}

int cmd_confirm(const struct options *o)
{
	return cmd_with(o, ENGINE_WRITE, confirm);
}
