/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Do attempts become connections that are charged, and do connections come from
 * attempts? Counters say so, where charge = handshake. Pure.
 */
#ifndef MAILWEIR_TRAFFIC_H
#define MAILWEIR_TRAFFIC_H

#include <stdbool.h>

#include "bpf/counters.h"

enum { TRAFFIC_WRONG = 4, TRAFFIC_TEXT = 400 };

/* Takes what was counted before from what has been counted since boot. */
void traffic_since(struct mw_counters *c, const struct mw_counters *before);

/* Writes a sentence for each thing that is wrong and what to do, and returns
 * how many. listening: somebody listens on a guarded port in the gate's network
 * namespace. */
int traffic_wrong(const struct mw_counters *c, bool listening,
		  char text[TRAFFIC_WRONG][TRAFFIC_TEXT]);

#endif
