/* SPDX-License-Identifier: GPL-2.0 */
/* The arrays of lookup.h: what user space writes and the lookup reads. */
#ifndef MAILWEIR_LOOKUP_PARTS_H
#define MAILWEIR_LOOKUP_PARTS_H

#include <linux/types.h>

/*
 * What the lists say of an address, resolved by user space: the winner among
 * enforced lists and, side by side, the winner among observed ones (in the
 * order allow, block, limit; inside an action the longest prefix).
 */
struct mw_leaf {
	__u8 action;	    /* enum mw_action; MW_NONE: no enforced list */
	__u8 slot;	    /* of the enforced list */
	__u8 observed;	    /* MW_NONE, MW_BLOCK or MW_LIMIT */
	__u8 observed_slot; /* of the observed list */
};

/*
 * The arrays of lookup.h; each is a map, and a part. A class is the place of a
 * leaf in LEAVES, below 65,536; class 0 says that the address is on no list.
 * The size of every element is a multiple of 8 bytes, as the kernel would pad
 * the elements of an array to that.
 */
enum mw_part {
	MW_LEAVES,  /* struct mw_class: element i is what class i means */
	MW_TOP4,    /* struct mw_top4: element i is of the /16 number i */
	MW_WORDS4,  /* struct mw_words: a word for each bit in TOP4, in order */
	MW_RUNS4,   /* struct mw_run4 */
	MW_TOP6,    /* struct mw_words: word i is of the /16 number i */
	MW_TREES6,  /* struct mw_tree6 */
	MW_NODES6,  /* struct mw_node6 */
	MW_WORDS6,  /* struct mw_words: word n * 8 + k is of key k of node n */
	MW_RANGES6, /* struct mw_low_range */
	MW_LOWS6,   /* struct mw_low6 */
	MW_PARTS,
};

/* Five entries at most decide what the lists say of an address: an allow, a
 * block, a limit entry and two observed ones. Each of them can end. */
enum { MW_STEPS = 6 };

/* A class that comes from an entry with an end names the class that follows it
 * when that entry has ended. */
struct mw_class {
	struct mw_leaf leaf;
	__u32 until; /* seconds of CLOCK_MONOTONIC; 0: for good */
	__u32 then;  /* the class that follows */
	__u32 zero;
};

/*
 * Each word is a class; or, with one of these flags, a place in another part:
 *	in WORDS4 with MW_FEW or MW_MANY	a place in RUNS4
 *	in TOP6 with MW_TREE			a place in TREES6
 *	in WORDS6 with MW_LOW			a place in RANGES6
 */
struct mw_words {
	__u32 word[2];
};

#define MW_FEW	0x80000000U
#define MW_MANY 0x40000000U
#define MW_TREE 0x80000000U
#define MW_LOW	0x80000000U

/* A /16; one cache line. */
struct mw_top4 {
	__u64 bits[4]; /* bit n: the /24 number n has a word in WORDS4 */
	__u32 first;   /* place of the first of these words */
	__u32 class;   /* of the /24s without a bit */
	__u64 zero[3];
};

enum { MW_RUNS = 5 };

/* The runs of one class in a /24. With MW_FEW an element has up to MW_RUNS of
 * them; with MW_MANY two elements have a bit where a run begins, and the
 * elements behind them have the classes of the runs, eight each. */
struct mw_run4 {
	union {
		struct {
			__u8 start[MW_RUNS - 1];
			__u16 class[MW_RUNS];
			__u16 zero;
		};
		__u64 bits[2];
		__u16 classes[8];
	};
};

/* A B-tree of the 48 bits behind a /16. */
struct mw_tree6 {
	__u32 first; /* place of its node 0 in NODES6 */
	__u32 nodes;
};

/* Node n of a tree has the children n * 9 + 1 to n * 9 + 9. */
struct mw_node6 {
	__u64 key[8]; /* ascending */
};

/* The elements of LOWS6 that belong to one /64. */
struct mw_low_range {
	__u32 first;
	__u32 count;
};

/* The addresses of a /64 from low on have the class. */
struct mw_low6 {
	__u64 low; /* the last 64 bits of the address */
	__u32 class;
	__u32 zero;
};

_Static_assert(sizeof(struct mw_leaf) == 4, "mw_leaf");
_Static_assert(sizeof(struct mw_class) == 16, "mw_class");
_Static_assert(sizeof(struct mw_words) == 8, "mw_words");
_Static_assert(sizeof(struct mw_top4) == 64, "mw_top4");
_Static_assert(sizeof(struct mw_run4) == 16, "mw_run4");
_Static_assert(sizeof(struct mw_tree6) == 8, "mw_tree6");
_Static_assert(sizeof(struct mw_node6) == 64, "mw_node6");
_Static_assert(sizeof(struct mw_low_range) == 8, "mw_low_range");
_Static_assert(sizeof(struct mw_low6) == 16, "mw_low6");

#endif
