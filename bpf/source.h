/* SPDX-License-Identifier: GPL-2.0 */
/* Who an attempt is from: address -> 64-bit key, key -> hash, by which a table
 * chooses a place. Pure. */
#ifndef MAILWEIR_SOURCE_H
#define MAILWEIR_SOURCE_H

#include <stdbool.h>

#include "abi.h"

/* The source of an attempt, network byte order; IPv4 in the first 4 bytes. */
struct packet {
	__u8 family; /* 4 or 6 */
	__u8 zero[7];
	__u8 source[16];
};

/*
 * The keys of IPv4 sources are those that the IPv6 sources ffff:ffff:x:y::/64
 * would have. These are multicast: packet.h takes nothing from them for an
 * attempt.
 */
#define SOURCE_IPV4 0xffffffff00000000ULL

static __always_inline __u64 source_u64(const __u8 *at)
{
	__u64 v;

	__builtin_memcpy(&v, at, 8);
	return __builtin_bswap64(v);
}

/* The first len (1..64) bits of v. */
static __always_inline __u64 source_masked(__u64 v, __u8 len)
{
	return v & ~0ULL << ((64 - len) & 63);
}

/* The key of the prefix that address lies in. address: network byte order, 4 or
 * 16 bytes; len4: 1..32; len6: 1..64. */
static __always_inline __u64 source_key(__u8 family, const __u8 *address,
					__u8 len4, __u8 len6)
{
	__u32 v4;

	if (family == 6)
		return source_masked(source_u64(address), len6);
	__builtin_memcpy(&v4, address, 4);
	return source_masked(SOURCE_IPV4 | __builtin_bswap32(v4), 32 + len4);
}

/* Is there an IPv4 address in the last 4 of these 16 bytes? */
static __always_inline bool source_is_nat64(const struct mw_nat64 *nat64,
					    const __u8 *address)
{
	__u32 word[3];

	__builtin_memcpy(word, address, sizeof(word));
	for (__u32 i = 0; i < MW_NAT64; i++)
		if (i < nat64->n && word[0] == nat64->prefix[i][0] &&
		    word[1] == nat64->prefix[i][1] &&
		    word[2] == nat64->prefix[i][2])
			return true;
	return false;
}

/* Who comes through NAT64 is who stands behind it. */
static __always_inline void source_translate(const struct mw_settings *s,
					     struct packet *p)
{
	__u32 v4;

	if (p->family != 6 || !source_is_nat64(&s->nat64, p->source))
		return;
	__builtin_memcpy(&v4, p->source + 12, 4);
	*p = (struct packet){.family = 4};
	__builtin_memcpy(p->source, &v4, 4);
}

/* The prefix length of the keys of a level; 0: one key for all. */
static __always_inline __u8 source_length(const struct mw_settings *s,
					  __u32 level, __u8 family)
{
	return family == 6 ? s->level[level].len6 : s->level[level].len4;
}

/* The key of an address at a level. */
static __always_inline __u64 source_level_key(const struct mw_settings *s,
					      __u32 level, __u8 family,
					      const __u8 *address)
{
	__u8 len = source_length(s, level, family);

	return len ? source_key(family, address, len, len) : 0;
}

/*
 * A keyed mix, the finalizer of MurmurHash3 twice around a secret: an attacker
 * who does not know the seed cannot aim keys at one set. One to one: different
 * keys have different hashes.
 */
static __always_inline __u64 source_hash(__u64 key, __u64 seed)
{
	key ^= seed;
	key = (key ^ key >> 33) * 0xff51afd7ed558ccdULL;
	key = (key ^ key >> 33) * 0xc4ceb9fe1a85ec53ULL;
	key ^= key >> 33 ^ seed << 1;
	key = (key ^ key >> 29) * 0xbf58476d1ce4e5b9ULL;
	return key ^ key >> 32;
}

#endif
