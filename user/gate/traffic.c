// SPDX-License-Identifier: GPL-2.0
#include "gate/traffic.h"

#include <stdio.h>

/* Of a counter: what was counted since the last reload. */
#define SINCE(t, field) ((t)->all.field - (t)->before.field)

/* Of so many, none is a problem. With a listener, more: a flood of forged
 * attempts makes no connection either. */
enum { UNHEARD = 100, UNANSWERED = 100000 };

static __u64 unheard(const struct traffic *t)
{
	const struct mw_counters *c = &t->all;
	__u64 admitted =
		c->pass_conforms + c->pass_allow_list + c->pass_observed;

	if (c->connections || admitted < (t->listening ? UNANSWERED : UNHEARD))
		return 0;
	return admitted;
}

/* A peer is counted again when a flood has made the program forget it, and a
 * source that is refused may complete a handshake, too. */
enum { HANDED_ON = 10 };

static __u64 handed_on(const struct traffic *t)
{
	__u64 handshakes = SINCE(t, handshakes);

	return handshakes > UNHEARD + HANDED_ON * SINCE(t, connections)
		       ? handshakes
		       : 0;
}

/* A flood of ACKs can make the program forget the ACK of 1 connection in 10,000
 * before that is established. */
enum { FORGOTTEN = 1000 };

static __u64 past_the_gate(const struct traffic *t)
{
	__u64 past = SINCE(t, connections_elsewhere);

	return past > SINCE(t, connections) / FORGOTTEN ? past : 0;
}

static __u64 missed(const struct traffic *t)
{
	return SINCE(t, connections_missed);
}

static const struct {
	__u64 (*number)(const struct traffic *t);
	const char *words;
} rows[TRAFFIC_WRONG] = {
	{unheard,
	 "attempts were let by and none became a connection here, so nobody is "
	 "charged: either all were forged, or this gateway forwards them to "
	 "another host and needs charge = syn"},
	{handed_on,
	 "senders completed a handshake, and less than a tenth of these became "
	 "a connection here, so most are not charged: either this gateway "
	 "forwards them to another host and needs charge = syn, or their ACKs "
	 "were forged, and 'mailweir reload' counts anew"},
	{past_the_gate,
	 "connections to a guarded port came past the gate, and are charged to "
	 "nobody: attach mailweir to the interface that they come in by, too, "
	 "or put who they are from on an allow list; then 'mailweir reload' "
	 "counts anew"},
	{missed,
	 "connections were charged to nobody: the kernel had no memory for a "
	 "note at their sockets; raise net.core.optmem_max, then 'mailweir "
	 "reload' counts anew"},
};

int traffic_wrong(const struct traffic *t,
		  char text[TRAFFIC_WRONG][TRAFFIC_TEXT])
{
	int n = 0;

	for (int i = 0; i < TRAFFIC_WRONG; i++) {
		__u64 number = rows[i].number(t);

		if (number)
			snprintf(text[n++], TRAFFIC_TEXT, "%llu %s", number,
				 rows[i].words);
	}
	return n;
}
