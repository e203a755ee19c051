/* SPDX-License-Identifier: GPL-2.0 */
/* The clocks of a gate. */
#ifndef MAILWEIR_CLOCK_H
#define MAILWEIR_CLOCK_H

#include <linux/types.h>

/* CLOCK_MONOTONIC in nanoseconds: the time that the program sees. */
__u64 clock_now(void);

/* CLOCK_REALTIME less CLOCK_MONOTONIC in nanoseconds: the program's clock
 * counts from boot, days from 1970. */
__u64 clock_wall(void);

/* Hours since 1970. */
__u32 clock_hour(void);

#endif
