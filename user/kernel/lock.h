/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lock on the root of the pins: who changes anything holds it alone, who
 * reads shares it with others that read. Errors as in pins.h.
 */
#ifndef MAILWEIR_LOCK_H
#define MAILWEIR_LOCK_H

#include "kernel/pins.h"

enum { LOCK_SECONDS = 5 }; /* that one waits for it */

/*
 * A descriptor, to be closed, which ends the lock. The root of the pins is
 * made where it is missing. -EBUSY: another command held it for too long.
 */
int lock_alone(const struct pins *p);

/*
 * The same for reading; -ENOENT is an answer: there is no root. Who holds the
 * lock for too long is told of and then read beside: a monitor must see what
 * is, even while a command hangs.
 */
int lock_shared(const struct pins *p);

#endif
