// SPDX-License-Identifier: GPL-2.0
#include "keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

#define KEEP_NEXT ".gen-"
#define FILE_NEXT ".next"

static const char *keep_root(void)
{
	const char *state = getenv("MAILWEIR_STATE");

	return state ? state : "/var/lib/mailweir";
}

void keep_path(const char *name, char path[KEEP_PATH])
{
	snprintf(path, KEEP_PATH, "%s/%s", keep_root(), name);
}

void keep_list_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/lists/%s", keep_root(), name);
}

static int keep_say(const char *path, int err)
{
	if (err)
		log_error("%s: cannot be written: %s", path, strerror(-err));
	return err;
}

static int keep_directories(void)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/lists", keep_root());
	if ((mkdir(keep_root(), 0755) && errno != EEXIST) ||
	    (mkdir(path, 0755) && errno != EEXIST))
		return keep_say(path, -errno);
	return 0;
}

/* Flushed to the disk before it may take the place of the old one. */
static int file_finish(FILE *f)
{
	int err = 0;

	if (ferror(f) || fflush(f) || fsync(fileno(f)))
		err = errno ? -errno : -EIO;
	if (fclose(f) && !err)
		err = -errno;
	return err;
}

int keep_begin(const char *name, mode_t mode, struct keep_file *file)
{
	int err = keep_directories(), fd;

	if (err)
		return err;
	keep_path(name, file->path);
	snprintf(file->next, sizeof(file->next), "%s" FILE_NEXT, file->path);
	fd = open(file->next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return keep_say(file->next, -errno);
	file->f = fchmod(fd, mode) ? NULL : fdopen(fd, "w");
	if (file->f)
		return 0;
	err = -errno;
	close(fd);
	return keep_say(file->next, err);
}

/* A name is on the disk when its directory is. */
static int directory_flush(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

int keep_end(struct keep_file *file)
{
	int err = file_finish(file->f);

	if (!err && rename(file->next, file->path))
		err = -errno;
	if (err)
		unlink(file->next);
	else
		err = directory_flush(keep_root());
	return keep_say(file->path, err);
}

int keep_list(const char *name, __u32 generation, const char *origin,
	      const struct prefix_set *set)
{
	char path[PATH_MAX], text[PREFIX_TEXT];
	int err = keep_directories();
	FILE *f;

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lists/%s" KEEP_NEXT "%u", keep_root(),
		 name, generation);
	f = fopen(path, "we");
	if (!f)
		return keep_say(path, -errno);
	fprintf(f, "# mailweir list %s: %zu prefixes accepted from %s\n", name,
		set->n, origin);
	for (size_t i = 0; i < set->n; i++) {
		prefix_text(&set->v[i], text);
		if (set->v[i].ends)
			fprintf(f, "%s\t%lld\n", text,
				prefix_end(set, &set->v[i]));
		else
			fprintf(f, "%s\n", text);
	}
	return keep_say(path, file_finish(f));
}

/* NAME.gen-N: becomes NAME, which is true, or goes. */
static bool settle_one(const char *dir, const char *entry, __u32 generation)
{
	const char *next = strstr(entry, KEEP_NEXT);
	char from[PATH_MAX], to[PATH_MAX];

	if (!next)
		return false;
	snprintf(from, sizeof(from), "%s/%s", dir, entry);
	snprintf(to, sizeof(to), "%s/%.*s", dir, (int)(next - entry), entry);
	if (generation &&
	    strtoul(next + strlen(KEEP_NEXT), NULL, 10) == generation)
		return !keep_say(to, rename(from, to) ? -errno : 0);
	unlink(from);
	return false;
}

/* A file that was not finished. */
static bool remove_next(const char *dir, const char *entry, __u32 generation)
{
	const char *next = strstr(entry, FILE_NEXT);
	char path[PATH_MAX];

	(void)generation;
	if (!next || next[strlen(FILE_NEXT)])
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, entry);
	unlink(path);
	return false;
}

/* Was visit true of any? */
static bool each_entry(const char *dir, __u32 generation,
		       bool (*visit)(const char *dir, const char *entry,
				     __u32 generation))
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool any = false;

	while (d && (entry = readdir(d)))
		any |= visit(dir, entry->d_name, generation);
	if (d)
		closedir(d);
	return any;
}

void keep_settle(__u32 generation)
{
	char dir[PATH_MAX / 2];

	each_entry(keep_root(), generation, remove_next);
	snprintf(dir, sizeof(dir), "%s/lists", keep_root());
	/* Or the old copies could be back after a power cut. */
	if (each_entry(dir, generation, settle_one))
		keep_say(dir, directory_flush(dir));
}

/* PREFIX <tab> seconds since 1970 <tab> why */
static int block_line(struct keep_blocks *blocks, char *line)
{
	char *created = strchr(line, '\t'), *why;
	struct keep_block b = {}, *v;
	const char *reason;
	bool masked;

	line[strcspn(line, "\n")] = 0;
	why = created ? strchr(created + 1, '\t') : NULL;
	if (!why)
		return -EINVAL;
	*created = 0;
	if (prefix_parse(line, &b.prefix, &masked, &reason))
		return -EINVAL;
	b.created = strtoull(created + 1, NULL, 10);
	snprintf(b.why, sizeof(b.why), "%s", why + 1);
	v = realloc(blocks->v, (blocks->n + 1) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	blocks->v = v;
	v[blocks->n++] = b;
	return 0;
}

int keep_blocks_read(struct keep_blocks *blocks)
{
	char path[KEEP_PATH], line[256];
	int err = 0, number = 0;
	FILE *f;

	memset(blocks, 0, sizeof(*blocks));
	keep_path("blocks", path);
	f = fopen(path, "re");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	while (!err && fgets(line, sizeof(line), f)) {
		number++;
		err = block_line(blocks, line);
		if (err == -EINVAL) {
			log_warning("%s:%d: not a block; left out", path,
				    number);
			err = 0;
		}
	}
	fclose(f);
	return err;
}

int keep_blocks_write(const struct keep_blocks *blocks)
{
	char text[PREFIX_TEXT];
	struct keep_file file;
	int err = keep_begin("blocks", 0644, &file);

	if (err)
		return err;
	for (size_t i = 0; i < blocks->n; i++) {
		prefix_text(&blocks->v[i].prefix, text);
		fprintf(file.f, "%s\t%llu\t%s\n", text, blocks->v[i].created,
			blocks->v[i].why);
	}
	return keep_end(&file);
}

void keep_blocks_free(struct keep_blocks *blocks)
{
	free(blocks->v);
	memset(blocks, 0, sizeof(*blocks));
}
