/* SPDX-License-Identifier: GPL-2.0 */
/* The commands: one verb a file, one row each in main.c's table. */
#ifndef MAILWEIR_CMD_H
#define MAILWEIR_CMD_H

#include <stdbool.h>

#include "config.h"
#include "engine.h"
#include "occupancy.h"

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
	bool json, quiet, verbose, force;
	struct json_object *document; /* with json: what a command says */
	char **args;		      /* what follows the command */
	int nargs;
};

int cmd_check(const struct options *o);
int cmd_attach(const struct options *o);
int cmd_reload(const struct options *o);
int cmd_detach(const struct options *o);
int cmd_status(const struct options *o);
int cmd_stats(const struct options *o);
int cmd_sources(const struct options *o);
int cmd_lists(const struct options *o);
int cmd_test(const struct options *o);
int cmd_block(const struct options *o);
int cmd_unblock(const struct options *o);
int cmd_blocks(const struct options *o);
int cmd_asn(const struct options *o);
int cmd_known(const struct options *o);

/* Shared by commands (cmd_common.c). Each returns an exit code, and has told
 * what is wrong, or EXIT_DONE. */

/* A wrong word: told, with where help is. */
int cmd_usage(const char *what, const char *word);
/* Told in full; cfg is to be freed on success only. */
int cmd_config(const struct options *o, struct config *cfg);
bool cmd_attached(void);
/* Opens what is attached; EXIT_NOT_ATTACHED where nothing is. */
int cmd_open(struct engine *e, bool write);
/* -errno of a function that has told why. */
int cmd_failed(int err);

/* Its file is older than the list's expires. */
bool cmd_list_expired(const struct mw_list_info *l);
/* The list's state in words, which are "expired" where it is nothing worse. */
const char *cmd_list_state(const struct mw_list_info *l);

struct generation;
/* The common end of attach, reload and lists load: compiles g, keeps the
 * lists' copies, swaps. EXIT_DEGRADED where a list or an interface is red. */
int cmd_swap(struct engine *e, struct generation *g,
	     const struct mw_settings *settings, char *const *devs, int ndevs);

/* The histories to their file, and back when the tables are new (0 or
 * -errno). */
int cmd_known_save(const struct engine *e);
int cmd_known_restore(const struct engine *e, const struct mw_settings *s);

/* What is red: one sentence per problem is given to say. The number. */
int cmd_problems(const struct engine *e, const struct mw_settings *s,
		 const struct occupancy occupancy[OCCUPANCY_TABLES],
		 void (*say)(const char *text, void *), void *arg);

#endif
