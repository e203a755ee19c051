// SPDX-License-Identifier: GPL-2.0
#include "gate/blocks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gate/clock.h"
#include "gate/histories.h"
#include "gate/offenders.h"
#include "kernel/owed.h"
#include "kernel/table.h"
#include "out/log.h"
#include "out/units.h"
#include "state/blocks_file.h"

/* --- the file of the next boot ------------------------------------------- */

struct keeping {
	struct kept_blocks kept;
	int owners;	    /* descriptor */
	__u64 now, seconds; /* CLOCK_MONOTONIC in ns; since 1970 */
};

static int keep_owner(struct keeping *k, const struct mw_prefix *p,
		      const struct owner *o)
{
	struct kept_block to = {.prefix = *p, .created = o->created};

	if (o->expires)
		to.ends = k->seconds + (o->expires - k->now + UNITS_SECOND -
					1) / UNITS_SECOND;
	memcpy(to.by, o->by, sizeof(to.by));
	memcpy(to.why, o->why, sizeof(to.why));
	return kept_blocks_add(&k->kept, &to);
}

/* table_blocks: adds what has not ended, once for each owner. */
static int keep_one(const struct mw_prefix *p, const struct mw_block *block,
		    void *arg)
{
	struct keeping *k = arg;
	struct owners o;
	int err;

	if (table_block_is_over(block->expires, k->now))
		return 0;
	err = owners_get(k->owners, p, &o);
	if (!err)
		block_owners_alive(&o, block, k->now);
	for (__u64 i = 0; i < o.n && !err; i++)
		err = keep_owner(k, p, &o.v[i]);
	return err;
}

static int write_all(const struct engine *e)
{
	struct keeping k = {.now = clock_now(), .seconds = time(NULL)};
	int err = 0;

	k.owners = owners_open(&e->pins, false);
	if (k.owners < 0 && k.owners != -ENOENT)
		return k.owners;
	err = table_blocks(e, keep_one, &k);
	if (k.owners >= 0)
		close(k.owners);
	if (!err)
		err = blocks_file_write(&k.kept);
	kept_blocks_free(&k.kept);
	return err;
}

/* A file whose blocks are not all in force is not written over. */
static int keep_all(const struct engine *e)
{
	int unread = owed_is(&e->pins, OWED_BLOCKS_READ);
	int err = unread ? -EBUSY : write_all(e), noted;

	if (err)
		log_error("the change is in force, but the file that the next "
			  "boot reads is as it was: a reboot will not know");
	noted = owed_set(&e->pins, OWED_BLOCKS_WRITE, err);
	return err ? err : noted;
}

/* false: it has ended. */
static bool block_of_kept(const struct kept_block *from, __u64 now,
			  struct mw_block *block)
{
	__u64 seconds = time(NULL);

	*block = (struct mw_block){.created = from->created};
	memcpy(block->why, from->why, sizeof(block->why));
	if (from->ends > seconds)
		block->expires = now + (from->ends - seconds) * UNITS_SECOND;
	return !from->ends || from->ends > seconds;
}

/* What was kept before its prefix was one of NAT64 is IPv4 now. */
static struct mw_prefix kept_prefix(const struct mw_settings *s,
				    const struct kept_block *from)
{
	struct mw_prefix p = from->prefix;

	return prefix_translate(&s->nat64, &p) && p.len ? p : from->prefix;
}

/* Blocks what was kept, until one fails; *done: how many are blocked. */
static int restore_all(const struct engine *e, const struct mw_settings *s,
		       const struct kept_blocks *kept, size_t *done)
{
	int owners = kept->n ? owners_open(&e->pins, true) : -ENOENT;
	int err = kept->n && owners < 0 ? owners : 0;
	__u64 now = clock_now();

	for (*done = 0; *done < kept->n && err >= 0; *done += err >= 0) {
		const struct kept_block *from = &kept->v[*done];
		const struct mw_prefix p = kept_prefix(s, from);
		struct mw_block block;

		if (block_of_kept(from, now, &block))
			err = block_owners_set(
				e, owners, &p,
				from->by[0] ? from->by : MW_BLOCK_SELF, &block,
				true, now);
	}
	if (owners >= 0)
		close(owners);
	return err < 0 ? err : 0;
}

int blocks_restore(const struct engine *e, const struct mw_settings *s)
{
	struct kept_blocks kept;
	int err = blocks_file_read(&kept), failed, noted;
	size_t done;

	failed = restore_all(e, s, &kept, &done);
	if (failed)
		log_error("%zu of %zu kept run-time blocks are not in force%s",
			  kept.n - done, kept.n,
			  failed == -E2BIG ? ": the table of blocks is full"
					   : "");
	if (!err && kept.wrong)
		err = -EINVAL;
	kept_blocks_free(&kept);
	err = err ? err : failed;
	noted = owed_set(&e->pins, OWED_BLOCKS_READ, err);
	return err ? err : noted;
}

/* FNV-1a */
static __u64 mix(__u64 hash, const void *data, size_t size)
{
	for (const __u8 *c = data; size; size--)
		hash = (hash ^ *c++) * 0x100000001b3ULL;
	return hash;
}

/* table_blocks: their order does not count. */
static int visit_fingerprint(const struct mw_prefix *p,
			     const struct mw_block *block, void *sum)
{
	__u64 hash = mix(0xcbf29ce484222325ULL, p, sizeof(*p));

	hash = mix(hash, &block->expires, sizeof(block->expires));
	*(__u64 *)sum += mix(hash, block->why, sizeof(block->why));
	return 0;
}

int blocks_fingerprint(const struct engine *e, __u64 *fingerprint)
{
	*fingerprint = 0;
	return table_blocks(e, visit_fingerprint, fingerprint);
}

int blocks_save(const struct engine *e)
{
	int unread = owed_is(&e->pins, OWED_BLOCKS_READ);

	return unread == 1 ? blocks_keep_owed(e) : unread ?: keep_all(e);
}

int blocks_keep_owed(const struct engine *e)
{
	int owed = owed_is(&e->pins, OWED_BLOCKS_WRITE);

	return owed == 1 ? keep_all(e) : owed;
}

int blocks_catch_up(const struct engine *e)
{
	int owed = owed_is(&e->pins, OWED_BLOCKS_READ), err = owed;
	struct mw_settings s;

	if (owed == 1)
		err = table_settings(e, &s) ?: blocks_restore(e, &s);

	return err ? err : blocks_keep_owed(e);
}

/* --- changes ------------------------------------------------------------- */

/* A prefix before a colon: "2001:db8::/128", and not "2001:db8::". */
enum { SUBJECT = PREFIX_TEXT + 8 };

static void subject(const struct mw_prefix *p, char text[SUBJECT])
{
	char prefix[PREFIX_TEXT];
	bool bare;

	prefix_text(p, prefix);
	bare = prefix[strlen(prefix) - 1] == ':';
	snprintf(text, SUBJECT, "%s%s", prefix, bare ? "/128" : "");
}

static int translate_one(const struct mw_nat64 *nat64, int widest,
			 struct mw_prefix *p)
{
	char text[SUBJECT];

	subject(p, text);
	if (prefix_translate(nat64, p)) {
		if (p->len >= widest)
			return 0;
		log_error("%s: is an IPv4 /%d by NAT64, wider than /%d", text,
			  p->len, widest);
		return -EINVAL;
	}
	if (p->family == 6 && prefix_holds_nat64(nat64, p))
		log_warning("%s: who comes through NAT64 is judged as IPv4, "
			    "which this prefix does not reach",
			    text);
	return 0;
}

int blocks_translate(const struct engine *e, int widest, struct prefix_set *set)
{
	struct mw_settings s;
	int err = table_settings(e, &s);

	for (size_t i = 0; i < set->n && !err; i++)
		err = translate_one(&s.nat64, widest, &set->v[i]);
	if (err)
		return err;
	err = prefix_sort(set);
	if (err)
		log_error("no memory for the prefixes");
	return err;
}

static int say_failed(const char * not, const struct prefix_set *set,
		      size_t done, int err)
{
	char text[SUBJECT];

	subject(&set->v[done], text);
	log_error("%s: not %s, nor the %zu after it%s", text, not,
		  set->n - done - 1,
		  err == -E2BIG ? ": the table of blocks is full; put them "
				  "into a list, or unblock some"
				: "");
	return err;
}

/* p: the first of them. */
static void say_longer(const struct mw_prefix *p, size_t n)
{
	char text[SUBJECT];

	subject(p, text);
	if (n == 1)
		log_info("%s: blocked for longer already; left as it is", text);
	else
		log_info("%s and %zu more: blocked for longer already; left as "
			 "they are",
			 text, n - 1);
}

static int set_all(const struct engine *e, const struct prefix_set *set,
		   const char *by, const struct mw_block *block,
		   struct blocks_result *r)
{
	int owners = owners_open(&e->pins, true), err = 0;
	const struct mw_prefix *first = NULL;
	__u64 now = clock_now();

	if (owners < 0)
		return say_failed("blocked", set, 0, owners);
	for (; r->done < set->n && err >= 0; r->done += err >= 0) {
		err = block_owners_set(e, owners, &set->v[r->done], by, block,
				       false, now);
		if (err > 0 && !r->longer++)
			first = &set->v[r->done];
	}
	close(owners);
	if (err < 0)
		return say_failed("blocked", set, r->done, err);
	if (first)
		say_longer(first, r->longer);
	return 0;
}

int blocks_set(const struct engine *e, const struct prefix_set *set,
	       const char *by, const struct mw_block *block,
	       struct blocks_result *r)
{
	struct prefix_set blocked = *set;
	int err;

	memset(r, 0, sizeof(*r));
	blocks_catch_up(e);
	err = set_all(e, set, by, block, r);
	if (r->done == r->longer)
		return err;
	r->kept = keep_all(e);
	blocked.n = r->done;
	r->forgotten = gate_histories_forget(e, &blocked);
	return err;
}

static bool has_length(const struct mw_block_lengths *l,
		       const struct mw_prefix *p)
{
	const __u64 *words = p->family == 4 ? l->v4 : l->v6;

	return words[p->len / 64] >> p->len % 64 & 1;
}

/* 0: *around is the innermost block around p; -ENOENT: there is none. */
static int find_around(const struct engine *e, const struct mw_prefix *p,
		       struct mw_prefix *around)
{
	struct mw_block_lengths lengths;
	int err = table_block_lengths(e, &lengths);
	struct mw_block block;

	*around = *p;
	while (!err && around->len) {
		around->len--;
		around->addr[around->len / 8] &= 0xff00 >> around->len % 8;
		if (!has_length(&lengths, around))
			continue;
		err = table_block_get(e, around, &block);
		if (!err && !table_block_is_over(block.expires, clock_now()))
			return 0;
		err = err == -ENOENT ? 0 : err;
	}
	return err ? err : -ENOENT;
}

/* The list that blocks the first address of p; false: none does. */
static bool find_list(const struct engine *e, const struct mw_prefix *p,
		      char list[MW_NAME])
{
	struct mw_list_info *lists = calloc(MW_LIST_SLOTS, sizeof(*lists));
	struct mw_prefix first = *p;
	struct mw_leaf leaf = {};
	bool found;

	first.len = prefix_width(p);
	found = lists && !table_lists(e, lists) &&
		!table_leaf(e, &first, clock_now(), &leaf) &&
		leaf.action == MW_BLOCK;
	if (found)
		memcpy(list, lists[leaf.slot].name, MW_NAME);
	free(lists);
	return found;
}

static void say_missing(const struct engine *e, const struct mw_prefix *p)
{
	char text[SUBJECT], block[PREFIX_TEXT], list[MW_NAME];
	struct mw_prefix around;

	subject(p, text);
	if (find_around(e, p, &around)) {
		if (find_list(e, p, list))
			log_error("%s: no block, but in the list %s; take it "
				  "out of the list's file, or put it into one "
				  "of the list's except or of a list with "
				  "action = allow, and run 'mailweir reload'",
				  text, list);
		else
			log_error("%s: not blocked; 'mailweir blocks' lists "
				  "what is",
				  text);
		return;
	}
	prefix_text(&around, block);
	log_error("%s: no block of its own, but inside the block %s; 'mailweir "
		  "unblock %s' ends that one",
		  text, block, block);
}

/* "10.0.0.1: still blocked, by jail1, jail2; 'mailweir unblock --all' ..." */
static void say_held(const struct mw_prefix *p, const struct owners *o,
		     bool ended, const char *by)
{
	char text[SUBJECT], names[OWNERS_MOST * (MW_NAME + 2)] = "";
	size_t n = 0;

	subject(p, text);
	for (__u64 i = 0; i < o->n; i++)
		n += snprintf(names + n, sizeof(names) - n, "%s%s",
			      i ? ", " : "", o->v[i].by);
	log_error("%s: %s %s, and blocked by %s; --all ends everybody's", text,
		  ended ? "no longer blocked by" : "not blocked by", by, names);
}

static int unset_one(const struct engine *e, int owners,
		     const struct mw_prefix *p, const char *by,
		     enum block_whose whose, struct blocks_result *r)
{
	struct owners o;
	int left = block_owners_unset(e, owners, p, by, whose, &o, clock_now());

	if (left == -ENOENT)
		say_missing(e, p);
	if (left > 0)
		say_held(p, &o, left == 1, by);
	r->done += left == 0;
	r->held += left > 0;
	r->ended += left == 0 || left == 1;
	return left < 0 && left != -ENOENT ? left : 0;
}

/* Ends the blocks of the set until one fails. */
static int unset_all(const struct engine *e, const struct prefix_set *set,
		     const char *by, enum block_whose whose,
		     struct blocks_result *r)
{
	int owners = owners_open(&e->pins, true), err = 0;
	size_t i;

	if (owners < 0)
		return say_failed("unblocked", set, 0, owners);
	for (i = 0; i < set->n && !err; i++)
		err = unset_one(e, owners, &set->v[i], by, whose, r);
	close(owners);
	return err ? say_failed("unblocked", set, i - 1, err) : 0;
}

int blocks_unset(const struct engine *e, const struct prefix_set *set,
		 const char *by, enum block_whose whose,
		 struct blocks_result *r)
{
	int err;

	memset(r, 0, sizeof(*r));
	blocks_catch_up(e);
	err = unset_all(e, set, by, whose, r);
	if (!r->ended)
		return err;
	/* A length that no block has any more would be looked up for ever. */
	table_block_recount(e);
	r->kept = keep_all(e);
	r->forgotten = gate_offenders_forgive(e, set);
	return err;
}
