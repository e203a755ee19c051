// SPDX-License-Identifier: GPL-2.0
#include "gate/origins.h"

#include <string.h>

#include "feed/child.h"
#include "gate/feed_errors.h"
#include "out/log.h"

const struct asn_table *origins_table(struct origins *o)
{
	const struct feed_guard guard = {.kind = FEED_ORIGINS};
	struct feed feed;
	int err;

	if (!o->file)
		return NULL;
	if (o->asked)
		return o->table.v ? &o->table : NULL;
	o->asked = true;
	err = feed_child_read(o->file, &guard, &feed);
	if (!err)
		err = asn_table_build(&feed.set, &feed.asns, &o->table);
	if (err)
		feed_errors_tell(o->file, &feed.report, err);
	else
		log_info("[asn]: %zu prefixes in %llu lines of %s", o->table.n,
			 feed.report.lines, o->file);
	feed_free(&feed);
	return err ? NULL : &o->table;
}

void origins_free(struct origins *o)
{
	asn_table_free(&o->table);
	memset(o, 0, sizeof(*o));
}
