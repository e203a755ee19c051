// SPDX-License-Identifier: GPL-2.0
#include "config/values.h"

#include <errno.h>
#include <string.h>

#define MAX_SPAN (3650 * VALUE_DAY) /* of a duration */

enum { MAX_DIGITS = 10 }; /* of a number: less than 2^64 */

bool value_number(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *number)
{
	__u64 n = 0;

	if (!len || len > MAX_DIGITS || (text[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	if (n < min || n > max)
		return false;
	*number = n;
	return true;
}

bool value_percent(const char *text, __u64 min, __u64 max, __u64 *number)
{
	size_t len = strlen(text);

	return len && text[len - 1] == '%' &&
	       value_number(text, len - 1, min, max, number);
}

int config_duration(const char *text, __u64 *ns)
{
	static const struct {
		char name;
		__u64 ns;
	} unit[] = {
		{'s', VALUE_SECOND},
		{'m', 60 * VALUE_SECOND},
		{'h', 3600 * VALUE_SECOND},
		{'d', VALUE_DAY},
	};
	size_t len = strlen(text);
	__u64 n;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (text[len - 1] != unit[i].name)
			continue;
		if (!value_number(text, len - 1, 1, MAX_SPAN / unit[i].ns, &n))
			return -EINVAL;
		*ns = n * unit[i].ns;
		return 0;
	}
	return -EINVAL;
}

bool value_rate(const char *text, __u64 *interval)
{
	const char *slash = strchr(text, '/');
	__u64 count, period;

	if (!slash ||
	    !value_number(text, slash - text, 1, VALUE_COUNT, &count) ||
	    config_duration(slash + 1, &period) || period > VALUE_PERIOD)
		return false;
	*interval = period / count;
	return true;
}

bool value_times(const char *text, __u64 most, __u64 *times, __u64 *within)
{
	static const char *const words[] = {" times in ", " time in "};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *at = strstr(text, words[i]);

		if (at)
			return value_number(text, at - text, 1, most, times) &&
			       !config_duration(at + strlen(words[i]), within);
	}
	return false;
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
