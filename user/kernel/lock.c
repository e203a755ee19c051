// SPDX-License-Identifier: GPL-2.0
#include "kernel/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "out/log.h"

enum {
	NAP_MS = 2, /* a gap between two of a loop's commands is not missed */
	TRIES = LOCK_SECONDS * 1000 / NAP_MS,
	SAID = 200 / NAP_MS, /* when a wait is told of */
	HOLDER = 320,
};

/* --- who holds it -------------------------------------------------------- */

/* The process that /proc/locks names for the flock on fd, 0: none. */
static int holder_of(int fd)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned long inode;
	struct stat st;
	char line[256];
	int pid = 0, p;

	if (!locks)
		return 0;
	while (!fstat(fd, &st) && !pid && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %*x:%*x:%lu", &p,
			   &inode) == 2 &&
		    inode == st.st_ino)
			pid = p;
	fclose(locks);
	return pid;
}

/* The command line of a process as one printable line; "" if it is gone. */
static void command_of(int pid, char line[HOLDER - 32])
{
	char path[64];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	f = fopen(path, "re");
	if (f) {
		n = fread(line, 1, HOLDER - 33, f);
		fclose(f);
	}
	for (size_t i = 0; i < n; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = ' ';
	while (n && line[n - 1] == ' ')
		n--;
	line[n] = 0;
}

/* "'mailweir reload' (pid 12)" */
static void holder_text(int fd, char text[HOLDER])
{
	char command[HOLDER - 32] = "";
	int pid = holder_of(fd);

	if (pid > 0)
		command_of(pid, command);
	if (*command)
		snprintf(text, HOLDER, "'%s' (pid %d)", command, pid);
	else
		snprintf(text, HOLDER, "another command");
}

/* --- taking it ----------------------------------------------------------- */

/* A reader goes on without: a monitor must see what is. */
static int gave_up(const struct pins *p, int fd, int how)
{
	char holder[HOLDER];

	holder_text(fd, holder);
	if (how == LOCK_SH) {
		log_warning("%s holds the lock on %s for more than %d s; what "
			    "is read may be half of what it changes",
			    holder, p->root, LOCK_SECONDS);
		return 0;
	}
	log_error("gave up after %d s: %s holds the lock on %s", LOCK_SECONDS,
		  holder, p->root);
	return -EBUSY;
}

static int lock_wait(const struct pins *p, int fd, int how)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000};
	char holder[HOLDER];

	for (int i = 0; i <= TRIES; i++) {
		if (!flock(fd, how | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return pins_told(p->root, -errno);
		if (i == SAID && how == LOCK_EX) {
			holder_text(fd, holder);
			log_warning("waiting for %s", holder);
		}
		nanosleep(&nap, NULL);
	}
	return gave_up(p, fd, how);
}

/* 0, or -EAGAIN, an answer: the directory was removed while we waited, and its
 * lock is void. */
static int check_current(const struct pins *p, int fd)
{
	struct stat ours, now;

	if (fstat(fd, &ours))
		return pins_told(p->root, -errno);
	if (!stat(p->root, &now))
		return ours.st_ino == now.st_ino ? 0 : -EAGAIN;
	return errno == ENOENT ? -EAGAIN : pins_told(p->root, -errno);
}

/* The root is there, or was a moment ago: a descriptor, or -EAGAIN as above. */
static int lock_once(const struct pins *p, int how)
{
	int fd = open(p->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : pins_told(p->root, -errno);
	err = lock_wait(p, fd, how);
	if (!err)
		err = check_current(p, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int lock(const struct pins *p, bool make, int how)
{
	int err;

	do {
		err = pins_own(p->root, make);
		if (!err)
			err = lock_once(p, how);
	} while (err == -EAGAIN);
	return err;
}

int lock_alone(const struct pins *p)
{
	return lock(p, true, LOCK_EX);
}

int lock_shared(const struct pins *p)
{
	return lock(p, false, LOCK_SH);
}
