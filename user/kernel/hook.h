/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where connections are noticed: the fixed programs of bpf/hook.bpf.c, pinned
 * beside the state maps as hook_NAME (links) and opened (what they call), and
 * the maps of open connections.
 * 0 or -errno, told.
 */
#ifndef MAILWEIR_HOOK_H
#define MAILWEIR_HOOK_H

#include <stdbool.h>

#include <linux/types.h>

enum hook_kind { HOOK_NONE, HOOK_TRACEPOINT, HOOK_SOCKOPS };

/* The one that is pinned in dir. */
enum hook_kind hook_kind(const char *dir);

/* For people. */
const char *hook_name(enum hook_kind kind);

/* Hangs it up, unless it is: the tracepoint, else sockops at the root of
 * cgroup2. MAILWEIR_HOOK=sockops skips the first. */
int hook_ensure(const char *dir);

/* Connections are charged by this program from now on; once that is so,
 * recount (negative: none) counts the ones that are there. A killed command's
 * part of it is done by the next. */
int hook_point(const char *dir, __u32 id, int program, int recount);

/* Has all of that been done for the program with that id? */
bool hook_points(const char *dir, __u32 id);

/* Does the program count where the hook takes back? Not if the hook was made
 * for another generation, which then failed to take its place. */
bool hook_serves(const char *dir, int program);

/* Connections are charged by nobody; how many are open is forgotten. */
void hook_remove(const char *dir);

#endif
