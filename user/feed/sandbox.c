// SPDX-License-Identifier: GPL-2.0
#include "feed/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* clang-format off */
/* What libc may call by itself, at any size of its data, is allowed with what
 * reading takes: the child would otherwise die of a file that is only large. */
static const int allowed[] = {
	/* to read and write what is open */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	/* malloc(3) grows, and gives memory back; mapping is below */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* qsort(3) and sysconf(3) ask how much memory there is, what limits */
	SCMP_SYS(sysinfo), SCMP_SYS(getrlimit), SCMP_SYS(sched_getaffinity),
	/* malloc(3) and json-c draw seeds */
	SCMP_SYS(getrandom),
	/* clocks, where the vDSO has none */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	/* locks of stdio(3) and malloc(3) */
	SCMP_SYS(futex),
	/* a signal has been handled, or the child was stopped and goes on */
	SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
	/* the end; of abort(3) all but the signal, which is below */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction), SCMP_SYS(getpid), SCMP_SYS(gettid),
};
/* clang-format on */

/* Closes every descriptor but in, which becomes 0, and out, which becomes 1:
 * the parent's lock is among those that go. */
static int keep_descriptors(int in, int out)
{
	if (!out)
		out = fcntl(out, F_DUPFD, 2);
	if (out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    close_range(2, ~0U, 0))
		return -errno;
	return 0;
}

/* Lowers a limit; one that is lower already stays. */
static int limit(int resource, unsigned long long value)
{
	struct rlimit r;

	if (getrlimit(resource, &r))
		return -errno;
	if (r.rlim_max > value)
		r.rlim_max = value;
	if (r.rlim_cur > value)
		r.rlim_cur = value;
	return setrlimit(resource, &r) ? -errno : 0;
}

static int drop_rights(void)
{
	int err;

	if (geteuid() == 0) {
		capng_clear(CAPNG_SELECT_ALL);
		err = capng_change_id(
			NOBODY, NOBODY,
			CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	} else {
		capng_clear(CAPNG_SELECT_CAPS);
		err = capng_apply(CAPNG_SELECT_CAPS);
	}
	return err ? -EPERM : 0;
}

static int filter_calls(void)
{
	const struct {
		int call;
		struct scmp_arg_cmp argument;
	} with[] = {
		/* Memory may be mapped, but no code. */
		{SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		{SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)},
		/* sysconf(3) asks for a limit, and sets none. */
		{SCMP_SYS(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0)},
		/* stdio(3) asks whether a stream is a terminal. */
		{SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, TCGETS)},
		/* abort(3) sends the child a signal, and nobody else. */
		{SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_EQ, getpid())},
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; i < sizeof(with) / sizeof(*with) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, with[i].call, 1,
				       with[i].argument);
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

int sandbox_enter(int in, int out, unsigned int seconds,
		  unsigned long long bytes)
{
	int err = keep_descriptors(in, out);

	if (!err &&
	    (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_DUMPABLE, 0)))
		err = -errno;
	if (!err)
		err = limit(RLIMIT_CPU, seconds);
	if (!err)
		err = limit(RLIMIT_AS, bytes);
	if (!err)
		err = limit(RLIMIT_CORE, 0);
	if (!err)
		err = drop_rights();
	/* The change of user has cleared PR_SET_PDEATHSIG. */
	if (!err && prctl(PR_SET_PDEATHSIG, SIGKILL))
		err = -errno;
	return err ? err : filter_calls();
}
