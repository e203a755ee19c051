/* SPDX-License-Identifier: GPL-2.0 */
/* Why a packet got its verdict, and what the program counts. */
#ifndef MAILWEIR_COUNTERS_H
#define MAILWEIR_COUNTERS_H

#include <linux/types.h>

#include "level.h"

/* Why a packet passes: ROW(REASON, counter, ...) makes MW_REASON and the
 * counter pass_counter. */
#define MW_EACH_PASS(ROW, ...)                           \
	/* not judged */                                 \
	ROW(NOT_ATTEMPT, not_attempt, __VA_ARGS__)       \
	/* useless unless the first one passes */        \
	ROW(LATER_FRAGMENT, later_fragment, __VA_ARGS__) \
	ROW(ALLOW_LIST, allow_list, __VA_ARGS__)         \
	/* within every limit */                         \
	ROW(CONFORMS, conforms, __VA_ARGS__)             \
	/* an enforcing gate would drop the packet */    \
	ROW(OBSERVED, observed, __VA_ARGS__)

#define MW_LEVEL_LIMIT(ID, name, ROW, ...) \
	ROW(LIMIT_##ID, limit_##name, __VA_ARGS__)
#define MW_LEVEL_OPEN(ID, name, ROW, ...) \
	ROW(OPEN_##ID, open_##name, __VA_ARGS__)

/* Why a packet is dropped: ROW(REASON, counter, ...) makes MW_REASON and the
 * counters drop_counter and would_drop_counter. */
#define MW_EACH_DROP(ROW, ...)                                 \
	/* could hide an attempt */                            \
	ROW(MALFORMED, malformed, __VA_ARGS__)                 \
	/* `mailweir block` and [block] */                     \
	ROW(RUNTIME_BLOCK, block, __VA_ARGS__)                 \
	ROW(BLOCK_LIST, block_list, __VA_ARGS__)               \
	/* over a rate */                                      \
	ROW(LIMIT_LIST, limit_list, __VA_ARGS__)               \
	MW_EACH_PREFIX_LEVEL(MW_LEVEL_LIMIT, ROW, __VA_ARGS__) \
	ROW(LIMIT_TOTAL, limit_total, __VA_ARGS__)             \
	/* too many connections are open */                    \
	MW_EACH_PREFIX_LEVEL(MW_LEVEL_OPEN, ROW, __VA_ARGS__)

#define MW_REASON_ID(REASON, ...) MW_##REASON,

/* Why a packet got its verdict. struct mw_counters has the same order. */
enum mw_reason {
	MW_EACH_PASS(MW_REASON_ID) MW_EACH_DROP(MW_REASON_ID) MW_REASONS,
	MW_FIRST_DROP = MW_MALFORMED,
	MW_DROPS = MW_REASONS - MW_FIRST_DROP,
};

#define MW_COUNT_PASS(REASON, counter, X)  X(pass_##counter)
#define MW_COUNT_DROP(REASON, counter, X)  X(drop_##counter)
#define MW_COUNT_WOULD(REASON, counter, X) X(would_drop_##counter)
#define MW_COUNT_TABLE(ID, name, X)	   X(name##_evicted) X(name##_no_room)

/* Every counter. packets is the sum of all pass_ and drop_. A packet that an
 * observing gate lets by counts in pass_observed and in one would_drop_. From
 * connections on, the counters are not of packets. */
#define MW_EACH_COUNTER(X)                                                \
	X(packets)                                                        \
	X(attempts)                                                       \
	MW_EACH_PASS(MW_COUNT_PASS, X)                                    \
	MW_EACH_DROP(MW_COUNT_DROP, X)                                    \
	MW_EACH_DROP(MW_COUNT_WOULD, X)                                   \
	/* attempts that were ACKs of SYN cookies */                      \
	X(attempts_ack)                                                   \
	/* SYNs that passed, and were answered at the interface */        \
	X(answered)                                                       \
	/* peers whose ACK was taken by no connection */                  \
	X(handshakes)                                                     \
	/* their ACK came in through the gate */                          \
	X(connections)                                                    \
	/* connections that were over a limit */                          \
	X(connections_over)                                               \
	/* no memory: charged to nobody */                                \
	X(connections_missed)                                             \
	/* on a guarded port here, but no ACK came in through the gate */ \
	X(connections_elsewhere)                                          \
	/* a source came to its limit */                                  \
	X(times_over)                                                     \
	/* [block] blocked a source, or found the table full */           \
	X(blocked)                                                        \
	X(blocked_no_room)                                                \
	/* an open connection is not counted */                           \
	X(open_no_room)                                                   \
	/* a stranger's history was replaced; a newcomer got none */      \
	X(history_evicted)                                                \
	X(history_no_room)                                                \
	/* an offender's record was replaced */                           \
	X(offender_evicted)                                               \
	/* a bucket with debt was replaced; a newcomer got none */        \
	MW_EACH_PREFIX_LEVEL(MW_COUNT_TABLE, X)                           \
	X(list_evicted)                                                   \
	X(list_no_room)

#define MW_COUNTER(name) __u64 name;

/* One for each CPU. */
struct mw_counters {
	MW_EACH_COUNTER(MW_COUNTER)
};

/* One for each CPU and list slot. */
struct mw_list_counters {
	__u64 attempts; /* from the addresses on the list, all verdicts */
	__u64 dropped;
	__u64 would_drop;
};

_Static_assert(sizeof(struct mw_list_counters) == 24, "mw_list_counters");

#endif
