// SPDX-License-Identifier: GPL-2.0
#include "gate/clock.h"

#include <time.h>

#include "out/units.h"

static __u64 nanoseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * UNITS_SECOND + t.tv_nsec;
}

__u64 clock_now(void)
{
	return nanoseconds(CLOCK_MONOTONIC);
}

__u64 clock_wall(void)
{
	__u64 boot = nanoseconds(CLOCK_MONOTONIC);

	return nanoseconds(CLOCK_REALTIME) - boot;
}

__u32 clock_hour(void)
{
	return time(NULL) / 3600;
}
