/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MAILWEIR_TESTS_UNPINNED_H
#define MAILWEIR_TESTS_UNPINNED_H

#include <bpf/libbpf.h>

#include "bpf/abi.h"

/* Between opening and loading: no map of the object is pinned or comes from a
 * pin, so that a test meets no other one, and no gate. */
static inline void unpinned(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) bpf_map__set_pin_path(map, NULL);
}

/* Tells settings the sizes that the object's tables have. */
static inline __u32 table_size(struct bpf_object *obj, const char *name)
{
	return bpf_map__max_entries(bpf_object__find_map_by_name(obj, name));
}

#define SIZES_OF(ID, name, s, obj)                                    \
	(s)->level[MW_##ID].sets = table_size(obj, #name "_buckets"); \
	(s)->level[MW_##ID].open_sets = table_size(obj, #name "_open");

static inline void sizes_of(struct bpf_object *obj, struct mw_settings *s)
{
	MW_EACH_PREFIX_LEVEL(SIZES_OF, s, obj)
	s->level[MW_LIST].sets = table_size(obj, "list_buckets");
	s->level[MW_OBSERVED_LIST].sets = table_size(obj, "observed_buckets");
	s->level[MW_TOTAL].sets = 1;
	s->history_sets = table_size(obj, "history");
}

#endif
