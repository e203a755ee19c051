/* SPDX-License-Identifier: GPL-2.0 */
/* Tells what is wrong with a file that feed.h has read. */
#ifndef MAILWEIR_FEED_ERRORS_H
#define MAILWEIR_FEED_ERRORS_H

#include "feed/feed.h"

/*
 * Tells the first errors of the report as "FILE:LINE: what", and how many
 * more there are: as errors, or as warnings where err is 0 and max_errors
 * forgave them. An err other than 0 and -EINVAL is told as well; -EINVAL is
 * what a refused file gives, whose errors are in the report. Of a file that is
 * taken the remarks are told, too.
 */
void feed_errors_tell(const char *file, const struct feed_report *r, int err);

#endif
