// SPDX-License-Identifier: GPL-2.0
#include "lists/asn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lists/grow.h"

int asn_parse(const char *text, __u32 *asn)
{
	__u64 n = 0;

	if (!strncasecmp(text, "AS", 2))
		text += 2;
	if (*text < '1' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9' && n <= ~0U; text++)
		n = n * 10 + (*text - '0');
	if (*text || n > ~0U)
		return -EINVAL;
	*asn = n;
	return 0;
}

int asn_add(struct asn_set *set, const struct asn_entry *entry)
{
	struct asn_entry *v;

	v = grow(set->v, &set->room, set->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	set->v = v;
	set->v[set->n++] = *entry;
	return 0;
}

void asn_free(struct asn_set *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}

static int origin_compare(const void *a, const void *b)
{
	const struct asn_origin *x = a, *y = b;

	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return prefix_compare(&x->prefix, &y->prefix);
}

int asn_table_build(const struct prefix_set *prefixes,
		    const struct asn_set *asns, struct asn_table *table)
{
	struct asn_origin *v = calloc(prefixes->n + 1, sizeof(*v));

	*table = (struct asn_table){.v = v};
	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < prefixes->n; i++)
		v[i] = (struct asn_origin){asns->v[i].asn, prefixes->v[i]};
	qsort(v, prefixes->n, sizeof(*v), origin_compare);
	for (size_t i = 0; i < prefixes->n; i++)
		if (!table->n || origin_compare(&v[table->n - 1], &v[i]))
			v[table->n++] = v[i];
	return 0;
}

/* The place of the first entry with this ASN or a higher one. */
static size_t lower_bound(const struct asn_table *table, __u64 asn)
{
	size_t low = 0, high = table->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->v[middle].asn < asn)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct asn_origin *asn_find(const struct asn_table *table, __u32 asn,
				  size_t *n)
{
	size_t first = lower_bound(table, asn);

	*n = lower_bound(table, asn + 1ULL) - first;
	return table->v + first;
}

void asn_table_free(struct asn_table *table)
{
	free(table->v);
	memset(table, 0, sizeof(*table));
}
