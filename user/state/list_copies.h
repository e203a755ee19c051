/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lists/NAME of store.h: the last accepted copy of each list. A copy is
 * written beside the old one as NAME.gen-N, for generation N, and takes its
 * place when that generation is in force: a killed command leaves the copies
 * of what the kernel enforces. 0 or -errno; failures have been told.
 */
#ifndef MAILWEIR_LIST_COPIES_H
#define MAILWEIR_LIST_COPIES_H

#include "lists/prefix.h"

/* The path of a list's last accepted copy. */
void list_copies_path(const char *name, char *path, size_t size);

/* What stands in the first line of a copy. */
struct list_copy {
	size_t prefixes;
	int action;   /* enum mw_action; -1: an older mailweir did not say */
	__u64 loaded; /* seconds since 1970; 0: the same */
};

/* Writes NAME.gen-N; origin is the file that set was accepted from. */
int list_copies_write(const char *name, __u32 generation,
		      const struct list_copy *about, const char *origin,
		      const struct prefix_set *set);

/* Reads the first line of a list's last accepted copy. 0; -ENOENT: there is no
 * copy; -EINVAL: the file is none; or -errno. Silent. */
int list_copies_about(const char *name, struct list_copy *about);

/* Makes the copies for this generation the last accepted ones, and removes
 * those for any other. */
int list_copies_settle(__u32 generation);

/* Keeps the last accepted copies beside, for list_copies_undo, which makes them
 * the last accepted ones again; list_copies_forget removes what was kept. */
int list_copies_keep(void);
int list_copies_undo(void);
int list_copies_forget(void);

#endif
