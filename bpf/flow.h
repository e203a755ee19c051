/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which connections came in through the gate. No NAT and no network namespace
 * changes the number that an ACK acknowledges: the gate notes each ACK to a
 * guarded port by its sender and that number. A handshake that completes
 * anywhere on this machine is the gate's if its socket's peer and the number of
 * its first byte were noted, because then the ACK that completed it came in
 * here. An attacker who has not seen the SYN-ACK has to guess the number. No
 * clock is asked: the packet may take its time to the socket.
 *
 * A place holds the key of what was noted there last, and FLOW_ENDED once the
 * connection of that ACK is over. Pure.
 */
#ifndef MAILWEIR_FLOW_H
#define MAILWEIR_FLOW_H

#include <stdbool.h>

#include "source.h"

#define FLOW_ENDED 1ULL

enum { FLOW_PLACES = 1 << 18, FLOW_KIND_SHIFT = 48, FLOW_PORT_SHIFT = 32 };

/* What is noted, and the number that goes with it. */
enum flow_kind {
	FLOW_ACK,  /* its acknowledgement number */
	FLOW_PEER, /* 0: an ACK of any number from that address and port */
	FLOW_SYN,  /* its sequence number */
};

/* port and number: network byte order. Not 0, and without FLOW_ENDED. */
static __always_inline __u64 flow_key(enum flow_kind kind,
				      const struct packet *from, __u16 port,
				      __u32 number, __u64 seed)
{
	__u64 half[2], key;

	__builtin_memcpy(half, from->source, 16);
	key = source_hash(half[0], seed);
	if (half[1])
		key = source_hash(key ^ half[1], seed);
	key ^= (__u64)kind << FLOW_KIND_SHIFT | (__u64)port << FLOW_PORT_SHIFT |
	       number;
	return source_hash(key, seed) << 1 | 1ULL << 63;
}

static __always_inline __u32 flow_place(__u64 key)
{
	return (key >> 1) % FLOW_PLACES;
}

/* word: what the place of key holds. */
static __always_inline bool flow_is(__u64 word, __u64 key)
{
	return (word & ~FLOW_ENDED) == key;
}

#endif
