/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files from outside, read by a child that has no rights (sandbox.h): what it
 * found comes back over a pipe, and is checked before it is used.
 */
#ifndef MAILWEIR_CHILD_H
#define MAILWEIR_CHILD_H

#include "feed.h"

/*
 * feed_parse of a file, done by a child. One that cannot be opened, is a
 * directory or a device, or takes more than a minute, is a refusal with its
 * reason, and so is a child that dies. 0, -EINVAL: refused, or -errno.
 */
int feed_child_read(const char *path, const struct feed_guard *guard,
		    struct feed *feed);

/* The same of standard input, for as long as it takes. */
int feed_child_input(const struct feed_guard *guard, struct feed *feed);

#endif
