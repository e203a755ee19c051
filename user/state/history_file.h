/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The history of sources, as it survives a reboot: known, in a file of store.h
 * called known. Text, a source a line, in the order of prefix_compare:
 *
 *	mailweir known 1 2
 *	192.0.2.1 2026-11-01T07 2026-11-24T18
 *	2001:db8:0:1::/64 2026-11-20T09 2026-11-24T17
 *
 * Its first line has the version and how many follow; the times, of the first
 * connection and of the last, are hours in UTC. It says who sends mail here:
 * mode 0600.
 */
#ifndef MAILWEIR_HISTORY_FILE_H
#define MAILWEIR_HISTORY_FILE_H

#include <stdio.h>

#include "lists/prefix.h"

enum { HISTORIES_MOST = 262144, HISTORIES_ERROR = 256 };

struct history_entry {
	struct mw_prefix source; /* of an IPv6 one, /64 or shorter */
	__u32 since, last; /* hours since 1970: first connection and last */
};

struct histories {
	struct history_entry *v;
	size_t n;
};

struct histories_error {
	size_t line;
	char text[HISTORIES_ERROR]; /* what; what would be right */
};

/*
 * Missing file: none, 0. -EINVAL: it is of another version, or there is
 * anything wrong with it, and nothing of it is used. Every failure has been
 * told.
 */
int histories_read(struct histories *all);

/*
 * Sorted; of a source that is there twice, the first connection and the last.
 * Of more than HISTORIES_MOST those that connected last, with a warning. 0,
 * -EINVAL: one that could not be read again, or -errno; failures have been
 * told.
 */
int histories_write(const struct histories *all);

void histories_free(struct histories *all);

/* The file, if there is one, becomes known.SUFFIX, as what is written next
 * would take its place. */
void histories_put_aside(const char *suffix);

/* The two without their file. 0; -EINVAL: *e says why, -ENOMEM, -EIO. */
int histories_parse(FILE *f, struct histories *all, struct histories_error *e);
/* all is sorted, and none is there twice. */
void histories_print(FILE *f, const struct histories *all);

#endif
