// SPDX-License-Identifier: GPL-2.0
#include "config/values.h"

#include <errno.h>
#include <string.h>

#define NSEC	 1000000000ull
#define DAY	 (24 * 3600 * NSEC)
#define MAX_SPAN (3650 * DAY) /* config_duration */

bool value_number(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *number)
{
	__u64 n = 0;
	size_t i;

	if (!len || len > 10 || (text[0] == '0' && len > 1))
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	if (n < min || n > max)
		return false;
	*number = n;
	return true;
}

int config_duration(const char *text, __u64 *ns)
{
	static const struct {
		char name;
		__u64 ns;
	} unit[] = {
		{'s', NSEC},
		{'m', 60 * NSEC},
		{'h', 3600 * NSEC},
		{'d', DAY},
	};
	size_t i, len = strlen(text);
	__u64 n;

	if (!len)
		return -EINVAL;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (text[len - 1] != unit[i].name)
			continue;
		if (!value_number(text, len - 1, 1, MAX_SPAN / unit[i].ns, &n))
			return -EINVAL;
		*ns = n * unit[i].ns;
		return 0;
	}
	return -EINVAL;
}

bool value_item(const char **rest, const char **item, size_t *len)
{
	const char *end;

	if (!*rest)
		return false;
	*item = *rest;
	end = strchr(*rest, ',');
	*rest = end ? end + 1 : NULL;
	if (!end)
		end = *item + strlen(*item);
	while (*item < end && value_is_blank(**item))
		(*item)++;
	while (end > *item && value_is_blank(end[-1]))
		end--;
	*len = end - *item;
	return true;
}
