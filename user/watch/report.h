/* SPDX-License-Identifier: GPL-2.0 */
/* How it is with the gate, for the log and for systemd. */
#ifndef MAILWEIR_REPORT_H
#define MAILWEIR_REPORT_H

#include "watch/interfaces.h"

enum { REPORT_PROBLEMS = 32, REPORT_TEXT = 256 };

struct report {
	__u64 told[REPORT_PROBLEMS]; /* which problems have been told */
	int problems;
	__u64 look; /* not before then, ns of CLOCK_MONOTONIC */
	char status[REPORT_TEXT];
};

/* Tells the log of problems that are new, and systemd how it is. */
void report_look(struct report *r, const struct interfaces *in);

/* What systemd is told as it happens; see sd_notify(3). */
void report_ready(void);
void report_reloading(void);
void report_stopping(void);

#endif
