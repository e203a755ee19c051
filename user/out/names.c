// SPDX-License-Identifier: GPL-2.0
#include "out/names.h"

struct reason_words {
	const char *words, *counter;
};

static const struct reason_words reasons[] = {
	[MW_NOT_ATTEMPT] = {"not an attempt", "pass_not_attempt"},
	[MW_LATER_FRAGMENT] = {"a later fragment", "pass_later_fragment"},
	[MW_ALLOW_LIST] = {"allow list", "pass_allow_list"},
	[MW_CONFORMS] = {"within every limit", "pass_conforms"},
	[MW_OBSERVED] = {"the gate only observes", "pass_observed"},
	[MW_MALFORMED] = {"malformed", "drop_malformed"},
	[MW_RUNTIME_BLOCK] = {"run-time block", "drop_block"},
	[MW_BLOCK_LIST] = {"block list", "drop_block_list"},
	[MW_LIMIT_LIST] = {"over the limit of its list", "drop_limit_list"},
	[MW_LIMIT_SOURCE] = {"over the source limit", "drop_limit_source"},
	[MW_LIMIT_NETBLOCK] = {"over the netblock limit",
			       "drop_limit_netblock"},
	[MW_LIMIT_TOTAL] = {"over the total limit, and not regular",
			    "drop_limit_total"},
	[MW_OPEN_SOURCE] = {"too many connections of the source are open",
			    "drop_open_source"},
	[MW_OPEN_NETBLOCK] = {"too many connections of the netblock are open",
			      "drop_open_netblock"},
};

_Static_assert(sizeof(reasons) / sizeof(*reasons) == MW_REASONS,
	       "a reason without words");

#define COUNTERS(X)                  \
	X(packets)                   \
	X(attempts)                  \
	X(pass_not_attempt)          \
	X(pass_later_fragment)       \
	X(pass_allow_list)           \
	X(pass_conforms)             \
	X(pass_observed)             \
	X(drop_malformed)            \
	X(drop_block)                \
	X(drop_block_list)           \
	X(drop_limit_list)           \
	X(drop_limit_source)         \
	X(drop_limit_netblock)       \
	X(drop_limit_total)          \
	X(drop_open_source)          \
	X(drop_open_netblock)        \
	X(would_drop_malformed)      \
	X(would_drop_block)          \
	X(would_drop_block_list)     \
	X(would_drop_limit_list)     \
	X(would_drop_limit_source)   \
	X(would_drop_limit_netblock) \
	X(would_drop_limit_total)    \
	X(would_drop_open_source)    \
	X(would_drop_open_netblock)  \
	X(connections)               \
	X(connections_over)          \
	X(connections_missed)        \
	X(connections_elsewhere)     \
	X(times_over)                \
	X(blocked)                   \
	X(blocked_no_room)           \
	X(open_no_room)              \
	X(history_evicted)           \
	X(history_no_room)           \
	X(offender_evicted)          \
	X(source_evicted)            \
	X(source_no_room)            \
	X(netblock_evicted)          \
	X(netblock_no_room)          \
	X(list_evicted)              \
	X(list_no_room)

/* By offset, so that a name cannot stand at another field's place. */
#define COUNTER_NAME(field) [offsetof(struct mw_counters, field) / 8] = #field,
const char *const name_counters[NAME_COUNTERS] = {COUNTERS(COUNTER_NAME)};

#define COUNTER_ONE(field) +1
_Static_assert(0 COUNTERS(COUNTER_ONE) == NAME_COUNTERS,
	       "a counter without a name");

const char *name_action(int action)
{
	static const char *const names[] = {"none", "allow", "block", "limit"};

	return names[action];
}

const char *name_mode(int mode)
{
	return mode == MW_ENFORCE ? "enforce" : "observe";
}

const char *name_reason(int reason)
{
	return reasons[reason].words;
}

const char *name_counter(int reason)
{
	return reasons[reason].counter;
}

const char *name_would_counter(int reason)
{
	return name_counters[offsetof(struct mw_counters,
				      would_drop_malformed) /
				     8 +
			     reason - MW_FIRST_DROP];
}

const char *name_level(int level)
{
	static const char *const names[MW_LEVELS] = {
		"source", "netblock", "list", "observed list", "total"};

	return names[level];
}
