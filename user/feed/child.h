/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads files from outside in a child that has no rights (sandbox.h): what the
 * child found comes back over a pipe, and is checked before it is used.
 */
#ifndef MAILWEIR_CHILD_H
#define MAILWEIR_CHILD_H

#include "feed/feed.h"

/*
 * feed_parse() of a file, done by a child; guard->age and now are filled in.
 * The child does feed_finish(), too, unless AS numbers of the file or of who
 * reads (guard->goes_on) are looked up first. A file that cannot be opened, is
 * a directory or a device, is written to while the child reads, or takes more
 * than a minute, is refused with the reason, and so is a file whose child dies.
 * 0, -EINVAL: refused, or -errno.
 */
int feed_child_read(const char *path, const struct feed_guard *guard,
		    struct feed *feed);

/* The same of standard input, for as long as it takes. */
int feed_child_input(const struct feed_guard *guard, struct feed *feed);

/*
 * feed_finish(), unless it is done, by a child, in at most a minute and 4 GiB:
 * a small file can name an AS with many prefixes, or exclude addresses from
 * many. 0, -EINVAL: refused, or -errno; feed is to be freed in any case.
 */
int feed_child_finish(struct feed *feed, const struct feed_guard *guard,
		      const struct asn_table *table);

#endif
