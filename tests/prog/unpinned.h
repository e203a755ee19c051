/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MAILWEIR_TESTS_UNPINNED_H
#define MAILWEIR_TESTS_UNPINNED_H

#include <bpf/libbpf.h>

/* Between opening and loading: no map of the object is pinned or comes from a
 * pin, so that a test meets no other one, and no gate. */
static inline void unpinned(struct bpf_object *obj)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) bpf_map__set_pin_path(map, NULL);
}

#endif
