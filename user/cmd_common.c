// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "blocks_file.h"
#include "clock.h"
#include "cmd.h"
#include "generation.h"
#include "history_table.h"
#include "list_copies.h"
#include "log.h"
#include "sockets.h"
#include "store.h"
#include "table.h"

int cmd_usage(const char *what, const char *word)
{
	log_error("%s%s%s%s; see 'mailweir --help'", what, word ? " '" : "",
		  word ? word : "", word ? "'" : "");
	return EXIT_USAGE;
}

bool cmd_list_expired(const struct mw_list_info *l)
{
	return l->expires && l->modified &&
	       (__u64)time(NULL) >= l->modified + l->expires;
}

const char *cmd_list_state(const struct mw_list_info *l)
{
	return cmd_list_expired(l) && !strcmp(l->state, "ok") ? "expired"
							      : l->state;
}

int cmd_failed(int err)
{
	return err ? EXIT_NO : EXIT_DONE;
}

int cmd_config(const struct options *o, struct config *cfg)
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

/* Read only, to look before a lock makes directories. */
bool cmd_attached(void)
{
	struct engine e;

	if (engine_open(&e, false))
		return false;
	engine_close(&e);
	return e.generation;
}

int cmd_open(struct engine *e, bool write)
{
	int err;

	if (!cmd_attached()) {
		log_error("not attached; 'mailweir attach DEV' does that");
		return EXIT_NOT_ATTACHED;
	}
	err = engine_open(e, write);
	if (err)
		return EXIT_NO;
	if (write) {
		store_sweep();
		list_copies_settle(e->generation);
	}
	return EXIT_DONE;
}

/* Blocks without expiry, from the last boot; those of this one stay. */
static int restore_blocks(const struct engine *e)
{
	struct kept_blocks kept;
	int err = blocks_file_read(&kept);
	__u64 now = clock_now();

	for (size_t i = 0; i < kept.n && !err; i++) {
		struct mw_block block = {.created = kept.v[i].created};

		if (!table_block_get(e, &kept.v[i].prefix, &block))
			continue;
		memcpy(block.why, kept.v[i].why, sizeof(block.why));
		err = table_block_set(e, &kept.v[i].prefix, &block, now);
	}
	if (err)
		log_error("the kept run-time blocks cannot be restored: %s",
			  strerror(-err));
	kept_blocks_free(&kept);
	return err;
}

/* The tables are new, or those of this boot. The program's own blocks may be
 * of a length that the next one does not make. */
static int restore(const struct engine *e, const struct mw_settings *s)
{
	int err = restore_blocks(e);

	if (!err)
		err = table_block_recount(e);
	if (!err && !e->generation)
		err = cmd_known_restore(e, s);
	return err;
}

static bool is_blocked(const struct mw_prefix *source, void *g)
{
	return generation_blocks(g, source);
}

static bool everyone(const struct mw_prefix *source, void *arg)
{
	(void)source;
	(void)arg;
	return true;
}

/* As a file: who wants them back can have them. */
static void keep_old_histories(const struct engine *e,
			       const struct mw_settings *previous)
{
	struct histories k = {};

	log_warning("the prefix lengths of sources changed: histories begin "
		    "anew");
	if (!history_table_read(e, previous, clock_hour(), &k) && k.n &&
	    !histories_write(&k))
		histories_put_aside("old");
	histories_free(&k);
}

/* Who is blocked now has no history, and where sources are of another length
 * nobody has. */
static void settle_histories(const struct engine *e, struct generation *g,
			     const struct mw_settings *previous)
{
	const struct mw_settings *s = &g->in.settings;
	bool other = previous->generation &&
		     (s->source_len4 != previous->source_len4 ||
		      s->source_len6 != previous->source_len6);
	int err;

	if (other)
		keep_old_histories(e, previous);
	err = history_table_forget(e, s, other ? everyone : is_blocked, g);
	if (err)
		log_warning("the histories cannot be read: %s", strerror(-err));
}

static void say_warning(const char *text, void *arg)
{
	(void)arg;
	log_warning("%s", text);
}

/* Connections would be charged in this one, and attempts judged in that. */
static bool wrong_namespace(const struct engine *e, const struct mw_settings *s,
			    const struct mw_settings *previous)
{
	struct engine_link links[ENGINE_DEVS];
	int n = engine_links(e, links), live = 0;

	for (int i = 0; i < n; i++)
		live += links[i].ifindex != 0;
	engine_links_close(links, n > 0 ? n : 0);
	if (!live || s->charge != MW_CHARGE_HANDSHAKE || !previous->netns ||
	    previous->netns == sockets_netns())
		return false;
	log_error("this is another network namespace than the one that "
		  "mailweir is attached in; run it there, as nsenter --net "
		  "does, or 'mailweir detach' first");
	return true;
}

int cmd_swap(struct engine *e, struct generation *g,
	     const struct mw_settings *settings, char *const *devs, int ndevs)
{
	struct mw_list_info running[MW_LIST_SLOTS];
	struct mw_settings previous = {};
	struct occupancy occupancy[OCCUPANCY_TABLES];
	int generic, err = table_lists(e, running);

	if (!err && e->generation)
		err = table_settings(e, &previous);
	if (err)
		log_error("the generation in force cannot be read: %s",
			  strerror(-err));
	else if (wrong_namespace(e, settings, &previous))
		return EXIT_NO;
	else
		err = generation_compile(g, settings, running, &previous);
	if (err)
		return err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	err = generation_keep(g);
	if (!err)
		err = engine_replace(e, &g->in, devs, ndevs, restore, &generic);
	list_copies_settle(e->generation);
	if (err)
		return EXIT_NO;
	settle_histories(e, g, &previous);
	table_block_purge(e, clock_now());
	if (previous.escalation.after) /* it may have made some meanwhile */
		table_block_recount(e);
	occupancy_read(e, &g->in.settings, clock_now(), occupancy);
	return cmd_problems(e, &g->in.settings, occupancy, say_warning, NULL)
		       ? EXIT_DEGRADED
		       : EXIT_DONE;
}
