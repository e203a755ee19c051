// SPDX-License-Identifier: GPL-2.0
#include "watch/report.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "gate/clock.h"
#include "gate/health.h"
#include "out/log.h"

static const __u64 every = 10 * MW_SECOND;

/* The same problem has another age, or count, a moment later. */
static __u64 which(const char *problem)
{
	__u64 hash = 1;

	for (const char *c = problem; *c; c++)
		if (isalpha((unsigned char)*c) || *c == '_')
			hash = hash * 0x100000001b3ULL + (unsigned char)*c;
	return hash;
}

static bool was_told(const struct report *r, __u64 problem)
{
	for (int i = 0; i < r->problems; i++)
		if (r->told[i] == problem)
			return true;
	return false;
}

static void tell_new(struct report *r, const struct health *h)
{
	struct report now = {};

	for (size_t i = 0; i < h->n && i < REPORT_PROBLEMS; i++) {
		__u64 problem = which(h->problem[i]);

		if (!was_told(r, problem))
			log_warning("%s", h->problem[i]);
		now.told[now.problems++] = problem;
	}
	if (r->problems && !now.problems)
		log_info("all is well again");
	memcpy(r->told, now.told, sizeof(now.told));
	r->problems = now.problems;
}

static void look(struct report *r)
{
	struct engine e;
	struct health h;

	if (engine_open(&e, ENGINE_READ))
		return;
	if (!health_look(&e, &h))
		tell_new(r, &h);
	health_free(&h);
	engine_close(&e);
}

static void tell_systemd(struct report *r, const struct interfaces *in)
{
	const char *off = interfaces_off(in);
	char status[REPORT_TEXT];

	if (off)
		snprintf(status, sizeof(status), "degraded: %s is not guarded",
			 off);
	else if (r->problems)
		snprintf(status, sizeof(status),
			 "degraded: %d problems; 'mailweir status' names them",
			 r->problems);
	else
		snprintf(status, sizeof(status), "%s%s guarded, generation %u",
			 in->v[0].name, in->n > 1 ? " and others" : "",
			 in->view.generation);
	if (!strcmp(status, r->status))
		return;
	memcpy(r->status, status, sizeof(status));
	sd_notifyf(0, "STATUS=%s", status);
}

void report_look(struct report *r, const struct interfaces *in)
{
	__u64 now = clock_now();

	if (now >= r->look) {
		r->look = now + every;
		look(r);
	}
	tell_systemd(r, in);
}

void report_ready(void)
{
	sd_notify(0, "READY=1");
}

void report_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", clock_now() / 1000);
}

void report_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
