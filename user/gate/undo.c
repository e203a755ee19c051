// SPDX-License-Identifier: GPL-2.0
#include "gate/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "gate/guard.h"
#include "kernel/owed.h"
#include "out/log.h"
#include "state/list_copies.h"

enum { BEFORE = 256, NAP_MS = 200, TRIES = 12 };

/* What the child knows. */
struct child {
	struct gate_kept kept;
	char *const *devs;
	int ndevs;
	__u32 before[BEFORE]; /* the links that there were */
	size_t links;
	unsigned int seconds;
	int from_parent;
};

/* --- the child: undoing -------------------------------------------------- */

static bool was_there(const struct child *c, const struct link *l)
{
	for (size_t i = 0; i < c->links; i++)
		if (c->before[i] == l->id)
			return true;
	return false;
}

/* Takes the program off the interfaces that the change attached to. */
static int detach_new(const struct child *c, struct engine *e)
{
	int err = 0;

	for (int i = 0; i < c->ndevs && !err; i++) {
		const struct link *l = links_find(&e->links, c->devs[i]);

		if (l && !was_there(c, l))
			err = gate_detach(e, &c->devs[i], 1);
	}
	return err;
}

static int put_back(const struct child *c, struct engine *e)
{
	struct gate_swap swap;
	int err;

	if (!c->kept.attached)
		return gate_detach(e, NULL, 0);
	err = detach_new(c, e);
	if (!err)
		err = gate_swap_back(e, &c->kept, &swap);
	if (err)
		return err;
	list_copies_undo();
	return owed_set(&e->pins, OWED_UNDONE, true);
}

/* Whoever confirms holds the lock meanwhile. */
static int undo(const struct child *c, __u64 until)
{
	struct engine e;
	int err = gate_open(&e);
	__u64 waits;

	if (err)
		return err;
	if (owed_confirm_is(&e.pins, &waits) == 1 && waits == until) {
		err = put_back(c, &e);
		if (!err && e.generation)
			err = owed_confirm_clear(&e.pins);
		syslog(err ? LOG_ERR : LOG_WARNING, "%s",
		       err ? "nobody confirmed the change, and it could not be "
			     "undone"
			   : "nobody confirmed the change: it was undone");
	}
	engine_close(&e);
	return err;
}

/* --- the child: waiting -------------------------------------------------- */

static void nap(unsigned int ms)
{
	const struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

/* Nothing that is open keeps a terminal or a pipe waiting. */
static void leave_session(const struct child *c)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	for (int fd = 3; fd < 1024; fd++) {
		bool keeps = fd == c->from_parent;

		for (int i = 0; i < MW_PARTS && c->kept.attached; i++)
			keeps |= fd == c->kept.parts[i];
		if (!keeps)
			close(fd);
	}
	openlog("mailweir", LOG_PID, LOG_DAEMON);
}

/* Or another change has taken its place. */
static bool is_confirmed(__u64 until)
{
	struct pins p;
	__u64 waits;
	int is;

	pins_find(&p);
	is = owed_confirm_is(&p, &waits);
	return !is || (is == 1 && waits != until);
}

/* The parent says until when. If it died, the change may be in force. */
static __u64 told_until(const struct child *c)
{
	__u64 until = 0;
	struct engine e;

	if (read(c->from_parent, &until, sizeof(until)) == sizeof(until))
		return until;
	if (gate_open(&e))
		return 0;
	if (e.generation && e.generation != c->kept.was.generation) {
		until = time(NULL) + c->seconds;
		if (owed_confirm_set(&e.pins, until))
			until = 0;
	}
	engine_close(&e);
	return until;
}

static void child(const struct child *c)
{
	struct timespec now;
	__u64 until, end;

	leave_session(c);
	until = told_until(c);
	if (!until)
		_exit(0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	for (end = now.tv_sec + c->seconds; (__u64)now.tv_sec < end;) {
		if (is_confirmed(until))
			_exit(0);
		nap(NAP_MS);
		clock_gettime(CLOCK_MONOTONIC, &now);
	}
	for (int i = 0; i < TRIES && undo(c, until); i++)
		nap(5000);
	_exit(0);
}

/* --- the parent ---------------------------------------------------------- */

static int check_waiting(struct child *c)
{
	struct engine e;
	int err = engine_open(&e, ENGINE_READ);
	__u64 until;

	if (err)
		return err == -ENOENT ? 0 : err;
	err = owed_confirm_is(&e.pins, &until);
	for (; c->links < e.links.n && c->links < BEFORE; c->links++)
		c->before[c->links] = e.links.v[c->links].id;
	engine_close(&e);
	if (err != 1)
		return err;
	log_error("another change waits to be confirmed; 'mailweir confirm' "
		  "keeps it, 'mailweir reload' puts another one in its place");
	return -EBUSY;
}

static int spawn(struct undo *u, struct child *c)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	c->from_parent = fds[0];
	pid = fork();
	if (!pid) {
		close(fds[1]);
		child(c);
	}
	close(fds[0]);
	if (pid < 0) {
		close(fds[1]);
		return -errno;
	}
	u->to_child = fds[1];
	return 0;
}

int undo_begin(struct undo *u, unsigned int seconds, char *const *devs, int n)
{
	struct child *c = calloc(1, sizeof(*c));
	int err = c ? check_waiting(c) : -ENOMEM;

	u->seconds = seconds;
	u->to_child = -1;
	if (!err)
		err = gate_keep(&c->kept);
	if (!err)
		err = list_copies_keep();
	if (!err) {
		c->devs = devs;
		c->ndevs = n;
		c->seconds = seconds;
		err = spawn(u, c);
	}
	if (err == -ENOMEM || err == -EAGAIN || err == -EMFILE)
		log_error("nobody could undo it: %s", strerror(-err));
	if (c)
		gate_kept_close(&c->kept);
	free(c);
	return err;
}

int undo_arm(struct undo *u, const struct engine *e)
{
	__u64 until = time(NULL) + u->seconds;
	int err = owed_confirm_set(&e->pins, until);

	if (!err &&
	    write(u->to_child, &until, sizeof(until)) != (ssize_t)sizeof(until))
		err = -errno;
	close(u->to_child);
	if (err)
		log_error("what is in force now will not be undone by itself: "
			  "%s",
			  strerror(-err));
	return err;
}

void undo_cancel(struct undo *u)
{
	const __u64 nothing = 0;
	ssize_t n = write(u->to_child, &nothing, sizeof(nothing));

	(void)n;
	close(u->to_child);
}

int undo_confirm(struct engine *e)
{
	__u64 until;
	int waits = owed_confirm_is(&e->pins, &until), err;

	if (waits != 1)
		return waits < 0 ? waits : 1;
	err = owed_confirm_clear(&e->pins);
	return list_copies_forget() ?: err;
}
