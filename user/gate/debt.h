/* SPDX-License-Identifier: GPL-2.0 */
/* How much the buckets of a limit may owe. Pure. */
#ifndef MAILWEIR_DEBT_H
#define MAILWEIR_DEBT_H

#include "bpf/abi.h"

/* Sets mw_limit.most of every limit in s, those of the lists (rules) too, from
 * the rates, the bursts and when connections are charged. */
void debt_set(struct mw_settings *s);

#endif
