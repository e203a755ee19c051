/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether interfaces are guarded, and how they are again: what 'mailweir run'
 * sees and mends. 0 or -errno; failures have been told.
 */
#ifndef MAILWEIR_GUARD_H
#define MAILWEIR_GUARD_H

#include "kernel/engine.h"

enum guard_state {
	GUARD_ON,	/* the program in force is attached */
	GUARD_MISSING,	/* there is no such interface */
	GUARD_OFF,	/* the interface is there, and nothing is attached */
	GUARD_AWAY,	/* it is in another network namespace */
	GUARD_RELEASED, /* 'mailweir detach' was called for it */
};

struct guard {
	enum guard_state state;
	char link[IF_NAMESIZE]; /* its link's name; "": it has none */
};

struct guard_view {
	__u32 generation; /* in force; 0: nothing is attached */
	bool charges;	  /* connections are charged as the settings say */
};

/* How each of devs is. */
int gate_guard_look(char *const *devs, int ndevs, struct guard *guards,
		    struct guard_view *view);

/* Attaches what is in force to an interface whose link was called so before. 1,
 * an answer: nothing is in force,
 * or 'mailweir detach' was called for the interface meanwhile. */
int gate_guard(char *dev, const char *was);

/* engine_detach, and whoever watches these interfaces is told that it is meant.
 * n 0: all. */
int gate_detach(struct engine *e, char *const *devs, int n);

#endif
