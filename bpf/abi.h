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

enum {
	MW_SCHEMA = 3,
	MW_PORTS = 16,	     /* guarded ports at most */
	MW_LISTS = 64,	     /* lists at most in one configuration */
	MW_LIST_SLOTS = 128, /* twice MW_LISTS: a reload reuses no live slot */
	MW_NAME = 32,	     /* list name, with the closing NUL */
	MW_WHY = 64,	     /* reason of a block, with the closing NUL */
	MW_PATH = 160,	     /* the name of a list's file, cut if longer */
	MW_TIMES = 8,	     /* [block] after: so many times at most */
	MW_BLOCKS = 65536,   /* run-time blocks at most */
};

/* Units of time: nanoseconds. */
#define MW_SECOND 1000000000ULL
#define MW_MINUTE (60 * MW_SECOND)
#define MW_HOUR	  (60 * MW_MINUTE)
#define MW_DAY	  (24 * MW_HOUR)

enum mw_mode { MW_OBSERVE, MW_ENFORCE };
enum mw_charge { MW_CHARGE_SYN, MW_CHARGE_HANDSHAKE };
enum mw_action { MW_NONE, MW_ALLOW, MW_BLOCK, MW_LIMIT };

/* Why a packet got its verdict. struct mw_counters has the same order. */
enum mw_reason {
	MW_NOT_ATTEMPT,	   /* passed: not judged */
	MW_LATER_FRAGMENT, /* passed: useless unless the first one passes */
	MW_ALLOW_LIST,	   /* passed: an allow list */
	MW_CONFORMS,	   /* passed: within every limit */
	MW_OBSERVED,	   /* passed: an enforcing gate would drop it */
	MW_MALFORMED,	   /* dropped: could hide an attempt */
	MW_RUNTIME_BLOCK,  /* dropped: `mailweir block` */
	MW_BLOCK_LIST,	   /* dropped: a block list */
	MW_LIMIT_LIST,	   /* dropped: the rate of a limit list */
	MW_LIMIT_SOURCE,   /* dropped: [limit source] */
	MW_LIMIT_NETBLOCK, /* dropped: [limit netblock] */
	MW_LIMIT_TOTAL,	   /* dropped: [limit total], a stranger */
	MW_OPEN_SOURCE,	   /* dropped: connections of [limit source] */
	MW_OPEN_NETBLOCK,  /* dropped: connections of [limit netblock] */
	MW_REASONS,
	MW_FIRST_DROP = MW_MALFORMED,
	MW_DROPS = MW_REASONS - MW_FIRST_DROP,
};

/* What a limit is held against. Each level has a bucket table of its own, so
 * that a /64 source and a /48 netblock with the same 64-bit key never meet. The
 * first levels have prefix lengths of their own, and count connections. */
enum mw_level {
	MW_SOURCE,
	MW_NETBLOCK,
	MW_PREFIX_LEVELS,
	MW_LIST = MW_PREFIX_LEVELS, /* a source on an enforced limit list */
	MW_OBSERVED_LIST,	    /* a source on an observed limit list */
	MW_TOTAL,		    /* all strangers together */
	MW_LEVELS,
};

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
	__u8 len4;	       /* 1..32, at most that of MW_SOURCE; 0: none */
	__u8 len6;	       /* 1..64, at most that of MW_SOURCE; 0: none */
	__u8 zero[2];
};

/* One generation's settings: read-only data of its program. */
struct mw_settings {
	__u64 seed;  /* of source_hash(); random, the same in all generations */
	__u64 netns; /* cookie of the namespace whose connections count */
	__u64 wall;  /* CLOCK_REALTIME less CLOCK_MONOTONIC, ns */
	__u32 generation;
	__u16 ports[MW_PORTS]; /* host byte order; an unused place is 0 */
	__u8 mode;	       /* of the gate: enum mw_mode */
	__u8 charge;	       /* enum mw_charge */
	__u8 zero[2];
	struct mw_level_settings level[MW_LEVELS];
	struct mw_escalation escalation;
	struct mw_rule rules[MW_LIST_SLOTS];
};

/*
 * What the lists say of an address, resolved by user space: the winner among
 * enforced lists and, side by side, the winner among observed ones (in the
 * order allow, block, limit; inside an action the longest prefix).
 */
struct mw_leaf {
	__u8 action;	    /* enum mw_action; MW_NONE: no enforced list */
	__u8 slot;	    /* of the enforced list */
	__u8 observed;	    /* MW_NONE, MW_BLOCK or MW_LIMIT */
	__u8 observed_slot; /* of the observed list */
};

/*
 * The arrays of lookup.h; each is a map, and a part. A class is the place of a
 * leaf in LEAVES, below 65,536; class 0 says that the address is on no list.
 * The size of every element is a multiple of 8 bytes, as the kernel would pad
 * the elements of an array to that.
 */
enum mw_part {
	MW_LEAVES,  /* struct mw_class: element i is what class i means */
	MW_TOP4,    /* struct mw_top4: element i is of the /16 number i */
	MW_WORDS4,  /* struct mw_words: a word for each bit in TOP4, in order */
	MW_RUNS4,   /* struct mw_run4 */
	MW_TOP6,    /* struct mw_words: word i is of the /16 number i */
	MW_TREES6,  /* struct mw_tree6 */
	MW_NODES6,  /* struct mw_node6 */
	MW_WORDS6,  /* struct mw_words: word n * 8 + k is of key k of node n */
	MW_RANGES6, /* struct mw_low_range */
	MW_LOWS6,   /* struct mw_low6 */
	MW_PARTS,
};

/* Five entries at most decide what the lists say of an address: an allow, a
 * block, a limit entry and two observed ones. Each of them can end. */
enum { MW_STEPS = 6 };

/* A class that comes from an entry with an end names the class that follows it
 * when that entry has ended. */
struct mw_class {
	struct mw_leaf leaf;
	__u32 until; /* seconds of CLOCK_MONOTONIC; 0: for good */
	__u32 then;  /* the class that follows */
	__u32 zero;
};

/*
 * Each word is a class; or, with one of these flags, a place in another part:
 *	in WORDS4 with MW_FEW or MW_MANY	a place in RUNS4
 *	in TOP6 with MW_TREE			a place in TREES6
 *	in WORDS6 with MW_LOW			a place in RANGES6
 */
struct mw_words {
	__u32 word[2];
};

#define MW_FEW	0x80000000U
#define MW_MANY 0x40000000U
#define MW_TREE 0x80000000U
#define MW_LOW	0x80000000U

/* A /16; one cache line. */
struct mw_top4 {
	__u64 bits[4]; /* bit n: the /24 number n has a word in WORDS4 */
	__u32 first;   /* place of the first of these words */
	__u32 class;   /* of the /24s without a bit */
	__u64 zero[3];
};

enum { MW_RUNS = 5 };

/* The runs of one class in a /24. With MW_FEW an element has up to MW_RUNS of
 * them; with MW_MANY two elements have a bit where a run begins, and the
 * elements behind them have the classes of the runs, eight each. */
struct mw_run4 {
	union {
		struct {
			__u8 start[MW_RUNS - 1];
			__u16 class[MW_RUNS];
			__u16 zero;
		};
		__u64 bits[2];
		__u16 classes[8];
	};
};

/* A B-tree of the 48 bits behind a /16. */
struct mw_tree6 {
	__u32 first; /* place of its node 0 in NODES6 */
	__u32 nodes;
};

/* Node n of a tree has the children n * 9 + 1 to n * 9 + 9. */
struct mw_node6 {
	__u64 key[8]; /* ascending */
};

/* The elements of LOWS6 that belong to one /64. */
struct mw_low_range {
	__u32 first;
	__u32 count;
};

/* The addresses of a /64 from low on have the class. */
struct mw_low6 {
	__u64 low; /* the last 64 bits of the address */
	__u32 class;
	__u32 zero;
};

/* Sets in each of the bucket tables. */
enum {
	MW_SOURCE_SETS = 65536,
	MW_NETBLOCK_SETS = 65536,
	MW_LIST_SETS = 16384,
};

/* A GCRA state. A bucket whose tat is not after now is empty. */
struct mw_bucket {
	__u64 key; /* source_key() */
	__u64 tat; /* theoretical arrival time */
};

/* A set of buckets: one cache line. */
struct mw_set {
	struct mw_bucket way[4];
};

/*
 * How many connections a source, or a netblock, has open. A way holds the upper
 * 48 bits of its source_hash() and 16 bits of count. The lower bits of the hash
 * choose the set, so that set and way together name the key exactly, as the
 * hash is one to one. Count 0: the way is free. A set is one cache line.
 */
enum {
	MW_CONCURRENT_SETS = 65536,
	MW_CONCURRENT_WAYS = 8,
	MW_CONCURRENT_MOST = 65535
};

struct mw_concurrent_set {
	__u64 way[MW_CONCURRENT_WAYS];
};

/* Where the connection of a socket is counted. tag 0: it is not. */
struct mw_concurrent_mark {
	__u64 source_tag, netblock_tag; /* concurrent_tag() */
	__u32 source_set, netblock_set;
};

/* When a source completed its first and its last connection, in hours since
 * 1970. A source that was forgotten begins anew. last 0: it has no history. */
struct mw_history {
	__u64 key;	   /* source_key() */
	__u32 since, last; /* read and written as one word */
};

enum { MW_HISTORY_SETS = 65536, MW_HISTORY_WAYS = 4 };

/* A set of histories: one cache line. */
struct mw_history_set {
	struct mw_history way[MW_HISTORY_WAYS];
};

/* A source that came to its limit. Times are seconds of CLOCK_MONOTONIC; 0: no
 * time. */
struct mw_offender {
	__u64 key;	       /* source_key() */
	__u32 times[MW_TIMES]; /* when it came to its limit, the latest first */
	__u32 until;	       /* the end of its last block */
	__u32 blocks;	       /* blocks that are not forgotten */
	__u64 zero[2];
};

enum { MW_OFFENDER_SETS = 4096, MW_OFFENDER_WAYS = 4 };

struct mw_offender_set {
	struct mw_offender way[MW_OFFENDER_WAYS];
};

/* Value of the blocks map; its key is struct mw_prefix. */
struct mw_block {
	__u64 expires; /* 0: never */
	__u64 created; /* seconds since 1970 */
	__u64 drops;   /* attempts that the block refused */
	char why[MW_WHY];
};

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

/* One for each CPU. packets is the sum of all pass_ and drop_. A packet that an
 * observing gate lets by counts in pass_observed and in one would_drop_. From
 * connections on, the counters are not of packets. */
struct mw_counters {
	__u64 packets;
	__u64 attempts;
	__u64 pass_not_attempt;
	__u64 pass_later_fragment;
	__u64 pass_allow_list;
	__u64 pass_conforms;
	__u64 pass_observed;
	__u64 drop_malformed;
	__u64 drop_block;
	__u64 drop_block_list;
	__u64 drop_limit_list;
	__u64 drop_limit_source;
	__u64 drop_limit_netblock;
	__u64 drop_limit_total;
	__u64 drop_open_source;
	__u64 drop_open_netblock;
	__u64 would_drop_malformed;
	__u64 would_drop_block;
	__u64 would_drop_block_list;
	__u64 would_drop_limit_list;
	__u64 would_drop_limit_source;
	__u64 would_drop_limit_netblock;
	__u64 would_drop_limit_total;
	__u64 would_drop_open_source;
	__u64 would_drop_open_netblock;
	__u64 connections;	  /* their ACK came in through the gate */
	__u64 connections_over;	  /* connections that were over a limit */
	__u64 connections_missed; /* no memory: charged to nobody */
	/* On a guarded port here, but no ACK came in through the gate. */
	__u64 connections_elsewhere;
	__u64 times_over;	/* a source came to its limit */
	__u64 blocked;		/* [block] blocked a source */
	__u64 blocked_no_room;	/* [block] found the table full */
	__u64 open_no_room;	/* an open connection is not counted */
	__u64 history_evicted;	/* a stranger's history was replaced */
	__u64 history_no_room;	/* a newcomer got no history */
	__u64 offender_evicted; /* an offender's record was replaced */
	__u64 source_evicted;	/* a bucket with debt was replaced */
	__u64 source_no_room;	/* a newcomer got no bucket */
	__u64 netblock_evicted;
	__u64 netblock_no_room;
	__u64 list_evicted;
	__u64 list_no_room;
};

/* One for each CPU and list slot. */
struct mw_list_counters {
	__u64 attempts; /* from the addresses on the list, all verdicts */
	__u64 dropped;
	__u64 would_drop;
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
_Static_assert(sizeof(struct mw_level_settings) == 40, "mw_level_settings");
_Static_assert(sizeof(struct mw_settings) ==
		       160 + 40 * MW_LEVELS + 40 * MW_LIST_SLOTS,
	       "mw_settings");
_Static_assert(sizeof(struct mw_leaf) == 4, "mw_leaf");
_Static_assert(sizeof(struct mw_class) == 16, "mw_class");
_Static_assert(sizeof(struct mw_words) == 8, "mw_words");
_Static_assert(sizeof(struct mw_top4) == 64, "mw_top4");
_Static_assert(sizeof(struct mw_run4) == 16, "mw_run4");
_Static_assert(sizeof(struct mw_tree6) == 8, "mw_tree6");
_Static_assert(sizeof(struct mw_node6) == 64, "mw_node6");
_Static_assert(sizeof(struct mw_low_range) == 8, "mw_low_range");
_Static_assert(sizeof(struct mw_low6) == 16, "mw_low6");
_Static_assert(sizeof(struct mw_bucket) == 16, "mw_bucket");
_Static_assert(sizeof(struct mw_set) == 64, "mw_set");
_Static_assert(sizeof(struct mw_block) == 88, "mw_block");
_Static_assert(sizeof(struct mw_block_lengths) == 32, "mw_block_lengths");
_Static_assert(sizeof(struct mw_concurrent_set) == 64, "mw_concurrent_set");
_Static_assert(sizeof(struct mw_concurrent_mark) == 24, "mw_concurrent_mark");
_Static_assert(sizeof(struct mw_history_set) == 64, "mw_history_set");
_Static_assert(sizeof(struct mw_offender_set) == 256, "mw_offender_set");
_Static_assert(sizeof(struct mw_counters) == 8 * 42, "mw_counters");
_Static_assert(sizeof(struct mw_list_counters) == 24, "mw_list_counters");
_Static_assert(sizeof(struct mw_list_info) == 256, "mw_list_info");

#endif
