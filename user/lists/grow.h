/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow. */
#ifndef MAILWEIR_GROW_H
#define MAILWEIR_GROW_H

#include <stdlib.h>

enum { GROW_FIRST = 16 }; /* elements of an array that was empty */

/*
 * The array v with room for need elements of size bytes: v itself where *room
 * suffices, else a larger copy, and *room says how large. NULL: no memory; v
 * and *room are as they were.
 */
static inline void *grow(void *v, size_t *room, size_t need, size_t size)
{
	size_t more = *room ? *room * 2 : GROW_FIRST;

	if (need <= *room)
		return v;
	if (more < need)
		more = need;
	v = reallocarray(v, more, size);
	if (v)
		*room = more;
	return v;
}

#endif
