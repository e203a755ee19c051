/* SPDX-License-Identifier: GPL-2.0 */
/* The commands: one verb a file, each with
 *	int cmd_VERB(const struct options *o);
 * which returns an exit code and has its prototype from its row in main.c. */
#ifndef MAILWEIR_CMD_H
#define MAILWEIR_CMD_H

#include <stdbool.h>

#include "config/config.h"
#include "gate/swap.h"

enum {
	EXIT_DONE = 0,
	EXIT_NO = 1, /* test: drop; anything else: failed */
	EXIT_USAGE = 2,
	EXIT_NOT_ATTACHED = 3,
	EXIT_DEGRADED = 4, /* works, but something in status is red */
	EXIT_CONFIG = 78,
};

struct json_object;

/* What main.c read from the command line. It has checked that the command
 * takes the options and that number of arguments. */
struct options {
	const char *config;
	const char *duration; /* --for */
	const char *why, *format;
	const char *confirm; /* seconds */
	const char *by;	     /* whose block */
	bool json, quiet, verbose, force, all;
	struct json_object *document; /* with json: what a command says */
	char **args;		      /* what follows the command */
	int nargs;
};

/* Shared by commands (common.c). Each returns an exit code, and has told
 * what is wrong, or EXIT_DONE. */

/* Tells of a wrong word, and where help is. */
int cmd_usage(const char *what, const char *word);
/* Runs a part of a command with the configuration, if that is good. */
int cmd_with_config(const struct options *o,
		    int (*run)(const struct options *o,
			       const struct config *cfg, void *arg),
		    void *arg);
/* EXIT_DONE: something is attached; EXIT_NOT_ATTACHED, told: nothing is. It
 * makes no directories, as opening for writing does. */
int cmd_attached(void);
/* Tells that nothing is attached; EXIT_NOT_ATTACHED. */
int cmd_not_attached(void);
/* Opens what is attached; EXIT_NOT_ATTACHED where nothing is. */
int cmd_open(struct engine *e, enum engine_mode mode);
/* Runs a part of a command with what is attached, and closes it. */
int cmd_with(const struct options *o, enum engine_mode mode,
	     int (*run)(const struct options *o, struct engine *e));
/* Zeroed memory for what a small stack has no room for; NULL: none, told. */
void *cmd_room(size_t size);
/* The exit code for 0 or the -errno of a function that has told why. */
int cmd_failed(int err);
/* What of the configuration does not agree with a mode: "says observe", "cannot
 * be read"; NULL: it agrees. */
const char *cmd_mode_differs(const struct options *o, enum mw_mode mode);
/* The exit code for what a function of gate/swap.h has returned. If err is 0,
 * *e is open, and what is red is warned of. */
int cmd_swapped(const struct engine *e, int err, const struct gate_swap *swap);

#endif
