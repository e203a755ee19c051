/* SPDX-License-Identifier: GPL-2.0 */
/* Standard input, output and error, as a process may find them. */
#ifndef MAILWEIR_STREAMS_H
#define MAILWEIR_STREAMS_H

#include <stdbool.h>

/*
 * To be called first. Opens those that are closed, so that no file, map or pipe
 * gets their numbers: an output swallows what is written, and to read from the
 * input fails. A reader that goes away ends nothing: SIGPIPE is ignored. false:
 * one is closed and cannot be opened.
 */
bool streams_open(void);

/* Standard input that streams_open had to open: there is nothing to read. */
bool streams_no_input(void);

/*
 * To be called last. false: not all that was printed has arrived, which has
 * been told. A reader that has gone away did not want the rest, which is no
 * failure.
 */
bool streams_close(void);

#endif
