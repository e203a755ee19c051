// SPDX-License-Identifier: GPL-2.0
#include "gate/debt.h"

#include <stdbool.h>

#include "bpf/bucket.h"

/* What a bucket can owe depends on when connections are charged. */
static void set_most(const struct mw_settings *s, struct mw_limit *limit,
		     __u64 beyond)
{
	if (limit->interval)
		limit->most = bucket_most(limit->interval, limit->window,
					  s->charge, beyond);
}

/* Is every source over a limit of its own before it has taken more of this
 * limit than its burst? */
static bool is_shared(const struct mw_settings *s, const struct mw_limit *limit)
{
	const struct mw_limit *source = &s->level[MW_SOURCE].limit;
	bool shared = source->interval && source->mode == MW_ENFORCE &&
		      bucket_burst(source) <= bucket_burst(limit);

	for (int i = 0; i < MW_LIST_SLOTS; i++)
		shared &=
			bucket_burst(&s->rules[i].limit) <= bucket_burst(limit);
	return shared;
}

/*
 * A source pays for all that it took. A limit that many sources share owes a
 * minute's worth beyond its burst: with less, every wave of a round trip would
 * find the door open again. Where one source could bring that debt about, the
 * limit never owes more than its burst, as the source would shut out the
 * others for a minute.
 */
void debt_set(struct mw_settings *s)
{
	for (int level = 0; level < MW_LEVELS; level++) {
		struct mw_limit *limit = &s->level[level].limit;
		__u64 beyond = is_shared(s, limit) ? MW_MINUTE : 0;

		set_most(s, limit, level == MW_SOURCE ? MW_DAY : beyond);
	}
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		set_most(s, &s->rules[i].limit, MW_DAY);
}
