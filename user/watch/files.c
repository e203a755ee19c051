// SPDX-License-Identifier: GPL-2.0
#include "watch/files.h"

#include <string.h>
#include <sys/stat.h>

enum { STILL = 2 };

static __u64 mix(__u64 hash, __u64 value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

/* A pipe or a terminal says nothing by its times. */
static __u64 mix_file(__u64 hash, const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || !S_ISREG(st.st_mode))
		return mix(hash, 1);
	hash = mix(hash, st.st_dev);
	hash = mix(hash, st.st_ino);
	hash = mix(hash, st.st_size);
	hash = mix(hash, st.st_mtim.tv_sec);
	hash = mix(hash, st.st_mtim.tv_nsec);
	hash = mix(hash, st.st_ctim.tv_sec);
	return mix(hash, st.st_ctim.tv_nsec);
}

/* A file can name AS numbers, so the table of [asn] is every list's. */
static __u64 stamp(const struct config *cfg, int list)
{
	const struct config_list *c = &cfg->list[list];

	return mix_file(mix_file(mix_file(0, c->file), c->except),
			cfg->asn_table);
}

void files_taken_one(struct files *f, const struct config *cfg, int list)
{
	f->list[list].taken = f->list[list].seen = stamp(cfg, list);
	f->list[list].still = 0;
}

void files_taken(struct files *f, const struct config *cfg)
{
	for (int i = 0; i < cfg->lists; i++)
		files_taken_one(f, cfg, i);
}

static __u64 changed(const char *path)
{
	struct stat st;

	if (!path || stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	return st.st_ctim.tv_sec > st.st_mtim.tv_sec ? st.st_ctim.tv_sec
						     : st.st_mtim.tv_sec;
}

static __u64 loaded(const char *name, const struct mw_list_info *info)
{
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (!strcmp(info[i].name, name))
			return info[i].loaded;
	return 0;
}

void files_unread(struct files *f, const struct config *cfg,
		  const struct mw_list_info *info)
{
	for (int i = 0; i < cfg->lists; i++) {
		const struct config_list *c = &cfg->list[i];
		__u64 when = loaded(c->name, info);

		if (when &&
		    (changed(c->file) >= when || changed(c->except) >= when))
			f->list[i].taken = 0;
	}
}

int files_look(struct files *f, const struct config *cfg)
{
	int due = -1;

	for (int i = 0; i < cfg->lists; i++) {
		__u64 now = stamp(cfg, i);

		f->list[i].still =
			now == f->list[i].seen ? f->list[i].still + 1 : 0;
		f->list[i].seen = now;
		if (due < 0 && now != f->list[i].taken &&
		    f->list[i].still >= STILL)
			due = i;
	}
	return due;
}
