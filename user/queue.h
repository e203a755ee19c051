/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of which a log has named the client, but not yet what became of
 * them, by their queue ids. It remembers the last QUEUE_MOST that were put:
 * a log can end anywhere, and one that never says what became of a message
 * must not take all memory. Pure.
 */
#ifndef MAILWEIR_QUEUE_H
#define MAILWEIR_QUEUE_H

#include "prefix.h"

enum { QUEUE_MOST = 65536, QUEUE_ID = 24 /* with its NUL */ };

struct queue;

/* To be freed with free(3); NULL: no memory. */
struct queue *queue_new(void);

/* The client of message id (shorter than QUEUE_ID); an older message of the
 * same id, or else the oldest of all when it is full, is forgotten. */
void queue_put(struct queue *q, const char *id, const struct mw_prefix *client);

/* The client (NULL: nobody asks) of message id, which is forgotten. false: it
 * is not known. */
bool queue_take(struct queue *q, const char *id, struct mw_prefix *client);

#endif
