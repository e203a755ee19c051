/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address -> class, which stands for what all lists together say of it; 0: the
 * address is on no list. Exact to /32 and /128. User space makes the arrays
 * (pack_build). The includer provides element i of an array, NULL beyond its
 * end (in is handed through; the program has its maps and passes NULL):
 *	const void *lookup_at(const void *in, enum mw_part part, __u32 i);
 *
 * IPv4: the top 16 bits of the address choose a line that has a bit for each
 * /24; where the bit is 0 the class stands in that line. The rank of the bit
 * chooses a word, which is the class of the whole /24, or its only run of one
 * class, or the place where its runs of equal classes stand.
 * IPv6: the top 16 bits choose a class, or a B-tree of the next 48 bits, whose
 * nodes are one cache line each. A value of the tree is a class, or the place
 * of the ranges of the last 64 bits.
 */
#ifndef MAILWEIR_LOOKUP_H
#define MAILWEIR_LOOKUP_H

#include <stdbool.h>

#include "abi.h"
#include "lookup_parts.h"

/* Nodes have 8 keys and 9 children: 9^8 nodes are more than a map can hold. */
enum { LOOKUP_DEPTH = 8, LOOKUP_LOW_BITS = 32 };

/* A word of WORDS4 with both flags has one run in itself; the addresses beside
 * the run are on no list. Most entries of a list are lonely addresses, and a
 * lookup of one reads no line of RUNS4 then. */
#define LOOKUP_ONE (MW_FEW | MW_MANY)

enum {
	LOOKUP_ONE_CLASS = 16, /* from this bit on: the class */
	LOOKUP_ONE_CLASSES = 1 << 14,
	LOOKUP_ONE_FIRST = 8, /* the first address; bits 0..7: the last one */
};

static __always_inline const void *lookup_at(const void *in, enum mw_part part,
					     __u32 i);

static __always_inline __u32 lookup_word(const void *in, enum mw_part part,
					 __u32 i)
{
	const struct mw_words *w = lookup_at(in, part, i / 2);

	return w ? w->word[i & 1] : 0;
}

/* Counts the ones of v; BPF has no instruction for that. */
static __always_inline __u32 lookup_ones(__u64 v)
{
	v -= v >> 1 & 0x5555555555555555ULL;
	v = (v & 0x3333333333333333ULL) + (v >> 2 & 0x3333333333333333ULL);
	v = (v + (v >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return v * 0x0101010101010101ULL >> 56;
}

static __always_inline bool lookup_bit(const __u64 bits[4], __u32 x)
{
	return bits[x >> 6 & 3] >> (x & 63) & 1;
}

/* Counts the ones below bit x (0..255). */
static __always_inline __u32 lookup_rank(const __u64 bits[4], __u32 x)
{
	__u64 below = (1ULL << (x & 63)) - 1;
	__u32 n = 0;

	for (__u32 i = 0; i < 4; i++) {
		if (i < x >> 6)
			n += lookup_ones(bits[i]);
		else if (i == x >> 6)
			n += lookup_ones(bits[i] & below);
	}
	return n;
}

static __always_inline __u32 lookup_one(__u32 word, __u32 x)
{
	__u32 first = word >> LOOKUP_ONE_FIRST & 255, last = word & 255;
	__u32 class = word >> LOOKUP_ONE_CLASS & (LOOKUP_ONE_CLASSES - 1);

	return x - first <= last - first ? class : 0;
}

/* The class of address x in a /24 with up to MW_RUNS runs: start has where the
 * second and later ones begin, in ascending order, and 255 in unused places. */
static __always_inline __u32 lookup_few(const void *in, __u32 at, __u32 x)
{
	const struct mw_run4 *r = lookup_at(in, MW_RUNS4, at);
	__u32 run;

	if (!r)
		return 0;
	run = (x >= r->start[0]) + (x >= r->start[1]) + (x >= r->start[2]) +
	      (x >= r->start[3]);
	/* The compiler, which knows that run < MW_RUNS, must not remove the
	 * check, as the verifier does not know. */
	asm volatile("" : "+r"(run));
	return run < MW_RUNS ? r->class[run] : 0;
}

/* The class of address x in a /24 with any number of runs: two elements have a
 * bit where a run begins, the elements behind them have eight classes each. */
static __always_inline __u32 lookup_many(const void *in, __u32 at, __u32 x)
{
	const struct mw_run4 *r[2] = {lookup_at(in, MW_RUNS4, at),
				      lookup_at(in, MW_RUNS4, at + 1)};
	__u64 bits[4];
	__u32 run;

	if (!r[0] || !r[1])
		return 0;
	bits[0] = r[0]->bits[0];
	bits[1] = r[0]->bits[1];
	bits[2] = r[1]->bits[0];
	bits[3] = r[1]->bits[1];
	run = lookup_rank(bits, x) + lookup_bit(bits, x) - 1;
	r[0] = lookup_at(in, MW_RUNS4, at + 2 + run / 8);
	return r[0] ? r[0]->classes[run & 7] : 0;
}

/* The class of an IPv4 address in host byte order. */
static __always_inline __u32 lookup_class4(const void *in, __u32 address)
{
	const struct mw_top4 *top = lookup_at(in, MW_TOP4, address >> 16);
	__u32 slash24 = address >> 8 & 255, word, at;

	if (!top)
		return 0;
	if (!lookup_bit(top->bits, slash24))
		return top->class;
	word = lookup_word(in, MW_WORDS4,
			   top->first + lookup_rank(top->bits, slash24));
	at = word & ~(MW_FEW | MW_MANY);
	if ((word & LOOKUP_ONE) == LOOKUP_ONE)
		return lookup_one(word, address & 255);
	if (word & MW_FEW)
		return lookup_few(in, at, address & 255);
	if (word & MW_MANY)
		return lookup_many(in, at, address & 255);
	return word;
}

/* 1 if key <= x, else 0; without a branch, as the verifier would walk both ways
 * in every step of a search. */
static __always_inline __u64 lookup_reaches(__u64 key, __u64 x)
{
	return (((x & ~key) | ((x | ~key) & ~(x - key))) >> 63) & 1;
}

/* The class by the last 64 bits of an address, in ranges element i. A binary
 * search is good enough, as few addresses come here. */
static __always_inline __u32 lookup_low6(const void *in, __u32 i, __u64 low)
{
	const struct mw_low_range *range = lookup_at(in, MW_RANGES6, i);
	const struct mw_low6 *at;
	__u64 first, n;

	if (!range)
		return 0;
	first = range->first;
	n = range->count;
	for (int step = 0; step < LOOKUP_LOW_BITS && n > 1; step++) {
		__u64 half = n / 2;

		at = lookup_at(in, MW_LOWS6, first + half);
		if (!at)
			return 0;
		first += lookup_reaches(at->low, low) * half;
		n -= half;
	}
	at = lookup_at(in, MW_LOWS6, first);
	return at ? at->class : 0;
}

/* The place in WORDS6 of the greatest key <= x. The first key of a tree is
 * 0. x and the keys have 48 bits, so the sign of a difference says which is
 * greater. */
static __always_inline __u32 lookup_tree6(const void *in,
					  const struct mw_tree6 *tree, __u64 x)
{
	__u64 node = 0, best = 0;

	for (int depth = 0; depth < LOOKUP_DEPTH; depth++) {
		const struct mw_node6 *n;
		__u64 reached = 8, any;

		if (node >= tree->nodes)
			break;
		n = lookup_at(in, MW_NODES6, tree->first + node);
		if (!n)
			break;
		for (int i = 0; i < 8; i++)
			reached -= (x - n->key[i]) >> 63;
		any = (0 - reached) >> 63;
		best += any * (node * 8 + reached - 1 - best);
		node = node * 9 + 1 + reached;
	}
	return tree->first * 8 + best;
}

/* The class of an IPv6 address, whose halves are in host byte order. */
static __always_inline __u32 lookup_class6(const void *in, __u64 high,
					   __u64 low)
{
	__u32 word = lookup_word(in, MW_TOP6, high >> 48);
	const struct mw_tree6 *tree;

	if (!(word & MW_TREE))
		return word;
	tree = lookup_at(in, MW_TREES6, word & ~MW_TREE);
	if (!tree)
		return 0;
	word = lookup_word(in, MW_WORDS6,
			   lookup_tree6(in, tree, high << 16 >> 16));
	if (word & MW_LOW)
		return lookup_low6(in, word & ~MW_LOW, low);
	return word;
}

/* What a class means at the time now; NULL: the address is on no list. */
static __always_inline const struct mw_leaf *lookup_leaf(const void *in,
							 __u32 class, __u64 now)
{
	for (int step = 0; class && step < MW_STEPS; step++) {
		const struct mw_class *c = lookup_at(in, MW_LEAVES, class);

		if (!c)
			return 0;
		if (!c->until || now < c->until * MW_SECOND)
			return &c->leaf;
		class = c->then;
	}
	return 0;
}

#endif
