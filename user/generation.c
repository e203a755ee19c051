// SPDX-License-Identifier: GPL-2.0
#include "generation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "keep.h"
#include "log.h"
#include "netblock.h"
#include "print.h"

static void say_report(const char *name, const char *file,
		       const struct feed_report *r)
{
	log_info("list %s: %zu entries in %zu lines of %s: %zu IPv4 and %zu "
		 "IPv6 prefixes; %zu nested, %zu duplicate, %zu with host "
		 "bits masked, %zu excluded",
		 name, r->entries, r->lines, file, r->entries4, r->entries6,
		 r->nested, r->duplicates, r->masked, r->excluded);
}

static void say_refusal(const char *name, const struct feed_report *r)
{
	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++)
		log_error("%s", r->error[i]);
	if (r->errors > FEED_SHOWN)
		log_error("list %s: %zu errors, the first %d shown", name,
			  r->errors, FEED_SHOWN);
}

/* The set of except = FILE; no file, no entries. -EINVAL: told. */
static int read_except(const char *name, const char *file,
		       struct prefix_set *set)
{
	const struct feed_guard any = {};
	struct feed_report report = {};
	int err = 0;

	memset(set, 0, sizeof(*set));
	if (file)
		err = feed_read_file(file, &any, set, &report);
	if (err)
		say_refusal(name, &report);
	feed_report_free(&report);
	return err;
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

/* l->file under the rules of c. 0, or -EINVAL with everything told. */
static int read_file(struct generation_list *l, const struct config_list *c,
		     const struct generation_past *past)
{
	struct feed_guard guard = c->guard;
	struct feed_report report = {};
	struct prefix_set except;
	int err = read_except(l->name, c->except, &except);

	guard.except = &except;
	if (!err) {
		err = feed_read_file(l->file, &guard, &l->set, &report);
		if (err)
			say_refusal(l->name, &report);
	}
	if (!err && shrank(l, c, past)) {
		prefix_free(&l->set);
		err = -EINVAL;
	}
	if (!err)
		say_report(l->name, l->file, &report);
	l->from = GENERATION_FILE;
	l->fresh = !err;
	l->modified = report.modified;
	l->expires = c->expires;
	feed_report_free(&report);
	prefix_free(&except);
	return err;
}

static int read_kept(struct generation_list *l)
{
	const struct feed_guard any = {0, 0};
	struct feed_report report = {};
	char path[PATH_MAX];
	int err;

	keep_list_path(l->name, path, sizeof(path));
	err = feed_read_file(path, &any, &l->set, &report);
	feed_report_free(&report);
	return err;
}

/* A file that is not there is a mistake in the configuration. */
static bool is_missing(const struct config *cfg, const struct config_list *c)
{
	if (!access(c->file, F_OK))
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
	snprintf(l->file, sizeof(l->file), "%s", c->file);
	l->rule = c->rule;
	l->loaded = time(NULL);
	if (!is_missing(cfg, c) && !read_file(l, c, past))
		return;
	g->refused++;
	l->from = GENERATION_NOTHING;
	if (!kept)
		return;
	if (!read_kept(l)) {
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

int generation_read(struct generation *g, const struct config *cfg, bool kept,
		    const struct generation_past *past)
{
	for (int i = 0; i < cfg->lists; i++)
		read_one(g, cfg, &cfg->list[i], kept, past);
	return 0;
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

static int reread_one(struct generation_list *l, const struct config_list *c,
		      const char *file, const struct generation_past *past)
{
	int err;

	if (!strcmp(l->name, c->name)) {
		snprintf(l->file, sizeof(l->file), "%s", file);
		l->loaded = time(NULL);
		return read_file(l, c, past) ? -EINVAL : 0;
	}
	if (l->from == GENERATION_NOTHING)
		return 0;
	err = read_kept(l);
	if (err)
		log_error("list %s: its kept copy cannot be read; nothing was "
			  "changed: run 'mailweir reload'",
			  l->name);
	return err;
}

int generation_reread(struct generation *g, const struct mw_settings *settings,
		      const struct mw_list_info info[MW_LIST_SLOTS],
		      const struct config_list *list, const char *file,
		      bool force)
{
	const struct generation_past past = {.running = info, .force = force};
	bool found = false;
	int err = 0;

	for (int i = 0; i < MW_LIST_SLOTS; i++)
		found |= !strcmp(info[i].name, list->name);
	if (!found)
		return -ENOENT;
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
		err = reread_one(l, list, file, &past);
	}
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
		 print_action(l->rule.action));
	snprintf(info->mode, sizeof(info->mode), "%s",
		 print_mode(l->rule.mode));
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

int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct mw_list_info running[MW_LIST_SLOTS],
		       const struct mw_settings *previous)
{
	struct netblock_list lists[MW_LISTS] = {};
	struct mw_settings *s = &g->in.settings;
	struct netblocks blocks;
	int err;

	*s = *settings;
	memset(s->rules, 0, sizeof(s->rules));
	s->generation = previous->generation + 1;
	s->seed = previous->seed;
	if (!s->seed && getrandom(&s->seed, sizeof(s->seed), 0) < 0)
		return -errno;
	err = fill_slots(g, running);
	if (err)
		return err;
	for (int i = 0; i < g->lists; i++)
		lists[i] = (struct netblock_list){
			.set = &g->list[i].set,
			.slot = g->list[i].slot,
			.action = g->list[i].rule.action,
			.mode = g->list[i].rule.mode,
		};
	err = netblock_compile(lists, g->lists, &blocks);
	if (err)
		return err;
	g->flattened = blocks.n;
	err = pack_build(&blocks, &g->in.pack);
	netblock_free(&blocks);
	return err;
}

int generation_keep(const struct generation *g)
{
	int err = 0;

	for (int i = 0; i < g->lists && !err; i++)
		if (g->list[i].fresh)
			err = keep_list(g->list[i].name,
					g->in.settings.generation,
					g->list[i].file, &g->list[i].set);
	return err;
}

void generation_free(struct generation *g)
{
	for (int i = 0; i < g->lists; i++)
		prefix_free(&g->list[i].set);
	pack_free(&g->in.pack);
	memset(g, 0, sizeof(*g));
}
