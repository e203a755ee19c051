/* SPDX-License-Identifier: GPL-2.0 */
/* The arrays that bpf/lookup.h looks an address up in, one a map. */
#ifndef MAILWEIR_PARTS_H
#define MAILWEIR_PARTS_H

#include <stddef.h>

#include "bpf/lookup_parts.h"

/* The names of the maps that hold the parts. */
extern const char *const pack_names[MW_PARTS];

struct pack_part {
	void *v;
	size_t n;    /* elements; never 0 */
	size_t size; /* of one, bytes */
};

struct pack {
	struct pack_part part[MW_PARTS];
};

#endif
