// SPDX-License-Identifier: GPL-2.0
#include "watch/interfaces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gate/clock.h"
#include "out/log.h"
#include "state/guarded.h"

static const __u64 first_wait = 100 * 1000000ULL, last_wait = 60 * MW_SECOND;

int interfaces_watch(struct interfaces *in, char *const *devs, int n)
{
	int err = 0;

	if (n > INTERFACES_MOST) {
		log_error("%d interfaces, where room is for %d", n,
			  INTERFACES_MOST);
		return -E2BIG;
	}
	in->v = calloc(n, sizeof(*in->v));
	if (!in->v) {
		log_error("no memory for the interfaces");
		return -ENOMEM;
	}
	for (in->n = 0; in->n < n && !err; in->n++) {
		struct interface *i = &in->v[in->n];

		i->name = devs[in->n];
		i->index = if_nametoindex(i->name);
		i->state = i->index ? GUARD_ON : GUARD_MISSING;
		if (!i->index)
			log_warning("%s: no such interface yet; it is guarded "
				    "as soon as it is there",
				    i->name);
		err = guarded_add(i->name);
	}
	return err;
}

void interfaces_leave(struct interfaces *in)
{
	for (int i = 0; i < in->n; i++)
		guarded_remove(in->v[i].name);
	free(in->v);
	in->v = NULL;
	in->n = 0;
}

/* --- one of them --------------------------------------------------------- */

static void say(const struct interface *i, enum guard_state now)
{
	switch (now) {
	case GUARD_ON:
		log_info("%s: guarded", i->name);
		break;
	case GUARD_MISSING:
		log_warning("%s: the interface is gone; it is guarded again as "
			    "soon as it is back",
			    i->name);
		break;
	case GUARD_AWAY:
		log_warning("%s: the interface is in another network "
			    "namespace; it is guarded again when it is back",
			    i->name);
		break;
	case GUARD_OFF:
		log_warning("%s: NOT guarded", i->name);
		break;
	case GUARD_RELEASED:
		log_info("%s: 'mailweir detach' took it, and it is not watched "
			 "any more",
			 i->name);
		break;
	}
}

/* Attaches what is in force; the state that this leaves. */
static enum guard_state attach(struct interface *i)
{
	__u64 now = clock_now();
	int err;

	/* Another interface of that name is another matter. */
	if (i->failed_at == i->index && now < i->retry)
		return GUARD_OFF;
	if (i->failed_at != i->index)
		i->wait = first_wait;
	err = gate_guard(i->name, i->link);
	if (!err) {
		i->failed_at = 0;
		if (i->state == GUARD_ON)
			log_warning("%s: its program was taken off, and is "
				    "attached again",
				    i->name);
		return GUARD_ON;
	}
	i->failed_at = i->index;
	i->retry = clock_now() + i->wait;
	i->wait = i->wait * 2 > last_wait ? last_wait : i->wait * 2;
	return GUARD_OFF;
}

static void look_at(struct interface *i, const struct guard_view *view,
		    const struct guard *guard)
{
	enum guard_state now = guard->state;

	i->index = if_nametoindex(i->name);
	if (guard->link[0])
		memcpy(i->link, guard->link, sizeof(i->link));
	if (now == GUARD_OFF && view->generation)
		now = attach(i);
	if (now == i->state)
		return;
	if (i->state == GUARD_RELEASED && now == GUARD_ON)
		guarded_add(i->name); /* attached again by hand */
	say(i, now);
	i->state = now;
}

/* --- all of them --------------------------------------------------------- */

static int read_all(struct interfaces *in, struct guard guards[INTERFACES_MOST])
{
	char *devs[INTERFACES_MOST];

	for (int i = 0; i < in->n; i++)
		devs[i] = in->v[i].name;
	return gate_guard_look(devs, in->n, guards, &in->view);
}

int interfaces_view(struct interfaces *in)
{
	struct guard guards[INTERFACES_MOST];

	return read_all(in, guards);
}

int interfaces_look(struct interfaces *in)
{
	struct guard guards[INTERFACES_MOST];
	int err = read_all(in, guards);

	for (int i = 0; i < in->n && !err; i++)
		look_at(&in->v[i], &in->view, &guards[i]);
	return err;
}

int interfaces_there(const struct interfaces *in, char *devs[INTERFACES_MOST])
{
	int n = 0;

	for (int i = 0; i < in->n; i++)
		if (in->v[i].state != GUARD_RELEASED &&
		    if_nametoindex(in->v[i].name))
			devs[n++] = in->v[i].name;
	return n;
}

int interfaces_left(const struct interfaces *in)
{
	int n = 0;

	for (int i = 0; i < in->n; i++)
		n += in->v[i].state != GUARD_RELEASED;
	return n;
}

const char *interfaces_off(const struct interfaces *in)
{
	for (int i = 0; i < in->n; i++)
		if (in->v[i].state != GUARD_ON &&
		    in->v[i].state != GUARD_RELEASED)
			return in->v[i].name;
	return NULL;
}
