/* SPDX-License-Identifier: GPL-2.0 */
/* What the statements of an nft file say of sets and their elements. */
#ifndef MAILWEIR_NFT_SETS_H
#define MAILWEIR_NFT_SETS_H

#include "feed/format/sets.h"

enum { NFT_DEPTH = 32, NFT_WORD = 256, NFT_TEXT = 1024 };

/* What stands between a { and its }. */
enum nft_block {
	NFT_TOP,      /* between none */
	NFT_TABLE,    /* sets, maps, chains */
	NFT_SET,      /* of a set or a map: its type, its elements */
	NFT_ELEMENTS, /* elements with commas between */
	NFT_OTHER,    /* chains and rules: of no interest */
};

/* A variable: define NAME = ELEMENTS. */
struct nft_define {
	char *name;
	struct prefix_set set;
	bool other; /* something in it is no address */
};

struct nft {
	/* the token at hand, and the statement or the element */
	char word[NFT_WORD], text[NFT_TEXT];
	size_t len; /* of word */
	bool long_text, comment, quoted, backslash;
	enum nft_block stack[NFT_DEPTH];
	int depth;
	/* sets: of which table, and the one whose elements follow */
	char table[NFT_TEXT];
	struct sets sets;
	struct set *set;
	/* a rule: the set that it asks for, and whether for who is not in it */
	struct set *asked;
	bool negated;
	bool take;		   /* its elements are entries */
	struct nft_define *define; /* in place of a set */
	struct nft_define **defines;
	size_t n_defines, room;
};

/* The block that in->state's text opens. */
enum nft_block nft_open(struct format_input *in, enum nft_block outside);
void nft_close(struct format_input *in, enum nft_block closed);
/* The text is an element, or a statement in that block. */
void nft_element(struct format_input *in);
void nft_statement(struct format_input *in, enum nft_block block);
void nft_sets_end(struct format_input *in);
/* The text is a rule of that table, or a part of one; end: its last. */
void nft_rule(struct nft *nft, const char *table, bool end);
/* Forgets the text. */
void nft_clear(struct nft *nft);
void nft_free(void *state);

#endif
