// SPDX-License-Identifier: GPL-2.0
/*
 * Golden packets through BPF_PROG_TEST_RUN: each row says what it is, the
 * frame, the state before, the verdict and the change of every counter (those
 * not named do not move). The program is the production one with its clock in
 * the test's hands. Expectations come from the design and from what a real
 * listener answers (tests/netns/shapes.bats), not from the code.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "bpf/abi.h"
#include "clock.skel.h"
#include "pkt.h"
#include "lists/pack.h"

#define S     1000000000ULL
#define START (1000 * S)

/* --- the world: lists and limits, the same in every mode ----------------- */

enum { DROP, FRIENDS, SLOW, MAYBE, MAYBE_SLOW, SLOTS };

static const char *const slot_names[SLOTS] = { "drop", "friends", "slow",
					       "maybe", "later" };

static const struct {
	const char *prefix;
	struct mw_leaf leaf;
} leaves[] = {
	{ "198.51.100.0/24", { MW_BLOCK, DROP, MW_NONE, 0 } },
	{ "198.51.100.7/32", { MW_ALLOW, FRIENDS, MW_NONE, 0 } },
	{ "203.0.113.0/24", { MW_ALLOW, FRIENDS, MW_NONE, 0 } },
	{ "192.0.2.128/25", { MW_LIMIT, SLOW, MW_NONE, 0 } },
	{ "10.1.0.0/16", { MW_NONE, 0, MW_BLOCK, MAYBE } },
	{ "10.2.0.0/16", { MW_NONE, 0, MW_LIMIT, MAYBE_SLOW } },
	{ "10.3.0.0/16", { MW_BLOCK, DROP, MW_BLOCK, MAYBE } },
	{ "10.4.0.0/16", { MW_ALLOW, FRIENDS, MW_BLOCK, MAYBE } },
	{ "10.5.0.0/16", { MW_LIMIT, SLOW, MW_LIMIT, MAYBE_SLOW } },
	{ "2001:db8:bad::/48", { MW_BLOCK, DROP, MW_NONE, 0 } },
	{ "2001:db8:bad::7/128", { MW_ALLOW, FRIENDS, MW_NONE, 0 } },
};

/* Configurations; each is a program of its own. */
enum { ENFORCE, OBSERVE, OBSERVE_SOURCE, OBSERVE_NETBLOCK, NO_LIMITS, CONFIGS };

static struct mw_limit limit(__u64 interval, int burst, int mode)
{
	return (struct mw_limit){ .interval = interval,
				  .window = (burst - 1) * interval,
				  .most = (burst + 1023) * interval,
				  .mode = mode };
}

static void settings_of(int config, struct mw_settings *s)
{
	memset(s, 0, sizeof(*s));
	s->seed = 42;
	s->ports[0] = 25;
	s->ports[1] = 587;
	s->mode = config == OBSERVE ? MW_OBSERVE : MW_ENFORCE;
	s->source_len4 = 32;
	s->source_len6 = 64;
	s->netblock_len4 = 24;
	s->netblock_len6 = 48;
	if (config != NO_LIMITS) {
		s->source = limit(S, 3, config != OBSERVE_SOURCE);
		s->netblock = limit(S / 2, 5, config != OBSERVE_NETBLOCK);
	}
	s->rules[DROP] = (struct mw_rule){ .action = MW_BLOCK, .mode = 1 };
	s->rules[FRIENDS] = (struct mw_rule){ .action = MW_ALLOW, .mode = 1 };
	s->rules[SLOW] = (struct mw_rule){ limit(10 * S, 1, MW_ENFORCE),
					   MW_LIMIT, MW_ENFORCE, {} };
	s->rules[MAYBE] = (struct mw_rule){ .action = MW_BLOCK };
	s->rules[MAYBE_SLOW] = (struct mw_rule){ limit(10 * S, 1, MW_OBSERVE),
						 MW_LIMIT, MW_OBSERVE, {} };
}

/* --- rows ---------------------------------------------------------------- */

struct row {
	const char *what;
	struct pkt p;
	char verdict;	      /* P or D */
	const char *counts;   /* counters that move by 1; packets always */
	const char *lists;    /* "NAME:attempts,dropped,would_drop ..." */
	int config;
	int before;	      /* attempts of the same kind before */
	const char *from;     /* by this source, if another */
	const char *block;    /* a run-time block */
	bool expired;	      /* that has expired */
	__u64 later;	      /* ns after them */
};

#define V6 .from = "2001:db8:1::1"
#define ATTEMPT "attempts pass_conforms"
#define OTHER "pass_not_attempt"
#define FRAGMENT "pass_later_fragment"
#define MALFORMED "drop_malformed"
#define MF 0x2000

static const struct row rows[] = {
	/* what an attempt is */
	{ "a SYN", {}, 'P', ATTEMPT },
	{ "a SYN to the second guarded port", { .port = 587 }, 'P', ATTEMPT },
	{ "a SYN to port 26", { .port = 26 }, 'P', OTHER },
	{ "a SYN to port 0", { .port = 65536 }, 'P', OTHER },
	{ "a SYN to port 6400, which is 25 byte-swapped", { .port = 6400 },
	  'P', OTHER },
	{ "no flags", { .flags = -1 }, 'P', OTHER },
	{ "ACK", { .flags = ACK }, 'P', OTHER },
	{ "SYN and ACK", { .flags = SYN | ACK }, 'P', OTHER },
	{ "RST", { .flags = RST }, 'P', OTHER },
	{ "SYN and RST", { .flags = SYN | RST }, 'P', OTHER },
	{ "FIN", { .flags = FIN }, 'P', OTHER },
	{ "SYN and FIN", { .flags = SYN | FIN }, 'P', OTHER },
	{ "everything lit", { .flags = 0xff }, 'P', OTHER },
	{ "PSH and ACK with data", { .flags = PSH | ACK, .payload = 900 },
	  'P', OTHER },
	{ "SYN and ECE", { .flags = SYN | ECE }, 'P', ATTEMPT },
	{ "SYN and CWR", { .flags = SYN | CWR }, 'P', ATTEMPT },
	{ "SYN, ECE and CWR", { .flags = SYN | ECE | CWR }, 'P', ATTEMPT },
	{ "SYN and PSH", { .flags = SYN | PSH }, 'P', ATTEMPT },
	{ "SYN and URG", { .flags = SYN | URG }, 'P', ATTEMPT },
	{ "SYN with PSH, URG, ECE and CWR",
	  { .flags = SYN | PSH | URG | ECE | CWR }, 'P', ATTEMPT },
	{ "a SYN with data", { .payload = 600 }, 'P', ATTEMPT },
	{ "a SYN with TCP options", { .doff = 10, .payload = 20 }, 'P',
	  ATTEMPT },
	{ "data offset below 5", { .doff = 4 }, 'P', OTHER },
	{ "data offset beyond the segment", { .doff = 15 }, 'P', OTHER },
	{ "19 bytes of TCP", { .tcp = 19 }, 'P', OTHER },
	{ "14 bytes of TCP", { .tcp = 14 }, 'P', OTHER },
	{ "no TCP at all", { .tcp = -1 }, 'P', OTHER },
	{ "UDP to port 25", { .protocol = 17 }, 'P', OTHER },
	{ "ICMP", { .protocol = 1 }, 'P', OTHER },
	{ "GRE", { .protocol = 47 }, 'P', OTHER },

	/* Ethernet */
	{ "ARP", { .ethertype = 0x0806 }, 'P', OTHER },
	{ "an unknown ethertype", { .ethertype = 0x88cc }, 'P', OTHER },
	{ "an 802.3 length", { .ethertype = 0x0040 }, 'P', OTHER },
	{ "IPv6 ethertype on IPv4", { .ethertype = 0x86dd }, 'P', OTHER },
	{ "one 802.1Q tag", { .tags = 1 }, 'P', ATTEMPT },
	{ "one 802.1ad tag", { .tags = 1, .tag_type = 0x88a8 }, 'P', ATTEMPT },
	{ "two tags", { .tags = 2 }, 'P', ATTEMPT },
	{ "two 802.1ad tags", { .tags = 2, .tag_type = 0x88a8 }, 'P', ATTEMPT },
	{ "three tags", { .tags = 3 }, 'P', ATTEMPT },
	{ "eight tags", { .tags = 8 }, 'P', ATTEMPT },
	{ "nine tags", { .tags = 9 }, 'D', MALFORMED },
	{ "a hundred tags", { .tags = 100 }, 'D', MALFORMED },
	{ "nine tags on ARP", { .tags = 9, .ethertype = 0x0806 }, 'D',
	  MALFORMED },
	{ "a tag on ARP", { .tags = 1, .ethertype = 0x0806 }, 'P', OTHER },
	{ "a tag and IPv6", { .tags = 1, V6 }, 'P', ATTEMPT },
	{ "eight tags and IPv6 with options",
	  { .tags = 8, V6, .chain = "3d" }, 'P', ATTEMPT },
	{ "a tag and a blocked source",
	  { .tags = 1, .from = "198.51.100.9" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "padding behind a SYN", { .pad = 20 }, 'P', ATTEMPT },
	{ "padding that looks like TCP is none", { .tcp = -1, .pad = 40 }, 'P',
	  OTHER },

	/* IPv4 */
	{ "4 bytes of options", { .options = 4 }, 'P', ATTEMPT },
	{ "40 bytes of options", { .options = 40 }, 'P', ATTEMPT },
	{ "options of a blocked source",
	  { .options = 12, .from = "198.51.100.9" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "version 5", { .version = 5 }, 'P', OTHER },
	{ "version 6 in an IPv4 frame", { .version = 6 }, 'P', OTHER },
	{ "header length 4", { .ihl = 4 }, 'P', OTHER },
	{ "header length beyond the packet", { .ihl = 15 }, 'P', OTHER },
	{ "total length 0", { .zero_length = true }, 'P', OTHER },
	{ "total length beyond the frame", { .lie = 1 }, 'P', OTHER },
	{ "total length beyond the frame, padded in", { .lie = 1, .pad = 8 },
	  'P', ATTEMPT },
	{ "total length cuts TCP", { .lie = -1 }, 'P', OTHER },
	{ "total length below the header", { .lie = -30 }, 'P', OTHER },
	{ "DF", { .frag = 0x4000 }, 'P', ATTEMPT },
	{ "the reserved bit", { .frag = 0x8000 }, 'P', ATTEMPT },
	{ "an authentication header", { .chain = "a" }, 'P', ATTEMPT },
	{ "two authentication headers", { .chain = "2a" }, 'P', ATTEMPT },
	{ "destination options have no place in IPv4", { .chain = "d" }, 'P',
	  OTHER },

	/* IPv4 fragments */
	{ "first fragment, 8 bytes, guarded port", { .frag = MF, .tcp = 8 },
	  'D', MALFORMED },
	{ "first fragment, 8 bytes, port 26",
	  { .frag = MF, .tcp = 8, .port = 26 }, 'P', OTHER },
	{ "first fragment, 14 bytes, shows ACK: 8 are kept",
	  { .frag = MF, .tcp = 14, .flags = ACK }, 'D', MALFORMED },
	{ "first fragment, 15 bytes, shows ACK: 8 are kept",
	  { .frag = MF, .tcp = 15, .flags = ACK }, 'D', MALFORMED },
	{ "first fragment, 15 bytes, port 26",
	  { .frag = MF, .tcp = 15, .port = 26 }, 'P', OTHER },
	{ "first fragment, 16 bytes, SYN", { .frag = MF, .tcp = 16 }, 'P',
	  ATTEMPT },
	{ "first fragment, 16 bytes, SYN, blocked source",
	  { .frag = MF, .tcp = 16, .from = "198.51.100.9" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "first fragment, 16 bytes, ACK",
	  { .frag = MF, .tcp = 16, .flags = ACK }, 'P', OTHER },
	{ "first fragment, 23 bytes, SYN", { .frag = MF, .tcp = 23 }, 'P',
	  ATTEMPT },
	{ "first fragment, 24 bytes, SYN, options follow",
	  { .frag = MF, .tcp = 24, .doff = 10 }, 'P', ATTEMPT },
	{ "first fragment, 7 bytes: nothing is kept",
	  { .frag = MF, .tcp = 7 }, 'P', OTHER },
	{ "first fragment, empty", { .frag = MF, .tcp = -1 }, 'P', OTHER },
	{ "first fragment of UDP", { .frag = MF, .protocol = 17, .tcp = 8 },
	  'P', OTHER },
	{ "first fragment, 8 bytes, IP options",
	  { .frag = MF, .tcp = 8, .options = 8 }, 'D', MALFORMED },
	{ "first fragment, 8 bytes, tagged",
	  { .frag = MF, .tcp = 8, .tags = 1 }, 'D', MALFORMED },
	{ "first fragment cut inside an authentication header",
	  { .frag = MF, .chain = "a", .tcp = -1 }, 'D', MALFORMED },
	{ "a later fragment", { .frag = MF | 1 }, 'P', FRAGMENT },
	{ "the last fragment", { .frag = 1 }, 'P', FRAGMENT },
	{ "the last fragment of a blocked source",
	  { .frag = 3, .from = "198.51.100.9" }, 'P', FRAGMENT },
	{ "a later fragment of UDP", { .frag = 100, .protocol = 17 }, 'P',
	  FRAGMENT },

	/* IPv6 */
	{ "IPv6: a SYN", { V6 }, 'P', ATTEMPT },
	{ "IPv6: a multicast source, which Linux discards",
	  { .from = "ffff:ffff:c000:201::1" }, 'P', OTHER },
	{ "IPv6: port 26", { V6, .port = 26 }, 'P', OTHER },
	{ "IPv6: ACK", { V6, .flags = ACK }, 'P', OTHER },
	{ "IPv6: SYN and ECE", { V6, .flags = SYN | ECE }, 'P', ATTEMPT },
	{ "IPv6: UDP", { V6, .chain = "u" }, 'P', OTHER },
	{ "IPv6: neighbour discovery", { V6, .chain = "i" }, 'P', OTHER },
	{ "IPv6: no next header", { V6, .chain = "n" }, 'P', OTHER },
	{ "IPv6: ESP", { V6, .chain = "e" }, 'P', OTHER },
	{ "IPv6: version 4", { V6, .version = 4 }, 'P', OTHER },
	{ "IPv6: data offset 4", { V6, .doff = 4 }, 'P', OTHER },
	{ "IPv6: 19 bytes of TCP", { V6, .tcp = 19 }, 'P', OTHER },
	{ "IPv6: payload length beyond the frame", { V6, .lie = 1 }, 'P',
	  OTHER },
	{ "IPv6: payload length cuts TCP", { V6, .lie = -1 }, 'P', OTHER },
	{ "IPv6: payload length 0", { V6, .zero_length = true }, 'P', OTHER },
	{ "IPv6: payload length 0, options",
	  { V6, .zero_length = true, .chain = "d" }, 'P', OTHER },
	{ "IPv6: payload length 0, hop-by-hop: the frame counts",
	  { V6, .zero_length = true, .chain = "h" }, 'P', ATTEMPT },
	{ "IPv6: payload length 0, hop-by-hop, options",
	  { V6, .zero_length = true, .chain = "hd" }, 'P', ATTEMPT },
	{ "IPv6: hop-by-hop", { V6, .chain = "h" }, 'P', ATTEMPT },
	{ "IPv6: routing header", { V6, .chain = "r" }, 'P', ATTEMPT },
	{ "IPv6: destination options", { V6, .chain = "d" }, 'P', ATTEMPT },
	{ "IPv6: authentication header", { V6, .chain = "a" }, 'P', ATTEMPT },
	{ "IPv6: atomic fragment", { V6, .chain = "f" }, 'P', ATTEMPT },
	{ "IPv6: all in the usual order", { V6, .chain = "hdrfad" }, 'P',
	  ATTEMPT },
	{ "IPv6: all in an unusual order", { V6, .chain = "hadrdaf" }, 'P',
	  ATTEMPT },
	{ "IPv6: options of 2048 bytes", { V6, .chain = "D" }, 'P', ATTEMPT },
	{ "IPv6: two options of 2048 bytes (4,150 deep)",
	  { V6, .chain = "2D" }, 'P', ATTEMPT },
	{ "IPv6: three options of 2048 bytes", { V6, .chain = "3D" }, 'P',
	  ATTEMPT },
	{ "IPv6: four options of 2048 bytes (8,246 deep)",
	  { V6, .chain = "4D" }, 'P', ATTEMPT },
	{ "IPv6: four options of 2048 bytes, blocked",
	  { .from = "2001:db8:bad::1", .chain = "4D" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "IPv6: four options of 2048 bytes, ACK",
	  { V6, .chain = "4D", .flags = ACK }, 'P', OTHER },
	{ "IPv6: 16 options", { V6, .chain = "16d" }, 'P', ATTEMPT },
	{ "IPv6: 17 options", { V6, .chain = "17d" }, 'D', MALFORMED },
	{ "IPv6: 170 options", { V6, .chain = "170d" }, 'D', MALFORMED },
	{ "IPv6: 16 options and UDP", { V6, .chain = "16du" }, 'P', OTHER },
	{ "IPv6: a chain past the packet's end", { V6, .chain = "d", .lie = -24 },
	  'P', OTHER },
	{ "IPv6: options that claim to pass the packet's end",
	  { V6, .chain = "D", .lie = -1000 }, 'P', OTHER },

	/* IPv6 fragments */
	{ "IPv6: first fragment, 8 bytes, guarded port",
	  { V6, .chain = "F", .tcp = 8 }, 'D', MALFORMED },
	{ "IPv6: first fragment, 8 bytes, port 26",
	  { V6, .chain = "F", .tcp = 8, .port = 26 }, 'P', OTHER },
	{ "IPv6: first fragment, 15 bytes, ACK",
	  { V6, .chain = "F", .tcp = 15, .flags = ACK }, 'D', MALFORMED },
	{ "IPv6: first fragment, 16 bytes, SYN",
	  { V6, .chain = "F", .tcp = 16 }, 'P', ATTEMPT },
	{ "IPv6: first fragment, 24 bytes, ACK",
	  { V6, .chain = "F", .tcp = 24, .flags = ACK }, 'P', OTHER },
	{ "IPv6: first fragment, options, then nothing",
	  { V6, .chain = "Fd", .tcp = -1 }, 'D', MALFORMED },
	{ "IPv6: first fragment, options, 8 bytes",
	  { V6, .chain = "Fd", .tcp = 8 }, 'D', MALFORMED },
	{ "IPv6: first fragment, options, SYN",
	  { V6, .chain = "Fd", .tcp = 24 }, 'P', ATTEMPT },
	{ "IPv6: first fragment, options cut short",
	  { V6, .chain = "FD", .lie = -1000, .tcp = -1 }, 'D', MALFORMED },
	{ "IPv6: first fragment, empty", { V6, .chain = "F", .tcp = -1 }, 'P',
	  OTHER },
	{ "IPv6: first fragment of UDP", { V6, .chain = "F", .protocol = 17 },
	  'P', OTHER },
	{ "IPv6: options before a first fragment",
	  { V6, .chain = "dF", .tcp = 8 }, 'D', MALFORMED },
	{ "IPv6: a later fragment", { V6, .chain = "L" }, 'P', FRAGMENT },
	{ "IPv6: a later fragment of a blocked source",
	  { .from = "2001:db8:bad::1", .chain = "L" }, 'P', FRAGMENT },

	/* the order of the decision */
	{ "block list", { .from = "198.51.100.9" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "block list, not an attempt",
	  { .from = "198.51.100.9", .flags = ACK }, 'P', OTHER },
	{ "allow list inside a block list", { .from = "198.51.100.7" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0" },
	{ "IPv6: block list", { .from = "2001:db8:bad::1" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "IPv6: allow list to /128", { .from = "2001:db8:bad::7" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0" },
	{ "IPv6: beside the /128", { .from = "2001:db8:bad::8" }, 'D',
	  "attempts drop_block_list", "drop:1,1,0" },
	{ "allow list is over no limit", { .from = "203.0.113.1" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0", .before = 9 },
	{ "run-time block of an address", {}, 'D', "attempts drop_block",
	  .block = "192.0.2.1/32" },
	{ "run-time block of a /8", {}, 'D', "attempts drop_block",
	  .block = "192.0.0.0/8" },
	{ "run-time block of everything", {}, 'D', "attempts drop_block",
	  .block = "0.0.0.0/0" },
	{ "run-time block of the neighbour", {}, 'P', ATTEMPT,
	  .block = "192.0.2.0/32" },
	{ "expired run-time block", {}, 'P', ATTEMPT, .block = "192.0.2.1/32",
	  .expired = true },
	{ "run-time block in an allow list", { .from = "203.0.113.1" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0",
	  .block = "203.0.113.1/32" },
	{ "run-time block before the block list", { .from = "198.51.100.9" },
	  'D', "attempts drop_block", "drop:1,0,0",
	  .block = "198.51.100.9/32" },
	{ "run-time block, not an attempt", { .port = 26 }, 'P', OTHER,
	  .block = "192.0.2.1/32" },
	{ "IPv6: run-time block of an address", { V6 }, 'D',
	  "attempts drop_block", .block = "2001:db8:1::1/128" },
	{ "IPv6: run-time block of the /64", { V6 }, 'D',
	  "attempts drop_block", .block = "2001:db8:1::/64" },
	{ "IPv6: run-time block of a /65 elsewhere", { V6 }, 'P', ATTEMPT,
	  .block = "2001:db8:1:0:8000::/65" },
	{ "IPv6: run-time block of a /20", { V6 }, 'D', "attempts drop_block",
	  .block = "2001::/20" },

	/* limits */
	{ "the last of the burst", {}, 'P', ATTEMPT, .before = 2 },
	{ "beyond the burst", {}, 'D', "attempts drop_limit_source",
	  .before = 3 },
	{ "refused ones are not charged", {}, 'P', ATTEMPT, .before = 9,
	  .later = S },
	{ "one interval brings one", {}, 'D', "attempts drop_limit_source",
	  .before = 3, .later = S - 1 },
	{ "over the limit, but an ACK", { .flags = ACK }, 'P', OTHER,
	  .before = 9 },
	{ "over the limit, but port 26", { .port = 26 }, 'P', OTHER,
	  .before = 9, .from = "192.0.2.1" },
	{ "the neighbour has a bucket of its own", {}, 'P', ATTEMPT,
	  .before = 4, .from = "192.0.2.2" },
	{ "another address of the /64 has not",
	  { .from = "2001:db8:1::2" }, 'D', "attempts drop_limit_source",
	  .before = 3, .from = "2001:db8:1::1" },
	{ "the next /64 has", { .from = "2001:db8:1:1::1" }, 'P', ATTEMPT,
	  .before = 4, .from = "2001:db8:1::1" },
	{ "netblock: five neighbours use it up", {}, 'D',
	  "attempts drop_limit_netblock", .before = 5, .from = "192.0.2.*" },
	{ "netblock: the next /24 is free", { .from = "192.0.3.1" }, 'P',
	  ATTEMPT, .before = 5, .from = "192.0.2.*" },
	{ "netblock: refills by its own rate", {}, 'P', ATTEMPT, .before = 5,
	  .from = "192.0.2.*", .later = S / 2 },
	{ "no limits, no drops", {}, 'P', ATTEMPT, .config = NO_LIMITS,
	  .before = 40 },
	{ "limit list: first", { .from = "192.0.2.200" }, 'P', ATTEMPT,
	  "slow:1,0,0" },
	{ "limit list: second", { .from = "192.0.2.200" }, 'D',
	  "attempts drop_limit_list", "slow:1,1,0", .before = 1 },
	{ "limit list: its own rate", { .from = "192.0.2.200" }, 'P', ATTEMPT,
	  "slow:1,0,0", .before = 2, .later = 10 * S },
	{ "limit list: the netblock still counts", { .from = "192.0.2.200" },
	  'D', "attempts drop_limit_netblock", "slow:1,0,0", .before = 5,
	  .from = "192.0.2.*" },
	{ "limit list, no other limits", { .from = "192.0.2.200" }, 'D',
	  "attempts drop_limit_list", "slow:1,1,0", .config = NO_LIMITS,
	  .before = 1 },

	/* observed lists and limits in an enforcing gate */
	{ "observed block list", { .from = "10.1.0.1" }, 'P',
	  ATTEMPT " would_drop_block_list", "maybe:1,0,1" },
	{ "observed block list frees nobody from the limits",
	  { .from = "10.1.0.1" }, 'D',
	  "attempts drop_limit_source would_drop_block_list", "maybe:1,0,1",
	  .before = 3 },
	{ "observed beside an enforced block list", { .from = "10.3.0.1" },
	  'D', "attempts drop_block_list", "drop:1,1,0 maybe:1,0,0" },
	{ "observed block list, allowed", { .from = "10.4.0.1" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0 maybe:1,0,0" },
	{ "observed block list, run-time block", { .from = "10.1.0.1" }, 'D',
	  "attempts drop_block", "maybe:1,0,0", .block = "10.1.0.1/32" },
	{ "observed limit list: first", { .from = "10.2.0.1" }, 'P', ATTEMPT,
	  "later:1,0,0" },
	{ "observed limit list: second", { .from = "10.2.0.1" }, 'P',
	  ATTEMPT " would_drop_limit_list", "later:1,0,1", .before = 1 },
	{ "observed limit list: the source limit holds",
	  { .from = "10.2.0.1" }, 'D',
	  "attempts drop_limit_source would_drop_limit_list",
	  "later:1,0,1", .before = 3 },
	{ "enforced and observed limit list", { .from = "10.5.0.1" }, 'D',
	  "attempts drop_limit_list would_drop_limit_list",
	  "slow:1,1,0 later:1,0,1", .before = 1 },
	{ "observed source limit", {}, 'P', ATTEMPT " would_drop_limit_source",
	  .config = OBSERVE_SOURCE, .before = 3 },
	{ "observed source limit: the netblock is charged", {}, 'D',
	  "attempts drop_limit_netblock would_drop_limit_source",
	  .config = OBSERVE_SOURCE, .before = 5 },
	{ "observed netblock limit", { .from = "192.0.2.9" }, 'P',
	  ATTEMPT " would_drop_limit_netblock", .config = OBSERVE_NETBLOCK,
	  .before = 5, .from = "192.0.2.*" },
	{ "observed netblock limit: the source limit holds", {}, 'D',
	  "attempts drop_limit_source", .config = OBSERVE_NETBLOCK,
	  .before = 3 },

	/* an observing gate */
	{ "observe: block list", { .from = "198.51.100.9" }, 'P',
	  "attempts pass_observed would_drop_block_list", "drop:1,0,1",
	  .config = OBSERVE },
	{ "observe: allow list", { .from = "203.0.113.1" }, 'P',
	  "attempts pass_allow_list", "friends:1,0,0", .config = OBSERVE },
	{ "observe: run-time block", {}, 'P',
	  "attempts pass_observed would_drop_block", .config = OBSERVE,
	  .block = "192.0.2.0/24" },
	{ "observe: source limit", {}, 'P',
	  "attempts pass_observed would_drop_limit_source", .config = OBSERVE,
	  .before = 3 },
	{ "observe: what it would drop is not charged", {}, 'P', ATTEMPT,
	  .config = OBSERVE, .before = 30, .later = S },
	{ "observe: netblock limit", {}, 'P',
	  "attempts pass_observed would_drop_limit_netblock",
	  .config = OBSERVE, .before = 5, .from = "192.0.2.*" },
	{ "observe: limit list", { .from = "192.0.2.200" }, 'P',
	  "attempts pass_observed would_drop_limit_list", "slow:1,0,1",
	  .config = OBSERVE, .before = 1 },
	{ "observe: malformed", { .tags = 9 }, 'P',
	  "pass_observed would_drop_malformed", .config = OBSERVE },
	{ "observe: observed block list", { .from = "10.1.0.1" }, 'P',
	  ATTEMPT " would_drop_block_list", "maybe:1,0,1",
	  .config = OBSERVE },
};

enum { ROWS = sizeof(rows) / sizeof(*rows) };

/* --- running ------------------------------------------------------------- */

#define COUNTER(field) { #field, offsetof(struct mw_counters, field) / 8 }
static const struct {
	const char *name;
	int at;
} counters[] = {
	COUNTER(packets),
	COUNTER(attempts),
	COUNTER(pass_not_attempt),
	COUNTER(pass_later_fragment),
	COUNTER(pass_allow_list),
	COUNTER(pass_conforms),
	COUNTER(pass_observed),
	COUNTER(drop_malformed),
	COUNTER(drop_block),
	COUNTER(drop_block_list),
	COUNTER(drop_limit_list),
	COUNTER(drop_limit_source),
	COUNTER(drop_limit_netblock),
	COUNTER(drop_limit_total),
	COUNTER(drop_open_source),
	COUNTER(drop_open_netblock),
	COUNTER(would_drop_malformed),
	COUNTER(would_drop_block),
	COUNTER(would_drop_block_list),
	COUNTER(would_drop_limit_list),
	COUNTER(would_drop_limit_source),
	COUNTER(would_drop_limit_netblock),
	COUNTER(would_drop_limit_total),
	COUNTER(would_drop_open_source),
	COUNTER(would_drop_open_netblock),
	COUNTER(connections),
	COUNTER(connections_over),
	COUNTER(connections_missed),
	COUNTER(times_over),
	COUNTER(blocked),
	COUNTER(blocked_no_room),
	COUNTER(open_no_room),
	COUNTER(history_evicted),
	COUNTER(history_no_room),
	COUNTER(offender_evicted),
	COUNTER(source_evicted),
	COUNTER(source_no_room),
	COUNTER(netblock_evicted),
	COUNTER(netblock_no_room),
	COUNTER(list_evicted),
	COUNTER(list_no_room),
};

enum { COUNTERS = sizeof(struct mw_counters) / 8 };

_Static_assert(sizeof(counters) / sizeof(*counters) == COUNTERS,
	       "every counter is compared");

struct gate {
	struct clock_bpf *skel;
	int config;
};

static int tests, failures;
static char failure[4096];

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
	size_t used = strlen(failure);
	va_list args;

	va_start(args, format);
	vsnprintf(failure + used, sizeof(failure) - used, format, args);
	va_end(args);
}

static void result(const char *what)
{
	printf("%sok %d - %s\n%s", failure[0] ? "not " : "", ++tests, what,
	       failure);
	failures += failure[0] != 0;
	failure[0] = 0;
}

/* The leaves of the table, as the lists' compiler packs them. */
static int pack_leaves(struct pack *pack)
{
	enum { N = sizeof(leaves) / sizeof(*leaves) };
	struct flat_entry v[N] = {};
	struct flat flat = { .v = v, .n = N };
	const char *why;

	for (int i = 0; i < N; i++) {
		if (prefix_parse(leaves[i].prefix, &v[i].prefix, NULL, &why))
			return -EINVAL;
		v[i].leaf = leaves[i].leaf;
		flat.n4 += v[i].prefix.family == 4;
	}
	qsort(v, N, sizeof(*v), prefix_compare);
	return pack_build(&flat, pack);
}

static struct bpf_map *part_map(const struct clock_bpf *skel, int part)
{
	return bpf_object__find_map_by_name(skel->obj, pack_names[part]);
}

static void fill_lists(struct clock_bpf *skel, const struct pack *pack)
{
	for (int i = 0; i < MW_PARTS; i++) {
		const struct pack_part *part = &pack->part[i];

		for (__u32 n = 0; n < part->n; n++)
			bpf_map_update_elem(bpf_map__fd(part_map(skel, i)), &n,
					    (char *)part->v + n * part->size,
					    0);
	}
}

static int gate_open(struct gate *g, int config)
{
	struct mw_settings s;
	struct pack pack;

	g->config = config;
	g->skel = clock_bpf__open();
	if (!g->skel || pack_leaves(&pack))
		return -EINVAL;
	for (int i = 0; i < MW_PARTS; i++)
		bpf_map__set_max_entries(part_map(g->skel, i), pack.part[i].n);
	settings_of(config, &s);
	memcpy((void *)&g->skel->rodata->settings, &s, sizeof(s));
	if (clock_bpf__load(g->skel)) {
		clock_bpf__destroy(g->skel);
		return -errno;
	}
	fill_lists(g->skel, &pack);
	pack_free(&pack);
	return 0;
}

/* Small frames as they are; large ones become multi-buffer frames, whose
 * linear part is a page at most. */
static int run(const struct gate *g, const struct pkt_frame *f)
{
	struct xdp_md ctx = { .data_end = f->len };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->data,
		    .data_size_in = f->len);
	int fd = bpf_program__fd(g->skel->progs.mailweir_at);

	if (f->len > 3000) {
		ctx.data_end = f->len;
		opts.ctx_in = &ctx;
		opts.ctx_size_in = sizeof(ctx);
	}
	if (bpf_prog_test_run_opts(fd, &opts))
		return -errno;
	return opts.retval;
}

static void sum(int fd, __u32 key, __u64 *out, int words)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 value[cpus * words];

	memset(out, 0, words * 8);
	bpf_map_lookup_elem(fd, &key, value);
	for (int i = 0; i < cpus * words; i++)
		out[i % words] += value[i];
}

static void clear_buckets(struct bpf_map *map)
{
	size_t size = bpf_map__max_entries(map) * sizeof(struct mw_set);
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		abort();
	memset(at, 0, size);
	munmap(at, size);
}

static void clear_counters(const struct gate *g)
{
	int cpus = libbpf_num_possible_cpus();
	__u64 *zero = calloc(cpus, sizeof(struct mw_counters));
	__u32 key = 0;

	bpf_map_update_elem(bpf_map__fd(g->skel->maps.counters), &key, zero, 0);
	for (; key < SLOTS; key++)
		bpf_map_update_elem(bpf_map__fd(g->skel->maps.list_counters),
				    &key, zero, 0);
	free(zero);
}

static void set_block(const struct gate *g, const char *text, bool expired)
{
	int blocks = bpf_map__fd(g->skel->maps.blocks);
	struct mw_block_lengths lengths = {};
	struct mw_prefix key = {}, old;
	struct mw_block block = { .expires = expired ? START : 0 };
	const char *why;
	__u32 zero = 0;

	while (!bpf_map_get_next_key(blocks, NULL, &old))
		bpf_map_delete_elem(blocks, &old);
	if (text && !prefix_parse(text, &key, NULL, &why)) {
		bpf_map_update_elem(blocks, &key, &block, 0);
		(key.family == 4 ? lengths.v4 : lengths.v6)[key.len / 64] |=
			1ULL << key.len % 64;
	}
	bpf_map_update_elem(bpf_map__fd(g->skel->maps.block_lengths), &zero,
			    &lengths, 0);
}

static void reset(const struct gate *g)
{
	clear_buckets(g->skel->maps.source_buckets);
	clear_buckets(g->skel->maps.netblock_buckets);
	clear_buckets(g->skel->maps.list_buckets);
	clear_buckets(g->skel->maps.observed_buckets);
	clear_counters(g);
	g->skel->data->test_now = START;
}

/* The attempts before; a * in the source counts up. */
static void prime(const struct gate *g, const struct row *r)
{
	struct pkt p = { .from = r->from ? r->from : r->p.from };
	struct pkt_frame f;
	char from[64];

	for (int i = 0; i < r->before; i++) {
		if (p.from && strchr(r->from ? r->from : "", '*')) {
			snprintf(from, sizeof(from), "%.*s%d",
				 (int)strcspn(r->from, "*"), r->from, 50 + i);
			p.from = from;
		}
		pkt_build(&f, &p);
		run(g, &f);
	}
	clear_counters(g);
	g->skel->data->test_now += r->later;
}

static bool named(const char *names, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = names; at && (at = strstr(at, name)); at += len)
		if ((at == names || at[-1] == ' ') &&
		    (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static void check_counters(const struct gate *g, const struct row *r)
{
	__u64 got[COUNTERS];

	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	for (int i = 0; i < COUNTERS; i++) {
		const char *name = counters[i].name;
		__u64 want = !strcmp(name, "packets") ||
			     named(r->counts, name);

		if (got[counters[i].at] != want)
			fail("# %s: %llu, expected %llu\n", name,
			     got[counters[i].at], want);
	}
}

static void check_lists(const struct gate *g, const struct row *r)
{
	for (__u32 slot = 0; slot < SLOTS; slot++) {
		unsigned long long want[3] = {};
		char name[32];
		const char *at;
		__u64 got[3];

		snprintf(name, sizeof(name), "%s:", slot_names[slot]);
		at = r->lists ? strstr(r->lists, name) : NULL;
		if (at)
			sscanf(at + strlen(name), "%llu,%llu,%llu", &want[0],
			       &want[1], &want[2]);
		sum(bpf_map__fd(g->skel->maps.list_counters), slot, got, 3);
		for (int i = 0; i < 3; i++)
			if (got[i] != want[i])
				fail("# list %s %d: %llu, expected %llu\n",
				     name, i, got[i], want[i]);
	}
}

static void check_block(const struct gate *g, const struct row *r)
{
	int blocks = bpf_map__fd(g->skel->maps.blocks);
	struct mw_prefix key;
	struct mw_block block;

	if (!r->block || bpf_map_get_next_key(blocks, NULL, &key) ||
	    bpf_map_lookup_elem(blocks, &key, &block))
		return;
	if (block.drops != named(r->counts, "drop_block"))
		fail("# drops of the block: %llu\n", block.drops);
}

static void run_row(const struct gate *g, const struct row *r)
{
	struct pkt_frame f;
	int verdict;

	reset(g);
	set_block(g, NULL, false);
	prime(g, r);
	set_block(g, r->block, r->expired);
	pkt_build(&f, &r->p);
	verdict = run(g, &f);
	if (verdict != (r->verdict == 'P' ? XDP_PASS : XDP_DROP))
		fail("# verdict %d, expected %c\n", verdict, r->verdict);
	check_counters(g, r);
	check_lists(g, r);
	check_block(g, r);
	result(r->what);
}

/* --- sequences ----------------------------------------------------------- */

/* A second of random attempts; per reason, what was or would be dropped. */
static void random_attempts(const struct gate *g, unsigned int seed,
			    __u64 drops[MW_DROPS])
{
	static const char *const sources[] = { "192.0.2.1", "192.0.2.200",
					       "198.51.100.9", "10.5.0.1",
					       "2001:db8:1::1",
					       "2001:db8:bad::1" };
	int at = g->config == OBSERVE ?
			 offsetof(struct mw_counters, would_drop_malformed) :
			 offsetof(struct mw_counters, drop_malformed);
	__u64 got[COUNTERS];

	reset(g);
	set_block(g, NULL, false);
	srand(seed);
	for (int i = 0; i < 4000; i++) {
		struct pkt p = { .from = sources[rand() % 6] };
		struct pkt_frame f;

		p.tags = rand() % 50 ? 0 : 9;
		g->skel->data->test_now += rand() % (S / 5);
		pkt_build(&f, &p);
		run(g, &f);
	}
	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	memcpy(drops, got + at / 8, MW_DROPS * 8);
}

/* 10.5.0.1 has an observed list too: enforce counts it in would_drop, and
 * observe adds it to what the enforced lists would have dropped. */
static void observe_predicts_enforce(const struct gate *enforce,
				     const struct gate *observe)
{
	unsigned int seed = getenv("MW_SEED") ? (unsigned int)atoi(getenv("MW_SEED")) :
						(unsigned int)time(NULL);
	__u64 did[MW_DROPS], would[MW_DROPS];
	__u64 passed = 0;

	printf("# seed %u\n", seed);
	random_attempts(enforce, seed, did);
	random_attempts(observe, seed, would);
	for (int i = 0; i < MW_DROPS; i++) {
		if (did[i] != would[i])
			fail("# reason %d: dropped %llu, would drop %llu\n", i,
			     did[i], would[i]);
		passed += did[i];
	}
	if (!passed)
		fail("# nothing was dropped: no test\n");
	result("observe's counts are enforce's");
}

/* rate x time + burst over an hour, from one source that never stops. */
static void an_hour(const struct gate *g)
{
	struct pkt p = {};
	struct pkt_frame f;
	int passed = 0;

	reset(g);
	pkt_build(&f, &p);
	for (int i = 0; i < 36000; i++) {
		passed += run(g, &f) == XDP_PASS;
		g->skel->data->test_now += S / 10;
	}
	if (passed < 3600 + 2 || passed > 3600 + 3)
		fail("# %d passed, 3602 or 3603 expected\n", passed);
	result("one a second for an hour, and the burst");
}

/* A set full of debt: newcomers get a bucket by chance, nobody is lost. */
static void full_table(const struct gate *g)
{
	__u64 got[COUNTERS], evicted, refused;
	struct pkt p = {};
	struct pkt_frame f;
	char from[32];

	reset(g);
	for (int i = 0; i < 300000; i++) {
		snprintf(from, sizeof(from), "10.%d.%d.%d", 64 + i / 65536,
			 i / 256 % 256, i % 256);
		p.from = from;
		pkt_build(&f, &p);
		run(g, &f);
	}
	sum(bpf_map__fd(g->skel->maps.counters), 0, got, COUNTERS);
	refused = got[offsetof(struct mw_counters, source_no_room) / 8];
	evicted = got[offsetof(struct mw_counters, source_evicted) / 8];
	if (evicted + refused < 300000 - 262144)
		fail("# 300,000 sources fitted into 262,144 buckets\n");
	if (evicted * 8 < (evicted + refused) * 3 / 4 ||
	    evicted * 8 > (evicted + refused) * 5 / 4)
		fail("# %llu of %llu newcomers got a live bucket, not 1 in 8\n",
		     evicted, evicted + refused);
	result("a full table is counted, and gives way 1 time in 8");
}

static void too_small(void)
{
	struct gate g;

	if (gate_open(&g, NO_LIMITS)) {
		printf("1..0 # SKIP no BPF here: %s\n", strerror(errno));
		exit(0);
	}
	clock_bpf__destroy(g.skel);
}

int main(void)
{
	struct gate g[CONFIGS];

	libbpf_set_print(NULL);
	too_small();
	printf("1..%d\n", ROWS + 3);
	for (int i = 0; i < CONFIGS; i++)
		if (gate_open(&g[i], i))
			return 1;
	for (int i = 0; i < ROWS; i++)
		run_row(&g[rows[i].config], &rows[i]);
	observe_predicts_enforce(&g[ENFORCE], &g[OBSERVE]);
	an_hour(&g[ENFORCE]);
	full_table(&g[OBSERVE_NETBLOCK]);
	for (int i = 0; i < CONFIGS; i++)
		clock_bpf__destroy(g[i].skel);
	return failures != 0;
}
