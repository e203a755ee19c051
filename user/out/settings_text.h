/* SPDX-License-Identifier: GPL-2.0 */
/* The settings in words, for check and status. */
#ifndef MAILWEIR_SETTINGS_TEXT_H
#define MAILWEIR_SETTINGS_TEXT_H

#include "bpf/abi.h"
#include "out/units.h"

/* "60/1m, burst 30, observed" or "none". */
void settings_limit(const struct mw_limit *limit, char text[UNITS_TEXT]);
/* "60/1m" */
void settings_rate(__u64 interval, char text[UNITS_TEXT]);
/* One line for source, netblock, and if they are set total and block. */
void settings_limits(const struct mw_settings *s,
		     void (*say)(const char *name, const char *words));

#endif
