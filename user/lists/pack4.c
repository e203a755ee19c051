// SPDX-License-Identifier: GPL-2.0
#include "lists/builder.h"

enum {
	SLASH24S = 256,			/* of a /16 */
	ADDRESSES = 256,		/* of a /24 */
	SLASH16 = SLASH24S * ADDRESSES, /* addresses of a /16 */
	RUN_BITS = 2,	 /* elements of RUNS4 with the bits of a MANY */
	RUN_CLASSES = 8, /* classes in each element behind them */
};

/* The runs of equal classes in a /24, each up to the next one's start. */
struct runs {
	__u8 start[ADDRESSES];
	__u16 class[ADDRESSES];
	int n;
};

/* Reads the marks of the /24 that begins at address. */
static void runs_read(struct builder *b, __u64 address, struct runs *r)
{
	const struct mark *m;

	r->start[0] = 0;
	r->class[0] = b->marks[b->here].class;
	r->n = 1;
	while ((m = mark_next(b)) && m->high < address + ADDRESSES) {
		b->here++;
		r->n -= m->high == address; /* replaces what went on */
		r->start[r->n] = m->high - address;
		r->class[r->n++] = m->class;
	}
}

/* A /24 of up to MW_RUNS runs, in one element of RUNS4. */
static __u32 runs_few(struct builder *b, const struct runs *r)
{
	struct mw_run4 *run = part_add(b, MW_RUNS4, 1);

	for (int i = 0; run && i < MW_RUNS; i++) {
		if (i)
			run->start[i - 1] =
				i < r->n ? r->start[i] : ADDRESSES - 1;
		run->class[i] = r->class[i < r->n ? i : r->n - 1];
	}
	return MW_FEW | (b->pack->part[MW_RUNS4].n - 1);
}

/* A /24 of any number of runs: a bit where a run starts, then the classes. */
static __u32 runs_many(struct builder *b, const struct runs *r)
{
	size_t first = b->pack->part[MW_RUNS4].n;
	int n = (r->n + RUN_CLASSES - 1) / RUN_CLASSES;
	struct mw_run4 *bits = part_add(b, MW_RUNS4, RUN_BITS + n);
	struct mw_run4 *classes;

	if (!bits)
		return 0;
	classes = bits + RUN_BITS;
	for (int i = 0; i < r->n; i++) {
		__u8 start = r->start[i];

		bits[start / 128].bits[start / 64 % 2] |= 1ULL << start % 64;
		classes[i / RUN_CLASSES].classes[i % RUN_CLASSES] = r->class[i];
	}
	return MW_MANY | first;
}

/*
 * A /24 where a single run has a class, and nothing stands beside it: a word
 * without an element of RUNS4. 0: the /24 is not like that, or the class is a
 * greater number than the word has room for. r->n is 2 or more.
 */
static __u32 runs_one(const struct runs *r)
{
	int run = r->class[0] ? 0 : 1, behind = run + 1;
	__u32 first = r->start[run], last = ADDRESSES - 1;

	if (behind < r->n) {
		if (behind + 1 < r->n || r->class[behind])
			return 0;
		last = r->start[behind] - 1;
	}
	if (r->class[run] >= LOOKUP_ONE_CLASSES)
		return 0;
	return LOOKUP_ONE | (__u32)r->class[run] << LOOKUP_ONE_CLASS |
	       first << LOOKUP_ONE_FIRST | last;
}

/* The word of WORDS4 for a /24. */
static __u32 runs_word(struct builder *b, const struct runs *r)
{
	__u32 one;

	if (r->n == 1)
		return r->class[0];
	one = runs_one(r);
	if (one)
		return one;
	return r->n <= MW_RUNS ? runs_few(b, r) : runs_many(b, r);
}

/* The /16 number n. */
static void pack_top4(struct builder *b, __u32 n)
{
	struct mw_top4 *top = (struct mw_top4 *)b->pack->part[MW_TOP4].v + n;
	__u64 address = (__u64)n * SLASH16;
	const struct mark *next = mark_next(b);
	struct runs r;

	top->first = b->words4;
	if (!next || next->high >= address + SLASH16) {
		top->class = b->marks[b->here].class;
		return;
	}
	for (int x = 0; x < SLASH24S; x++) {
		runs_read(b, address + x * ADDRESSES, &r);
		if (r.n == 1 && !r.class[0])
			continue;
		top->bits[x / 64] |= 1ULL << x % 64;
		word_set(b, MW_WORDS4, b->words4++, runs_word(b, &r));
	}
}

void pack4(struct builder *b, const struct flat *flat)
{
	const struct mark *next;

	marks_make(b, flat, 4);
	for (__u32 n = 0; n < BUILDER_TOPS && !b->err; n++) {
		__u64 address = (__u64)n * SLASH16;

		while ((next = mark_next(b)) && next->high <= address)
			b->here++;
		pack_top4(b, n);
	}
}
