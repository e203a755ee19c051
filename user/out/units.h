/* SPDX-License-Identifier: GPL-2.0 */
/* Durations and times in words. */
#ifndef MAILWEIR_UNITS_H
#define MAILWEIR_UNITS_H

#include <linux/types.h>

#define UNITS_SECOND 1000000000ULL /* in nanoseconds */

enum { UNITS_TEXT = 64 };

/* ns to "1h 2m", "3.2 s"; seconds since 1970 to local time. */
void units_duration(__u64 ns, char text[UNITS_TEXT]);
void units_time(__u64 seconds, char text[UNITS_TEXT]);
/* How long ago then was: "3.2 s ago", "in the future". Seconds since 1970. */
void units_ago(__u64 then, __u64 now, char text[UNITS_TEXT]);
/* Hours since 1970, in UTC, as days are told apart. */
void units_hour(__u32 hour, char text[UNITS_TEXT]);

#endif
