/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes as text and as sets. Pure: no I/O, no libbpf. */
#ifndef MAILWEIR_PREFIX_H
#define MAILWEIR_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

enum {
	PREFIX_TEXT = 50,     /* the longest IPv6 prefix, with its NUL */
	PREFIX_LENGTHS = 129, /* /0 to /128: so many prefixes can nest */
};

/*
 * The prefix of a set can end: ends is 0 where it never does, else the number
 * of PREFIX_STEPs from the set's since to its end. A prefix whose end is more
 * than PREFIX_ENDS steps away is entered as one that never ends.
 */
enum { PREFIX_STEP = 10 /* seconds */, PREFIX_ENDS = 65535 };

struct prefix_set {
	struct mw_prefix *v;
	size_t n, room; /* elements used, and allocated */
	__s64 since;	/* seconds since 1970; 0 where no prefix ends */
};

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/32" to a prefix. An address is what
 * inet_pton(3) takes; a length is decimal, without sign or leading zero. Host
 * bits are cleared, and *masked (which may be NULL) says whether one was set.
 * Prefixes in ::ffff:0:0/96 are refused. 0, or -EINVAL with *why a constant
 * sentence that says what is wrong and what would be right.
 */
int prefix_parse(const char *text, struct mw_prefix *p, bool *masked,
		 const char **why);

/* When a prefix of set ends, seconds since 1970; 0: never. */
__s64 prefix_end(const struct prefix_set *set, const struct mw_prefix *p);

/* Is p as prefix_parse makes them? For prefixes from outside this process. */
bool prefix_is_good(const struct mw_prefix *p);

/* p as text: an address where p has the full length, else with its /len. */
void prefix_text(const struct mw_prefix *p, char text[PREFIX_TEXT]);

/* The bits of an address of p's family: 32 or 128. */
int prefix_width(const struct mw_prefix *p);

bool prefix_covers(const struct mw_prefix *outer,
		   const struct mw_prefix *inner);

/* For qsort(3): by family, then address, then length, the shorter first, so
 * that an outer prefix stands before those in it. */
int prefix_compare(const void *a, const void *b);

/* Sorts a set into the order of prefix_compare, in time linear in its size. 0
 * or -ENOMEM. */
int prefix_sort(struct prefix_set *set);

/* Appends p to a set. 0 or -ENOMEM. */
int prefix_add(struct prefix_set *set, const struct mw_prefix *p);

/* Appends the fewest prefixes that cover the addresses first to last, both
 * included and both full-length prefixes of one family. 0, -EINVAL if first >
 * last or the families differ, -ENOMEM. */
int prefix_add_range(struct prefix_set *set, const struct mw_prefix *first,
		     const struct mw_prefix *last);

/* Takes every address of except, in any order, out of a sorted set, which stays
 * sorted. What is left of a prefix becomes the fewest prefixes. 0, or -ENOMEM
 * with set as it was. */
int prefix_subtract(struct prefix_set *set, const struct prefix_set *except);

/* The innermost prefix of a sorted set that covers p; NULL: none does. */
const struct mw_prefix *prefix_around(const struct prefix_set *set,
				      const struct mw_prefix *p);

/* How many prefixes of inner lie in a prefix of outer; both sets are sorted.
 * first: the first such pair, the outer one and the inner one. */
size_t prefix_overlap(const struct prefix_set *outer,
		      const struct prefix_set *inner,
		      struct mw_prefix first[2]);

void prefix_free(struct prefix_set *set);

/* Makes p the IPv4 prefix that it is behind NAT64. false: it is none, or not
 * one alone. */
bool prefix_translate(const struct mw_nat64 *nat64, struct mw_prefix *p);

/* Are there addresses behind NAT64 in the IPv6 prefix p? */
bool prefix_holds_nat64(const struct mw_nat64 *nat64,
			const struct mw_prefix *p);

/* A prefix of NAT64, as settings have it. */
void prefix_of_nat64(const __u32 prefix[3], struct mw_prefix *p);

/* A bucket key of source.h as the prefix that it stands for; the level (enum
 * mw_level) decides its length. */
void prefix_of_key(const struct mw_settings *s, int level, __u64 key,
		   struct mw_prefix *p);

#endif
