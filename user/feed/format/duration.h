/* SPDX-License-Identifier: GPL-2.0 */
/* Durations as nft and Go write them. Pure. */
#ifndef MAILWEIR_DURATION_H
#define MAILWEIR_DURATION_H

#include <stdbool.h>

/* "1d2h3m4s5ms" or "3h59m55.75s", perhaps negative, to seconds. false: another
 * text, also a number without a unit. */
bool duration_parse(const char *text, double *seconds);

#endif
