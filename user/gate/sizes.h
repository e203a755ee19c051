/* SPDX-License-Identifier: GPL-2.0 */
/* What [tables] may say on this machine, now. */
#ifndef MAILWEIR_GATE_SIZES_H
#define MAILWEIR_GATE_SIZES_H

#include "config/config.h"

/* s keeps the size of the tables of open connections that is in force (before:
 * all zero where nothing is): the hook that stays counts there. false, told: s
 * had another one. */
bool gate_sizes_keep(struct mw_settings *s, const struct mw_settings *before);

/* Is there memory for the tables that are made anew? -EINVAL, told: there is
 * not; name: of the configuration. */
int gate_sizes_check(const char *name, const struct mw_settings *s,
		     const struct mw_settings *before);

#endif
