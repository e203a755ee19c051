// SPDX-License-Identifier: GPL-2.0
#include "watch/job.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "out/log.h"

/* An exit status has room for the errno. */
static void work(int (*run)(void *arg), void *arg)
{
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	err = run(arg);
	fflush(NULL);
	_exit(err < 0 ? -err & 0xff : 0);
}

static int child_ended(sd_event_source *source, const siginfo_t *si, void *arg)
{
	struct job *job = arg;
	bool exited = si->si_code == CLD_EXITED;
	int status = si->si_status;

	sd_event_source_disable_unref(source);
	job->source = NULL;
	if (!exited)
		log_error("a child of this service was ended by signal %d",
			  status);
	job->ended(job, exited ? -status : -EIO);
	return 0;
}

int job_start(struct job *job, int (*run)(void *arg), void *arg)
{
	pid_t pid;
	int err;

	fflush(NULL);
	pid = fork();
	if (!pid)
		work(run, arg);
	err = pid < 0 ? -errno : 0;
	if (!err)
		err = sd_event_add_child(job->event, &job->source, pid, WEXITED,
					 child_ended, job);
	if (err)
		log_error("no child can be started: %s", strerror(-err));
	return err;
}

bool job_works(const struct job *job)
{
	return job->source;
}
