/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /run/mailweir/NAME: an empty file for each interface that `mailweir run`
 * watches. `mailweir detach` takes it away: who watches the interface sees that
 * it was meant, and attaches nothing. It is not among the files of store.h, so
 * that a full disk is no reason not to guard. 0 or -errno; failures have been
 * told.
 */
#ifndef MAILWEIR_GUARDED_H
#define MAILWEIR_GUARDED_H

int guarded_add(const char *dev);
int guarded_remove(const char *dev);

/* 1, or 0: it is not. */
int guarded_is(const char *dev);

/* Calls visit for each, until it returns another value than 0. */
int guarded_each(int (*visit)(const char *dev, void *arg), void *arg);

/* A descriptor, to be closed: of several that watch this is the one that does
 * what is for all interfaces. -EWOULDBLOCK, an answer: another one is. */
int guarded_lead(void);

#endif
