// SPDX-License-Identifier: GPL-2.0
#include "gate/offenders.h"

#include <string.h>

#include "bpf/offender.h"
#include "bpf/source.h"
#include "kernel/table.h"

/* The program may count one more meanwhile: that is one after it. The key
 * stays, as the program finds its place by it. */
static void forgive(struct mw_offender *o)
{
	memset(o->times, 0, sizeof(o->times));
	o->until = 0;
	o->blocks = 0;
}

int gate_offenders_forgive(const struct engine *e, const struct prefix_set *set)
{
	struct table_view view;
	struct mw_settings s;
	int err = table_settings(e, &s);

	if (!err)
		err = table_offenders(e, true, &view);
	if (err)
		return err;
	for (__u32 i = 0; i < view.n * MW_OFFENDER_WAYS; i++) {
		struct mw_offender *o = &view.offender[i / MW_OFFENDER_WAYS]
						 .way[i % MW_OFFENDER_WAYS];
		struct mw_prefix source;

		if (!o->key)
			continue;
		prefix_of_key(&s, MW_SOURCE, o->key, &source);
		if (prefix_around(set, &source))
			forgive(o);
	}
	table_close(&view);
	return 0;
}
