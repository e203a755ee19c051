// SPDX-License-Identifier: GPL-2.0
#include "kernel/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/level.h"
#include "hook.skel.h"
#include "kernel/sizes.h"
#include "out/log.h"

/* The pin that is made last tells which kind there is, and that all of it is
 * there. */
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

/* What is in these maps is void without the hook, which alone takes closed
 * connections out of them. */
#define OPEN_MAP(ID, name, ...) #name "_open",

static const char *const maps[] = {
	MW_EACH_PREFIX_LEVEL(OPEN_MAP) "opened_sockets"};

enum { MAPS = sizeof(maps) / sizeof(*maps) };

/* 1, or 0: there is no such pin, or its link was detached, as the kernel lets
 * root do with the links of cgroups. */
static int hangs(const struct pins *p, const char *pin)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	int fd = pins_open(p, pin), err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	close(fd);
	if (err)
		return pins_told(pin, err);
	return info.type != BPF_LINK_TYPE_CGROUP || info.cgroup.cgroup_id;
}

int hook_kind(const struct pins *p, enum hook_kind *kind)
{
	for (int k = HOOK_TRACEPOINT; k <= HOOK_SOCKOPS; k++) {
		int there = hangs(p, kinds[k].pin);

		if (there < 0)
			return there;
		*kind = k;
		if (there)
			return 0;
	}
	*kind = HOOK_NONE;
	return 0;
}

const char *hook_name(enum hook_kind kind)
{
	return kinds[kind].words;
}

/* --- making one; these tell nothing -------------------------------------- */

/* A descriptor; -ENOENT: no cgroup2 is mounted. */
static int cgroup_root(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *m;
	int fd = -ENOENT;

	if (!mounts)
		return -errno;
	while (fd < 0 && (m = getmntent(mounts))) {
		if (strcmp(m->mnt_type, "cgroup2"))
			continue;
		fd = open(m->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	endmntent(mounts);
	return fd;
}

static int sockops_attach(struct bpf_program *prog, struct bpf_link **link)
{
	int cgroup = cgroup_root();

	if (cgroup == -ENOENT)
		log_error("no cgroup2 is mounted, which sockops needs");
	if (cgroup < 0)
		return cgroup;
	*link = bpf_program__attach_cgroup(prog, cgroup);
	close(cgroup);
	return *link ? 0 : -errno;
}

static int link_pin(const struct pins *p, const char *name,
		    struct bpf_link *link)
{
	char path[PINS_PATH];
	int err = link ? 0 : -errno;

	pins_path(p, name, path);
	if (!err)
		err = bpf_link__pin(link, path);
	bpf_link__destroy(link);
	return err;
}

/* The link that tells is pinned last. */
static int hook_attach(const struct pins *p, struct hook_bpf *skel,
		       enum hook_kind kind)
{
	const char *again = kinds[kind].again;
	struct bpf_link *link = NULL;
	char path[PINS_PATH];
	int err;

	pins_path(p, "opened", path);
	err = bpf_map__pin(skel->maps.opened, path);
	if (!err && again)
		err = link_pin(
			p, again,
			bpf_program__attach(skel->progs.hook_opened_again));
	if (err)
		return err;
	if (kind == HOOK_SOCKOPS)
		err = sockops_attach(skel->progs.hook_sockops, &link);
	else
		link = bpf_program__attach(skel->progs.hook_opened);
	return err ? err : link_pin(p, kinds[kind].pin, link);
}

static int hook_load(const struct pins *p, struct hook_bpf *skel,
		     const struct mw_settings *s, enum hook_kind kind)
{
	bool tracepoint = kind == HOOK_TRACEPOINT;
	int err = sizes_set(p, skel->obj, s);

	bpf_program__set_autoload(skel->progs.hook_opened, tracepoint);
	bpf_program__set_autoload(skel->progs.hook_opened_again, tracepoint);
	bpf_program__set_autoload(skel->progs.hook_sockops, !tracepoint);
	return err ? err : hook_bpf__load(skel);
}

static int hook_make(const struct pins *p, const struct mw_settings *s,
		     enum hook_kind kind)
{
	const struct bpf_object_open_opts opts = {.sz = sizeof(opts),
						  .pin_root_path = p->dir};
	struct hook_bpf *skel = hook_bpf__open_opts(&opts);
	int err = skel ? 0 : -errno;

	if (!err)
		err = hook_remove(p); /* what a killed command left */
	if (!err)
		err = hook_load(p, skel, s, kind);
	if (!err)
		err = hook_attach(p, skel, kind);
	hook_bpf__destroy(skel);
	if (err)
		hook_remove(p);
	return err;
}

/* Is it for want of something else than what the kernel knows? */
static bool is_passing(int err)
{
	static const int passing[] = {EMFILE, ENFILE, ENOMEM, EPERM, EIO,
				      EAGAIN, EINTR,  ENOSPC, EBUSY};

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++)
		if (err == -passing[i])
			return true;
	return false;
}

/* Can a load not have the descriptors that it needs? Where it has none to probe
 * the kernel with, libbpf takes the kernel for an old one: -EINVAL. */
static bool is_short_of_descriptors(void)
{
	enum { ENOUGH = 16 };
	int fd[ENOUGH], n = 0;
	bool is_short;

	while (n < ENOUGH && (fd[n] = dup(STDERR_FILENO)) >= 0)
		n++;
	is_short = n < ENOUGH;
	while (n)
		close(fd[--n]);
	return is_short;
}

static int make(const struct pins *p, const struct mw_settings *s,
		enum hook_kind kind)
{
	int err = hook_make(p, s, kind);

	return err && !is_passing(err) && is_short_of_descriptors() ? -EMFILE
								    : err;
}

int hook_ensure(const struct pins *p, const struct mw_settings *s,
		enum hook_kind *kind)
{
	const char *forced = getenv("MAILWEIR_HOOK");
	int err = hook_kind(p, kind);

	if (err || *kind != HOOK_NONE)
		return err;
	*kind = HOOK_TRACEPOINT;
	if (!forced || strcmp(forced, "sockops"))
		err = make(p, s, *kind);
	else
		err = -ENOENT;
	if (err && !is_passing(err)) {
		*kind = HOOK_SOCKOPS;
		err = make(p, s, *kind);
	}
	if (!err)
		return 0;
	if (is_passing(err))
		return pins_told("connections cannot be followed", err);
	log_error("connections cannot be followed on this kernel: %s; charge = "
		  "syn does without",
		  strerror(-err));
	return -EOPNOTSUPP;
}

/* --- pointing it --------------------------------------------------------- */

/* Of a map of programs: the id in a slot, 0 for none. */
static int slot_read(int map, __u32 slot, __u32 *id)
{
	*id = 0;
	return bpf_map_lookup_elem(map, &slot, id) && errno != ENOENT ? -errno
								      : 0;
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

int hook_serves(const struct pins *p, int program)
{
	int map = pins_open(p, "opened_sockets"), err;
	struct bpf_map_info m = {};
	__u32 ids[64], size = sizeof(m);
	struct bpf_prog_info info = {.map_ids = (uintptr_t)ids,
				     .nr_map_ids = 64};
	bool serves = false;

	if (map < 0)
		return map == -ENOENT ? 0 : map;
	err = bpf_obj_get_info_by_fd(map, &m, &size) ? -errno : 0;
	size = sizeof(info);
	if (!err && bpf_obj_get_info_by_fd(program, &info, &size))
		err = -errno;
	for (__u32 i = 0; !err && i < info.nr_map_ids && i < 64; i++)
		serves |= ids[i] == m.id;
	close(map);
	return err ? pins_told("the charging program", err) : serves;
}

int hook_points(const struct pins *p, __u32 id)
{
	int map = pins_open(p, "opened"), err;
	__u32 now, counted;
	enum hook_kind kind;

	if (map < 0)
		return map == -ENOENT ? 0 : map;
	err = slot_read(map, 0, &now);
	if (!err)
		err = slot_read(map, 1, &counted);
	close(map);
	if (err)
		return pins_told("opened", err);
	err = hook_kind(p, &kind);
	return err ? err : kind != HOOK_NONE && now == id && counted == id;
}

static int point(int map, __u32 id, int program, int recount)
{
	__u32 now, counted;
	int err = slot_read(map, 0, &now);

	if (!err && now != id)
		err = slot_write(map, 0, program);
	if (!err)
		err = slot_read(map, 1, &counted);
	if (err || counted == id)
		return err;
	err = recount < 0 ? 0 : iterate(recount);
	return err ? err : slot_write(map, 1, program);
}

int hook_point(const struct pins *p, __u32 id, int program, int recount)
{
	int map = pins_need(p, "opened"), err;

	if (map < 0)
		return map;
	err = point(map, id, program, recount);
	close(map);
	return pins_told("the charging program cannot be put in force", err);
}

int hook_remove(const struct pins *p)
{
	int err = 0;

	for (int kind = HOOK_TRACEPOINT; kind <= HOOK_SOCKOPS && !err; kind++) {
		err = pins_remove(p, kinds[kind].pin);
		if (!err && kinds[kind].again)
			err = pins_remove(p, kinds[kind].again);
	}
	if (!err)
		err = pins_remove(p, "opened");
	for (int i = 0; i < MAPS && !err; i++)
		err = pins_remove(p, maps[i]);
	return err;
}
