// SPDX-License-Identifier: GPL-2.0
#include "kernel/sizes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/bucket.h"
#include "bpf/concurrent.h"
#include "bpf/history.h"

/* What the kernel's hash table has beside a key and a value: the element's
 * header, and a bucket of the table for each. */
enum { HASH_HEADER = 48, HASH_BUCKET = 16 };

#define BUCKETS_ROW(ID, name, ...) \
	{#name "_buckets", SIZED_BUCKETS, s->level[MW_##ID].sets},
#define OPEN_ROW(ID, name, ...) \
	{#name "_open", SIZED_OPEN, s->level[MW_##ID].open_sets},

static __u64 bytes_of(const struct sized *t)
{
	static const __u64 bytes[] = {
		[SIZED_BUCKETS] = sizeof(struct mw_set),
		[SIZED_HISTORY] = sizeof(struct mw_history_set),
		[SIZED_BLOCKS] = sizeof(struct mw_prefix) + 4 +
				 sizeof(struct mw_block) + HASH_HEADER +
				 HASH_BUCKET,
		[SIZED_OPEN] = sizeof(struct mw_concurrent_set),
	};

	return t->entries * bytes[t->kind];
}

void sizes_list(const struct mw_settings *s, struct sized v[SIZED])
{
	const struct sized rows[SIZED] = {
		{"history", SIZED_HISTORY, s->history_sets},
		{"blocks", SIZED_BLOCKS, s->blocks},
		{"list_buckets", SIZED_BUCKETS, s->level[MW_LIST].sets},
		{"observed_buckets", SIZED_BUCKETS,
		 s->level[MW_OBSERVED_LIST].sets},
		MW_EACH_PREFIX_LEVEL(BUCKETS_ROW)
			MW_EACH_PREFIX_LEVEL(OPEN_ROW)};

	memcpy(v, rows, sizeof(rows));
	for (int i = 0; i < SIZED; i++)
		v[i].bytes = bytes_of(&v[i]);
}

__u64 sizes_bytes(const struct mw_settings *s, const struct mw_settings *before)
{
	struct sized v[SIZED], old[SIZED];
	__u64 sum = 0;

	sizes_list(s, v);
	sizes_list(before ? before : s, old);
	for (int i = 0; i < SIZED; i++)
		if (!before || v[i].entries != old[i].entries)
			sum += v[i].bytes;
	return sum;
}

/* How many entries the pinned table has; 0: it is not there. */
static int pinned_entries(const struct pins *p, const char *name,
			  __u32 *entries)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	int fd = pins_open(p, name), err;

	*entries = 0;
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	close(fd);
	*entries = info.max_entries;
	return pins_told(name, err);
}

static int set_one(const struct pins *p, struct bpf_map *map,
		   const struct sized *t)
{
	__u32 there;
	int err = pinned_entries(p, t->name, &there);

	if (!err)
		err = bpf_map__set_max_entries(map, t->entries);
	if (!err && there && there != t->entries)
		err = bpf_map__set_pin_path(map, NULL);
	return err;
}

int sizes_set(const struct pins *p, struct bpf_object *obj,
	      const struct mw_settings *s)
{
	struct sized v[SIZED];
	int err = 0;

	sizes_list(s, v);
	for (int i = 0; i < SIZED && !err; i++) {
		struct bpf_map *map =
			bpf_object__find_map_by_name(obj, v[i].name);

		if (map)
			err = set_one(p, map, &v[i]);
	}
	return err;
}

int sizes_pin(const struct pins *p, const struct bpf_object *obj,
	      const struct mw_settings *s)
{
	struct sized v[SIZED];
	char pin[PINS_NAME];
	int err = 0;

	sizes_list(s, v);
	for (int i = 0; i < SIZED && !err; i++) {
		const struct bpf_map *map =
			bpf_object__find_map_by_name(obj, v[i].name);

		if (bpf_map__is_pinned(map))
			continue;
		pins_in(s->generation, v[i].name, pin);
		err = pins_set(p, pin, bpf_map__fd(map));
	}
	return err;
}

int sizes_settle(const struct pins *p, __u32 generation)
{
	static const struct mw_settings any;
	struct sized v[SIZED];
	char pin[PINS_NAME];
	int err = 0, there;

	sizes_list(&any, v);
	for (int i = 0; i < SIZED && !err; i++) {
		pins_in(generation, v[i].name, pin);
		there = pins_exists(p, pin);
		err = there == 1 ? pins_move(p, pin, v[i].name) : there;
	}
	return err;
}
