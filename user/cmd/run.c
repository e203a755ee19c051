// SPDX-License-Identifier: GPL-2.0
/* mailweir run DEV... */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "watch/watch.h"

int cmd_run(const struct options *o)
{
	int err;

	if (o->json)
		return cmd_usage("run says what happens when it happens, which "
				 "is not one document: leave out --json",
				 NULL);
	/* A journal wants each line when it is said. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = watch_run(o->config, o->args, o->nargs);
	return err == -EINVAL ? EXIT_CONFIG : cmd_failed(err);
}
