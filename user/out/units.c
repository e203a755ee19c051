// SPDX-License-Identifier: GPL-2.0
#include "out/units.h"

#include <stdio.h>
#include <time.h>

/* "1h 2m"; "1h" */
static void two_units(char text[UNITS_TEXT], __u64 large, const char *unit,
		      __u64 small, const char *smaller)
{
	int n = snprintf(text, UNITS_TEXT, "%llu%s", large, unit);

	if (small)
		snprintf(text + n, UNITS_TEXT - n, " %llu%s", small, smaller);
}

void units_duration(__u64 ns, char text[UNITS_TEXT])
{
	__u64 s = ns / UNITS_SECOND;

	if (ns < UNITS_SECOND)
		snprintf(text, UNITS_TEXT, "%.4g ms", ns / 1e6);
	else if (s < 60)
		snprintf(text, UNITS_TEXT, "%.3g s", ns / 1e9);
	else if (s < 3600)
		two_units(text, s / 60, "m", s % 60, "s");
	else if (s < 86400)
		two_units(text, s / 3600, "h", s % 3600 / 60, "m");
	else
		two_units(text, s / 86400, "d", s % 86400 / 3600, "h");
}

void units_ago(__u64 then, __u64 now, char text[UNITS_TEXT])
{
	char age[UNITS_TEXT - sizeof(" ago") + 1];

	if (then > now) {
		snprintf(text, UNITS_TEXT, "in the future");
		return;
	}
	units_duration((now - then) * UNITS_SECOND, text);
	snprintf(age, sizeof(age), "%s", text);
	snprintf(text, UNITS_TEXT, "%s ago", age);
}

void units_time(__u64 seconds, char text[UNITS_TEXT])
{
	time_t t = seconds;
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(text, UNITS_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
}

void units_hour(__u32 hour, char text[UNITS_TEXT])
{
	time_t t = hour * 3600LL;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, UNITS_TEXT, "%Y-%m-%d %H:00", &tm);
}
