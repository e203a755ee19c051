/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One generation in the making: from the configuration and the lists' files
 * to what the engine loads. Nothing here touches the kernel. 0 or -errno;
 * failures have been told.
 */
#ifndef MAILWEIR_GENERATION_H
#define MAILWEIR_GENERATION_H

#include "gate/read_list.h"
#include "kernel/engine.h"

/* What is in force: all zero where nothing is. */
struct in_force {
	__u32 generation, program; /* its number, and the id of its program */
	bool live;		   /* some interface is not gone */
	struct mw_settings settings;
	struct mw_counters counters;
	struct mw_list_info lists[MW_LIST_SLOTS];
};

struct generation {
	const struct config *cfg;
	const struct config_list *only; /* the list that is read; NULL: all */
	struct list read;		/* that list */
	struct list list[MW_LISTS];
	int lists;
	int refused;	  /* how many of the lists are */
	bool differs;	  /* something of cfg is not put in force: told */
	bool warned;	  /* warnings_tell() was called */
	bool force;	  /* the operator's: lists may be empty, or shrink */
	size_t flattened; /* prefixes that all lists together come to */
	struct origins origins;
	struct load_input in;
};

/* An empty one; NULL: no memory, told. cfg must outlive it. force: a list may
 * be empty, or shrink by more than its max_shrink. */
struct generation *generation_new(const struct config *cfg, bool force);
void generation_free(struct generation *g); /* NULL does nothing */

/* Reads every list's file, which may take its time: nothing of what is in
 * force is looked at. Those that are refused are counted in refused. */
void generation_read(struct generation *g);

/* Reads one list from that file; the others will be those in force.
 * -EINVAL: the list is refused. */
int generation_read_one(struct generation *g, const struct config_list *only,
			const char *file);

/*
 * Makes what was read into what can be loaded in the place of old. It may be
 * called again, when something else has got in force meanwhile.
 *
 * After generation_read the last accepted copy takes the place of a refused
 * list, and where there is none, nothing, unless the list is in force. Where
 * nothing is in force the same befalls the largest lists until the others have
 * room. After generation_read_one the other lists are those of old. -EINVAL:
 * refused; -ENOENT: the one list is not in force.
 */
int generation_make(struct generation *g, const struct in_force *old);

/*
 * Gives each list its slot (the one that its name has in old, else a free one),
 * and flattens all. -EINVAL: the lists take more than the configuration allows.
 */
int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct in_force *old);

/* Is all of the source blocked by an enforced list, and not allowed? */
bool generation_blocks(const struct generation *g,
		       const struct mw_prefix *source);

/* Writes the copies of the lists that were read from their files, and notes in
 * g which could not be written. 0, or the -errno of one of those. */
int generation_keep(struct generation *g);

#endif
