/* SPDX-License-Identifier: GPL-2.0 */
/* The syntax of values: text to numbers and the items of a list. Pure. */
#ifndef MAILWEIR_CONFIG_VALUES_H
#define MAILWEIR_CONFIG_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/abi.h"

static inline bool value_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* len decimal digits, without sign or leading zero, from min to max. */
bool value_number(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *number);

/* "10m", "1h", "90s", "1d" to nanoseconds, up to 10 years. A bare number, 0 and
 * more than that are refused. 0 or -EINVAL. */
int config_duration(const char *text, __u64 *ns);

/* The next item of a comma separated list, without the blanks around it; *rest
 * is the text at first. false: there are no more. */
bool value_item(const char **rest, const char **item, size_t *len);

#endif
