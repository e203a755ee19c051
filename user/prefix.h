/* SPDX-License-Identifier: GPL-2.0 */
/* Prefixes as text and as sets. Pure: no I/O, no libbpf. */
#ifndef MAILWEIR_PREFIX_H
#define MAILWEIR_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "../bpf/abi.h"

enum {
	PREFIX_TEXT = 50,     /* the longest IPv6 prefix, with its NUL */
	PREFIX_LENGTHS = 129, /* /0 to /128: so many prefixes can nest */
};

/*
 * An entry may end: ends is 0, never, or that many PREFIX_STEPs after since.
 * What would end later than that has room for does not end.
 */
enum { PREFIX_STEP = 10 /* seconds */, PREFIX_ENDS = 65535 };

struct prefix_set {
	struct mw_prefix *v;
	size_t n, room;
	__s64 since; /* seconds since 1970; 0 where nothing ends */
};

/*
 * "192.0.2.1", "192.0.2.0/24", "2001:db8::/32" to a prefix; only what
 * inet_pton(3) takes is an address, a length is decimal without sign or
 * leading zero. Host bits are cleared and told in *masked (may be NULL).
 * ::ffff:0:0/96 and what lies in it is refused. 0, or -EINVAL with *why a
 * constant sentence that says what would be right.
 */
int prefix_parse(const char *text, struct mw_prefix *p, bool *masked,
		 const char **why);

/* When p ends, seconds since 1970; 0: never. */
__s64 prefix_end(const struct prefix_set *set, const struct mw_prefix *p);

/* Is it one that prefix_parse could make? For what comes from elsewhere. */
bool prefix_is_good(const struct mw_prefix *p);

/* Always ends in /len, except where a full-length one is printed plain. */
void prefix_text(const struct mw_prefix *p, char text[PREFIX_TEXT]);

/* The bits of an address: 32 or 128. */
int prefix_width(const struct mw_prefix *p);

bool prefix_covers(const struct mw_prefix *outer,
		   const struct mw_prefix *inner);

/* Order: family, address, length (shorter first): outer before inner. */
int prefix_compare(const void *a, const void *b);

/* Into the order of prefix_compare; time linear in their number. 0 or
 * -ENOMEM. */
int prefix_sort(struct prefix_set *set);

/* 0 or -ENOMEM. */
int prefix_add(struct prefix_set *set, const struct mw_prefix *p);

/* The fewest prefixes that cover first..last (both included, same family;
 * both given as full-length prefixes). 0, -EINVAL if first > last or the
 * families differ, -ENOMEM. */
int prefix_add_range(struct prefix_set *set, const struct mw_prefix *first,
		     const struct mw_prefix *last);

/* Takes every address of except out of set; what is left of a prefix is the
 * fewest prefixes, in the order of prefix_compare. 0 or -ENOMEM. */
int prefix_subtract(struct prefix_set *set, const struct prefix_set *except);

/* The innermost of a sorted set that holds p; NULL: none does. */
const struct mw_prefix *prefix_around(const struct prefix_set *set,
				      const struct mw_prefix *p);

/* How many of inner lie in one of outer, both sorted; the first such pair. */
size_t prefix_overlap(const struct prefix_set *outer,
		      const struct prefix_set *inner,
		      struct mw_prefix first[2]);

void prefix_free(struct prefix_set *set);

/* A bucket key of source.h as the prefix that it stands for; the level (enum
 * mw_level) decides its length. */
void prefix_of_key(const struct mw_settings *s, int level, __u64 key,
		   struct mw_prefix *p);

#endif
