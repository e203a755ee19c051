/* SPDX-License-Identifier: GPL-2.0 */
/* Files that name clients: lines to the format that knows them. */
#ifndef MAILWEIR_CLIENTS_H
#define MAILWEIR_CLIENTS_H

#include "feed/format/format.h"

/* A line, or a piece of one, in in->line. */
void clients_line(struct format_input *in);
/* The file has ended: what is left, and what is wrong where nobody
 * was found. */
void clients_end(struct format_input *in);

#endif
