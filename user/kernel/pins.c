// SPDX-License-Identifier: GPL-2.0
#include "kernel/pins.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/magic.h>

#include "bpf/abi.h"
#include "out/log.h"

int pins_told(const char *what, int err)
{
	bool rights = (err == -EACCES || err == -EPERM) && geteuid();

	if (err)
		log_error("%s: %s%s", what, strerror(-err),
			  rights ? "; be root" : "");
	return err;
}

/* "PATH: cannot be DONE: why" */
static int told_path(const char *path, const char *done, int err)
{
	char what[PINS_PATH + 32];

	snprintf(what, sizeof(what), "%s: cannot be %s", path, done);
	return pins_told(what, err);
}

/* --- the file system ----------------------------------------------------- */

void pins_find(struct pins *p)
{
	const char *fs = getenv("MAILWEIR_BPFFS");

	snprintf(p->root, sizeof(p->root), "%s/mailweir",
		 fs ? fs : "/sys/fs/bpf");
	snprintf(p->dir, sizeof(p->dir), "%s/v%d", p->root, MW_SCHEMA);
}

/* What is mounted in a namespace that ends with the command is gone with it,
 * and so are the programs; 'ip netns exec' makes one. */
static bool is_passing_namespace(void)
{
	struct stat ours, init;

	return !stat("/proc/self/ns/mnt", &ours) &&
	       !stat("/proc/1/ns/mnt", &init) && ours.st_ino != init.st_ino;
}

static int mount_at(const char *fs)
{
	if (is_passing_namespace()) {
		log_error(
			"%s: no BPF file system, and one that is mounted in "
			"this mount namespace ends with it; mount one outside "
			"('mount -t bpf bpf %s'), or enter the network "
			"namespace by 'nsenter --net'",
			fs, fs);
		return -EXDEV;
	}
	if (!mount("bpf", fs, "bpf", 0, "mode=0700"))
		return 0;
	return told_path(fs, "mounted as a BPF file system", -errno);
}

int pins_mount(const struct pins *p)
{
	char *fs = strndup(p->root, strlen(p->root) - strlen("/mailweir"));
	struct statfs is;
	int err = fs ? 0 : -ENOMEM;

	if (!err && statfs(fs, &is))
		err = -errno;
	if (err)
		told_path(fs ? fs : p->root, "looked at", err);
	else if ((__u32)is.f_type != BPF_FS_MAGIC)
		err = mount_at(fs);
	free(fs);
	return err;
}

/* bpffs roots can be sticky and open to all: only what is ours is trusted. */
int pins_own(const char *path, bool make)
{
	struct stat st;

	if (make && mkdir(path, 0750) && errno != EEXIST)
		return told_path(path, "made", -errno);
	if (lstat(path, &st)) {
		int err = -errno;

		return err == -ENOENT ? err : told_path(path, "looked at", err);
	}
	if (st.st_uid != geteuid() && geteuid())
		return told_path(path, "opened", -EACCES);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & 0022) {
		log_error("%s: not a directory of ours alone; see who made it",
			  path);
		return -EPERM;
	}
	return 0;
}

/* --- single pins --------------------------------------------------------- */

void pins_path(const struct pins *p, const char *name, char path[PINS_PATH])
{
	snprintf(path, PINS_PATH, "%s/%s", p->dir, name);
}

void pins_in(__u32 generation, const char *name, char pin[PINS_NAME])
{
	snprintf(pin, PINS_NAME, "gen_%u/%s", generation, name);
}

int pins_open(const struct pins *p, const char *name)
{
	char path[PINS_PATH];
	int fd, err;

	pins_path(p, name, path);
	fd = bpf_obj_get(path);
	err = fd < 0 ? -errno : 0;
	if (err && err != -ENOENT)
		told_path(path, "opened", err);
	return err ? err : fd;
}

int pins_open_in(const struct pins *p, __u32 generation, const char *name)
{
	char pin[PINS_NAME];

	pins_in(generation, name, pin);
	return pins_open(p, pin);
}

int pins_need(const struct pins *p, const char *name)
{
	char path[PINS_PATH];
	int fd = pins_open(p, name);

	if (fd != -ENOENT)
		return fd;
	pins_path(p, name, path);
	log_error("%s: is gone; 'mailweir reload' makes it anew", path);
	return -ESTALE;
}

int pins_need_in(const struct pins *p, __u32 generation, const char *name)
{
	char pin[PINS_NAME];

	pins_in(generation, name, pin);
	return pins_need(p, pin);
}

int pins_set(const struct pins *p, const char *name, int fd)
{
	char path[PINS_PATH];

	pins_path(p, name, path);
	return bpf_obj_pin(fd, path) ? told_path(path, "pinned", -errno) : 0;
}

int pins_move(const struct pins *p, const char *name, const char *to)
{
	char from[PINS_PATH], path[PINS_PATH];

	pins_path(p, name, from);
	pins_path(p, to, path);
	return rename(from, path) ? told_path(path, "replaced", -errno) : 0;
}

int pins_remove(const struct pins *p, const char *name)
{
	char path[PINS_PATH];

	pins_path(p, name, path);
	if (!unlink(path) || errno == ENOENT)
		return 0;
	return told_path(path, "removed", -errno);
}

int pins_exists(const struct pins *p, const char *name)
{
	char path[PINS_PATH];
	struct stat st;

	pins_path(p, name, path);
	if (!lstat(path, &st))
		return 1;
	return errno == ENOENT ? 0 : told_path(path, "looked at", -errno);
}

/* --- all pins ------------------------------------------------------------ */

int pins_each(const struct pins *p, const char *begins,
	      int (*visit)(const struct pins *p, const char *name, void *arg),
	      void *arg)
{
	DIR *d = opendir(p->dir);
	struct dirent *entry;
	int err = 0;

	if (!d)
		return errno == ENOENT ? 0 : told_path(p->dir, "read", -errno);
	while (!err && (errno = 0, entry = readdir(d)))
		if (entry->d_name[0] != '.' &&
		    !strncmp(entry->d_name, begins, strlen(begins)))
			err = visit(p, entry->d_name, arg);
	if (!err && errno)
		err = told_path(p->dir, "read", -errno);
	closedir(d);
	return err;
}

struct generations {
	int (*visit)(const struct pins *p, __u32 number, void *arg);
	void *arg;
};

static int visit_generation(const struct pins *p, const char *name, void *arg)
{
	const struct generations *g = arg;
	__u32 number;

	if (sscanf(name, "gen_%u", &number) != 1)
		return 0;
	return g->visit(p, number, g->arg);
}

int pins_each_generation(const struct pins *p,
			 int (*visit)(const struct pins *p, __u32 number,
				      void *arg),
			 void *arg)
{
	struct generations g = {visit, arg};

	return pins_each(p, "gen_", visit_generation, &g);
}

int pins_make_generation(const struct pins *p, __u32 number)
{
	char name[PINS_NAME], path[PINS_PATH];
	int err = pins_remove_generation(p, number);

	if (err)
		return err;
	pins_in(number, "", name);
	pins_path(p, name, path);
	return mkdir(path, 0750) ? told_path(path, "made", -errno) : 0;
}

static int remove_one(const struct pins *p, const char *name, void *arg)
{
	(void)arg;
	return pins_remove(p, name);
}

/* Removes all pins of a directory, and the directory, if there is one. */
static int remove_directory(const char *path)
{
	struct pins in = {};
	int err;

	snprintf(in.dir, sizeof(in.dir), "%s", path);
	err = pins_each(&in, "", remove_one, NULL);
	if (err || !rmdir(path) || errno == ENOENT)
		return err;
	return told_path(path, "removed", -errno);
}

int pins_remove_generation(const struct pins *p, __u32 number)
{
	char name[PINS_NAME], path[PINS_PATH];

	pins_in(number, "", name);
	pins_path(p, name, path);
	return remove_directory(path);
}

static int remove_generation(const struct pins *p, __u32 number, void *arg)
{
	(void)arg;
	return pins_remove_generation(p, number);
}

int pins_remove_all(const struct pins *p)
{
	int err = pins_each_generation(p, remove_generation, NULL);

	if (!err)
		err = remove_directory(p->dir);
	if (err || !rmdir(p->root) || errno == ENOENT || errno == ENOTEMPTY)
		return err;
	return told_path(p->root, "removed", -errno);
}
