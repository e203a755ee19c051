/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One generation in the making: the configuration and the lists' files to
 * what the engine loads. No libbpf. Messages about lists are told here.
 */
#ifndef MAILWEIR_GENERATION_H
#define MAILWEIR_GENERATION_H

#include "config.h"
#include "asn.h"
#include "engine.h"

enum generation_from {
	GENERATION_FILE,    /* the file was accepted */
	GENERATION_KEPT,    /* refused; the last good copy serves */
	GENERATION_NOTHING, /* refused, and there is no copy */
};

struct generation_list {
	char name[MW_NAME];
	char file[MW_PATH]; /* shown; cut if longer */
	struct prefix_set set;
	enum generation_from from;
	bool fresh; /* to be kept as the last accepted copy */
	struct mw_rule rule;
	__u64 loaded, modified; /* seconds since 1970 */
	__u64 expires;
	int slot;
};

struct generation {
	struct generation_list list[MW_LISTS];
	int lists;
	int refused;	  /* lists whose file was */
	size_t flattened; /* prefixes that all lists together come to */
	const struct config *cfg;
	bool asn_asked; /* it was read, or tried */
	struct asn_table asns;
	struct engine_input in;
};

/* What a list is compared with before it may take its place. */
struct generation_past {
	const struct mw_list_info *running; /* all zero: nothing is in force */
	bool force;			    /* it may shrink at will */
};

/* Reads every list's file. kept: a refused one is replaced by its last good
 * copy. Those that are refused are counted in refused. */
void generation_read(struct generation *g, const struct config *cfg, bool kept,
		     const struct generation_past *past);

/*
 * The lists in force (info, with rules of settings) from their kept copies,
 * but list from file. -ENOENT: no such list in force; -EINVAL: refused.
 */
int generation_reread(struct generation *g, const struct mw_settings *settings,
		      const struct mw_list_info info[MW_LIST_SLOTS],
		      const struct config *cfg, const struct config_list *list,
		      const char *file, bool force);

/*
 * Gives each list its slot (the one that its name has in running, else a
 * free one), and flattens all. settings as config_read leaves them or as in
 * force; generation and seed are set here. running may be all zero. 0, or
 * told: -EINVAL, they take too much memory; or -errno.
 */
int generation_compile(struct generation *g, const struct mw_settings *settings,
		       const struct mw_list_info running[MW_LIST_SLOTS],
		       const struct mw_settings *previous);

/* The table of [asn], read when it is first asked for. NULL: none is
 * configured, or it is refused, which has been told. */
const struct asn_table *generation_origins(struct generation *g);

/* The last accepted copy of a list, sorted. 0, -EINVAL: there is none, or
 * -errno. */
int generation_kept(const char *name, struct prefix_set *set);

/* Is all of the source blocked by an enforced list, and not allowed? */
bool generation_blocks(const struct generation *g,
		       const struct mw_prefix *source);

/* Writes the copies of fresh lists. */
int generation_keep(const struct generation *g);

void generation_free(struct generation *g);

#endif
