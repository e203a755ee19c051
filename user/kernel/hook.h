/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where connections are noticed: the fixed programs of bpf/hook.bpf.c, pinned
 * beside the state maps as hook_NAME (links) and opened (what they call), and
 * the maps of open connections. Errors as in pins.h.
 */
#ifndef MAILWEIR_HOOK_H
#define MAILWEIR_HOOK_H

#include "bpf/abi.h"
#include "kernel/pins.h"

enum hook_kind { HOOK_NONE, HOOK_TRACEPOINT, HOOK_SOCKOPS };

/* The one that is pinned. */
int hook_kind(const struct pins *p, enum hook_kind *kind);

/* For people. */
const char *hook_name(enum hook_kind kind);

/*
 * Makes one where there is none: at the tracepoint, or where the kernel has
 * not what that needs, by sockops at the root of cgroup2. MAILWEIR_HOOK=sockops
 * skips the first. s: the sizes of its tables. *kind: the one that there is.
 */
int hook_ensure(const struct pins *p, const struct mw_settings *s,
		enum hook_kind *kind);

/*
 * The hook charges connections by this program (id) from now on. When that is
 * so, recount (negative: none) counts the connections that are there. What a
 * killed command did not do of it is done when it is called again.
 */
int hook_point(const struct pins *p, __u32 id, int program, int recount);

/* 1 if all of that has been done for the program with that id, or 0. */
int hook_points(const struct pins *p, __u32 id);

/*
 * 1 if the program counts connections where the hook takes them back, or 0: the
 * hook was made for another generation, which then failed to get in force.
 */
int hook_serves(const struct pins *p, int program);

/* Connections are charged by nobody; how many are open is forgotten. */
int hook_remove(const struct pins *p);

#endif
