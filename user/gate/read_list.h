/* SPDX-License-Identifier: GPL-2.0 */
/* One list: its file, under the rules of its section. What was accepted or
 * refused has been told. */
#ifndef MAILWEIR_READ_LIST_H
#define MAILWEIR_READ_LIST_H

#include "config/config.h"
#include "gate/origins.h"

enum list_from {
	LIST_FROM_FILE,	   /* the file was accepted */
	LIST_UNKEPT,	   /* the same, but its copy could not be written */
	LIST_FROM_COPY,	   /* refused; the last good copy serves */
	LIST_FROM_NOTHING, /* refused, and there is no copy */
};

struct list {
	char name[MW_NAME];
	char file[MW_PATH]; /* shown; cut if longer */
	struct prefix_set set;
	enum list_from from;
	bool fresh; /* to be kept as the last accepted copy */
	struct mw_rule rule;
	__u64 loaded, modified; /* seconds since 1970 */
	__u64 expires;		/* seconds after modified; 0: never */
	int slot;		/* in mw_settings.rules */
};

/*
 * Reads l from file, or standard input for "-", by the rules of c; file NULL:
 * the list is the ASNs of c alone. 0, or -EINVAL: refused, and l is empty.
 */
int read_list(struct list *l, const struct config *cfg,
	      const struct config_list *c, const char *file, bool may_be_empty,
	      struct origins *origins);

/* Refuses a list that was read from its file if it has lost more than c allows
 * of what is in force (running: MW_LIST_SLOTS of them), or where running is
 * NULL, of its last accepted copy. */
int read_list_check(struct list *l, const struct config_list *c,
		    const struct mw_list_info *running);

/* Gives a refused list its last accepted copy instead. 0; -EINVAL: there is
 * none, or -errno: the list is empty, which is not told. */
int read_list_instead(struct list *l);

/* Empties a list whose copy has no room either. */
void read_list_drop(struct list *l);

/* The last accepted copy of a list that did that action (enum mw_action), or
 * any, sorted. 0; -EINVAL: there is none; or -errno. Silent. */
enum { ANY_ACTION = -1 };
int read_list_copy(const char *name, int action, struct prefix_set *set);

#endif
