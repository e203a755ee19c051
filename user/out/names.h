/* SPDX-License-Identifier: GPL-2.0 */
/* The words for what abi.h numbers, in text and in JSON. */
#ifndef MAILWEIR_NAMES_H
#define MAILWEIR_NAMES_H

#include <stddef.h>

#include "bpf/abi.h"
#include "bpf/counters.h"

/* "allow", "block", "limit" and "observe", "enforce". */
const char *name_action(int action);
const char *name_mode(int mode);
/* enum mw_reason: the words, and the name of its counter. */
const char *name_reason(int reason);
const char *name_counter(int reason);
/* For would_drop_X; reason is a drop. */
const char *name_would_counter(int reason);
/* enum mw_level: "source", "netblock", "list", "observed list", "total". */
const char *name_level(int level);

/* Every field of struct mw_counters by name, in its order. */
enum { NAME_COUNTERS = sizeof(struct mw_counters) / 8 };
extern const char *const name_counters[NAME_COUNTERS];

#endif
