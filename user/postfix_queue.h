/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of which a log has named the client, but not yet what became of
 * them, by their queue ids. It remembers the last POSTFIX_QUEUE_MOST that were put:
 * a log can end anywhere, and one that never says what became of a message
 * must not take all memory. Pure.
 */
#ifndef MAILWEIR_POSTFIX_QUEUE_H
#define MAILWEIR_POSTFIX_QUEUE_H

#include "prefix.h"

enum { POSTFIX_QUEUE_MOST = 65536, POSTFIX_QUEUE_ID = 24 /* with its NUL */ };

struct postfix_queue;

/* To be freed with free(3); NULL: no memory. */
struct postfix_queue *postfix_queue_new(void);

/* The client of message id (shorter than POSTFIX_QUEUE_ID); an older message of the
 * same id, or else the oldest of all when it is full, is forgotten. */
void postfix_queue_put(struct postfix_queue *q, const char *id,
		       const struct mw_prefix *client);

/* The client (NULL: nobody asks) of message id, which is forgotten. false: it
 * is not known. */
bool postfix_queue_take(struct postfix_queue *q, const char *id,
			struct mw_prefix *client);

#endif
