// SPDX-License-Identifier: GPL-2.0
#include "feed/format/duration.h"

#include <stdlib.h>
#include <string.h>

/* Seconds in the unit of len bytes at name; 0: there is no such unit. */
static double unit_seconds(const char *name, size_t len)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {
		{"ns", 1e-9}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6},
		{"ms", 1e-3}, {"s", 1},	    {"m", 60},
		{"h", 3600},  {"d", 86400}, {"w", 604800},
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (strlen(units[i].name) == len &&
		    !memcmp(units[i].name, name, len))
			return units[i].seconds;
	return 0;
}

bool duration_parse(const char *text, double *seconds)
{
	double sign = *text == '-' ? -1 : 1;

	text += *text == '-';
	*seconds = 0;
	if (!*text)
		return false;
	while (*text) {
		size_t digits = strspn(text, "0123456789."), len;
		double unit;

		len = strcspn(text + digits, "0123456789.");
		unit = unit_seconds(text + digits, len);
		if (*text < '0' || *text > '9' || !unit)
			return false;
		*seconds += sign * strtod(text, NULL) * unit;
		text += digits + len;
	}
	return true;
}
