// SPDX-License-Identifier: GPL-2.0
#include "kernel/hook.h"

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
#include "out/log.h"

/* The last pin tells that all is there. */
static const struct {
	const char *words;
	const char *again; /* a pin, or NULL */
	const char *pin;
} kinds[] = {
	[HOOK_NONE] = {"none", NULL, ""},
	[HOOK_TRACEPOINT] = {"tracepoint inet_sock_set_state",
			     "hook_tracepoint_again", "hook_tracepoint"},
	[HOOK_SOCKOPS] = {"sockops at the cgroup2 root", NULL, "hook_sockops"},
};

/* Void without the hook, which alone takes closed connections back. */
static const char *const maps[] = {"source_open", "netblock_open",
				   "opened_sockets"};

enum { MAPS = sizeof(maps) / sizeof(*maps) };

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

static int link_pin(const char *dir, const char *name, struct bpf_link *link)
{
	int err = link ? bpf_link__pin(link, hook_path(dir, name)) : -errno;

	bpf_link__destroy(link);
	return err;
}

/* The link that tells is pinned last. */
static int hook_attach(const char *dir, struct hook_bpf *skel,
		       enum hook_kind kind)
{
	const char *again = kinds[kind].again;
	struct bpf_link *link = NULL;
	int err = bpf_map__pin(skel->maps.opened, hook_path(dir, "opened"));

	if (!err && again)
		err = link_pin(
			dir, again,
			bpf_program__attach(skel->progs.hook_opened_again));
	if (err)
		return err;
	if (kind == HOOK_SOCKOPS)
		err = sockops_attach(skel->progs.hook_sockops, &link);
	else
		link = bpf_program__attach(skel->progs.hook_opened);
	return err ? err : link_pin(dir, kinds[kind].pin, link);
}

static int hook_load(const char *dir, struct hook_bpf *skel,
		     enum hook_kind kind)
{
	bool tracepoint = kind == HOOK_TRACEPOINT;
	int err = 0;

	bpf_program__set_autoload(skel->progs.hook_opened, tracepoint);
	bpf_program__set_autoload(skel->progs.hook_opened_again, tracepoint);
	bpf_program__set_autoload(skel->progs.hook_sockops, !tracepoint);
	for (int i = 0; i < MAPS && !err; i++)
		err = bpf_map__set_pin_path(
			bpf_object__find_map_by_name(skel->obj, maps[i]),
			hook_path(dir, maps[i]));
	return err ? err : hook_bpf__load(skel);
}

static int hook_make(const char *dir, enum hook_kind kind)
{
	struct hook_bpf *skel = hook_bpf__open();
	int err = skel ? 0 : -errno;

	hook_remove(dir); /* what a killed command left */
	if (!err)
		err = hook_load(dir, skel, kind);
	if (!err)
		err = hook_attach(dir, skel, kind);
	hook_bpf__destroy(skel);
	if (err)
		hook_remove(dir);
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

/* Of a map of programs: the id in a slot, 0 for none. */
static __u32 slot_read(int map, __u32 slot)
{
	__u32 id;

	return bpf_map_lookup_elem(map, &slot, &id) ? 0 : id;
}

static int slot_write(int map, __u32 slot, int program)
{
	return bpf_map_update_elem(map, &slot, &program, 0) ? -errno : 0;
}

/* Reading an iterator to its end runs its program for each socket of this
 * network namespace. */
static int iterate(int program)
{
	int link = bpf_link_create(program, 0, BPF_TRACE_ITER, NULL), fd, err;
	char nothing[64];
	ssize_t n;

	fd = link < 0 ? -1 : bpf_iter_create(link);
	err = fd < 0 ? -errno : 0;
	do
		n = err ? 0 : read(fd, nothing, sizeof(nothing));
	while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
	if (n < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (link >= 0)
		close(link);
	return err;
}

bool hook_serves(const char *dir, int program)
{
	int map = bpf_obj_get(hook_path(dir, "opened_sockets"));
	struct bpf_map_info m = {};
	__u32 ids[64], size = sizeof(m);
	struct bpf_prog_info p = {.map_ids = (uintptr_t)ids, .nr_map_ids = 64};
	bool serves = false;

	if (map >= 0 && !bpf_obj_get_info_by_fd(map, &m, &size)) {
		size = sizeof(p);
		if (bpf_obj_get_info_by_fd(program, &p, &size))
			p.nr_map_ids = 0;
		for (__u32 i = 0; i < p.nr_map_ids && i < 64; i++)
			serves |= ids[i] == m.id;
	}
	if (map >= 0)
		close(map);
	return serves;
}

bool hook_points(const char *dir, __u32 id)
{
	int map = bpf_obj_get(hook_path(dir, "opened"));
	bool points = map >= 0 && hook_kind(dir) != HOOK_NONE &&
		      slot_read(map, 0) == id && slot_read(map, 1) == id;

	if (map >= 0)
		close(map);
	return points;
}

int hook_point(const char *dir, __u32 id, int program, int recount)
{
	int map = bpf_obj_get(hook_path(dir, "opened"));
	int err = map < 0 ? -errno : 0;

	if (!err && slot_read(map, 0) != id)
		err = slot_write(map, 0, program);
	if (!err && slot_read(map, 1) != id) {
		err = recount < 0 ? 0 : iterate(recount);
		if (!err)
			err = slot_write(map, 1, program);
	}
	if (map >= 0)
		close(map);
	if (err)
		log_error("%s: the charging program cannot be put in force: %s",
			  hook_path(dir, "opened"), strerror(-err));
	return err;
}

void hook_remove(const char *dir)
{
	for (int kind = HOOK_TRACEPOINT; kind <= HOOK_SOCKOPS; kind++) {
		unlink(hook_path(dir, kinds[kind].pin));
		if (kinds[kind].again)
			unlink(hook_path(dir, kinds[kind].again));
	}
	unlink(hook_path(dir, "opened"));
	for (int i = 0; i < MAPS; i++)
		unlink(hook_path(dir, maps[i]));
}
