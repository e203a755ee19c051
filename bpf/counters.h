/* SPDX-License-Identifier: GPL-2.0 */
/* Why a packet got its verdict, and what the program counts. */
#ifndef MAILWEIR_COUNTERS_H
#define MAILWEIR_COUNTERS_H

#include <linux/types.h>

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

_Static_assert(sizeof(struct mw_counters) == 8 * 42, "mw_counters");
_Static_assert(sizeof(struct mw_list_counters) == 24, "mw_list_counters");

#endif
