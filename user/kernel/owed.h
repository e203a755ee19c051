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
};

/* Notes it down, or that it is owed no more. The table of blocks is there. */
int owed_set(const struct pins *p, enum owed what, bool owed);

/* 1, or 0: it is not. */
int owed_is(const struct pins *p, enum owed what);

#endif
