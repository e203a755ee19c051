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

struct generation {
	const struct config *cfg;
	struct list list[MW_LISTS];
	int lists;
	int refused;	  /* lists whose file is */
	size_t flattened; /* prefixes that all lists together come to */
	struct origins origins;
	struct load_input in;
};

/* An empty one; NULL: no memory, told. cfg must outlive it. */
struct generation *generation_new(const struct config *cfg);
void generation_free(struct generation *g); /* NULL does nothing */

/* Reads every list's file. copies: the last accepted copy takes the place of
 * a refused file. The refused ones are counted in refused. */
void generation_read(struct generation *g, bool copies,
		     const struct list_past *past);

/*
 * The lists that are in force (running, with the rules of settings) from
 * their last accepted copies, but list from file. -ENOENT: list is not in
 * force; -EINVAL: its file is refused. past->running must be given.
 */
int generation_reread(struct generation *g, const struct mw_settings *settings,
		      const struct config_list *list, const char *file,
		      const struct list_past *past);

/*
 * Gives each list its slot (the one that its name has in running, else a
 * free one), and flattens all. settings are those of the configuration or
 * those in force; previous are those in force, or zero, and running may be
 * all zero. -EINVAL: the lists take more than the configuration allows.
 */
int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct mw_list_info running[MW_LIST_SLOTS],
		       const struct mw_settings *previous);

/* Is all of the source blocked by an enforced list, and not allowed? */
bool generation_blocks(const struct generation *g,
		       const struct mw_prefix *source);

/* Writes the copies of the lists that were read from their files. */
int generation_keep(const struct generation *g);

#endif
