/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change that undoes itself unless it is confirmed: a child of a session of
 * its own keeps what was in force, and puts it back when the time is over. It
 * needs neither the terminal nor a service. 0 or -errno; failures have been
 * told.
 */
#ifndef MAILWEIR_UNDO_H
#define MAILWEIR_UNDO_H

#include "gate/swap.h"

struct undo {
	int to_child; /* descriptor */
	unsigned int seconds;
};

/* Before the change, which attaches to devs. -EBUSY: another change waits for
 * its confirmation. To be followed by undo_arm or undo_cancel. */
int undo_begin(struct undo *u, unsigned int seconds, char *const *devs, int n);

/* The change is in force: the time begins. */
int undo_arm(struct undo *u, const struct engine *e);
/* There was no change. */
void undo_cancel(struct undo *u);

/* Keeps the change that waits. 1, an answer: none waits. */
int undo_confirm(struct engine *e);

#endif
