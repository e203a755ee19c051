/* SPDX-License-Identifier: GPL-2.0 */
/* Arrays that grow, and large ones. */
#ifndef MAILWEIR_GROW_H
#define MAILWEIR_GROW_H

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	GROW_FIRST = 16, /* elements of an array that was empty */
	GROW_HUGE_PAGE = 1 << 21,
};

/*
 * Asks for huge pages for what of an array has not been touched yet: half of
 * the time that a million prefixes take went into page faults. Linux gives them
 * where transparent_hugepage is always or madvise; where it does not, nothing
 * is different.
 */
static inline void *grow_huge(void *v, size_t bytes)
{
	uintptr_t at = ((uintptr_t)v + GROW_HUGE_PAGE - 1) &
		       ~(uintptr_t)(GROW_HUGE_PAGE - 1);
	uintptr_t end =
		((uintptr_t)v + bytes) & ~(uintptr_t)(GROW_HUGE_PAGE - 1);

	if (v && at < end)
		madvise((void *)at, end - at, MADV_HUGEPAGE);
	return v;
}

/* A new array of n elements of size bytes, which are not set. NULL: no memory.
 */
static inline void *grow_new(size_t n, size_t size)
{
	return grow_huge(reallocarray(NULL, n, size), n * size);
}

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
	return grow_huge(v, more * size);
}

#endif
