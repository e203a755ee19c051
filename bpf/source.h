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

/* The length of a prefix of NAT64. */
static __always_inline __u32 source_nat64_length(const __u32 prefix[3])
{
	__u8 len = ((const __u8 *)prefix)[8];

	return len ? len : 96;
}

static __always_inline bool source_in_nat64(const __u32 prefix[3],
					    const __u32 word[3])
{
	__u32 len = source_nat64_length(prefix);
	__u32 mask = __builtin_bswap32(~0ULL << ((64 - len) & 63));

	if (word[0] != prefix[0])
		return false;
	if (len == 96)
		return word[1] == prefix[1] && word[2] == prefix[2];
	return !((word[1] ^ prefix[1]) & mask) && !((const __u8 *)word)[8];
}

/* The length of the prefix of NAT64 that the address, of 16 bytes, lies in;
 * 0: it lies in none. */
static __always_inline __u32 source_nat64(const struct mw_nat64 *nat64,
					  const __u8 *address)
{
	__u32 word[3];

	__builtin_memcpy(word, address, sizeof(word));
	for (__u32 i = 0; i < MW_NAT64; i++)
		if (i < nat64->n && source_in_nat64(nat64->prefix[i], word))
			return source_nat64_length(nat64->prefix[i]);
	return 0;
}

/* The IPv4 address behind a prefix of that length: it leaves out byte 8. */
static __always_inline void source_behind(const __u8 *from, __u32 len, __u8 *v4)
{
	switch (len) {
	case 32:
		__builtin_memcpy(v4, from + 4, 4);
		break;
	case 40:
		__builtin_memcpy(v4, from + 5, 3);
		v4[3] = from[9];
		break;
	case 48:
		__builtin_memcpy(v4, from + 6, 2);
		__builtin_memcpy(v4 + 2, from + 9, 2);
		break;
	case 56:
		v4[0] = from[7];
		__builtin_memcpy(v4 + 1, from + 9, 3);
		break;
	case 64:
		__builtin_memcpy(v4, from + 9, 4);
		break;
	default:
		__builtin_memcpy(v4, from + 12, 4);
	}
}

/* Who comes through NAT64 is who stands behind it. */
static __always_inline void source_translate(const struct mw_settings *s,
					     struct packet *p)
{
	__u32 len;
	__u8 v4[4];

	if (p->family != 6)
		return;
	len = source_nat64(&s->nat64, p->source);
	if (!len)
		return;
	source_behind(p->source, len, v4);
	*p = (struct packet){.family = 4};
	__builtin_memcpy(p->source, v4, 4);
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
