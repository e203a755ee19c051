// SPDX-License-Identifier: GPL-2.0
#include "feed/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NOBODY = 65534 };

static const int allowed[] = {
	SCMP_SYS(read),		 SCMP_SYS(write),      SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),	 SCMP_SYS(lseek),      SCMP_SYS(munmap),
	SCMP_SYS(mremap),	 SCMP_SYS(brk),	       SCMP_SYS(madvise),
	SCMP_SYS(exit),		 SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(clock_gettime),
};

/* Closes every descriptor but in, which becomes 0, and out, which becomes 1:
 * the parent's lock is among those that go. */
static int keep_descriptors(int in, int out)
{
	int high;

	/* in and out may be 0 and 1 the other way round. */
	in = fcntl(in, F_DUPFD, 3);
	high = in < 0 ? -1 : fcntl(out, F_DUPFD, 3);
	if (high < 0 || dup2(in, 0) < 0 || dup2(high, 1) < 0 ||
	    close_range(2, ~0U, 0))
		return -errno;
	return 0;
}

static int limit(int resource, unsigned long long value)
{
	const struct rlimit r = {value, value};

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
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed) && !err; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	/* Memory may be mapped, but no code. */
	if (!err)
		err = seccomp_rule_add(
			filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
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
