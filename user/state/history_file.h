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
 * Reads the file. 0; a missing file has no histories. -EINVAL: the file is of
 * another version, or anything in it is wrong, and nothing of it is used; or
 * -errno. Failures have been told. *all is to be freed in any case.
 */
int histories_read(struct histories *all);

/*
 * Writes the file, sorted. A source that is in *all twice gets its first
 * connection and its last of both. Of more than HISTORIES_MOST sources those
 * that connected last are written, with a warning. 0; -EINVAL: one could not be
 * read again; or -errno. Failures have been told.
 */
int histories_write(const struct histories *all);

void histories_free(struct histories *all);

/* Renames the file, if there is one, to known.SUFFIX: what is written next
 * would take its place. 0 or -errno, told. */
int histories_put_aside(const char *suffix);

/* What histories_read does with the file that it has opened. 0; -EINVAL: *e
 * says why; -ENOMEM, -EIO. Silent. */
int histories_parse(FILE *f, struct histories *all, struct histories_error *e);
/* What histories_write does: *all is sorted, and has no source twice. */
void histories_print(FILE *f, const struct histories *all);

#endif
