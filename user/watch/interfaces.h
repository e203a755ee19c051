/* SPDX-License-Identifier: GPL-2.0 */
/* The interfaces that are watched, and what is mended of them at once. */
#ifndef MAILWEIR_INTERFACES_H
#define MAILWEIR_INTERFACES_H

#include "gate/guard.h"

enum { INTERFACES_MOST = 64 };

struct interface {
	char *name;
	enum guard_state state;
	char link[IF_NAMESIZE]; /* its link's name when it had one */
	int index;		/* 0: there is none of that name */
	__u64 retry;   /* not attached before then (ns of CLOCK_MONOTONIC) */
	__u64 wait;    /* after the next failure, ns */
	int failed_at; /* the index at the last failure */
};

struct interfaces {
	struct interface *v;
	int n;
	struct guard_view view; /* of the last look */
};

/* Notes for others that these are watched. 0 or -errno, told. */
int interfaces_watch(struct interfaces *in, char *const *devs, int n);
/* They are watched no longer. */
void interfaces_leave(struct interfaces *in);

/* Sets view alone. 0 or -errno, told. */
int interfaces_view(struct interfaces *in);

/* Looks at all, tells what has changed, and attaches what is in force to those
 * that are back. 0 or -errno, told. */
int interfaces_look(struct interfaces *in);

/* Sets devs to those that can be attached now; returns how many there are. */
int interfaces_there(const struct interfaces *in, char *devs[INTERFACES_MOST]);

/* How many 'mailweir detach' has not taken away. */
int interfaces_left(const struct interfaces *in);

/* The first that is not guarded; NULL: all are. */
const char *interfaces_off(const struct interfaces *in);

#endif
