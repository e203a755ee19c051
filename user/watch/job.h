/* SPDX-License-Identifier: GPL-2.0 */
/* What takes its time, done by a child, one at a time. */
#ifndef MAILWEIR_JOB_H
#define MAILWEIR_JOB_H

#include <stdbool.h>

#include <systemd/sd-event.h>

struct job {
	sd_event *event;
	sd_event_source *source; /* NULL: none is at work */
	/* Called when the child has ended; err: what its run() returned, or
	 * -EIO: it died. */
	void (*ended)(struct job *job, int err);
};

/* Starts a child that calls run(arg). 0, or -errno, told: none was started. */
int job_start(struct job *job, int (*run)(void *arg), void *arg);

bool job_works(const struct job *job);

#endif
