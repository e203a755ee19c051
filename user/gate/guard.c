// SPDX-License-Identifier: GPL-2.0
#include "gate/guard.h"

#include <errno.h>
#include <string.h>

#include "gate/swap.h"
#include "kernel/table.h"
#include "state/guarded.h"

/* --- looking ------------------------------------------------------------- */

static enum guard_state state_of(const struct link *l, const char *dev)
{
	if (l && l->place == LINK_HERE)
		return GUARD_ON;
	/* What cannot be read does not say that nobody wants it guarded. */
	if (!guarded_is(dev))
		return GUARD_RELEASED;
	if (if_nametoindex(dev))
		return GUARD_OFF;
	return l && l->place == LINK_ELSEWHERE ? GUARD_AWAY : GUARD_MISSING;
}

/* e NULL: nothing is attached. */
static void guard_read(const struct engine *e, const char *dev,
		       struct guard *guard)
{
	const struct link *l = e ? links_find(&e->links, dev) : NULL;

	memset(guard, 0, sizeof(*guard));
	guard->state = state_of(l, dev);
	if (l)
		memcpy(guard->link, l->name, sizeof(guard->link));
}

static int view_read(const struct engine *e, struct guard_view *view)
{
	struct mw_settings s;
	int err = table_settings(e, &s);
	int charges = 1;

	if (!err && s.charge == MW_CHARGE_HANDSHAKE)
		charges = engine_charges(e);
	view->generation = e->generation;
	view->charges = charges == 1;
	return err ? err : charges < 0 ? charges : 0;
}

int gate_guard_look(char *const *devs, int ndevs, struct guard *guards,
		    struct guard_view *view)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);
	bool open = !err;

	memset(view, 0, sizeof(*view));
	if (err && err != -ENOENT && err != -EUCLEAN)
		return err;
	err = open ? view_read(&e, view) : 0;
	for (int i = 0; i < ndevs; i++)
		guard_read(open ? &e : NULL, devs[i], &guards[i]);
	if (open)
		engine_close(&e);
	return err;
}

/* --- attaching again ----------------------------------------------------- */

int gate_guard(char *dev, const char *was)
{
	struct mw_settings s;
	struct engine e;
	int err = gate_open(&e);

	if (err)
		return err;
	if (!e.generation || !guarded_is(dev)) {
		engine_close(&e);
		return 1;
	}
	err = table_settings(&e, &s);
	if (!err)
		err = engine_attach(&e, dev, was, s.native);
	engine_close(&e);
	return err;
}

/* --- detaching ----------------------------------------------------------- */

struct leaving {
	const struct engine *e;
	char *const *devs;
	int n, err;
};

/* guarded_each: a mark can bear another name than the interface was called
 * by. */
static int release(const char *dev, void *arg)
{
	const struct leaving *gone = arg;
	const struct link *l = links_find(&gone->e->links, dev);
	bool leaves = !gone->n;

	for (int i = 0; i < gone->n; i++)
		leaves |=
			!strcmp(dev, gone->devs[i]) ||
			(l && links_find(&gone->e->links, gone->devs[i]) == l);
	return leaves ? guarded_remove(dev) : 0;
}

int gate_detach(struct engine *e, char *const *devs, int n)
{
	struct leaving gone = {.e = e, .devs = devs, .n = n};
	int released = guarded_each(release, &gone);
	int err = engine_detach(e, devs, n);

	return err ? err : released;
}
