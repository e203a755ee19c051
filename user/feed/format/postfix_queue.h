/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages whose client a log has named, but not yet whether they were
 * accepted, by their queue ids. The last POSTFIX_QUEUE_MOST that were put are
 * remembered: a log that never says what became of its messages must not take
 * all memory. Pure.
 */
#ifndef MAILWEIR_POSTFIX_QUEUE_H
#define MAILWEIR_POSTFIX_QUEUE_H

#include "lists/prefix.h"

enum { POSTFIX_QUEUE_MOST = 65536, POSTFIX_QUEUE_ID = 48 /* with its NUL */ };

struct postfix_queue;

/* To be freed with free(3); NULL: no memory. */
struct postfix_queue *postfix_queue_new(void);

/* Is a message with that id remembered? */
bool postfix_queue_has(struct postfix_queue *q, const char *id);

/* Remembers the client of the message with that id, which is shorter than
 * POSTFIX_QUEUE_ID. An older message with the id is forgotten; else, when the
 * queue is full, the oldest message of all. */
void postfix_queue_put(struct postfix_queue *q, const char *id,
		       const struct mw_prefix *client);

/* Forgets the message with that id; its client goes to *client where client is
 * not NULL. false: no such message is known. */
bool postfix_queue_take(struct postfix_queue *q, const char *id,
			struct mw_prefix *client);

#endif
