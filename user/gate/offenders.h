/* SPDX-License-Identifier: GPL-2.0 */
/* What [block] counts against sources. 0 or -errno; failures have been told. */
#ifndef MAILWEIR_GATE_OFFENDERS_H
#define MAILWEIR_GATE_OFFENDERS_H

#include "kernel/engine.h"

/* The sources that lie in a sorted set have never been over their limit. */
int gate_offenders_forgive(const struct engine *e,
			   const struct prefix_set *set);

#endif
