/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vocabulary that both sides share: what the BPF program reads and writes
 * and what user space puts there. Fixed-width types and char[N] names only;
 * host byte order unless a field says otherwise; times are nanoseconds of
 * CLOCK_MONOTONIC unless a field says otherwise. A change of any layout here
 * raises MW_SCHEMA: the pins are below .../mailweir/v<schema>/.
 */
#ifndef MAILWEIR_ABI_H
#define MAILWEIR_ABI_H

#include <linux/types.h>

#include "counters.h"
#include "level.h"

enum {
	MW_SCHEMA = 5,
	MW_PORTS = 16,	     /* guarded ports at most */
	MW_LISTS = 64,	     /* lists at most in one configuration */
	MW_LIST_SLOTS = 128, /* twice MW_LISTS: a reload reuses no live slot */
	MW_NAME = 32,	     /* list name, with the closing NUL */
	MW_WHY = 64,	     /* reason of a block, with the closing NUL */
	MW_PATH = 160,	     /* the name of a list's file, cut if longer */
	MW_TIMES = 8,	     /* [block] after: so many times at most */
	MW_NAT64 = 7,	     /* prefixes of NAT64 at most */
	/* Unless [tables] says otherwise: the sets of a table of buckets, of
	 * histories, of open connections; and the blocks. */
	MW_SETS = 65536,
	MW_BLOCKS = 65536,
	/* What a table may be told to have room for. */
	MW_LEAST_ROOM = 4096,
	MW_MOST_ROOM = 1 << 24,
	MW_MOST_BLOCKS = 1 << 22,
};

/* Units of time: nanoseconds. */
#define MW_SECOND 1000000000ULL
#define MW_MINUTE (60 * MW_SECOND)
#define MW_HOUR	  (60 * MW_MINUTE)
#define MW_DAY	  (24 * MW_HOUR)

enum mw_mode { MW_OBSERVE, MW_ENFORCE };
enum mw_charge { MW_CHARGE_SYN, MW_CHARGE_HANDSHAKE };
enum mw_native { MW_NATIVE_PREFER, MW_NATIVE_REQUIRE, MW_NATIVE_NO };
enum mw_answer { MW_ANSWER_NO, MW_ANSWER_AUTO };
enum mw_action { MW_NONE, MW_ALLOW, MW_BLOCK, MW_LIMIT };

/*
 * A prefix of either family, host bits zero. IPv4 stands in the first four
 * bytes of addr. Also the key of the blocks map.
 */
struct mw_prefix {
	__u8 family;   /* 4 or 6 */
	__u8 len;      /* 0..32 or 0..128 */
	__u16 ends;    /* when a list's entry ends, see prefix.h; 0 in a key */
	__u8 addr[16]; /* network byte order, unused bytes zero */
};

/*
 * A rate and a burst as GCRA wants them. rate = 60/1m, burst = 30 is
 * interval = 1 s and window = 29 s. interval 0: no limit.
 */
struct mw_limit {
	__u64 interval; /* ns between two conforming events, T */
	__u64 window;	/* ns, (burst - 1) * T */
	__u64 most;	/* ns that a bucket can owe; see bucket_most() */
	__u8 mode;	/* enum mw_mode */
	__u8 zero[7];
};

/* What the list in a slot does. action MW_NONE: the slot is free. action
 * MW_LIMIT: limit.mode is mode. */
struct mw_rule {
	struct mw_limit limit;
	__u8 action; /* enum mw_action */
	__u8 mode;   /* enum mw_mode */
	__u8 zero[6];
};

/*
 * [block]: a source that comes to its limit after times within so many ns is
 * blocked for base, and for growing times as long for each block that it had
 * before, but for no more than max. One block is forgotten for each max that
 * passes without a block. after 0: nobody is blocked.
 */
struct mw_escalation {
	__u64 within, base, max; /* ns */
	__u32 after;		 /* 1..MW_TIMES */
	__u32 growing;
	char why[MW_WHY]; /* of the blocks */
};

/*
 * What the configuration says of a level. The limits of lists stand in their
 * rules; their lengths are those of MW_SOURCE. A level without lengths has one
 * bucket for all.
 */
struct mw_level_settings {
	struct mw_limit limit; /* its mode is that of open, too */
	__u32 open;	       /* connections at once; 0: any number */
	/* Sets of its table of buckets, and of open connections: powers of
	 * two. */
	__u32 sets, open_sets;
	__u8 len4; /* 1..32, at most that of MW_SOURCE; 0: none */
	__u8 len6; /* 1..64, at most that of MW_SOURCE; 0: none */
	__u8 zero[2];
};

/* The prefixes behind which an IPv6 address holds an IPv4 address (RFC 6052),
 * in network byte order. Their byte 8 is always zero: it has the length here,
 * and 0 stands for 96. None lies in another. */
struct mw_nat64 {
	__u32 n;
	__u32 prefix[MW_NAT64][3];
};

/* One generation's settings: read-only data of its program. */
struct mw_settings {
	__u64 seed;  /* of source_hash(); random, the same in all generations */
	__u64 netns; /* cookie of the namespace whose connections count */
	__u64 wall;  /* CLOCK_REALTIME less CLOCK_MONOTONIC, ns */
	__u64 answer_above; /* ns between SYNs of a CPU; fewer are answered */
	__u32 generation;
	__u16 ports[MW_PORTS]; /* host byte order; an unused place is 0 */
	__u8 mode;	       /* of the gate: enum mw_mode */
	__u8 charge;	       /* enum mw_charge */
	__u8 native;	       /* enum mw_native */
	__u8 answer;	       /* enum mw_answer */
	__u32 history_sets;    /* a power of two */
	__u32 blocks;	       /* run-time blocks at most */
	struct mw_level_settings level[MW_LEVELS];
	struct mw_escalation escalation;
	struct mw_nat64 nat64;
	struct mw_rule rules[MW_LIST_SLOTS];
	/* What was counted before the configuration was read last. */
	struct mw_counters before;
};

/* Value of the blocks map; its key is struct mw_prefix. */
struct mw_block {
	__u64 expires; /* 0: never */
	__u64 created; /* seconds since 1970 */
	__u64 drops;   /* attempts that the block refused */
	char why[MW_WHY];
	char by[MW_NAME]; /* who made it; "": unknown */
};

/* Who made the program's own blocks. */
#define MW_BLOCK_SELF "mailweir"

/*
 * Which prefix lengths the blocks map holds: bit len % 64 of word len / 64. A
 * bit too many costs a lookup; a bit too few would lose a block. So user space
 * sets the bit before it adds an entry; the program always looks for the length
 * of the blocks that it makes itself.
 */
struct mw_block_lengths {
	__u64 v4[1];
	__u64 v6[3];
};

/* After so long without an answer another flood begins. */
#define MW_ANSWER_PAUSE (10 * MW_SECOND)

/* What the stack would put into its answer; host byte order. */
struct mw_terms {
	__u16 mss, window;
	__u8 ttl, tos;
	__u8 zero[2];
};

/* How a CPU answers SYNs, for each CPU. */
struct mw_answering {
	__u64 tat;     /* of the SYNs that are let by to the stack */
	__u64 regular; /* the same of regulars beyond these */
	__u64 since;   /* the first answer of this flood */
	__u64 last;    /* the last one; 0: there was none */
	/* The terms of the listener that was asked last, and when: they hold
	 * for that tick of the clock. */
	__u64 asked;
	__u32 to[4]; /* as port, in network byte order; IPv4: the first */
	__u16 port;
	__u16 vid;
	__u32 family;
	__u32 interface;
	__u32 zero;
	struct mw_terms terms;
};

/* What the lists map shows of a slot. name "": the slot is free. */
struct mw_list_info {
	char name[MW_NAME];
	char action[8]; /* allow, block, limit */
	char mode[8];	/* observe, enforce */
	char state[16]; /* ok, last good copy, not loaded */
	char file[MW_PATH];
	__u64 loaded;	/* seconds since 1970 */
	__u64 modified; /* the file, in seconds since 1970 */
	__u64 expires;	/* seconds from modified to too old; 0: never */
	__u32 entries4; /* IPv4 prefixes taken from the file */
	__u32 entries6;
};

_Static_assert(sizeof(struct mw_prefix) == 20, "mw_prefix");
_Static_assert(sizeof(struct mw_limit) == 32, "mw_limit");
_Static_assert(sizeof(struct mw_rule) == 40, "mw_rule");
_Static_assert(sizeof(struct mw_escalation) == 96, "mw_escalation");
_Static_assert(sizeof(struct mw_nat64) == 88, "mw_nat64");
_Static_assert(sizeof(struct mw_level_settings) == 48, "mw_level_settings");
_Static_assert(sizeof(struct mw_settings) == 264 + 48 * MW_LEVELS +
						     40 * MW_LIST_SLOTS +
						     sizeof(struct mw_counters),
	       "mw_settings");
_Static_assert(sizeof(struct mw_block) == 120, "mw_block");
_Static_assert(sizeof(struct mw_block_lengths) == 32, "mw_block_lengths");
_Static_assert(sizeof(struct mw_answering) == 80, "mw_answering");
_Static_assert(sizeof(struct mw_list_info) == 256, "mw_list_info");

#endif
