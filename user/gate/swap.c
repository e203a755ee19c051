// SPDX-License-Identifier: GPL-2.0
#include "gate/swap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gate/answers.h"
#include "gate/blocks.h"
#include "gate/clock.h"
#include "gate/generation.h"
#include "gate/histories.h"
#include "gate/sockets.h"
#include "kernel/resize.h"
#include "kernel/owed.h"
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

static int in_force_read(const struct engine *e, struct in_force *now)
{
	int err = table_lists(e, now->lists);

	now->generation = e->generation;
	now->program = e->program;
	for (size_t i = 0; i < e->links.n; i++)
		now->live |= e->links.v[i].place != LINK_GONE;
	if (!err && e->generation)
		err = table_settings(e, &now->settings);
	if (!err && e->generation)
		err = table_counters(e, &now->counters);
	return err;
}

/* Reads what is in force beside other readers. A gate whose pins are gone
 * (-EUCLEAN) is replaced as if nothing were in force. */
static int look(struct in_force *now)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);

	memset(now, 0, sizeof(*now));
	if (err == -ENOENT || err == -EUCLEAN)
		return 0;
	if (err)
		return err;
	err = in_force_read(&e, now);
	engine_close(&e);
	return err;
}

static bool is_same(const struct engine *e, const struct in_force *old)
{
	return e->generation == old->generation && e->program == old->program;
}

/* Connections are charged in the namespace of this process, and attempts are
 * judged in that of the interfaces. -EXDEV: old was made in another one. */
static int check_namespace(const struct mw_settings *s,
			   const struct in_force *old)
{
	__u64 here;
	int err;

	if (!old->live || s->charge != MW_CHARGE_HANDSHAKE ||
	    !old->settings.netns)
		return 0;
	err = sockets_netns(&here);
	if (err || old->settings.netns == here)
		return err;
	log_error("this is another network namespace than the one that "
		  "mailweir is attached in; run it there, as nsenter --net "
		  "does, or 'mailweir detach' first");
	return -EXDEV;
}

/* --- the swap ------------------------------------------------------------ */

/* engine_replace calls it when the maps exist and no packet is judged yet. What
 * of the last boot cannot be restored is owed, and red: the gate is guarded
 * without. The lengths of the blocks are counted anew: the program in force
 * made blocks of lengths that the next one may not make. */
static int restore(const struct engine *e, const struct mw_settings *s,
		   void *resize)
{
	int err;

	if (!e->generation) {
		blocks_restore(e, s);
		gate_histories_restore(e, s);
	}
	err = resize_copy(e, s, clock_now(), resize);
	return err ? err : table_block_recount(e);
}

/* What is left to do when g is in force: 0, or the first that failed. */
static int after(const struct engine *e, const struct generation *g,
		 const struct mw_settings *previous)
{
	int err = previous->generation ? gate_histories_catch_up(e) : 0, blocks;

	err = gate_histories_settle(e, g, previous) ?: err;
	if (previous->generation)
		err = blocks_catch_up(e) ?: err;
	blocks = table_block_purge(e, clock_now());
	/* The old program may have made some since restore(). */
	if (!blocks && previous->escalation.after)
		blocks = table_block_recount(e);
	return err ? err : blocks;
}

/* The interfaces that are asked for. */
struct wish {
	char *const *devs; /* to attach, too */
	int ndevs;
};

static int make(struct generation *g, const struct wish *w,
		const struct in_force *old)
{
	const struct mw_settings *s =
		g->only ? &old->settings : &g->cfg->settings;
	int err;

	if (!old->generation && !w->ndevs)
		return -ENOTCONN;
	err = check_namespace(s, old);
	return err ? err : generation_make(g, old);
}

/* Makes g for what is in force, under the lock. */
static int make_locked(const struct engine *e, struct generation *g,
		       const struct wish *w, struct in_force *old)
{
	int err;

	memset(old, 0, sizeof(*old));
	err = in_force_read(e, old);
	return err ? err : make(g, w, old);
}

/* So often something else gets in force while g is made; then it is made under
 * the lock. */
enum { TRIES = 3 };

/* Opens the gate for a moment, so that the lists' copies are those of what is
 * in force even if the last command was killed. */
static int settle(struct engine *e)
{
	int err = gate_open(e);

	if (!err)
		engine_close(e);
	return err;
}

/* 0: *e is open for writing, and g is made for what is in force. */
static int make_and_open(struct engine *e, struct generation *g,
			 const struct wish *w, struct in_force *old)
{
	int err = settle(e);

	if (err)
		return err;
	for (int try = 1;; try++) {
		err = look(old);
		if (!err)
			err = make(g, w, old);
		if (!err)
			err = gate_open(e);
		if (err || is_same(e, old))
			return err;
		if (try == TRIES)
			break;
		engine_close(e);
	}
	err = make_locked(e, g, w, old);
	if (err)
		engine_close(e);
	return err;
}

/* What the tables of other sizes had goes into those of the new generation. */
static int put_in_force(struct engine *e, const struct load_input *in,
			const struct wish *w, struct gate_swap *swap)
{
	struct resize resize;
	int err;

	resize_begin(&resize);
	err = engine_replace(e, in, w->devs, w->ndevs, restore, &resize,
			     &swap->late);
	if (!err)
		swap->late =
			resize_again(e, &in->settings, clock_now(), &resize)
				?: swap->late;
	resize_end(&resize);
	return err;
}

/* Puts g in force. What the next boot finds is no reason not to guard now. On
 * failure *e is closed. */
static int replace(struct engine *e, struct generation *g, const struct wish *w,
		   const struct in_force *old, struct gate_swap *swap)
{
	int unkept = generation_keep(g), unsettled, err;

	err = put_in_force(e, &g->in, w, swap);
	unsettled = list_copies_settle(e->generation);
	if (err) {
		engine_close(e);
		return err;
	}
	swap->late = swap->late ?: unkept ?: unsettled;
	if (!swap->late && g->differs)
		swap->late = -ESTALE;
	swap->late = after(e, g, &old->settings) ?: swap->late;
	return 0;
}

/* Makes g, which has been read, and puts it in force. */
static int swap_in(struct engine *e, struct generation *g, const struct wish *w,
		   struct gate_swap *swap)
{
	struct in_force *old = calloc(1, sizeof(*old));
	int err = old ? make_and_open(e, g, w, old) : -ENOMEM;

	if (!old)
		log_error("no memory for what is in force");
	if (!err)
		err = replace(e, g, w, old, swap);
	free(old);
	return err;
}

/* --- the same once more -------------------------------------------------- */

int gate_keep(struct gate_kept *k)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);

	memset(k, 0, sizeof(*k));
	if (err)
		return err == -ENOENT ? 0 : err;
	err = in_force_read(&e, &k->was);
	if (!err)
		err = engine_parts(&e, k->parts);
	engine_close(&e);
	k->attached = !err;
	return err;
}

void gate_kept_close(struct gate_kept *k)
{
	if (k->attached)
		engine_parts_close(k->parts);
	k->attached = false;
}

static int replace_kept(struct engine *e, const struct gate_kept *k, int mode,
			struct load_input *in, struct gate_swap *swap)
{
	int err = 0;

	in->parts = k->parts;
	in->settings = k->was.settings;
	in->settings.generation = e->generation + 1;
	in->settings.wall = clock_wall();
	if (mode != SAME_MODE)
		in->settings.mode = mode;
	memcpy(in->info, k->was.lists, sizeof(in->info));
	if (in->settings.answer == MW_ANSWER_AUTO)
		err = answers_find(in->settings.native, &in->own);
	if (!err)
		err = put_in_force(e, in, &(struct wish){}, swap);
	answers_free(&in->own);
	return err;
}

static int swap_kept(struct engine *e, const struct gate_kept *k, int mode,
		     struct gate_swap *swap)
{
	struct load_input *in = calloc(1, sizeof(*in));
	int err = in ? 0 : -ENOMEM, late;

	memset(swap, 0, sizeof(*swap));
	if (err)
		log_error("no memory for a new generation");
	if (!err)
		err = check_namespace(&k->was.settings, &k->was);
	if (!err)
		err = replace_kept(e, k, mode, in, swap);
	free(in);
	if (err)
		return err;
	late = gate_histories_catch_up(e);
	late = blocks_catch_up(e) ?: late;
	if (mode != SAME_MODE)
		late = owed_set(&e->pins, OWED_MODE, true) ?: late;
	swap->late = swap->late ?: late;
	return 0;
}

int gate_swap_back(struct engine *e, const struct gate_kept *k,
		   struct gate_swap *swap)
{
	return swap_kept(e, k, SAME_MODE, swap);
}

static int keep_locked(const struct engine *e, struct gate_kept *k)
{
	int err = e->generation ? in_force_read(e, &k->was) : -ENOTCONN;

	if (!err)
		err = engine_parts(e, k->parts);
	k->attached = !err;
	return err;
}

int gate_swap_same(struct engine *e, int mode, struct gate_swap *swap)
{
	struct gate_kept *k = calloc(1, sizeof(*k));
	int err = k ? gate_open(e) : -ENOMEM;

	memset(swap, 0, sizeof(*swap));
	if (!k)
		log_error("no memory for what is in force");
	if (!err) {
		err = keep_locked(e, k);
		if (!err)
			err = swap_kept(e, k, mode, swap);
		gate_kept_close(k);
		if (err)
			engine_close(e);
	}
	free(k);
	return err;
}

/* --- what was refused ---------------------------------------------------- */

void gate_note_refused(void)
{
	struct engine e;

	if (gate_open(&e))
		return;
	if (e.generation)
		owed_set(&e.pins, OWED_CONFIG, true);
	engine_close(&e);
}

/* Notes what became of the one list that was to be in force anew. */
static int note_list(const struct engine *e, const char *name, bool refused)
{
	struct mw_list_info *info = calloc(MW_LIST_SLOTS, sizeof(*info));
	int err = info ? table_lists(e, info) : -ENOMEM;

	for (int i = 0; i < MW_LIST_SLOTS && !err; i++)
		if (!strcmp(info[i].name, name))
			err = owed_list_set(&e->pins, name, refused);
	free(info);
	return err;
}

/* status is red for a refused list until it is mended. */
static void note_refused(const char *name)
{
	struct engine e;

	if (gate_open(&e))
		return;
	if (e.generation)
		note_list(&e, name, true);
	engine_close(&e);
}

/* What a whole configuration's lists were refused for shows in their states. */
static int clear_notes(const struct engine *e)
{
	int err = owed_lists_clear(&e->pins);

	err = owed_set(&e->pins, OWED_MODE, false) ?: err;
	err = owed_set(&e->pins, OWED_UNDONE, false) ?: err;
	err = owed_confirm_clear(&e->pins) ?: err;
	return owed_set(&e->pins, OWED_CONFIG, false) ?: err;
}

int gate_swap_config(struct engine *e, const struct config *cfg, bool force,
		     char *const *devs, int ndevs, struct gate_swap *swap)
{
	const struct wish wish = {devs, ndevs};
	struct generation *g = generation_new(cfg, force);
	int err = g ? 0 : -ENOMEM;

	memset(swap, 0, sizeof(*swap));
	if (!err) {
		generation_read(g);
		err = swap_in(e, g, &wish, swap);
	}
	if (!err)
		swap->late = clear_notes(e) ?: swap->late;
	generation_free(g);
	return err;
}

int gate_swap_list(struct engine *e, const struct config *cfg,
		   const struct config_list *list, const char *file, bool force,
		   struct gate_swap *swap)
{
	const struct wish wish = {};
	struct generation *g = generation_new(cfg, force);
	int err = g ? generation_read_one(g, list, file) : -ENOMEM;

	memset(swap, 0, sizeof(*swap));
	if (!err)
		err = swap_in(e, g, &wish, swap);
	generation_free(g);
	if (err == -EINVAL)
		note_refused(list->name);
	else if (!err)
		swap->late = note_list(e, list->name, false) ?: swap->late;
	return err;
}
