/* SPDX-License-Identifier: GPL-2.0 */
/* The table of histories: to and from the form that survives a reboot. 0 or
 * -errno, silent. s: the settings that the table is, or will be, read with. */
#ifndef MAILWEIR_HISTORY_TABLE_H
#define MAILWEIR_HISTORY_TABLE_H

#include "engine.h"
#include "history_file.h"

/* What the table says still; all is to be freed. */
int history_table_read(const struct engine *e, const struct mw_settings *s,
		       struct histories *all);

/*
 * Adds what all says; of a source that is there, the first connection and the
 * last of both. *left_out: of another prefix length than sources have now,
 * or for want of room.
 */
int history_table_add(const struct engine *e, const struct mw_settings *s,
		      const struct histories *all, size_t *left_out);

/* Forgets the sources of which gone() is true. */
int history_table_forget(const struct engine *e, const struct mw_settings *s,
			 bool (*gone)(const struct mw_prefix *source,
				      void *arg),
			 void *arg);

#endif
