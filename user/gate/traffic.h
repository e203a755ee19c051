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

struct traffic {
	struct mw_counters all;	   /* since the gate was attached */
	struct mw_counters before; /* those of the last reload */
	bool listening; /* on a guarded port in the gate's network namespace */
};

/* Writes a sentence for each thing that is wrong and what to do, and returns
 * how many. */
int traffic_wrong(const struct traffic *t,
		  char text[TRAFFIC_WRONG][TRAFFIC_TEXT]);

#endif
