// SPDX-License-Identifier: GPL-2.0
#include "gate/swap.h"

#include <errno.h>
#include <string.h>

#include "gate/blocks.h"
#include "gate/clock.h"
#include "gate/generation.h"
#include "gate/histories.h"
#include "gate/sockets.h"
#include "kernel/table.h"
#include "out/log.h"
#include "state/list_copies.h"
#include "state/store.h"

int gate_open(struct engine *e)
{
	int err = engine_open(e, true);

	if (err)
		return err;
	store_sweep();
	list_copies_settle(e->generation);
	return 0;
}

/* --- what is in force ---------------------------------------------------- */

struct in_force {
	struct mw_settings settings; /* all zero: nothing is */
	struct mw_list_info lists[MW_LIST_SLOTS];
};

static int in_force_read(const struct engine *e, struct in_force *now)
{
	int err = table_lists(e, now->lists);

	memset(&now->settings, 0, sizeof(now->settings));
	if (!err && e->generation)
		err = table_settings(e, &now->settings);
	if (err)
		log_error("the generation in force cannot be read: %s",
			  strerror(-err));
	return err;
}

/* Connections would be charged in this namespace, and attempts judged in that
 * of the interfaces. */
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

/* --- the swap ------------------------------------------------------------ */

/* Called when the maps exist and no packet is judged yet. The lengths of the
 * blocks are counted anew, as the program made some of lengths that the next
 * one may not make. */
static int restore(const struct engine *e, const struct mw_settings *s)
{
	int err = blocks_restore(e);

	if (!err)
		err = table_block_recount(e);
	if (!err && !e->generation)
		err = gate_histories_restore(e, s);
	return err;
}

/* What is left to do when g is in force: 0, or the first that failed. */
static int after(const struct engine *e, const struct generation *g,
		 const struct mw_settings *previous)
{
	int err = gate_histories_settle(e, g, previous), blocks;

	blocks = table_block_purge(e, clock_now());
	/* The old program may have made some in the meantime. */
	if (!blocks && previous->escalation.after)
		blocks = table_block_recount(e);
	if (blocks)
		log_error("the run-time blocks that have ended cannot be "
			  "removed: %s",
			  strerror(-blocks));
	return err ? err : blocks;
}

static int swap_in(struct engine *e, struct generation *g,
		   const struct mw_settings *settings,
		   const struct in_force *old, char *const *devs, int ndevs,
		   struct gate_swap *swap)
{
	int generic, err;

	if (wrong_namespace(e, settings, &old->settings))
		return -EXDEV;
	err = generation_compile(g, settings, old->lists, &old->settings);
	if (err)
		return err;
	err = generation_keep(g);
	if (!err)
		err = engine_replace(e, &g->in, devs, ndevs, restore, &generic);
	list_copies_settle(e->generation);
	if (!err)
		swap->late = after(e, g, &old->settings);
	return err;
}

int gate_swap_config(struct engine *e, const struct config *cfg, bool force,
		     char *const *devs, int ndevs, struct gate_swap *swap)
{
	struct generation *g = generation_new(cfg);
	struct in_force old;
	const struct list_past past = {old.lists, force};
	int err = g ? in_force_read(e, &old) : -ENOMEM;

	memset(swap, 0, sizeof(*swap));
	if (!err)
		generation_read(g, !e->generation, &past);
	if (!err && g->refused && e->generation) {
		log_error("nothing was changed: %d of %d lists refused",
			  g->refused, g->lists);
		err = -EINVAL;
	}
	if (!err)
		err = swap_in(e, g, &cfg->settings, &old, devs, ndevs, swap);
	generation_free(g);
	return err;
}

int gate_swap_list(struct engine *e, const struct config *cfg,
		   const struct config_list *list, const char *file, bool force,
		   struct gate_swap *swap)
{
	struct generation *g = generation_new(cfg);
	struct in_force old;
	const struct list_past past = {old.lists, force};
	int err = g ? in_force_read(e, &old) : -ENOMEM;

	memset(swap, 0, sizeof(*swap));
	if (!err)
		err = generation_reread(g, &old.settings, list, file, &past);
	if (!err)
		err = swap_in(e, g, &old.settings, &old, NULL, 0, swap);
	generation_free(g);
	return err;
}
