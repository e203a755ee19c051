// SPDX-License-Identifier: GPL-2.0
#include "feed/sort.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct run {
	const char *at, *end;
};

/* Merges two sorted runs, of which a stood first, to to. */
static void merge(struct run a, struct run b, char *to, size_t size,
		  int (*compare)(const void *a, const void *b))
{
	while (a.at < a.end && b.at < b.end) {
		struct run *less = compare(a.at, b.at) <= 0 ? &a : &b;

		memcpy(to, less->at, size);
		less->at += size;
		to += size;
	}
	memcpy(to, a.at, a.end - a.at);
	memcpy(to + (a.end - a.at), b.at, b.end - b.at);
}

/* Merges neighbouring runs of width bytes in from, bytes long, to to. */
static void merge_all(const char *from, char *to, size_t bytes, size_t width,
		      size_t size, int (*compare)(const void *a, const void *b))
{
	for (size_t at = 0; at < bytes; at += 2 * width) {
		size_t middle = bytes - at < width ? bytes : at + width;
		size_t end = bytes - middle < width ? bytes : middle + width;

		merge((struct run){from + at, from + middle},
		      (struct run){from + middle, from + end}, to + at, size,
		      compare);
	}
}

int sort_stable(void *v, size_t n, size_t size,
		int (*compare)(const void *a, const void *b))
{
	size_t bytes = n * size;
	char *other = malloc(bytes + 1), *from = v, *to = other;

	if (!other)
		return -ENOMEM;
	for (size_t width = size; width < bytes; width *= 2) {
		char *done = from;

		merge_all(from, to, bytes, width, size, compare);
		from = to;
		to = done;
	}
	if (from != v && bytes)
		memcpy(v, from, bytes);
	free(other);
	return 0;
}
