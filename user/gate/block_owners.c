// SPDX-License-Identifier: GPL-2.0
#include "gate/block_owners.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/table.h"
#include "lists/prefix.h"
#include "out/log.h"

static struct owner *find(struct owners *o, const char *by)
{
	for (__u64 i = 0; i < o->n; i++)
		if (!strcmp(o->v[i].by, by))
			return &o->v[i];
	return NULL;
}

static void fill(struct owner *to, const char *by, const struct mw_block *block)
{
	memset(to, 0, sizeof(*to));
	snprintf(to->by, sizeof(to->by), "%s", by);
	to->expires = block->expires;
	to->created = block->created;
	memcpy(to->why, block->why, sizeof(to->why));
}

static const char *maker(const struct mw_block *block)
{
	return block->by[0] ? block->by : MW_BLOCK_SELF;
}

/* The longest of all. */
static void make_block(const struct owners *o, struct mw_block *block)
{
	const struct owner *longest = &o->v[0];

	for (__u64 i = 1; i < o->n; i++)
		if (table_block_ends_later(o->v[i].expires, longest->expires))
			longest = &o->v[i];
	block->expires = longest->expires;
	block->created = longest->created;
	memcpy(block->why, longest->why, sizeof(block->why));
	memcpy(block->by, longest->by, sizeof(block->by));
}

static bool has_end(const struct owners *o, __u64 expires)
{
	for (__u64 i = 0; i < o->n; i++)
		if (o->v[i].expires == expires)
			return true;
	return false;
}

/* No record says of a block that has one owner alone, or that the program made,
 * which replaces only what ends earlier: so that owner is added. */
void block_owners_alive(struct owners *o, const struct mw_block *there,
			__u64 now)
{
	struct owner *by;
	__u64 n = 0;

	for (__u64 i = 0; i < o->n; i++)
		if (!table_block_is_over(o->v[i].expires, now))
			o->v[n++] = o->v[i];
	o->n = n;
	if (has_end(o, there->expires))
		return;
	by = find(o, maker(there));
	if (!by && o->n < OWNERS_MOST)
		by = &o->v[o->n++];
	if (by)
		fill(by, maker(there), there);
}

/* What is in force, and whose it is. Without a block in force nobody's record
 * is true. 0, or -ENOENT, an answer. */
static int read_one(const struct engine *e, int fd, const struct mw_prefix *p,
		    struct mw_block *there, struct owners *o, __u64 now)
{
	int err = table_block_get(e, p, there);

	if (!err && table_block_is_over(there->expires, now))
		err = -ENOENT;
	memset(o, 0, sizeof(*o));
	if (err == -ENOENT)
		memset(there, 0, sizeof(*there));
	if (err)
		return err;
	err = owners_get(fd, p, o);
	if (!err)
		block_owners_alive(o, there, now);
	return err;
}

static int too_many(const struct mw_prefix *p)
{
	char text[PREFIX_TEXT];

	prefix_text(p, text);
	log_error("%s: has %d owners, and there is room for no more", text,
		  OWNERS_MOST);
	return -EUSERS;
}

/* A block with one owner says itself whose it is. */
static int keep_record(int fd, const struct mw_prefix *p,
		       const struct owners *o)
{
	static const struct owners none;

	return owners_set(fd, p, o->n > 1 ? o : &none);
}

/* The record first: without a block in force it says nothing. */
int block_owners_set(const struct engine *e, int fd, const struct mw_prefix *p,
		     const char *by, const struct mw_block *block, bool even,
		     __u64 now)
{
	struct mw_block there;
	struct owner *own;
	struct owners o;
	int err = read_one(e, fd, p, &there, &o, now);

	if (err && err != -ENOENT)
		return err;
	own = find(&o, by);
	if (own && (table_block_ends_later(own->expires, block->expires) ||
		    (even && own->expires == block->expires)))
		return 1;
	if (!own && o.n == OWNERS_MOST)
		return too_many(p);
	fill(own ? own : &o.v[o.n++], by, block);
	make_block(&o, &there);
	err = keep_record(fd, p, &o);
	return err ? err : table_block_set(e, p, &there, now);
}

static bool is_whose(const struct owner *o, const char *by,
		     enum block_whose whose)
{
	return whose == BLOCK_WHOSE_ALL || !strcmp(o->by, by) ||
	       (whose == BLOCK_WHOSE_PERSON && !strcmp(o->by, MW_BLOCK_SELF));
}

/* What is in force first: the records are void without it. */
int block_owners_unset(const struct engine *e, int fd,
		       const struct mw_prefix *p, const char *by,
		       enum block_whose whose, struct owners *o, __u64 now)
{
	struct mw_block there;
	int err = read_one(e, fd, p, &there, o, now);
	__u64 n = 0, before = o->n;

	if (err)
		return err;
	for (__u64 i = 0; i < o->n; i++)
		if (!is_whose(&o->v[i], by, whose))
			o->v[n++] = o->v[i];
	o->n = n;
	if (n == before)
		return 2;
	if (n)
		make_block(o, &there);
	err = n ? table_block_set(e, p, &there, now) : table_block_delete(e, p);
	if (!err)
		err = keep_record(fd, p, o);
	return err ? err : n > 0;
}
