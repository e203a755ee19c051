// SPDX-License-Identifier: GPL-2.0
#include "state/guarded.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "state/store.h"

#define GUARDED "/run/mailweir"

static void path_of(const char *dev, char path[STORE_PATH])
{
	snprintf(path, STORE_PATH, GUARDED "/%s", dev);
}

int guarded_add(const char *dev)
{
	char path[STORE_PATH];
	int fd;

	if (mkdir(GUARDED, 0755) && errno != EEXIST)
		return store_told(GUARDED, -errno);
	path_of(dev, path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return store_told(path, -errno);
	close(fd);
	return 0;
}

int guarded_remove(const char *dev)
{
	char path[STORE_PATH];

	path_of(dev, path);
	return store_remove(path);
}

int guarded_is(const char *dev)
{
	char path[STORE_PATH];
	struct stat st;

	path_of(dev, path);
	if (!lstat(path, &st))
		return 1;
	return errno == ENOENT ? 0 : store_told(path, -errno);
}

struct visit {
	int (*visit)(const char *dev, void *arg);
	void *arg;
};

static int visit_one(const char *dir, const char *entry, void *arg)
{
	const struct visit *v = arg;

	(void)dir;
	return entry[0] == '.' ? 0 : v->visit(entry, v->arg);
}

int guarded_each(int (*visit)(const char *dev, void *arg), void *arg)
{
	struct visit v = {visit, arg};

	return store_each(GUARDED, visit_one, &v);
}

int guarded_lead(void)
{
	int fd, err = store_directories();

	if (err)
		return err;
	fd = open(store_root(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return store_told(store_root(), -errno);
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = -errno;
	close(fd);
	return err;
}
