/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a command could not do of the files that survive a reboot, and a later
 * one shall: a pin called owed_..., which is gone when nothing is attached.
 * Errors as in pins.h.
 */
#ifndef MAILWEIR_OWED_H
#define MAILWEIR_OWED_H

#include "kernel/pins.h"

enum owed {
	OWED_BLOCKS_READ,    /* the file has blocks that are not in force */
	OWED_BLOCKS_WRITE,   /* the file has not the blocks in force */
	OWED_HISTORIES_READ, /* the file has histories that the table has not */
	OWED_HISTORIES,	     /* the file was refused, and put aside */
	OWED_MODE,   /* the mode was switched beside the configuration */
	OWED_UNDONE, /* what nobody confirmed was undone */
	OWED_CONFIG, /* the service read a configuration that is wrong */
};

/* Notes it down, or that it is owed no more. The table of blocks is there. */
int owed_set(const struct pins *p, enum owed what, bool owed);

/* 1, or 0: it is not. */
int owed_is(const struct pins *p, enum owed what);

/* The same of a list in force: what it was to be was refused. *since: seconds
 * since 1970. */
int owed_list_set(const struct pins *p, const char *list, bool refused);
int owed_list_is(const struct pins *p, const char *list, __u64 *since);
/* A change that is undone at a time (seconds since 1970) unless it is
 * confirmed before. */
int owed_confirm_set(const struct pins *p, __u64 until);
int owed_confirm_is(const struct pins *p, __u64 *until);
int owed_confirm_clear(const struct pins *p);

/* No list's any more. */
int owed_lists_clear(const struct pins *p);

#endif
