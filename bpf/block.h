/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which run-time block holds an address? Only the prefix lengths in use are
 * looked up, the longest first. The includer provides the block of a prefix,
 * NULL where the prefix is not blocked (in is handed through; the program has a
 * map and passes NULL):
 *	struct mw_block *block_get(void *in, const struct mw_prefix *key);
 * Everything else is pure; time is an argument.
 */
#ifndef MAILWEIR_BLOCK_H
#define MAILWEIR_BLOCK_H

#include <stdbool.h>

#include "abi.h"

static struct mw_block *block_get(void *in, const struct mw_prefix *key);

/* The place of the highest set bit; word is not 0. BPF has no instruction for
 * it. A global function: the verifier walks its six branches only once. */
__attribute__((noinline)) __u32 block_highest(__u64 word)
{
	__u32 bit = 0;

	for (__u32 step = 32; step; step /= 2) {
		if (word >> step) {
			word >>= step;
			bit += step;
		}
	}
	return bit;
}

/* Makes the prefix of the first len bits of address. address: 16 bytes. */
static __always_inline void block_key(struct mw_prefix *key, __u8 family,
				      const __u8 *address, __u32 len)
{
	__u64 half[2];

	__builtin_memset(key, 0, sizeof(*key));
	key->family = family;
	key->len = len;
	__builtin_memcpy(half, address, 16);
	half[0] = __builtin_bswap64(half[0]);
	half[1] = __builtin_bswap64(half[1]);
	if (len < 64)
		half[0] &= ~(~0ULL >> (len & 63));
	if (len <= 64)
		half[1] = 0;
	else if (len < 128)
		half[1] &= ~(~0ULL >> (len & 63));
	half[0] = __builtin_bswap64(half[0]);
	half[1] = __builtin_bswap64(half[1]);
	__builtin_memcpy(key->addr, half, 16);
}

enum {
	BLOCK_NONE = -1,
	BLOCK_BITS = 64,     /* lengths in a word */
	BLOCK_LENGTHS4 = 33, /* 0..32 */
};

/* The length of the longest block that holds address, or BLOCK_NONE. Bit i of
 * word, which has n bits, says whether there are blocks of length first + i. */
static __always_inline int block_word(void *in, __u64 word, __u32 first,
				      __u32 n, __u8 family, const __u8 *address,
				      __u64 now)
{
	for (__u32 i = 0; i < n && word; i++) {
		__u32 bit = block_highest(word) & (BLOCK_BITS - 1);
		struct mw_prefix key;
		struct mw_block *block;

		word &= ~(1ULL << bit);
		block_key(&key, family, address, first + bit);
		block = block_get(in, &key);
		if (block && (!block->expires || now < block->expires))
			return first + bit;
	}
	return BLOCK_NONE;
}

/* The bit of len in the word of that number, if [block] is on: the program
 * makes blocks of the length of its sources, and sets no bit for them. */
static __always_inline __u64 block_own(const struct mw_settings *s, __u8 len,
				       int word)
{
	if (!s->escalation.after || len / BLOCK_BITS != word)
		return 0;
	return 1ULL << len % BLOCK_BITS;
}

/* The length of the longest block that holds address, or BLOCK_NONE. address:
 * 16 bytes, network byte order; IPv4 in the first four, zeros behind. */
static __always_inline int block_find(void *in,
				      const struct mw_block_lengths *lengths,
				      const struct mw_settings *s, __u8 family,
				      const __u8 *address, __u64 now)
{
	int len;

	if (family == 4)
		return block_word(
			in,
			lengths->v4[0] |
				block_own(s, s->level[MW_SOURCE].len4, 0),
			0, BLOCK_LENGTHS4, 4, address, now);
	len = block_word(in, lengths->v6[2], 2 * BLOCK_BITS, 1, 6, address,
			 now);
	if (len == BLOCK_NONE)
		len = block_word(
			in,
			lengths->v6[1] |
				block_own(s, s->level[MW_SOURCE].len6, 1),
			BLOCK_BITS, BLOCK_BITS, 6, address, now);
	if (len == BLOCK_NONE)
		len = block_word(
			in,
			lengths->v6[0] |
				block_own(s, s->level[MW_SOURCE].len6, 0),
			0, BLOCK_BITS, 6, address, now);
	return len;
}

#endif
