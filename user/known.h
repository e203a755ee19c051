/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The history of sources, as it survives a reboot: known, beside what keep.h
 * names. Text, a source a line, in the order of prefix_compare:
 *
 *	mailweir known 1 2
 *	192.0.2.1 2026-11-01T07 2026-11-24T18
 *	2001:db8:0:1::/64 2026-11-20T09 2026-11-24T17
 *
 * Its first line has the version and how many follow; the times, of the first
 * connection and of the last, are hours in UTC. It says who sends mail here:
 * mode 0600.
 */
#ifndef MAILWEIR_KNOWN_H
#define MAILWEIR_KNOWN_H

#include <stdio.h>

#include "prefix.h"

enum { KNOWN_MOST = 262144, KNOWN_ERROR = 256 };

struct known_source {
	struct mw_prefix source; /* of an IPv6 one, /64 or shorter */
	__u32 since, last; /* hours since 1970: first connection and last */
};

struct known {
	struct known_source *v;
	size_t n;
};

struct known_error {
	size_t line;
	char text[KNOWN_ERROR]; /* what; what would be right */
};

/*
 * Missing file: none, 0. -EINVAL: it is of another version, or there is
 * anything wrong with it, and nothing of it is used. Every failure has been
 * told.
 */
int known_read(struct known *k);

/*
 * Sorted; of a source that is there twice, the first connection and the last.
 * Of more than KNOWN_MOST those that connected last, with a warning. 0, -EINVAL:
 * one that could not be read again, or -errno; failures have been told.
 */
int known_write(const struct known *k);

void known_free(struct known *k);

/* The file, if there is one, becomes known.SUFFIX, as what is written next
 * would take its place. */
void known_put_aside(const char *suffix);

/* The two without their file. 0; -EINVAL: *e says why, -ENOMEM, -EIO. */
int known_parse(FILE *f, struct known *k, struct known_error *e);
/* k is sorted, and none is there twice. */
void known_print(FILE *f, const struct known *k);

#endif
