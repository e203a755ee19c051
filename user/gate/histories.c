// SPDX-License-Identifier: GPL-2.0
#include "gate/histories.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/source.h"
#include "gate/clock.h"
#include "kernel/history_table.h"
#include "kernel/owed.h"
#include "kernel/table.h"
#include "out/log.h"

/* --- file and table ------------------------------------------------------ */

int gate_histories_read(const struct engine *e, struct histories *all)
{
	struct mw_settings s;
	int err = table_settings(e, &s);

	memset(all, 0, sizeof(*all));
	if (!err)
		err = history_table_read(e, &s, clock_hour(), all);
	return err;
}

/* Fills the table from what was read. */
static int add_all(const struct engine *e, const struct mw_settings *s,
		   const struct histories *all)
{
	size_t left_out;
	int err = history_table_add(e, s, clock_hour(), all, &left_out);

	if (!err && left_out)
		log_warning("%zu of %zu histories were left out: of another "
			    "prefix length, or no room",
			    left_out, all->n);
	return err;
}

int gate_histories_restore(const struct engine *e, const struct mw_settings *s)
{
	struct histories all;
	int err = histories_read(&all), noted = 0;

	if (err == -EINVAL) {
		err = histories_put_aside("refused");
		noted = owed_set(&e->pins, OWED_HISTORIES, true);
	} else if (!err) {
		err = add_all(e, s, &all);
	}
	histories_free(&all);
	noted = owed_set(&e->pins, OWED_HISTORIES_READ, err) ?: noted;
	return err ? err : noted;
}

int gate_histories_catch_up(const struct engine *e)
{
	int owed = owed_is(&e->pins, OWED_HISTORIES_READ);
	struct mw_settings s;

	if (owed == 1)
		owed = table_settings(e, &s);
	else
		return owed;
	return owed ? owed : gate_histories_restore(e, &s);
}

int gate_histories_save(const struct engine *e)
{
	int err = gate_histories_catch_up(e);
	struct histories all;

	/* What could not be read is not written over. */
	if (err)
		return err;
	err = gate_histories_read(e, &all);
	if (!err)
		err = histories_write(&all);
	histories_free(&all);
	return err;
}

/* --- import -------------------------------------------------------------- */

static int no_memory(void)
{
	log_error("no memory for the histories");
	return -ENOMEM;
}

static int histories_of(const struct prefix_set *clients,
			const struct mw_settings *s, struct histories *all)
{
	__u32 hour = clock_hour();

	memset(all, 0, sizeof(*all));
	all->v = calloc(clients->n + 1, sizeof(*all->v));
	if (!all->v)
		return no_memory();
	for (size_t i = 0; i < clients->n; i++) {
		struct history_entry *to = &all->v[all->n++];
		struct mw_prefix from = clients->v[i];

		prefix_translate(&s->nat64, &from);
		prefix_of_key(
			s, MW_SOURCE,
			source_level_key(s, MW_SOURCE, from.family, from.addr),
			&to->source);
		to->since = hour - 24;
		to->last = hour;
	}
	return 0;
}

int gate_histories_import(const struct engine *e,
			  const struct prefix_set *clients, size_t *left_out)
{
	struct histories all = {};
	struct mw_settings s;
	int err = table_settings(e, &s);

	*left_out = 0;
	if (!err)
		err = histories_of(clients, &s, &all);
	if (!err)
		err = history_table_add(e, &s, clock_hour(), &all, left_out);
	if (!err)
		err = owed_set(&e->pins, OWED_HISTORIES, false);
	histories_free(&all);
	return err;
}

/* Adds the histories of more to all. */
static int append(struct histories *all, const struct histories *more)
{
	struct history_entry *v =
		reallocarray(all->v, all->n + more->n + 1, sizeof(*v));

	if (!v)
		return no_memory();
	memcpy(v + all->n, more->v, more->n * sizeof(*v));
	all->v = v;
	all->n += more->n;
	return 0;
}

int gate_histories_import_file(const struct mw_settings *s,
			       const struct prefix_set *clients)
{
	struct histories kept, more = {};
	int err = histories_read(&kept);

	if (err == -EINVAL)
		log_error("put a good copy in its place, or remove it and "
			  "import again");
	if (err)
		return err;
	err = histories_of(clients, s, &more);
	if (!err)
		err = append(&kept, &more);
	if (!err)
		err = histories_write(&kept);
	histories_free(&kept);
	histories_free(&more);
	return err;
}

/* --- forgetting ---------------------------------------------------------- */

static bool is_in(const struct mw_prefix *source, void *set)
{
	return prefix_around(set, source);
}

static bool is_blocked(const struct mw_prefix *source, void *g)
{
	return generation_blocks(g, source);
}

static bool is_any(const struct mw_prefix *source, void *arg)
{
	(void)source;
	(void)arg;
	return true;
}

static int forgotten(int err)
{
	if (err)
		log_error("the histories of who is blocked now are not "
			  "forgotten");
	return err;
}

int gate_histories_forget(const struct engine *e, const struct prefix_set *set)
{
	struct mw_settings s;
	int err = table_settings(e, &s);

	if (!err)
		err = history_table_forget(e, &s, is_in, (void *)set);
	return forgotten(err);
}

/* Keeps the histories in a file beside, for who wants them back. */
static void keep_old(const struct engine *e, const struct mw_settings *previous)
{
	struct histories all = {};

	log_warning("the prefix lengths of sources changed: histories begin "
		    "anew");
	if (!history_table_read(e, previous, clock_hour(), &all) && all.n &&
	    !histories_write(&all))
		histories_put_aside("old");
	histories_free(&all);
}

int gate_histories_settle(const struct engine *e, const struct generation *g,
			  const struct mw_settings *previous)
{
	const struct mw_settings *s = &g->in.settings;
	const struct mw_level_settings *source = &s->level[MW_SOURCE],
				       *before = &previous->level[MW_SOURCE];
	bool other = previous->generation && (source->len4 != before->len4 ||
					      source->len6 != before->len6);
	int err;

	if (other)
		keep_old(e, previous);
	err = history_table_forget(e, s, other ? is_any : is_blocked,
				   (void *)g);
	return forgotten(err);
}
