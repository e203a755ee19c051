// SPDX-License-Identifier: GPL-2.0
#include "gate/generation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "gate/answers.h"
#include "gate/clock.h"
#include "gate/debt.h"
#include "gate/sizes.h"
#include "gate/sockets.h"
#include "gate/warnings.h"
#include "lists/flatten.h"
#include "out/log.h"
#include "out/names.h"
#include "out/units.h"
#include "state/list_copies.h"

struct generation *generation_new(const struct config *cfg, bool force)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (!g) {
		log_error("no memory for a new generation");
		return NULL;
	}
	g->cfg = cfg;
	g->force = force;
	g->origins.file = cfg->asn_table;
	return g;
}

/* Empties g->list; g->read keeps its prefixes. */
static void forget_lists(struct generation *g)
{
	for (int i = 0; i < g->lists; i++)
		if (!g->only || strcmp(g->list[i].name, g->read.name))
			prefix_free(&g->list[i].set);
	g->lists = 0;
}

void generation_free(struct generation *g)
{
	if (!g)
		return;
	forget_lists(g);
	prefix_free(&g->read.set);
	pack_free(&g->in.pack);
	answers_free(&g->in.own);
	origins_free(&g->origins);
	free(g);
}

/* --- reading ------------------------------------------------------------- */

void generation_read(struct generation *g)
{
	const struct config *cfg = g->cfg;

	for (; g->lists < cfg->lists; g->lists++)
		g->refused +=
			read_list(&g->list[g->lists], cfg, &cfg->list[g->lists],
				  cfg->list[g->lists].file, g->force,
				  &g->origins) != 0;
}

int generation_read_one(struct generation *g, const struct config_list *only,
			const char *file)
{
	int err;

	g->only = only;
	err = read_list(&g->read, g->cfg, only, file, g->force, &g->origins);
	if (err)
		log_error("list %s: refused, nothing was changed", only->name);
	return err;
}

/* --- in the place of what is in force ------------------------------------ */

/* The words for where a list came from, which status shows and which are read
 * back from the kernel. */
static const char *const states[] = {
	[LIST_FROM_FILE] = "ok",
	[LIST_UNKEPT] = "not kept",
	[LIST_FROM_COPY] = "last good copy",
	[LIST_FROM_NOTHING] = "not loaded",
};

static enum list_from state_from(const char *state)
{
	for (int i = LIST_FROM_FILE; i <= LIST_FROM_NOTHING; i++)
		if (!strcmp(states[i], state))
			return i;
	return LIST_FROM_FILE;
}

/* Sets l to a list that is in force, without its prefixes. */
static void list_in_force(struct list *l, const struct mw_list_info *info,
			  const struct mw_rule *rule)
{
	memcpy(l->name, info->name, sizeof(l->name));
	memcpy(l->file, info->file, sizeof(l->file));
	l->from = state_from(info->state);
	l->loaded = info->loaded;
	l->modified = info->modified;
	l->expires = info->expires;
	l->rule = *rule;
}

/* Is the copy of a list what is in force of it? */
static bool copy_is_true(const struct list *l)
{
	struct list_copy about;

	return l->from != LIST_UNKEPT && !list_copies_about(l->name, &about) &&
	       (!about.loaded || about.loaded == l->loaded);
}

/* Reads a list that is not to change from its own file, by its rule in force.
 * c NULL: it left the configuration. */
static int reread_file(struct generation *g, struct list *l,
		       const struct config_list *c, const struct in_force *old)
{
	const struct mw_rule rule = l->rule;
	int err = -EINVAL;

	if (c && c->rule.action == rule.action)
		err = read_list(l, g->cfg, c, c->file, g->force, &g->origins);
	if (!err && !g->force)
		err = read_list_check(l, c, old->lists);
	l->rule = rule;
	return err;
}

/* Reads a list that is not to change: from its copy, or where that is not what
 * is in force, from its file. -EINVAL would be a refusal of the list that is
 * loaded, so a list that cannot be read is -EIO. */
static int reread_other(struct generation *g, struct list *l,
			const struct in_force *old)
{
	char path[PATH_MAX];

	if (l->from == LIST_FROM_NOTHING)
		return 0;
	if (copy_is_true(l) &&
	    !read_list_copy(l->name, l->rule.action, &l->set))
		return 0;
	list_copies_path(l->name, path, sizeof(path));
	log_warning("list %s: %s is not a copy of what is in force, so the "
		    "list's own file is read",
		    l->name, path);
	if (!reread_file(g, l, config_find_list(g->cfg, l->name), old))
		return 0;
	log_error("list %s: it cannot be kept as it is, so nothing was "
		  "changed; mend its file and run 'mailweir reload'",
		  l->name);
	return -EIO;
}

static bool is_same_rule(const struct mw_rule *a, const struct mw_rule *b)
{
	return a->mode == b->mode && a->limit.interval == b->limit.interval &&
	       a->limit.window == b->limit.window;
}

/* Gives the list that was read its rule in force: only a reload changes rules.
 * -EINVAL: the configuration says that it does something else. */
static int keep_rule(struct generation *g, struct list *l,
		     const struct mw_rule *in_force)
{
	const struct mw_rule configured = l->rule;

	if (configured.action != in_force->action) {
		log_error("list %s: its action is %s now, and %s is in force; "
			  "'mailweir reload' puts the new one in force",
			  l->name, name_action(configured.action),
			  name_action(in_force->action));
		return -EINVAL;
	}
	l->rule = *in_force;
	g->differs = !is_same_rule(&configured, in_force);
	if (g->differs)
		log_warning("list %s: its mode or rate is another one now than "
			    "in force; 'mailweir reload' puts that in force",
			    l->name);
	return 0;
}

/* Puts the list that was read among the others that are in force. */
static int lists_beside(struct generation *g, const struct in_force *old)
{
	bool found = false;
	int err = 0;

	forget_lists(g);
	for (int i = 0; i < MW_LIST_SLOTS && !err; i++) {
		struct list *l = &g->list[g->lists];

		if (!old->lists[i].name[0])
			continue;
		g->lists++;
		memset(l, 0, sizeof(*l));
		list_in_force(l, &old->lists[i], &old->settings.rules[i]);
		if (strcmp(l->name, g->read.name)) {
			err = reread_other(g, l, old);
			continue;
		}
		found = true;
		*l = g->read;
		err = keep_rule(g, l, &old->settings.rules[i]);
	}
	if (err || found)
		return err;
	log_error("list %s: configured but not in force; 'mailweir reload' "
		  "loads it",
		  g->read.name);
	return -ENOENT;
}

static int make_one(struct generation *g, const struct in_force *old)
{
	int err = g->force ? 0 : read_list_check(&g->read, g->only, old->lists);

	if (!err)
		return lists_beside(g, old);
	log_error("list %s: refused, nothing was changed", g->read.name);
	return err;
}

/* Does something of the list, as it is meant now, guard? */
static bool is_in_force(const struct list *l, const struct in_force *old)
{
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!strcmp(old->lists[i].name, l->name))
			return old->settings.rules[i].action ==
				       l->rule.action &&
			       old->lists[i].entries4 + old->lists[i].entries6;
	return false;
}

/* err: why there is no copy. */
static void say_missing(const struct list *l, int err)
{
	log_warning("list %s: refused, and %s: it is NOT enforced", l->name,
		    err == -EINVAL ? "there is no good copy" : strerror(-err));
}

/* Its last accepted copy takes the place of a refused list. What is in force
 * of a list is not given up where that is not to be had. */
static int fall_back(struct list *l, const struct in_force *old)
{
	int err = read_list_instead(l);

	if (!err)
		return 0;
	if (!is_in_force(l, old)) {
		say_missing(l, err);
		return 0;
	}
	log_error("list %s: refused, and its copy cannot be read (%s): what is "
		  "in force of it would be lost, so nothing was changed",
		  l->name, err == -EINVAL ? "no good one" : strerror(-err));
	return err;
}

/* One refused list holds up no other. */
static int make_all(struct generation *g, const struct in_force *old)
{
	/* Where nothing is in force lists are compared with their copies. */
	const struct mw_list_info *running =
		old->generation ? old->lists : NULL;
	int err = 0;

	for (int i = 0; i < g->lists && !err; i++) {
		struct list *l = &g->list[i];

		if (l->from == LIST_FROM_FILE && !g->force)
			read_list_check(l, &g->cfg->list[i], running);
		if (l->from != LIST_FROM_FILE)
			err = fall_back(l, old);
	}
	return err;
}

/* --- compiling ----------------------------------------------------------- */

/* The slot that the name has in running, or one that is free there and in g. */
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

static void fill_state(const struct list *l, struct mw_list_info *info)
{
	snprintf(info->state, sizeof(info->state), "%s", states[l->from]);
}

static void fill_info(const struct list *l, struct mw_list_info *info)
{
	memcpy(info->name, l->name, sizeof(info->name));
	memcpy(info->file, l->file, sizeof(info->file));
	snprintf(info->action, sizeof(info->action), "%s",
		 name_action(l->rule.action));
	snprintf(info->mode, sizeof(info->mode), "%s", name_mode(l->rule.mode));
	fill_state(l, info);
	info->loaded = l->loaded;
	info->modified = l->modified;
	info->expires = l->expires;
	for (size_t i = 0; i < l->set.n; i++)
		l->set.v[i].family == 4 ? info->entries4++ : info->entries6++;
}

static int fill_slots(struct generation *g,
		      const struct mw_list_info running[MW_LIST_SLOTS])
{
	memset(g->in.info, 0, sizeof(g->in.info));
	for (int i = 0; i < g->lists; i++) {
		struct list *l = &g->list[i];

		l->slot = slot_for(g, l->name, running);
		if (l->slot < 0)
			return l->slot;
		fill_info(l, &g->in.info[l->slot]);
		g->in.settings.rules[l->slot] = l->rule;
	}
	return 0;
}

/* Sets lists to what flatten_lists wants of each list; returns how many. */
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

/* Counts the different times at which entries of the set end. */
static size_t count_ends(const struct prefix_set *set)
{
	__u8 seen[(PREFIX_ENDS + 8) / 8] = {};
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++) {
		__u16 ends = set->v[i].ends;

		n += ends && !(seen[ends / 8] & 1 << ends % 8);
		seen[ends / 8] |= 1 << ends % 8;
	}
	return n;
}

/* pack_build tells so many ways apart in which lists cover an address, and
 * until when; of more it says -E2BIG. */
enum { MOST_CLASSES = 65535 };

static void say_too_many(const struct generation *g)
{
	log_error("%s: the lists overlap, or end, in more different ways than "
		  "the %d that there is room for; leave one of these out, or "
		  "put it in another format, without ends:",
		  g->cfg->name, MOST_CLASSES);
	for (int i = 0; i < g->lists; i++)
		log_error("list %s: %zu prefixes, which end at %zu different "
			  "times",
			  g->list[i].name, g->list[i].set.n,
			  count_ends(&g->list[i].set));
}

static bool fits(const struct generation *g)
{
	const struct list *longest = g->list;

	if (pack_bytes(&g->in.pack) <= g->cfg->list_memory)
		return true;
	for (int i = 1; i < g->lists; i++)
		if (g->list[i].set.n > longest->set.n)
			longest = &g->list[i];
	log_error("%s: the lists take %.1f MiB, and max_list_memory of [gate] "
		  "is %llu; raise it or leave lists out: the longest is list "
		  "%s with %zu prefixes",
		  g->cfg->name, pack_bytes(&g->in.pack) / 1048576.0,
		  g->cfg->list_memory >> 20, longest->name, longest->set.n);
	return false;
}

/* -E2BIG: more classes than there is room for; -EFBIG: more memory. */
static int compile_lists(struct generation *g)
{
	struct flatten_list lists[MW_LISTS] = {};
	struct flat flat;
	int err = flatten_lists(lists, compile_input(g, lists), &flat);

	if (!err) {
		g->flattened = flat.n;
		err = pack_build(&flat, &g->in.pack);
		flat_free(&flat);
	}
	if (err == -E2BIG)
		say_too_many(g);
	else if (err)
		log_error("%s: the lists cannot be prepared: %s", g->cfg->name,
			  strerror(-err));
	else if (!fits(g))
		err = -EFBIG;
	return err;
}

static bool is_too_much(int err)
{
	return err == -E2BIG || err == -EFBIG;
}

/* Sets what the configuration does not say. */
static int complete_settings(struct mw_settings *s,
			     const struct mw_settings *previous)
{
	int err = sockets_netns(&s->netns);

	if (err)
		return err;
	memset(s->rules, 0, sizeof(s->rules));
	s->generation = previous->generation + 1;
	s->seed = previous->seed;
	s->wall = clock_wall();
	if (s->seed || getrandom(&s->seed, sizeof(s->seed), 0) >= 0)
		return 0;
	err = -errno;
	log_error("no random number is to be had: %s", strerror(-err));
	return err;
}

static int compile(struct generation *g, const struct mw_settings *settings,
		   const struct in_force *old)
{
	int err;

	if (!g->warned)
		warnings_tell(g->list, g->lists);
	g->warned = true;
	pack_free(&g->in.pack);
	g->in.settings = *settings;
	if (!g->only)
		g->in.settings.before = old->counters;
	g->differs |= !gate_sizes_keep(&g->in.settings, &old->settings);
	err = gate_sizes_check(g->cfg->name, &g->in.settings, &old->settings);
	if (!err)
		err = complete_settings(&g->in.settings, &old->settings);
	if (!err)
		err = fill_slots(g, old->lists);
	if (err)
		return err;
	debt_set(&g->in.settings);
	return compile_lists(g);
}

int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct in_force *old)
{
	int err = compile(g, settings, old);

	return is_too_much(err) ? -EINVAL : err;
}

/* --- making -------------------------------------------------------------- */

/* What stands in the way of the others, by what there is too much of. */
static size_t weight(const struct list *l, int err)
{
	return err == -E2BIG ? count_ends(&l->set) : l->set.n;
}

/* The list without which the others are likeliest to have room; NULL: all are
 * empty. */
static struct list *heaviest(struct generation *g, int err)
{
	struct list *most = NULL;

	for (int i = 0; i < g->lists; i++) {
		struct list *l = &g->list[i];

		if (l->set.n && (!most || weight(l, err) > weight(most, err)))
			most = l;
	}
	return most;
}

/* Where nothing is in force the heaviest list falls back until the others have
 * room: to its last accepted copy, and then to nothing. */
static int make_fit(struct generation *g, const struct in_force *old, int err)
{
	struct list *most;

	while (is_too_much(err) && (most = heaviest(g, err))) {
		if (most->from == LIST_FROM_COPY)
			read_list_drop(most);
		else
			fall_back(most, old);
		err = compile(g, &g->cfg->settings, old);
	}
	return err;
}

int generation_make(struct generation *g, const struct in_force *old)
{
	int err;

	g->differs = false;
	err = g->only ? make_one(g, old) : make_all(g, old);
	if (err)
		return err;
	err = compile(g, g->only ? &old->settings : &g->cfg->settings, old);
	if (!old->generation)
		err = make_fit(g, old, err);
	if (!err && g->in.settings.answer == MW_ANSWER_AUTO)
		err = answers_find(g->in.settings.native, &g->in.own);
	return is_too_much(err) ? -EINVAL : err;
}

/* --- what it is good for ------------------------------------------------- */

static bool list_holds(const struct list *l, enum mw_action action,
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

static int keep_list(const struct generation *g, const struct list *l)
{
	const struct list_copy about = {l->set.n, l->rule.action, l->loaded};

	return list_copies_write(l->name, g->in.settings.generation, &about,
				 l->file, &l->set);
}

int generation_keep(struct generation *g)
{
	int err = 0;

	for (int i = 0; i < g->lists; i++) {
		struct list *l = &g->list[i];
		int failed = l->fresh ? keep_list(g, l) : 0;

		if (!failed)
			continue;
		l->from = LIST_UNKEPT;
		fill_state(l, &g->in.info[l->slot]);
		err = failed;
	}
	return err;
}
