/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pins of a mailweir with another schema, beside ours. Errors as in pins.h.
 */
#ifndef MAILWEIR_SCHEMA_H
#define MAILWEIR_SCHEMA_H

#include "kernel/pins.h"

/* 1: links of another schema are pinned, and *other says where; 0: none. */
int schema_other(const struct pins *p, struct pins *other);

/* 0, or -EPROTO, told: another schema has links, or -errno. */
int schema_check(const struct pins *p);

#endif
