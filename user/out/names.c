// SPDX-License-Identifier: GPL-2.0
#include "out/names.h"

#define LEVEL_WORDS(ID, name, ...)                    \
	[MW_LIMIT_##ID] = "over the " #name " limit", \
	[MW_OPEN_##ID] = "too many connections of the " #name " are open",

static const char *const reasons[] = {
	[MW_NOT_ATTEMPT] = "not an attempt",
	[MW_LATER_FRAGMENT] = "a later fragment",
	[MW_ALLOW_LIST] = "allow list",
	[MW_CONFORMS] = "within every limit",
	[MW_OBSERVED] = "the gate only observes",
	[MW_MALFORMED] = "malformed",
	[MW_RUNTIME_BLOCK] = "run-time block",
	[MW_BLOCK_LIST] = "block list",
	[MW_LIMIT_LIST] = "over the limit of its list",
	[MW_LIMIT_TOTAL] = "over the total limit, and not regular",
	MW_EACH_PREFIX_LEVEL(LEVEL_WORDS)};

_Static_assert(sizeof(reasons) / sizeof(*reasons) == MW_REASONS,
	       "a reason without words");

#define COUNTER_NAME(field) #field,
const char *const name_counters[NAME_COUNTERS] = {
	MW_EACH_COUNTER(COUNTER_NAME)};

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
	return reasons[reason];
}

const char *name_counter(int reason)
{
	return name_counters[offsetof(struct mw_counters, pass_not_attempt) /
				     8 +
			     reason];
}

const char *name_would_counter(int reason)
{
	return name_counters[offsetof(struct mw_counters,
				      would_drop_malformed) /
				     8 +
			     reason - MW_FIRST_DROP];
}

#define LEVEL_NAME(ID, name, ...) [MW_##ID] = #name,

const char *name_level(int level)
{
	static const char *const names[MW_LEVELS] = {
		[MW_LIST] = "list",
		[MW_OBSERVED_LIST] = "observed list",
		[MW_TOTAL] = "total",
		MW_EACH_PREFIX_LEVEL(LEVEL_NAME)};

	return names[level];
}
