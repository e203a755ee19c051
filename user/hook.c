// SPDX-License-Identifier: GPL-2.0
#include "hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "hook.skel.h"
#include "log.h"

static const struct {
	const char *pin, *words;
} kinds[] = {
	[HOOK_NONE] = {"", "none"},
	[HOOK_TRACEPOINT] = {"hook_tracepoint",
			     "tracepoint inet_sock_set_state"},
	[HOOK_SOCKOPS] = {"hook_sockops", "sockops at the cgroup2 root"},
};

static const char *hook_path(const char *dir, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

enum hook_kind hook_kind(const char *dir)
{
	for (int kind = HOOK_TRACEPOINT; kind <= HOOK_SOCKOPS; kind++)
		if (!access(hook_path(dir, kinds[kind].pin), F_OK))
			return kind;
	return HOOK_NONE;
}

const char *hook_name(enum hook_kind kind)
{
	return kinds[kind].words;
}

/* A descriptor, or -errno. */
static int cgroup_root(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	int fd = -ENOENT;

	while (mounts && fd < 0 && (m = getmntent(mounts))) {
		if (strcmp(m->mnt_type, "cgroup2"))
			continue;
		fd = open(m->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	if (mounts)
		endmntent(mounts);
	return fd;
}

static int sockops_attach(struct bpf_program *prog, struct bpf_link **link)
{
	int cgroup = cgroup_root();

	if (cgroup < 0) {
		log_error("no cgroup2 is mounted, which sockops needs");
		return cgroup;
	}
	*link = bpf_program__attach_cgroup(prog, cgroup);
	close(cgroup);
	return *link ? 0 : -errno;
}

/* The link is pinned last: where it is, the map is. */
static int hook_attach(const char *dir, struct hook_bpf *skel,
		       enum hook_kind kind)
{
	struct bpf_link *link = NULL;
	int err;

	if (kind == HOOK_SOCKOPS) {
		err = sockops_attach(skel->progs.hook_sockops, &link);
	} else {
		link = bpf_program__attach(skel->progs.hook_opened);
		err = link ? 0 : -errno;
	}
	if (!err) {
		unlink(hook_path(dir, "opened"));
		err = bpf_map__pin(skel->maps.opened,
				   hook_path(dir, "opened"));
	}
	if (!err)
		err = bpf_link__pin(link, hook_path(dir, kinds[kind].pin));
	bpf_link__destroy(link);
	return err;
}

static int hook_make(const char *dir, enum hook_kind kind)
{
	struct hook_bpf *skel = hook_bpf__open();
	int err = skel ? 0 : -errno;

	if (!err) {
		bpf_program__set_autoload(skel->progs.hook_opened,
					  kind == HOOK_TRACEPOINT);
		bpf_program__set_autoload(skel->progs.hook_sockops,
					  kind == HOOK_SOCKOPS);
		err = hook_bpf__load(skel);
	}
	if (!err)
		err = hook_attach(dir, skel, kind);
	hook_bpf__destroy(skel);
	return err;
}

int hook_ensure(const char *dir)
{
	const char *forced = getenv("MAILWEIR_HOOK");
	int err = -ENOENT;

	if (hook_kind(dir) != HOOK_NONE)
		return 0;
	if (!forced || strcmp(forced, "sockops"))
		err = hook_make(dir, HOOK_TRACEPOINT);
	if (err)
		err = hook_make(dir, HOOK_SOCKOPS);
	if (err)
		log_error("connections cannot be followed on this kernel: %s; "
			  "charge = syn does without",
			  strerror(-err));
	return err;
}

int hook_point(const char *dir, int program)
{
	int map = bpf_obj_get(hook_path(dir, "opened")), err = 0;
	__u32 zero = 0, fd = program;

	if (map < 0 || bpf_map_update_elem(map, &zero, &fd, 0))
		err = -errno;
	if (map >= 0)
		close(map);
	if (err)
		log_error("%s: the charging program cannot be put in force: %s",
			  hook_path(dir, "opened"), strerror(-err));
	return err;
}

void hook_remove(const char *dir)
{
	for (int kind = HOOK_TRACEPOINT; kind <= HOOK_SOCKOPS; kind++)
		unlink(hook_path(dir, kinds[kind].pin));
	unlink(hook_path(dir, "opened"));
}

__u64 hook_missed(const char *dir)
{
	int link = bpf_obj_get(hook_path(dir, kinds[HOOK_TRACEPOINT].pin));
	struct bpf_link_info l = {};
	struct bpf_prog_info p = {};
	__u32 size = sizeof(l);
	int prog = -1;

	if (link >= 0 && !bpf_obj_get_info_by_fd(link, &l, &size))
		prog = bpf_prog_get_fd_by_id(l.prog_id);
	size = sizeof(p);
	if (prog >= 0 && bpf_obj_get_info_by_fd(prog, &p, &size))
		p.recursion_misses = 0;
	if (prog >= 0)
		close(prog);
	if (link >= 0)
		close(link);
	return p.recursion_misses;
}
