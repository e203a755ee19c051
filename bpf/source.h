/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who an attempt is from: address -> 64-bit key, key -> place in a table.
 * Pure.
 */
#ifndef MAILWEIR_SOURCE_H
#define MAILWEIR_SOURCE_H

#include "abi.h"

/*
 * IPv4 keys stand where IPv6 has the sources ffff:ffff:x:y::/64, which are
 * multicast and so never a source: packet.h takes none for an attempt.
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

/* address: network byte order, 4 or 16 bytes; len4 1..32, len6 1..64. */
static __always_inline __u64 source_key(__u8 family, const __u8 *address,
					__u8 len4, __u8 len6)
{
	__u32 v4;

	if (family == 6)
		return source_masked(source_u64(address), len6);
	__builtin_memcpy(&v4, address, 4);
	return source_masked(SOURCE_IPV4 | __builtin_bswap32(v4), 32 + len4);
}

/* The prefix length that makes the sources of a level. */
static __always_inline __u8 source_length(const struct mw_settings *s,
					  int level, __u8 family)
{
	if (level == MW_NETBLOCK)
		return family == 6 ? s->netblock_len6 : s->netblock_len4;
	return family == 6 ? s->source_len6 : s->source_len4;
}

/* The key of an address at a level. */
static __always_inline __u64 source_level_key(const struct mw_settings *s,
					      int level, __u8 family,
					      const __u8 *address)
{
	__u8 len = source_length(s, level, family);

	return source_key(family, address, len, len);
}

/*
 * A keyed mix (the finalizer of MurmurHash3, twice around a secret): who
 * does not know the seed cannot aim keys at one set.
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
