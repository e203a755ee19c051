/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Autonomous system numbers (RFC 6793) and the prefixes that they originate.
 * Pure: no I/O.
 */
#ifndef MAILWEIR_ASN_H
#define MAILWEIR_ASN_H

#include "lists/prefix.h"

struct asn_entry {
	__u32 asn;
	__u32 line; /* of the list or the configuration that names the ASN */
	__u32 ends; /* as in struct mw_prefix */
};

struct asn_set {
	struct asn_entry *v;
	size_t n, room; /* elements used, and allocated */
};

/* "AS64500", "as64500" or "64500", 1 to 4294967295, decimal without leading
 * zero. 0 or -EINVAL. */
int asn_parse(const char *text, __u32 *asn);
/* Appends an entry to a set. 0 or -ENOMEM. */
int asn_add(struct asn_set *set, const struct asn_entry *entry);
void asn_free(struct asn_set *set);

struct asn_origin {
	__u32 asn;
	struct mw_prefix prefix;
};

/* Sorted by ASN and then prefix_compare, without duplicates. */
struct asn_table {
	struct asn_origin *v;
	size_t n;
};

/* A table from two sets of one length: asns->v[i] is the origin of
 * prefixes->v[i]. 0 or -ENOMEM. */
int asn_table_build(const struct prefix_set *prefixes,
		    const struct asn_set *asns, struct asn_table *table);
/* The first of the *n prefixes that an ASN originates; *n may be 0. */
const struct asn_origin *asn_find(const struct asn_table *table, __u32 asn,
				  size_t *n);
void asn_table_free(struct asn_table *table);

#endif
