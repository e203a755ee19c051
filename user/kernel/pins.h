/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where everything is pinned, and whose it is:
 *
 * <bpffs>/mailweir/			0750, ours; lock.h is on it
 *	v3/counters, blocks, ...	state maps, shared by all generations
 *	v3/lists			of the generation in force
 *	v3/gen_N/			programs, settings, lists, the
 *					parts of lookup.h, and until they are
 *					in force tables of other sizes
 *	v3/hook_..., opened		of hook.h
 *	v3/link_IFNAME			of links.h
 *
 * Every function of kernel/ that can fail returns 0 (or what it promises) or
 * -errno, and has told why, with the path or the object that failed. Only what
 * a header calls an answer is not told: most often -ENOENT, there is none. No
 * other error means that there is none.
 */
#ifndef MAILWEIR_PINS_H
#define MAILWEIR_PINS_H

#include <limits.h>
#include <stdbool.h>

#include <linux/types.h>

enum { PINS_PATH = PATH_MAX };

struct pins {
	char root[PATH_MAX / 2];    /* <bpffs>/mailweir */
	char dir[PATH_MAX / 2 + 8]; /* v3 in it */
};

/* Tells that what failed, if err says so, and whether root could do it. err. */
int pins_told(const char *what, int err);

/* Sets the paths; MAILWEIR_BPFFS names another <bpffs>. */
void pins_find(struct pins *p);

/* Mounts a BPF file system where there is none. */
int pins_mount(const struct pins *p);

/* Is path a directory that nobody but us can write to? make: it is made if it
 * is missing; else -ENOENT is an answer. */
int pins_own(const char *path, bool make);

/* Pins are named by their path below v3, such as "gen_3/lists". */
void pins_path(const struct pins *p, const char *name, char path[PINS_PATH]);
/* The name of a pin of a generation. */
enum { PINS_NAME = 64 };
void pins_in(__u32 generation, const char *name, char pin[PINS_NAME]);

/* A descriptor of what is pinned; -ENOENT is an answer. */
int pins_open(const struct pins *p, const char *name);
int pins_open_in(const struct pins *p, __u32 generation, const char *name);
/* The same of what must be there: -ESTALE, told, if it is not. */
int pins_need(const struct pins *p, const char *name);
int pins_need_in(const struct pins *p, __u32 generation, const char *name);

/* Pins fd; a pin of that name is an error. */
int pins_set(const struct pins *p, const char *name, int fd);
/* Gives a pin another name, in place of one that has it, in one step. */
int pins_move(const struct pins *p, const char *name, const char *to);
/* Removes a pin, if there is one. */
int pins_remove(const struct pins *p, const char *name);
/* 1, or 0: there is none. */
int pins_exists(const struct pins *p, const char *name);

/*
 * Calls visit for each name in v3 that begins so, until it returns another
 * value than 0, which is returned. visit may remove what it is called for. No
 * v3: none.
 */
int pins_each(const struct pins *p, const char *begins,
	      int (*visit)(const struct pins *p, const char *name, void *arg),
	      void *arg);

/* The same for each generation that has pins. */
int pins_each_generation(const struct pins *p,
			 int (*visit)(const struct pins *p, __u32 number,
				      void *arg),
			 void *arg);

/* Makes the directory of a generation. */
int pins_make_generation(const struct pins *p, __u32 number);
int pins_remove_generation(const struct pins *p, __u32 number);

/* Removes everything; another schema's pins stay, with root. */
int pins_remove_all(const struct pins *p);

#endif
