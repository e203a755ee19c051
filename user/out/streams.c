// SPDX-License-Identifier: GPL-2.0
#include "out/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "out/log.h"

bool streams_open(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDWR) <
			    0)
			return false;
	return true;
}

bool streams_no_input(void)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);

	return flags < 0 || (flags & O_ACCMODE) == O_WRONLY;
}

static bool reader_is_gone(void)
{
	struct pollfd p = {.fd = STDOUT_FILENO};

	return poll(&p, 1, 0) == 1 && p.revents & (POLLERR | POLLHUP);
}

bool streams_close(void)
{
	bool before = ferror(stdout);
	int err = fflush(stdout) ? errno : 0;

	if ((!err && !before) || reader_is_gone())
		return true;
	log_error("standard output: %s",
		  err ? strerror(err) : "not all could be written");
	return false;
}
