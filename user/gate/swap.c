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
	int err = engine_open(e, ENGINE_WRITE);

	if (err)
		return err;
	store_sweep();
	list_copies_settle(e->generation);
	return 0;
}

void gate_sweep(void)
{
	struct engine e;
	struct pins p;

	pins_find(&p);
	if (!pins_own(p.root, false) && !gate_open(&e))
		engine_close(&e);
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
	return err;
}

/* Connections would be charged in this namespace, and attempts judged in that
 * of the interfaces. 0; -EXDEV: it is another one than previous was made in. */
static int check_namespace(const struct engine *e, const struct mw_settings *s,
			   const struct mw_settings *previous)
{
	bool live = false;
	__u64 here;
	int err;

	for (size_t i = 0; i < e->links.n; i++)
		live |= e->links.v[i].place != LINK_GONE;
	if (!live || s->charge != MW_CHARGE_HANDSHAKE || !previous->netns)
		return 0;
	err = sockets_netns(&here);
	if (err || previous->netns == here)
		return err;
	log_error("this is another network namespace than the one that "
		  "mailweir is attached in; run it there, as nsenter --net "
		  "does, or 'mailweir detach' first");
	return -EXDEV;
}

/* --- the swap ------------------------------------------------------------ */

/* Called when the maps exist and no packet is judged yet. The lengths of the
 * blocks are counted anew, as the program made some of lengths that the next
 * one may not make. */
static int restore(const struct engine *e, const struct mw_settings *s)
{
	int err = e->generation ? 0 : blocks_restore(e);

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
	return err ? err : blocks;
}

static int swap_in(struct engine *e, struct generation *g,
		   const struct mw_settings *settings,
		   const struct in_force *old, char *const *devs, int ndevs,
		   struct gate_swap *swap)
{
	int err, kept;

	err = check_namespace(e, settings, &old->settings);
	if (!err)
		err = generation_compile(g, settings, old->lists,
					 &old->settings);
	if (err)
		return err;
	err = generation_keep(g);
	if (!err)
		err = engine_replace(e, &g->in, devs, ndevs, restore,
				     &swap->late);
	kept = list_copies_settle(e->generation);
	if (err)
		return err;
	swap->late = swap->late ?: kept;
	swap->late = after(e, g, &old->settings) ?: swap->late;
	return 0;
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
