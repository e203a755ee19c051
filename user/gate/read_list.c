// SPDX-License-Identifier: GPL-2.0
#include "gate/read_list.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feed/child.h"
#include "gate/feed_errors.h"
#include "out/log.h"
#include "out/text.h"
#include "out/units.h"
#include "state/list_copies.h"

/* Tells what was taken of a list's file. */
static void say_report(const struct list *l, const struct feed_report *r)
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
	if (r->silent)
		log_info("list %s: %llu AS numbers announce nothing", l->name,
			 r->silent);
}

/* Reads all of a file, without a table of ASNs. Silent. */
static int read_plain(const char *path, const struct feed_guard *guard,
		      struct feed *feed)
{
	int err = feed_child_read(path, guard, feed);

	return err ? err : feed_child_finish(feed, guard, NULL);
}

/* Reads except = FILE; NULL: no entries. -EINVAL, or -errno: told. */
static int read_except(const char *file, const struct mw_nat64 *nat64,
		       struct feed *feed)
{
	const struct feed_guard any = {.nat64 = nat64};
	int err;

	memset(feed, 0, sizeof(*feed));
	err = file ? read_plain(file, &any, feed) : 0;
	if (err)
		feed_errors_tell(file, &feed->report, err);
	return err;
}

/* Adds the ASNs of the section. max_errors forgives lines of a file, not an ASN
 * of the section that is unknown. */
static int read_section(const struct config *cfg, const struct config_list *c,
			const struct asn_table *table,
			const struct feed_guard *guard, struct feed *feed)
{
	struct feed_report report = {};
	int err = feed_resolve(&c->asns, table, guard, &feed->set, &report);

	if (!err && report.errors)
		err = -EINVAL;
	if (err == -EINVAL)
		feed_errors_tell(cfg->name, &report, err);
	feed->report.entries += c->asns.n;
	feed->report.silent += report.silent;
	return err;
}

static bool is_input(const char *file)
{
	return file && !strcmp(file, "-");
}

/* Standard input is as old as its reading. */
static int read_file(const char *file, const struct feed_guard *guard,
		     struct feed *feed)
{
	int err;

	if (!is_input(file))
		return feed_child_read(file, guard, feed);
	err = feed_child_input(guard, feed);
	feed->report.modified = time(NULL);
	return err;
}

/* Reads the file and the ASNs of the section. */
static int read_entries(const struct config *cfg, const struct config_list *c,
			const char *file, struct origins *origins,
			const struct feed_guard *guard, struct feed *feed)
{
	const struct asn_table *table = NULL;
	int err = 0;

	memset(feed, 0, sizeof(*feed));
	if (file)
		err = read_file(file, guard, feed);
	if (!err && (feed->asns.n || c->asns.n)) {
		table = origins_table(origins);
		if (!table && origins->file)
			return -EINVAL;
	}
	if (!err)
		err = read_section(cfg, c, table, guard, feed);
	return err ? err : feed_child_finish(feed, guard, table);
}

/* After how many seconds the file is too old: by its own word, or by the
 * list's expires where that is earlier; 0: never. */
static __u64 expires_after(const struct feed_report *r, __u64 configured)
{
	__u64 own = 0;

	if (r->expires)
		own = r->expires > r->modified
			      ? (__u64)r->expires - (__u64)r->modified
			      : 1;
	return !own || (configured && configured < own) ? configured : own;
}

/* Sets what is shown as the list's file. */
static void show_file(struct list *l, const struct config_list *c,
		      const char *file)
{
	if (file)
		text_cut(is_input(file) ? "standard input" : file, l->file,
			 sizeof(l->file));
	else
		snprintf(l->file, sizeof(l->file), "asn of [list %s]", c->name);
}

/* A file that is not there is a mistake in the configuration. */
static int check_there(const struct config *cfg, const struct config_list *c,
		       const char *file)
{
	if (!file || file != c->file || !access(file, F_OK))
		return 0;
	log_error("%s:%d: file %s of list %s: %s; put the list there or "
		  "correct the path",
		  cfg->name, c->file_line, file, c->name, strerror(errno));
	return -EINVAL;
}

static void refuse(struct list *l)
{
	prefix_free(&l->set);
	l->from = LIST_FROM_NOTHING;
	l->fresh = false;
}

/* The guard that turns an old list red sees no age in such a file. */
static void warn_future(const struct list *l)
{
	enum { SKEW = 60 }; /* seconds between two machines' clocks */
	char when[UNITS_TEXT];

	if (!l->expires || l->modified <= l->loaded + SKEW)
		return;
	units_time(l->modified, when);
	log_warning("list %s: %s was written in the future, by its time or "
		    "this clock: %s; it is taken for new, and expires from now "
		    "on",
		    l->name, l->file, when);
}

/* l takes what was read. */
static void take(struct list *l, struct feed *feed)
{
	l->set = feed->set;
	feed->set = (struct prefix_set){};
	l->from = LIST_FROM_FILE;
	l->fresh = true;
	say_report(l, &feed->report);
}

/* What is read for a list. */
struct reading {
	struct feed_guard guard;
	struct feed feed, except;
};

static int read_all(struct list *l, const struct config *cfg,
		    const struct config_list *c, const char *file,
		    struct reading *r, struct origins *origins)
{
	int err = check_there(cfg, c, file);

	if (!err)
		err = read_except(c->except, r->guard.nat64, &r->except);
	if (err)
		return err;
	r->guard.except = &r->except.set;
	err = read_entries(cfg, c, file, origins, &r->guard, &r->feed);
	feed_errors_tell(l->file, &r->feed.report, err);
	return err;
}

static struct reading *new_reading(const char *list)
{
	struct reading *r = calloc(1, sizeof(*r));

	if (!r)
		log_error("list %s: no memory", list);
	return r;
}

int read_list(struct list *l, const struct config *cfg,
	      const struct config_list *c, const char *file, bool may_be_empty,
	      struct origins *origins)
{
	struct reading *r = new_reading(c->name);
	int err;

	snprintf(l->name, sizeof(l->name), "%s", c->name);
	l->rule = c->rule;
	show_file(l, c, file);
	l->loaded = time(NULL);
	refuse(l);
	if (!r)
		return -EINVAL;
	r->guard = c->guard;
	r->guard.nat64 = &cfg->settings.nat64;
	r->guard.goes_on = c->asns.n;
	r->guard.may_be_empty |= may_be_empty;
	err = read_all(l, cfg, c, file, r, origins);
	if (!err)
		take(l, &r->feed);
	l->modified = r->feed.report.modified;
	l->expires = expires_after(&r->feed.report, c->expires);
	if (!err)
		warn_future(l);
	feed_free(&r->feed);
	feed_free(&r->except);
	free(r);
	return err ? -EINVAL : 0;
}

/* How many prefixes the last accepted copy of the list has that have not ended.
 */
static size_t count_copy(const struct list *l)
{
	struct list_copy about;
	struct prefix_set set;
	int err = list_copies_about(l->name, &about);
	size_t n;

	if (err == -ENOENT ||
	    (!err && about.action >= 0 && about.action != l->rule.action))
		return 0;
	if (!err)
		err = read_list_copy(l->name, l->rule.action, &set);
	if (err) {
		log_warning("list %s: its last good copy is damaged, so it is "
			    "not known whether the list shrank",
			    l->name);
		return 0;
	}
	n = set.n;
	prefix_free(&set);
	return n;
}

static size_t count_running(const struct list *l,
			    const struct mw_list_info *running)
{
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!strcmp(running[i].name, l->name))
			return running[i].entries4 + running[i].entries6;
	return 0;
}

int read_list_check(struct list *l, const struct config_list *c,
		    const struct mw_list_info *running)
{
	size_t before = running ? count_running(l, running) : count_copy(l);

	if (l->set.n * 100 >= before * (100 - c->max_shrink))
		return 0;
	log_error("%s: %zu prefixes where %zu %s in force: list %s shrank by "
		  "more than max_shrink = %d%%; 'mailweir reload --force' "
		  "loads it",
		  l->file, l->set.n, before, running ? "are" : "were", l->name,
		  c->max_shrink);
	refuse(l);
	return -EINVAL;
}

int read_list_instead(struct list *l)
{
	struct list_copy about;
	int err;

	refuse(l);
	err = read_list_copy(l->name, l->rule.action, &l->set);
	if (err)
		return err;
	l->from = LIST_FROM_COPY;
	if (!list_copies_about(l->name, &about) && about.loaded)
		l->loaded = about.loaded;
	log_warning("list %s: refused; the last good copy is used (%zu "
		    "prefixes)",
		    l->name, l->set.n);
	return 0;
}

void read_list_drop(struct list *l)
{
	refuse(l);
	log_warning("list %s: there is no room for its last good copy either: "
		    "it is NOT enforced",
		    l->name);
}

/* A copy of another action is none: who was blocked is not to be allowed. */
static int check_action(const char *name, int action)
{
	struct list_copy about;
	int err = list_copies_about(name, &about);

	if (!err && about.action >= 0 && about.action != action)
		return -EINVAL;
	return err == -ENOENT ? -EINVAL : err;
}

int read_list_copy(const char *name, int action, struct prefix_set *set)
{
	const struct feed_guard kept = {.format = FEED_KEPT};
	int err = action == ANY_ACTION ? 0 : check_action(name, action);
	struct feed feed;
	char path[PATH_MAX];

	*set = (struct prefix_set){};
	if (err)
		return err;
	list_copies_path(name, path, sizeof(path));
	err = read_plain(path, &kept, &feed);
	*set = feed.set;
	feed.set = (struct prefix_set){};
	feed_free(&feed);
	return err;
}
