/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What pack4.c and pack6.c build the parts of bpf/lookup.h with: parts that
 * grow, classes by number, and the marks at which the class of the addresses
 * changes. Private to pack.
 */
#ifndef MAILWEIR_BUILDER_H
#define MAILWEIR_BUILDER_H

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include "bpf/lookup.h"
#include "lists/flatten.h"
#include "lists/parts.h"

enum {
	BUILDER_TOPS = 65536,	 /* /16s of either family */
	BUILDER_CLASSES = 65536, /* that can be told apart */
	BUILDER_SLOTS = 2 * BUILDER_CLASSES,
};

/* The class of the addresses from this one on, up to the next mark. */
struct mark {
	__u64 high, low; /* the address; IPv4: in high, and low is 0 */
	__u32 class;
};

struct builder {
	struct pack *pack;
	size_t room[MW_PARTS];
	size_t words4;	    /* how many WORDS4 has, two an element */
	struct mark *marks; /* of one family; the first is at address 0 */
	size_t n;
	size_t here;  /* the last mark at or before what is packed now */
	__u32 *slots; /* BUILDER_SLOTS places in LEAVES, by hash; 0: free */
	int err;      /* 0 or -errno; once set, nothing more is packed */
};
typedef unsigned __int128 u128;

/* The first address of a prefix, host byte order. */
static inline u128 first_of(const struct mw_prefix *p)
{
	__u64 half[2];

	memcpy(half, p->addr, sizeof(half));
	if (p->family == 4)
		return be64toh(half[0]) >> 32;
	return (u128)be64toh(half[0]) << 64 | be64toh(half[1]);
}

/* What lookup.h asks its includer for; in is a struct pack. */
static inline const void *lookup_at(const void *in, enum mw_part part, __u32 i)
{
	const struct pack_part *p = &((const struct pack *)in)->part[part];

	return i < p->n ? (const char *)p->v + i * p->size : NULL;
}

/* Adds n zeroed elements to a part: the first of them, which stays valid until
 * the next call, or NULL with b->err set. */
void *part_add(struct builder *b, enum mw_part part, size_t n);

/* Sets word i of WORDS4, TOP6 or WORDS6, which grow to hold it. */
void word_set(struct builder *b, enum mw_part part, size_t i, __u32 word);

/* The marks of one family become those of flat, from address 0 on. */
void marks_make(struct builder *b, const struct flat *flat, int family);

/* The mark behind b->here, or NULL. */
static inline const struct mark *mark_next(const struct builder *b)
{
	return b->here + 1 < b->n ? &b->marks[b->here + 1] : NULL;
}

/* The parts of one family; b->err says how that went. */
void pack4(struct builder *b, const struct flat *flat);
void pack6(struct builder *b, const struct flat *flat);

#endif
