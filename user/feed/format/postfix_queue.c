// SPDX-License-Identifier: GPL-2.0
#include "feed/format/postfix_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A place in a ring. Messages whose ids have one hash are chained: links are
 * places + 1, and 0 ends a chain. */
struct message {
	char id[POSTFIX_QUEUE_ID]; /* empty: the place is free */
	struct mw_prefix client;
	__u32 next;
};

struct postfix_queue {
	struct message ring[POSTFIX_QUEUE_MOST];
	__u32 chains[POSTFIX_QUEUE_MOST];
	__u32 at; /* where the next message goes, and the oldest is */
};

struct postfix_queue *postfix_queue_new(void)
{
	return calloc(1, sizeof(struct postfix_queue));
}

/* Queue ids are the mail server's, not the sender's: FNV-1a will do. */
static __u32 *chain_of(struct postfix_queue *q, const char *id)
{
	__u32 hash = 2166136261;

	for (; *id; id++)
		hash = (hash ^ (__u8)*id) * 16777619;
	return &q->chains[(hash ^ hash >> 16) % POSTFIX_QUEUE_MOST];
}

bool postfix_queue_take(struct postfix_queue *q, const char *id,
			struct mw_prefix *client)
{
	for (__u32 *link = chain_of(q, id); *link;
	     link = &q->ring[*link - 1].next) {
		struct message *m = &q->ring[*link - 1];

		if (strcmp(m->id, id))
			continue;
		if (client)
			*client = m->client;
		*link = m->next;
		m->id[0] = 0;
		return true;
	}
	return false;
}

void postfix_queue_put(struct postfix_queue *q, const char *id,
		       const struct mw_prefix *client)
{
	struct message *m = &q->ring[q->at % POSTFIX_QUEUE_MOST];
	__u32 *chain = chain_of(q, id);

	postfix_queue_take(q, id, NULL);
	if (m->id[0])
		postfix_queue_take(q, m->id, NULL);
	snprintf(m->id, sizeof(m->id), "%s", id);
	m->client = *client;
	m->next = *chain;
	*chain = q->at++ % POSTFIX_QUEUE_MOST + 1;
}

bool postfix_queue_has(struct postfix_queue *q, const char *id)
{
	for (__u32 at = *chain_of(q, id); at; at = q->ring[at - 1].next)
		if (!strcmp(q->ring[at - 1].id, id))
			return true;
	return false;
}
