// SPDX-License-Identifier: GPL-2.0
#include "state/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out/log.h"

#define STORE_NEXT ".next"

const char *store_root(void)
{
	const char *state = getenv("MAILWEIR_STATE");

	return state ? state : "/var/lib/mailweir";
}

void store_path(const char *name, char path[STORE_PATH])
{
	snprintf(path, STORE_PATH, "%s/%s", store_root(), name);
}

int store_told(const char *path, int err)
{
	if (err)
		log_error("%s: cannot be written: %s", path, strerror(-err));
	return err;
}

int store_directories(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/lists", store_root());
	if ((mkdir(store_root(), 0755) && errno != EEXIST) ||
	    (mkdir(path, 0755) && errno != EEXIST))
		return store_told(path, -errno);
	return 0;
}

int store_finish(FILE *f)
{
	int err = 0;

	if (ferror(f) || fflush(f) || fsync(fileno(f)))
		err = errno ? -errno : -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

FILE *store_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), err = 0;
	struct stat st;
	FILE *f = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st))
		err = errno;
	else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		err = ENOTSUP;
	else
		f = fdopen(fd, "r");
	if (f)
		return f;
	err = err ? err : errno;
	close(fd);
	errno = err;
	return NULL;
}

/* The file is being written, or nothing of it is left. */
static int open_next(struct store_file *file, mode_t mode)
{
	int fd = open(file->next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      mode);
	int err = fd < 0 ? -errno : 0;

	if (err)
		return err;
	file->f = fchmod(fd, mode) ? NULL : fdopen(fd, "w");
	if (file->f)
		return 0;
	err = -errno;
	close(fd);
	unlink(file->next);
	return err;
}

int store_begin(const char *name, mode_t mode, struct store_file *file)
{
	int err = store_directories();

	if (err)
		return err;
	store_path(name, file->path);
	snprintf(file->next, sizeof(file->next), "%s" STORE_NEXT, file->path);
	return store_told(file->next, open_next(file, mode));
}

int store_flush(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

int store_end(struct store_file *file)
{
	int err = store_finish(file->f);

	if (!err && rename(file->next, file->path))
		err = -errno;
	if (err)
		unlink(file->next);
	else
		err = store_flush(store_root());
	return store_told(file->path, err);
}

int store_each(const char *dir,
	       int (*visit)(const char *dir, const char *entry, void *arg),
	       void *arg)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int err = 0;

	if (!d)
		return errno == ENOENT ? 0 : store_told(dir, -errno);
	while (!err && (errno = 0, entry = readdir(d)))
		err = visit(dir, entry->d_name, arg);
	if (!err && errno)
		err = store_told(dir, -errno);
	closedir(d);
	return err;
}

int store_remove(const char *path)
{
	return store_told(path, unlink(path) && errno != ENOENT ? -errno : 0);
}

/* store_each: removes a file that was not finished. */
static int remove_next(const char *dir, const char *entry, void *arg)
{
	const char *next = strstr(entry, STORE_NEXT);
	char path[PATH_MAX];

	(void)arg;
	if (!next || next[strlen(STORE_NEXT)])
		return 0;
	snprintf(path, sizeof(path), "%s/%s", dir, entry);
	return store_remove(path);
}

int store_sweep(void)
{
	return store_each(store_root(), remove_next, NULL);
}
