// SPDX-License-Identifier: GPL-2.0
/* mailweir block, unblock and blocks: single entries made at run time */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "feed/child.h"
#include "gate/blocks.h"
#include "gate/clock.h"
#include "gate/feed_errors.h"
#include "kernel/table.h"
#include "out/json.h"
#include "out/log.h"
#include "out/text.h"
#include "out/units.h"

/* --- what the operator names --------------------------------------------- */

/* The guard of list files: wider prefixes are mistakes more often than not. */
static const struct feed_guard guard = {8, 19};

/* Why the word is no prefix to block, or NULL. */
static const char *word_wrong(const char *word, struct mw_prefix *p,
			      bool *masked)
{
	const char *why;
	__u32 asn;

	if (!asn_parse(word, &asn))
		return "AS numbers go into a list; add a line such as asn = "
		       "64500 to its section";
	if (prefix_parse(word, p, masked, &why))
		return why;
	if (p->len < (p->family == 4 ? guard.max_prefix4 : guard.max_prefix6))
		return "wider than an IPv4 /8 or an IPv6 /19; a list with "
		       "max_prefix takes it where it is meant";
	return NULL;
}

static int read_word(const char *word, struct prefix_set *set, __u64 *masked)
{
	struct mw_prefix p;
	char shown[80];
	bool was_masked;
	const char *why = word_wrong(word, &p, &was_masked);

	if (why) {
		text_escape(word, strlen(word), shown, sizeof(shown));
		log_error("'%s': %s", shown, why);
		return EXIT_USAGE;
	}
	*masked = was_masked;
	return cmd_failed(prefix_add(set, &p));
}

/* Standard input is read like a list's file. */
static int read_input(struct prefix_set *set, __u64 *masked)
{
	struct feed feed = {};
	int err = feed_child_input(&guard, &feed);

	if (!err && feed.asns.n) {
		log_error("AS%u: AS numbers go into a list; add asn = %u to "
			  "its section",
			  feed.asns.v[0].asn, feed.asns.v[0].asn);
		err = -EINVAL;
	}
	if (!err)
		err = feed_child_finish(&feed, &guard, NULL);
	feed_errors_tell("standard input", &feed.report, err);
	*masked = feed.report.masked;
	*set = feed.set;
	feed.set = (struct prefix_set){};
	feed_free(&feed);
	return cmd_failed(err);
}

/* Reads PREFIX, or standard input for -. The set is sorted. */
static int read_prefixes(const char *word, struct prefix_set *set)
{
	__u64 masked;
	int code = strcmp(word, "-") ? read_word(word, set, &masked)
				     : read_input(set, &masked);

	if (!code && masked)
		log_warning("%llu with host bits set; they were masked",
			    masked);
	return code;
}

/* --- block and unblock --------------------------------------------------- */

static int block_values(const struct options *o, struct mw_block *block)
{
	__u64 duration;

	*block = (struct mw_block){.created = time(NULL)};
	if (o->duration) {
		if (config_duration(o->duration, &duration))
			return cmd_usage("--for takes a duration, such as 10m, "
					 "1h or 7d, not",
					 o->duration);
		block->expires = clock_now() + duration;
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

/* --- whose --------------------------------------------------------------- */

static bool is_owner(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-");

	return n && !name[n] && n < MW_NAME;
}

/* --by, or who calls: behind sudo, whoever that is. */
static int owner(const struct options *o, const char **by)
{
	const struct passwd *user = getpwuid(getuid());
	const char *behind = getenv("SUDO_USER");

	*by = o->by ? o->by : behind && is_owner(behind) ? behind : NULL;
	if (!*by)
		*by = user && is_owner(user->pw_name) ? user->pw_name : "root";
	return is_owner(*by) ? EXIT_DONE
			     : cmd_usage("--by takes a name of up to 31 "
					 "letters, digits and ._@-, not",
					 *by);
}

static int block_set(struct prefix_set *set, const char *by,
		     const struct mw_block *block)
{
	struct blocks_result r;
	struct engine e;
	int code = cmd_open(&e, ENGINE_WRITE);

	if (code)
		return code;
	code = cmd_failed(blocks_translate(&e, guard.max_prefix4, set));
	if (!code)
		code = cmd_failed(blocks_set(&e, set, by, block, &r));
	if (!code) {
		log_info("%zu blocked", r.done - r.longer);
		code = r.kept || r.forgotten ? EXIT_DEGRADED : EXIT_DONE;
	}
	engine_close(&e);
	return code;
}

int cmd_block(const struct options *o)
{
	struct prefix_set set = {};
	struct mw_block block;
	const char *by;
	int code = block_values(o, &block);

	if (!code)
		code = owner(o, &by);
	if (!code)
		code = read_prefixes(o->args[0], &set);
	if (!code)
		code = block_set(&set, by, &block);
	prefix_free(&set);
	return code;
}

/* A tool ends its own blocks alone; a person also what no command made. */
static int unblock_set(struct prefix_set *set, const struct options *o,
		       const char *by)
{
	enum block_whose whose = o->all	 ? BLOCK_WHOSE_ALL
				 : o->by ? BLOCK_WHOSE_OWN
					 : BLOCK_WHOSE_PERSON;
	struct blocks_result r = {};
	struct engine e;
	int code = cmd_open(&e, ENGINE_WRITE);

	if (code)
		return code;
	code = cmd_failed(blocks_translate(&e, 0, set));
	if (!code)
		code = cmd_failed(blocks_unset(&e, set, by, whose, &r));
	log_info("%zu unblocked", r.done);
	if (!code && r.done < set->n)
		code = EXIT_NO;
	else if (!code && (r.kept || r.forgotten))
		code = EXIT_DEGRADED;
	engine_close(&e);
	return code;
}

int cmd_unblock(const struct options *o)
{
	struct prefix_set set = {};
	const char *by;
	int code = owner(o, &by);

	if (!code)
		code = read_prefixes(o->args[0], &set);
	if (!code)
		code = unblock_set(&set, o, by);
	prefix_free(&set);
	return code;
}

/* --- blocks -------------------------------------------------------------- */

struct shown {
	struct json_object *array;
	__u64 now;
	size_t n;
	int owners; /* descriptor */
};

static struct json_object *json_owners(const struct shown *shown,
				       const struct owners *owners)
{
	struct json_object *array = json_object_new_array();

	for (__u64 i = 0; i < owners->n; i++) {
		const struct owner *from = &owners->v[i];
		struct json_object *o = json_object_new_object();

		json_add_text(o, "by", from->by);
		json_add_u64(o, "created", from->created);
		if (from->expires)
			json_add_u64(
				o, "expires_in_s",
				(from->expires - shown->now) / UNITS_SECOND);
		json_add_text(o, "why", from->why);
		json_object_array_add(array, o);
	}
	return array;
}

static int show_json(struct shown *shown, const struct mw_prefix *p,
		     const struct mw_block *b, const struct owners *owners)
{
	struct json_object *o = json_object_new_object();

	json_add_prefix(o, "prefix", p);
	json_add_u64(o, "created", b->created);
	if (b->expires)
		json_add_u64(o, "expires_in_s",
			     (b->expires - shown->now) / UNITS_SECOND);
	json_add_u64(o, "drops", b->drops);
	json_add_text(o, "why", b->why);
	json_object_object_add(o, "owners", json_owners(shown, owners));
	return json_object_array_add(shown->array, o);
}

static void show_text(const struct shown *shown, const struct mw_prefix *p,
		      const struct mw_block *b, const struct owners *owners)
{
	char prefix[PREFIX_TEXT], left[UNITS_TEXT] = "never";
	char by[OWNERS_MOST * MW_NAME] = "";
	size_t n = 0;

	for (__u64 i = 0; i < owners->n; i++)
		n += snprintf(by + n, sizeof(by) - n, "%s%s", i ? "," : "",
			      owners->v[i].by);
	prefix_text(p, prefix);
	if (b->expires)
		units_duration(b->expires - shown->now, left);
	printf("%-24s %-10s %10llu  %-10s  %s\n", prefix, left, b->drops, by,
	       b->why);
}

static int show_one(const struct mw_prefix *p, const struct mw_block *b,
		    void *arg)
{
	struct shown *shown = arg;
	struct owners owners;
	int err;

	if (b->expires && b->expires <= shown->now)
		return 0;
	err = owners_get(shown->owners, p, &owners);
	if (err)
		return err;
	block_owners_alive(&owners, b, shown->now);
	if (shown->array)
		return show_json(shown, p, b, &owners);
	if (!shown->n++)
		printf("%-24s %-10s %10s  %-10s  %s\n", "prefix", "expires in",
		       "drops", "by", "why");
	show_text(shown, p, b, &owners);
	return 0;
}

static int show_blocks(const struct options *o, struct engine *e)
{
	struct shown shown = {.now = clock_now()};
	int err;

	shown.owners = owners_open(&e->pins, false);
	if (shown.owners < 0 && shown.owners != -ENOENT)
		return EXIT_NO;
	if (o->json)
		shown.array = json_object_new_array();
	err = table_blocks(e, show_one, &shown);
	if (shown.owners >= 0)
		close(shown.owners);
	if (o->json)
		json_object_object_add(o->document, "blocks", shown.array);
	else if (!shown.n && !err)
		puts("no run-time blocks");
	return cmd_failed(err);
}

int cmd_blocks(const struct options *o)
{
	return cmd_with(o, ENGINE_READ, show_blocks);
}
