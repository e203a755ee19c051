// SPDX-License-Identifier: GPL-2.0
/* mailweir block, unblock and blocks: single entries made at run time */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "blocks_file.h"
#include "clock.h"
#include "cmd.h"
#include "history_table.h"
#include "child.h"
#include "json.h"
#include "log.h"
#include "table.h"
#include "units.h"

/* As for list files: wider ones are mistakes more often than not. */
static const struct feed_guard guard = {8, 19};

/* Standard input is read like a list's file, the operator's own word here. */
static int read_word_or_input(const char *word, struct feed *feed)
{
	FILE *f;
	int err;

	if (!strcmp(word, "-"))
		return feed_child_input(&guard, feed);
	f = fmemopen((void *)word, strlen(word), "r");
	if (!f)
		return -errno;
	err = feed_parse(f, &guard, feed);
	fclose(f);
	return err;
}

static void say_errors(const struct feed_report *r, bool input)
{
	char text[FEED_ERROR + 64];

	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++) {
		report_text(r, i, "standard input", text, sizeof(text));
		log_error("%s", input ? text : r->error[i].text);
	}
	if (r->errors > FEED_SHOWN)
		log_error("%llu errors, the first %d shown", r->errors,
			  FEED_SHOWN);
}

/* PREFIX, or - for standard input. */
static int read_prefixes(const char *word, struct prefix_set *set)
{
	struct feed feed = {};
	int err = read_word_or_input(word, &feed);

	if (!err && feed.asns.n) {
		log_error("AS%u: AS numbers go into a list; add asn = %u to "
			  "its section",
			  feed.asns.v[0].asn, feed.asns.v[0].asn);
		err = -EINVAL;
	}
	if (!err)
		err = feed_finish(&feed, &guard, NULL);
	say_errors(&feed.report, !strcmp(word, "-"));
	if (!err && feed.report.masked)
		log_warning("%llu with host bits set; they were masked",
			    feed.report.masked);
	*set = feed.set;
	feed.set = (struct prefix_set){};
	feed_free(&feed);
	return err;
}

/* --- the copy for the next boot ------------------------------------------ */

static int kept_add(const struct mw_prefix *p, const struct mw_block *block,
		    void *arg)
{
	struct kept_blocks *kept = arg;
	struct kept_block *v;

	if (block->expires)
		return 0;
	if (!(kept->n & (kept->n - 1))) { /* room doubles at powers of two */
		v = realloc(kept->v, (kept->n ? kept->n * 2 : 1) * sizeof(*v));
		if (!v)
			return -ENOMEM;
		kept->v = v;
	}
	v = &kept->v[kept->n++];
	*v = (struct kept_block){.prefix = *p, .created = block->created};
	snprintf(v->why, sizeof(v->why), "%s", block->why);
	return 0;
}

/* What is in the table without expiry is what the next boot gets. */
static int keep_now(const struct engine *e)
{
	struct kept_blocks kept = {};
	int err = table_blocks(e, kept_add, &kept);

	if (!err)
		err = blocks_file_write(&kept);
	if (err)
		log_error("in force now, but a reboot will not know: %s",
			  strerror(-err));
	kept_blocks_free(&kept);
	return err;
}

/* --- block --------------------------------------------------------------- */

static int block_values(const struct options *o, struct mw_block *block,
			__u64 now)
{
	__u64 duration;

	*block = (struct mw_block){.created = time(NULL)};
	if (o->duration) {
		if (config_duration(o->duration, &duration))
			return cmd_usage("--for takes a duration, such as 10m, "
					 "1h or 7d, not",
					 o->duration);
		block->expires = now + duration;
	}
	if (!o->why)
		return EXIT_DONE;
	if (strlen(o->why) >= sizeof(block->why))
		return cmd_usage("--why takes at most 63 bytes", NULL);
	for (const char *c = o->why; *c; c++)
		if (*c < ' ' || *c > '~')
			return cmd_usage("--why takes printable ASCII", NULL);
	strcpy(block->why, o->why);
	return EXIT_DONE;
}

static int block_all(const struct engine *e, const struct prefix_set *set,
		     const struct mw_block *block, __u64 now)
{
	for (size_t i = 0; i < set->n; i++) {
		char text[PREFIX_TEXT];
		int err = table_block_set(e, &set->v[i], block, now);

		if (!err)
			continue;
		prefix_text(&set->v[i], text);
		log_error(
			"%s: not blocked, nor the %zu after it: %s", text,
			set->n - i - 1,
			err == -E2BIG
				? "the table of blocks is full; put them into "
				  "a list, or unblock some"
				: strerror(-err));
		return err;
	}
	return 0;
}

static bool is_in(const struct mw_prefix *source, void *set)
{
	return prefix_around(set, source);
}

static void forget_blocked(const struct engine *e, struct prefix_set *set)
{
	struct mw_settings s;
	int err = table_settings(e, &s);

	if (!err)
		err = history_table_forget(e, &s, is_in, set);
	if (err)
		log_warning("the histories of who is blocked stay: %s",
			    strerror(-err));
}

int cmd_block(const struct options *o)
{
	struct prefix_set set = {};
	__u64 now = clock_now();
	struct mw_block block;
	struct engine e;
	int code, err;

	code = block_values(o, &block, now);
	if (code)
		return code;
	if (read_prefixes(o->args[0], &set))
		return strcmp(o->args[0], "-") ? EXIT_USAGE : EXIT_NO;
	code = cmd_open(&e, true);
	if (code) {
		prefix_free(&set);
		return code;
	}
	err = block_all(&e, &set, &block, now);
	code = cmd_failed(err);
	if (keep_now(&e) && !code)
		code = EXIT_DEGRADED;
	if (!err)
		forget_blocked(&e, &set);
	if (!err)
		log_info("%zu blocked", set.n);
	engine_close(&e);
	prefix_free(&set);
	return code;
}

/* --- unblock ------------------------------------------------------------- */

static size_t unblock_all(const struct engine *e, const struct prefix_set *set)
{
	size_t gone = 0;

	for (size_t i = 0; i < set->n; i++) {
		char text[PREFIX_TEXT];
		int err = table_block_delete(e, &set->v[i]);

		gone += !err;
		if (!err)
			continue;
		prefix_text(&set->v[i], text);
		log_error("%s: %s", text,
			  err == -ENOENT
				  ? "not blocked; 'mailweir blocks' lists what "
				    "is"
				  : strerror(-err));
	}
	return gone;
}

int cmd_unblock(const struct options *o)
{
	struct prefix_set set = {};
	struct engine e;
	size_t gone;
	int code;

	if (read_prefixes(o->args[0], &set))
		return strcmp(o->args[0], "-") ? EXIT_USAGE : EXIT_NO;
	code = cmd_open(&e, true);
	if (code) {
		prefix_free(&set);
		return code;
	}
	gone = unblock_all(&e, &set);
	code = gone == set.n ? EXIT_DONE : EXIT_NO;
	if (gone)
		table_block_recount(&e); /* else a lookup too many */
	if (gone && keep_now(&e) && !code)
		code = EXIT_DEGRADED;
	log_info("%zu unblocked", gone);
	engine_close(&e);
	prefix_free(&set);
	return code;
}

/* --- blocks -------------------------------------------------------------- */

struct shown {
	struct json_object *array;
	__u64 now;
	size_t n;
};

static int show_json(struct shown *shown, const struct mw_prefix *p,
		     const struct mw_block *b)
{
	struct json_object *o = json_object_new_object();

	json_add_prefix(o, "prefix", p);
	json_add_u64(o, "created", b->created);
	if (b->expires)
		json_add_u64(o, "expires_in_s",
			     (b->expires - shown->now) / UNITS_SECOND);
	json_add_u64(o, "drops", b->drops);
	json_add_text(o, "why", b->why);
	return json_object_array_add(shown->array, o);
}

static int show_one(const struct mw_prefix *p, const struct mw_block *b,
		    void *arg)
{
	char prefix[PREFIX_TEXT], left[UNITS_TEXT] = "never";
	struct shown *shown = arg;

	if (b->expires && b->expires <= shown->now)
		return 0;
	if (shown->array)
		return show_json(shown, p, b);
	if (!shown->n++)
		printf("%-24s %-10s %10s  %s\n", "prefix", "expires in",
		       "drops", "why");
	prefix_text(p, prefix);
	if (b->expires)
		units_duration(b->expires - shown->now, left);
	printf("%-24s %-10s %10llu  %s\n", prefix, left, b->drops, b->why);
	return 0;
}

int cmd_blocks(const struct options *o)
{
	struct shown shown = {.now = clock_now()};
	struct engine e;
	int code, err;

	code = cmd_open(&e, false);
	if (code)
		return code;
	if (o->json)
		shown.array = json_object_new_array();
	err = table_blocks(&e, show_one, &shown);
	if (err)
		log_error("the blocks cannot be read: %s", strerror(-err));
	if (o->json) {
		json_object_object_add(o->document, "blocks", shown.array);
	} else if (!shown.n && !err) {
		puts("no run-time blocks");
	}
	return cmd_failed(err);
}
