/* SPDX-License-Identifier: GPL-2.0 */
/* What a block list should not hold. */
#ifndef MAILWEIR_WARNINGS_H
#define MAILWEIR_WARNINGS_H

#include "gate/read_list.h"

/* Warns of block lists that hold an address of this machine, its gateway or
 * its name server, or a prefix of an allow list. */
void warnings_tell(const struct list *lists, int n);

#endif
