// SPDX-License-Identifier: GPL-2.0
#include "generation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "debt.h"
#include "flatten.h"
#include "child.h"
#include "list_copies.h"
#include "log.h"
#include "names.h"
#include "own_addresses.h"
#include "sockets.h"
#include "units.h"

/* What was taken, every time. */
static void say_report(const struct generation_list *l,
		       const struct feed_report *r)
{
	log_info("list %s: %llu entries in %llu lines of %s: %llu IPv4 and "
		 "%llu IPv6 prefixes; %llu nested, %llu duplicate, %llu with "
		 "host bits masked, %llu excluded, %llu refused",
		 l->name, r->entries, r->lines, l->file, r->entries4,
		 r->entries6, r->nested, r->duplicates, r->masked, r->excluded,
		 r->errors);
	if (r->ended || r->unfit)
		log_info("list %s: %llu decisions left out as their time is "
			 "over, %llu as they ban no addresses",
			 l->name, r->ended, r->unfit);
}

/* As errors, or as warnings where max_errors forgave them. err -EINVAL: they
 * are all that is wrong with it, or it was told. */
static void say_errors(const char *name, const char *file,
		       const struct feed_report *r, int err)
{
	void (*say)(const char *format, ...) = err ? log_error : log_warning;
	char text[MW_PATH + FEED_ERROR + 256];

	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++) {
		report_text(r, i, file, text, sizeof(text));
		say("%s", text);
	}
	if (err && err != -EINVAL)
		say("%s: cannot be read: %s", file, strerror(-err));
	if (r->errors > FEED_SHOWN)
		say("list %s: %llu errors, the first %d shown", name, r->errors,
		    FEED_SHOWN);
}

/* A file that no table of ASNs has a part in: all of it. Quiet. */
static int read_plain(const char *path, const char *format, struct feed *feed)
{
	const struct feed_guard any = {.format = format};
	int err = feed_child_read(path, &any, feed);

	return err ? err : feed_finish(feed, &any, NULL);
}

/* The set of except = FILE; no file, no entries. -EINVAL: told. */
static int read_except(const char *name, const char *file, struct feed *feed)
{
	int err;

	memset(feed, 0, sizeof(*feed));
	err = file ? read_plain(file, NULL, feed) : 0;
	if (err)
		say_errors(name, file, &feed->report, err);
	return err;
}

const struct asn_table *generation_origins(struct generation *g)
{
	const struct feed_guard guard = {.kind = FEED_ORIGINS};
	struct feed feed;
	int err;

	if (!g->cfg->asn_table)
		return NULL;
	if (g->asn_asked)
		return g->asns.v ? &g->asns : NULL;
	g->asn_asked = true;
	err = feed_child_read(g->cfg->asn_table, &guard, &feed);
	if (err)
		say_errors("[asn]", g->cfg->asn_table, &feed.report, err);
	else
		err = asn_table_build(&feed.set, &feed.asns, &g->asns);
	if (!err)
		log_info("[asn]: %zu prefixes in %llu lines of %s", g->asns.n,
			 feed.report.lines, g->cfg->asn_table);
	feed_free(&feed);
	return err ? NULL : &g->asns;
}

/* Has it lost more than it may of what is in force? */
static bool shrank(const struct generation_list *l, const struct config_list *c,
		   const struct generation_past *past)
{
	const struct mw_list_info *was = past->running;
	size_t before = 0;

	for (int i = 0; was && i < MW_LIST_SLOTS; i++)
		if (!strcmp(was[i].name, l->name))
			before = was[i].entries4 + was[i].entries6;
	if (past->force || l->set.n * 100 >= before * (100 - c->max_shrink))
		return false;
	log_error("%s: %zu prefixes where %zu are in force: list %s shrank by "
		  "more than max_shrink = %d%%; --force loads it",
		  l->file, l->set.n, before, l->name, c->max_shrink);
	return true;
}

/* The ASNs of the section. One that is unknown is no line of a file, which
 * max_errors could forgive. */
static int read_section(const struct generation *g, const struct config_list *c,
			const struct asn_table *table,
			const struct feed_guard *guard, struct feed *feed)
{
	struct feed_report report = {};
	int err = feed_resolve(&c->asns, table, guard, &feed->set, &report);

	if (!err && report.errors)
		err = -EINVAL;
	if (err == -EINVAL)
		say_errors(c->name, g->cfg->name, &report, err);
	feed->report.entries += c->asns.n;
	return err;
}

/* The file, and the ASNs of the section. */
static int read_entries(struct generation *g, const struct config_list *c,
			const char *file, const struct feed_guard *guard,
			struct feed *feed)
{
	const struct asn_table *table = NULL;
	int err = 0;

	memset(feed, 0, sizeof(*feed));
	if (file)
		err = feed_child_read(file, guard, feed);
	if (!err && (feed->asns.n || c->asns.n)) {
		table = generation_origins(g);
		if (!table && g->cfg->asn_table)
			return -EINVAL;
	}
	if (!err)
		err = read_section(g, c, table, guard, feed);
	return err ? err : feed_finish(feed, guard, table);
}

/* Seconds after the file was written: by its own word, or by the list's where
 * that is earlier; 0: never. */
static __u64 expires_after(const struct feed_report *r, __u64 configured)
{
	__u64 own = 0;

	if (r->expires)
		own = r->expires > r->modified
			      ? (__u64)r->expires - (__u64)r->modified
			      : 1;
	return !own || (configured && configured < own) ? configured : own;
}

/* The list under the rules of c. 0, or -EINVAL with everything told. */
static int read_list(struct generation *g, struct generation_list *l,
		     const struct config_list *c, const char *file,
		     const struct generation_past *past)
{
	struct feed_guard guard = c->guard;
	struct feed feed = {}, except;
	int err = read_except(l->name, c->except, &except);

	guard.except = &except.set;
	if (!err) {
		err = read_entries(g, c, file, &guard, &feed);
		say_errors(l->name, l->file, &feed.report, err);
	}
	l->set = feed.set;
	feed.set = (struct prefix_set){};
	if (!err && shrank(l, c, past))
		err = -EINVAL;
	if (err)
		prefix_free(&l->set);
	else
		say_report(l, &feed.report);
	l->from = GENERATION_FILE;
	l->fresh = !err;
	l->modified = feed.report.modified;
	l->expires = expires_after(&feed.report, c->expires);
	feed_free(&feed);
	feed_free(&except);
	return err;
}

int generation_kept(const char *name, struct prefix_set *set)
{
	struct feed feed;
	char path[PATH_MAX];
	int err;

	list_copies_path(name, path, sizeof(path));
	err = read_plain(path, FEED_KEPT, &feed);
	*set = feed.set;
	feed.set = (struct prefix_set){};
	feed_free(&feed);
	return err;
}

/* What is shown as the list's file. */
static void show_file(struct generation_list *l, const char *file)
{
	if (file)
		snprintf(l->file, sizeof(l->file), "%s", file);
	else
		snprintf(l->file, sizeof(l->file), "asn of [list %s]", l->name);
}

/* A file that is not there is a mistake in the configuration. */
static bool is_missing(const struct config *cfg, const struct config_list *c)
{
	if (!c->file || !access(c->file, F_OK))
		return false;
	log_error("%s:%d: file %s of list %s: %s; put the list there or "
		  "correct the path",
		  cfg->name, c->file_line, c->file, c->name, strerror(errno));
	return true;
}

static void read_one(struct generation *g, const struct config *cfg,
		     const struct config_list *c, bool kept,
		     const struct generation_past *past)
{
	struct generation_list *l = &g->list[g->lists++];

	snprintf(l->name, sizeof(l->name), "%s", c->name);
	show_file(l, c->file);
	l->rule = c->rule;
	l->loaded = time(NULL);
	if (!is_missing(cfg, c) && !read_list(g, l, c, c->file, past))
		return;
	g->refused++;
	l->from = GENERATION_NOTHING;
	if (!kept)
		return;
	if (!generation_kept(l->name, &l->set)) {
		l->from = GENERATION_KEPT;
		log_warning("list %s: its file is refused; the last good copy "
			    "is used (%zu prefixes)",
			    l->name, l->set.n);
	} else {
		log_warning("list %s: its file is refused and there is no good "
			    "copy: it is NOT enforced",
			    l->name);
	}
}

/* --- what a block list should not hold ----------------------------------- */

static void warn_own(const struct generation_list *l,
		     const struct own_addresses *own)
{
	char holder[PREFIX_TEXT], address[PREFIX_TEXT];

	for (size_t i = 0; i < own->n; i++) {
		const struct mw_prefix *p =
			prefix_around(&l->set, &own->v[i].address);

		if (!p)
			continue;
		prefix_text(p, holder);
		prefix_text(&own->v[i].address, address);
		log_warning("list %s: %s holds %s, %s; an except = FILE or an "
			    "allow list keeps it out",
			    l->name, holder, address, own->v[i].what);
	}
}

static void warn_allowed(const struct generation_list *l,
			 const struct generation_list *allow)
{
	char holder[PREFIX_TEXT], inner[PREFIX_TEXT];
	struct mw_prefix first[2];
	size_t n = prefix_overlap(&l->set, &allow->set, first);

	if (!n)
		return;
	prefix_text(&first[0], holder);
	prefix_text(&first[1], inner);
	log_warning("list %s: %s holds %s of allow list %s, which wins%s",
		    l->name, holder, inner, allow->name,
		    n > 1 ? "; and more of it" : "");
}

/* Said before anything is attached. */
static void warn_lists(const struct generation *g)
{
	struct own_addresses own;

	own_addresses_find(&own);
	for (int i = 0; i < g->lists; i++) {
		const struct generation_list *l = &g->list[i];

		if (l->rule.action != MW_BLOCK)
			continue;
		warn_own(l, &own);
		for (int j = 0; j < g->lists; j++)
			if (g->list[j].rule.action == MW_ALLOW)
				warn_allowed(l, &g->list[j]);
	}
	own_addresses_free(&own);
}

void generation_read(struct generation *g, const struct config *cfg, bool kept,
		     const struct generation_past *past)
{
	g->cfg = cfg;
	for (int i = 0; i < cfg->lists; i++)
		read_one(g, cfg, &cfg->list[i], kept, past);
	warn_lists(g);
}

/* The state shown of a list, and back. */
static const char *const states[] = {
	[GENERATION_FILE] = "ok",
	[GENERATION_KEPT] = "last good copy",
	[GENERATION_NOTHING] = "not loaded",
};

static enum generation_from state_from(const char *state)
{
	for (int i = GENERATION_KEPT; i <= GENERATION_NOTHING; i++)
		if (!strcmp(states[i], state))
			return i;
	return GENERATION_FILE;
}

static int reread_one(struct generation *g, struct generation_list *l,
		      const struct config_list *c, const char *file,
		      const struct generation_past *past)
{
	int err;

	if (!strcmp(l->name, c->name)) {
		show_file(l, file);
		l->loaded = time(NULL);
		return read_list(g, l, c, file, past) ? -EINVAL : 0;
	}
	if (l->from == GENERATION_NOTHING)
		return 0;
	err = generation_kept(l->name, &l->set);
	if (err)
		log_error("list %s: its kept copy cannot be read; nothing was "
			  "changed: run 'mailweir reload'",
			  l->name);
	return err;
}

int generation_reread(struct generation *g, const struct mw_settings *settings,
		      const struct mw_list_info info[MW_LIST_SLOTS],
		      const struct config *cfg, const struct config_list *list,
		      const char *file, bool force)
{
	const struct generation_past past = {.running = info, .force = force};
	bool found = false;
	int err = 0;

	for (int i = 0; i < MW_LIST_SLOTS; i++)
		found |= !strcmp(info[i].name, list->name);
	if (!found)
		return -ENOENT;
	g->cfg = cfg;
	for (int i = 0; i < MW_LIST_SLOTS && !err; i++) {
		struct generation_list *l = &g->list[g->lists];

		if (!info[i].name[0])
			continue;
		g->lists++;
		memcpy(l->name, info[i].name, sizeof(l->name));
		memcpy(l->file, info[i].file, sizeof(l->file));
		l->from = state_from(info[i].state);
		l->loaded = info[i].loaded;
		l->modified = info[i].modified;
		l->expires = info[i].expires;
		l->rule = settings->rules[i];
		err = reread_one(g, l, list, file, &past);
	}
	if (!err)
		warn_lists(g);
	return err;
}

/* The slot of that name, or one that is free in running and here. */
static int slot_for(const struct generation *g, const char *name,
		    const struct mw_list_info running[MW_LIST_SLOTS])
{
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!strcmp(running[i].name, name))
			return i;
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!running[i].name[0] && !g->in.info[i].name[0])
			return i;
	return -ENOSPC; /* never: there are twice as many as lists */
}

static void fill_info(const struct generation_list *l,
		      struct mw_list_info *info)
{
	memcpy(info->name, l->name, sizeof(info->name));
	memcpy(info->file, l->file, sizeof(info->file));
	snprintf(info->action, sizeof(info->action), "%s",
		 name_action(l->rule.action));
	snprintf(info->mode, sizeof(info->mode), "%s", name_mode(l->rule.mode));
	snprintf(info->state, sizeof(info->state), "%s", states[l->from]);
	info->loaded = l->loaded;
	info->modified = l->modified;
	info->expires = l->expires;
	for (size_t i = 0; i < l->set.n; i++)
		l->set.v[i].family == 4 ? info->entries4++ : info->entries6++;
}

static int fill_slots(struct generation *g,
		      const struct mw_list_info running[MW_LIST_SLOTS])
{
	for (int i = 0; i < g->lists; i++) {
		struct generation_list *l = &g->list[i];

		l->slot = slot_for(g, l->name, running);
		if (l->slot < 0)
			return l->slot;
		fill_info(l, &g->in.info[l->slot]);
		g->in.settings.rules[l->slot] = l->rule;
	}
	return 0;
}

/* Every list as flatten_lists wants it; the number. */
static int compile_input(const struct generation *g,
			 struct flatten_list lists[MW_LISTS])
{
	__s64 booted = clock_wall() / UNITS_SECOND;

	for (int i = 0; i < g->lists; i++)
		lists[i] = (struct flatten_list){
			.set = &g->list[i].set,
			.since = g->list[i].set.since - booted,
			.slot = g->list[i].slot,
			.action = g->list[i].rule.action,
			.mode = g->list[i].rule.mode,
		};
	return g->lists;
}

static int compile_lists(struct generation *g)
{
	struct flatten_list lists[MW_LISTS] = {};
	struct flat flat;
	int err = flatten_lists(lists, compile_input(g, lists), &flat);

	if (err)
		return err;
	g->flattened = flat.n;
	err = pack_build(&flat, &g->in.pack);
	flat_free(&flat);
	if (err || pack_bytes(&g->in.pack) <= g->cfg->list_memory)
		return err;
	log_error("%s: the lists take %.1f MiB, and max_list_memory of [gate] "
		  "is %llu; raise it or leave lists out",
		  g->cfg->name, pack_bytes(&g->in.pack) / 1048576.0,
		  g->cfg->list_memory >> 20);
	return -EINVAL;
}

static bool list_holds(const struct generation_list *l, enum mw_action action,
		       const struct mw_prefix *source)
{
	const struct mw_prefix *around;
	__s64 end;

	if (l->rule.action != action || l->rule.mode != MW_ENFORCE)
		return false;
	around = prefix_around(&l->set, source);
	end = around ? prefix_end(&l->set, around) : 0;
	return around && (!end || end > time(NULL));
}

bool generation_blocks(const struct generation *g,
		       const struct mw_prefix *source)
{
	bool blocked = false;

	for (int i = 0; i < g->lists; i++) {
		if (list_holds(&g->list[i], MW_ALLOW, source))
			return false;
		blocked |= list_holds(&g->list[i], MW_BLOCK, source);
	}
	return blocked;
}

int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct mw_list_info running[MW_LIST_SLOTS],
		       const struct mw_settings *previous)
{
	struct mw_settings *s = &g->in.settings;
	int err;

	*s = *settings;
	memset(s->rules, 0, sizeof(s->rules));
	s->generation = previous->generation + 1;
	s->seed = previous->seed;
	s->netns = sockets_netns();
	s->wall = clock_wall();
	if (!s->seed && getrandom(&s->seed, sizeof(s->seed), 0) < 0)
		err = -errno;
	else
		err = fill_slots(g, running);
	debt_set(s);
	if (!err)
		err = compile_lists(g);
	if (err && err != -EINVAL)
		log_error("the lists cannot be prepared: %s", strerror(-err));
	return err;
}

int generation_keep(const struct generation *g)
{
	int err = 0;

	for (int i = 0; i < g->lists && !err; i++)
		if (g->list[i].fresh)
			err = list_copies_write(
				g->list[i].name, g->in.settings.generation,
				g->list[i].file, &g->list[i].set);
	return err;
}

void generation_free(struct generation *g)
{
	for (int i = 0; i < g->lists; i++)
		prefix_free(&g->list[i].set);
	pack_free(&g->in.pack);
	asn_table_free(&g->asns);
	memset(g, 0, sizeof(*g));
}
