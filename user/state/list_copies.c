// SPDX-License-Identifier: GPL-2.0
#include "state/list_copies.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out/names.h"
#include "state/store.h"

#define COPY_NEXT ".gen-"

void list_copies_path(const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/lists/%s", store_root(), name);
}

int list_copies_write(const char *name, __u32 generation,
		      const struct list_copy *about, const char *origin,
		      const struct prefix_set *set)
{
	char path[PATH_MAX], text[PREFIX_TEXT];
	int err = store_directories();
	FILE *f;

	if (err)
		return err;
	snprintf(path, sizeof(path), "%s/lists/%s" COPY_NEXT "%u", store_root(),
		 name, generation);
	f = fopen(path, "we");
	if (!f)
		return store_told(path, -errno);
	fprintf(f,
		"# mailweir list %s: %zu prefixes to %s, loaded %llu, accepted "
		"from %s\n",
		name, about->prefixes, name_action(about->action),
		about->loaded, origin);
	for (size_t i = 0; i < set->n; i++) {
		prefix_text(&set->v[i], text);
		if (set->v[i].ends)
			fprintf(f, "%s\t%lld\n", text,
				prefix_end(set, &set->v[i]));
		else
			fprintf(f, "%s\n", text);
	}
	err = store_finish(f);
	if (err)
		unlink(path);
	return store_told(path, err);
}

static int action_named(const char *name)
{
	for (int action = MW_ALLOW; action <= MW_LIMIT; action++)
		if (!strcmp(name, name_action(action)))
			return action;
	return -1;
}

int list_copies_about(const char *name, struct list_copy *about)
{
	char path[PATH_MAX], line[256], action[16] = "";
	int err = 0;
	FILE *f;

	*about = (struct list_copy){};
	list_copies_path(name, path, sizeof(path));
	f = store_read(path);
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		err = ferror(f) ? -EIO : -EINVAL;
	else if (sscanf(line,
			"# mailweir list %*[^:]: %zu prefixes to %15[a-z], "
			"loaded %llu",
			&about->prefixes, action, &about->loaded) < 1)
		err = -EINVAL;
	fclose(f);
	about->action = action_named(action);
	return err;
}

struct settling {
	__u32 generation;
	bool renamed;
};

/* store_each: NAME.gen-N becomes NAME, which is true, if N is the generation,
 * and is removed if not. */
static int settle_one(const char *dir, const char *entry, void *arg)
{
	const char *next = strstr(entry, COPY_NEXT);
	char from[PATH_MAX], to[PATH_MAX];
	struct settling *s = arg;

	if (!next)
		return 0;
	snprintf(from, sizeof(from), "%s/%s", dir, entry);
	snprintf(to, sizeof(to), "%s/%.*s", dir, (int)(next - entry), entry);
	if (!s->generation ||
	    strtoul(next + strlen(COPY_NEXT), NULL, 10) != s->generation)
		return store_remove(from);
	if (rename(from, to))
		return store_told(to, -errno);
	s->renamed = true;
	return 0;
}

int list_copies_settle(__u32 generation)
{
	struct settling s = {.generation = generation};
	char dir[PATH_MAX / 2];
	int err;

	snprintf(dir, sizeof(dir), "%s/lists", store_root());
	err = store_each(dir, settle_one, &s);
	/* Unflushed, the old copies could be back after a power cut. */
	if (!err && s.renamed)
		err = store_told(dir, store_flush(dir));
	return err;
}

/* --- to undo ------------------------------------------------------------- */

#define COPY_KEPT ".kept"

/* Sets path to that of entry with end behind it, or, end NULL, without its
 * own. */
static void path_with(const char *dir, const char *entry, const char *end,
		      char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%.*s%s", dir,
		 (int)(end ? strlen(entry) : strcspn(entry, ".")), entry,
		 end ? end : "");
}

/* A list's name has no dot. */
static int keep_one(const char *dir, const char *entry, void *arg)
{
	char from[PATH_MAX], to[PATH_MAX];

	(void)arg;
	if (strchr(entry, '.'))
		return 0;
	path_with(dir, entry, "", from);
	path_with(dir, entry, COPY_KEPT, to);
	return store_told(to, link(from, to) ? -errno : 0);
}

static bool is_kept(const char *entry)
{
	const char *end = strchr(entry, '.');

	return end && end != entry && !strcmp(end, COPY_KEPT);
}

static int undo_one(const char *dir, const char *entry, void *arg)
{
	char from[PATH_MAX], to[PATH_MAX];

	(void)arg;
	if (!is_kept(entry))
		return 0;
	path_with(dir, entry, "", from);
	path_with(dir, entry, NULL, to);
	return store_told(to, rename(from, to) ? -errno : 0);
}

static int forget_one(const char *dir, const char *entry, void *arg)
{
	char path[PATH_MAX];

	(void)arg;
	path_with(dir, entry, "", path);
	return is_kept(entry) ? store_remove(path) : 0;
}

static int each_copy(int (*visit)(const char *dir, const char *entry,
				  void *arg))
{
	char dir[PATH_MAX / 2];

	snprintf(dir, sizeof(dir), "%s/lists", store_root());
	return store_each(dir, visit, NULL);
}

int list_copies_forget(void)
{
	return each_copy(forget_one);
}

int list_copies_keep(void)
{
	int err = list_copies_forget();

	return err ? err : each_copy(keep_one);
}

int list_copies_undo(void)
{
	return each_copy(undo_one);
}
