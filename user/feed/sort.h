/* SPDX-License-Identifier: GPL-2.0 */
/* Sorting where qsort(3) will not do: qsort may ask the system how much memory
 * there is, which a child without rights must not. Pure. */
#ifndef MAILWEIR_SORT_H
#define MAILWEIR_SORT_H

#include <stddef.h>

/* Sorts n elements of size bytes; equal ones stay in their order. 0 or
 * -ENOMEM. */
int sort_stable(void *v, size_t n, size_t size,
		int (*compare)(const void *a, const void *b));

#endif
