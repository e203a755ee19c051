/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The histories of sources: between their table and the file that survives a
 * reboot, and who gets one or loses it by what an operator does. 0 or -errno;
 * failures have been told.
 */
#ifndef MAILWEIR_GATE_HISTORIES_H
#define MAILWEIR_GATE_HISTORIES_H

#include "gate/generation.h"
#include "state/history_file.h"

/* Reads the table; *all is to be freed in any case. */
int gate_histories_read(const struct engine *e, struct histories *all);

/* Writes what is in the table to the file; before that, does what is owed. */
int gate_histories_save(const struct engine *e);

/* Fills a table from the file; s: the settings that the table is made for. A
 * file that is refused is put aside. What could not be done is owed
 * (kernel/owed.h), and told. */
int gate_histories_restore(const struct engine *e, const struct mw_settings *s);

/* Does what an earlier command owed: fills the table from the file. */
int gate_histories_catch_up(const struct engine *e);

/* Makes clients regular, as if they had connected a day ago and now.
 * *left_out: for how many there was no room. */
int gate_histories_import(const struct engine *e,
			  const struct prefix_set *clients, size_t *left_out);
/* Makes clients regular in the file, for the next attach; s has the prefix
 * lengths of sources. */
int gate_histories_import_file(const struct mw_settings *s,
			       const struct prefix_set *clients);

/* Removes the histories of the sources that lie in a sorted set. */
int gate_histories_forget(const struct engine *e, const struct prefix_set *set);

/* After a swap: removes the histories of the sources that g blocks. Where
 * sources have other prefix lengths than before it keeps all histories as a
 * file and removes them. */
int gate_histories_settle(const struct engine *e, const struct generation *g,
			  const struct mw_settings *previous);

#endif
