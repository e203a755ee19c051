/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of histories in the kernel, to and from the form that survives a
 * reboot. s: the settings that the table is, or will be, read with; hour: now,
 * in hours since 1970. Errors as in pins.h.
 */
#ifndef MAILWEIR_HISTORY_TABLE_H
#define MAILWEIR_HISTORY_TABLE_H

#include "kernel/engine.h"
#include "state/history_file.h"

/* The histories that have not faded; all is to be freed. */
int history_table_read(const struct engine *e, const struct mw_settings *s,
		       __u32 hour, struct histories *all);

/*
 * Adds histories. Of a source that has one, the first connection and the last
 * of both stay. *left_out: how many are of another prefix length than sources
 * have, or found no room.
 */
int history_table_add(const struct engine *e, const struct mw_settings *s,
		      __u32 hour, const struct histories *all,
		      size_t *left_out);

/* Removes the histories of the sources of which gone() is true. */
int history_table_forget(const struct engine *e, const struct mw_settings *s,
			 bool (*gone)(const struct mw_prefix *source,
				      void *arg),
			 void *arg);

#endif
