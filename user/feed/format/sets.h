/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sets of a file of nft or ipset, by their names. Such a file can hold the
 * accepted beside the dropped, so the elements of one set are entries only
 * where it is the only one, or where the list's section names it (guard->set).
 */
#ifndef MAILWEIR_SETS_H
#define MAILWEIR_SETS_H

#include "feed/format/format.h"

struct set {
	char *name;	    /* in full: "inet filter blackhole" */
	const char *called; /* what it is called now: a script may swap names */
	const char *never;  /* why its elements are never entries; NULL: they
			      may be */
	const char *unless_named; /* why they are none unless the list's section
				     names the set; NULL: they are */
	/* What the file's rules do with who is in it, or put into it. */
	bool accepted, dropped, filled;
	double timeout;	 /* of elements without one, seconds; 0: none */
	int length;	 /* of the prefix that an address stands for; 0: the
			      address itself */
	size_t elements; /* that the file has added to it */
	bool gone;	 /* the file itself has taken the set away again */
};

struct sets {
	struct set **v;
	size_t n, room;
};

/* The set of that name, made where there is none; NULL: in->err is set. */
struct set *sets_get(struct format_input *in, struct sets *sets,
		     const char *name);

extern const char sets_taken_away[];

/* The set that is called so now; NULL: there is none. */
struct set *sets_find(const struct sets *sets, const char *name);

/* Are the elements of set entries? */
bool sets_take(const struct format_input *in, const struct sets *sets,
	       const struct set *set);

/* Refuses a file of which it is not clear which set is meant, and tells what
 * was left out; elements is what the format calls them. */
void sets_end(struct format_input *in, const struct sets *sets);

/* What rules say of a set counts where no name is given: a list of what is
 * dropped is hardly what they accept. */
void sets_judge(const struct format_input *in, const struct sets *sets);

void sets_free(struct sets *sets);

#endif
