/* SPDX-License-Identifier: GPL-2.0 */
/* What must fit together, and what follows from what was written. */
#ifndef MAILWEIR_CONFIG_CHECK_H
#define MAILWEIR_CONFIG_CHECK_H

#include "config/keys.h"

/* At the end of the open section. */
void check_section(struct config_parser *p);

/* At the end of the file. */
void check_file(struct config_parser *p);

#endif
