// SPDX-License-Identifier: GPL-2.0
#include "config/spell.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum { MAX_WORD = 32 }; /* longer words are nobody's typing error */

static int min3(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters to change, add or remove; case does not count. */
static int distance(const char *a, const char *b)
{
	int row[MAX_WORD + 1], i, j, above, left_above;
	int len = strlen(b);

	if (strlen(a) > MAX_WORD || len > MAX_WORD)
		return INT_MAX;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		left_above = row[0];
		row[0] = i + 1;
		for (j = 1; j <= len; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
				      left_above + (tolower(a[i]) !=
						    tolower(b[j - 1])));
			left_above = above;
		}
	}
	return row[len];
}

const char *spell_nearest(const char *word, const char *const *known, int n)
{
	const char *best = NULL;
	int i, d, least = 3;

	for (i = 0; i < n; i++) {
		d = distance(word, known[i]);
		if (d < least && d < (int)strlen(known[i]) - 1) {
			least = d;
			best = known[i];
		}
	}
	return best;
}
