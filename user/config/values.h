/* SPDX-License-Identifier: GPL-2.0 */
/* The syntax of values: text to numbers, and to the items of a list. Pure. */
#ifndef MAILWEIR_CONFIG_VALUES_H
#define MAILWEIR_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

#define VALUE_SECOND 1000000000ULL /* ns */
#define VALUE_DAY    (24 * 3600 * VALUE_SECOND)
#define VALUE_WINDOW (30 * VALUE_DAY) /* limits and blocks span no more */

static inline bool value_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* len decimal digits, without sign or leading zero, from min to max. */
bool value_number(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *number);

/* A number from min to max and a % behind it. */
bool value_percent(const char *text, __u64 min, __u64 max, __u64 *number);

/* "10m", "1h", "90s", "1d" to nanoseconds, up to 10 years. A bare number, 0 and
 * more than that are refused. 0 or -EINVAL. */
int config_duration(const char *text, __u64 *ns);

enum { VALUE_COUNT = 1000000 };
#define VALUE_PERIOD (7 * VALUE_DAY)

/* COUNT/DURATION to the nanoseconds between two. COUNT is 1 to VALUE_COUNT, so
 * that this is 1 us or more, DURATION at most VALUE_PERIOD. */
bool value_rate(const char *text, __u64 *interval);

/* "3 times in 1h": a number from 1 to most, and nanoseconds. */
bool value_times(const char *text, __u64 most, __u64 *times, __u64 *within);

/* The next item of a comma separated list, without the blanks around it; *rest
 * is the text at first. false: there are no more. */
bool value_item(const char **rest, const char **item, size_t *len);

#endif
