// SPDX-License-Identifier: GPL-2.0
#include "kernel/table.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lookup.h"

static const __u32 zero;

static int table_open(const struct engine *e, const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", e->dir, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

static int table_open_generation(const struct engine *e, const char *name)
{
	char path[64];

	if (!e->generation)
		return -ENOENT;
	snprintf(path, sizeof(path), "gen_%u/%s", e->generation, name);
	return table_open(e, path);
}

/* One lookup; -ENOENT is "not there". */
static int table_get(int fd, const void *key, void *value)
{
	int err;

	if (fd < 0)
		return fd;
	err = bpf_map_lookup_elem(fd, key, value) ? -errno : 0;
	close(fd);
	return err;
}

int table_settings(const struct engine *e, struct mw_settings *s)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	int fd = table_open_generation(e, "settings"), err;
	char *value;

	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	value = err ? NULL : calloc(1, info.value_size);
	if (!value || info.value_size < sizeof(*s)) {
		close(fd);
		free(value);
		return err ? err : -ENOMEM;
	}
	/* settings is the first thing in .rodata; the rest is the compiler's */
	err = table_get(fd, &zero, value);
	memcpy(s, value, sizeof(*s));
	free(value);
	return err;
}

int table_lists(const struct engine *e, struct mw_list_info info[MW_LIST_SLOTS])
{
	int fd, err = 0;

	memset(info, 0, MW_LIST_SLOTS * sizeof(*info));
	if (!e->generation)
		return 0;
	fd = table_open_generation(e, "lists");
	if (fd < 0)
		return fd;
	for (__u32 i = 0; !err && i < MW_LIST_SLOTS; i++)
		err = bpf_map_lookup_elem(fd, &i, &info[i]) ? -errno : 0;
	close(fd);
	return err;
}

/* lookup.h asks for one element at a time. */
struct parts {
	int fd[MW_PARTS];
	int err; /* of a lookup; beyond the end is no error */
};

static __always_inline const void *lookup_at(const void *in, enum mw_part part,
					     __u32 i)
{
	static struct mw_top4 value[MW_PARTS]; /* none is larger */
	struct parts *parts = (struct parts *)in;

	if (!bpf_map_lookup_elem(parts->fd[part], &i, &value[part]))
		return &value[part];
	if (errno != ENOENT)
		parts->err = -errno;
	return NULL;
}

static __u32 parts_class(struct parts *parts, const struct mw_prefix *address)
{
	__u64 half[2];

	memcpy(half, address->addr, sizeof(half));
	if (address->family == 4)
		return lookup_class4(parts, be64toh(half[0]) >> 32);
	return lookup_class6(parts, be64toh(half[0]), be64toh(half[1]));
}

int table_leaf(const struct engine *e, const struct mw_prefix *address,
	       __u64 now, struct mw_leaf *leaf)
{
	struct parts parts = {};
	const struct mw_leaf *found;
	__u32 class;

	for (int i = 0; i < MW_PARTS; i++) {
		parts.fd[i] = table_open_generation(e, pack_names[i]);
		if (parts.fd[i] < 0)
			parts.err = parts.fd[i];
	}
	memset(leaf, 0, sizeof(*leaf));
	class = parts.err ? 0 : parts_class(&parts, address);
	found = lookup_leaf(&parts, class, now);
	if (found)
		*leaf = *found;
	for (int i = 0; i < MW_PARTS; i++)
		if (parts.fd[i] >= 0)
			close(parts.fd[i]);
	return parts.err;
}

/* Sums n values of words 64-bit words each over the CPUs. */
static int table_sum(int fd, __u32 n, size_t words, __u64 *sum)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	__u64 *value = calloc(cpus, words * 8);

	memset(sum, 0, n * words * 8);
	if (!value)
		err = -ENOMEM;
	for (__u32 i = 0; !err && i < n; i++, sum += words) {
		err = bpf_map_lookup_elem(fd, &i, value) ? -errno : 0;
		for (size_t j = 0; !err && j < cpus * words; j++)
			sum[j % words] += value[j];
	}
	free(value);
	return err;
}

int table_counters(const struct engine *e, struct mw_counters *sum)
{
	int fd = table_open(e, "counters"), err;

	if (fd < 0)
		return fd;
	err = table_sum(fd, 1, sizeof(*sum) / 8, (__u64 *)sum);
	close(fd);
	return err;
}

int table_list_counters(const struct engine *e,
			struct mw_list_counters sum[MW_LIST_SLOTS])
{
	int fd = table_open(e, "list_counters"), err;

	if (fd < 0)
		return fd;
	err = table_sum(fd, MW_LIST_SLOTS, sizeof(*sum) / 8, (__u64 *)sum);
	close(fd);
	return err;
}

/* --- blocks -------------------------------------------------------------- */

int table_block_lengths(const struct engine *e, struct mw_block_lengths *l)
{
	return table_get(table_open(e, "block_lengths"), &zero, l);
}

static __u64 *lengths_word(struct mw_block_lengths *l,
			   const struct mw_prefix *p)
{
	return p->family == 4 ? &l->v4[0] : &l->v6[p->len / 64];
}

/* The program reads the bits word by word while we write: a word is stored
 * whole. */
static int lengths_add(const struct engine *e, const struct mw_prefix *p)
{
	int fd = table_open(e, "block_lengths"), err;
	struct mw_block_lengths l;

	if (fd < 0)
		return fd;
	err = bpf_map_lookup_elem(fd, &zero, &l) ? -errno : 0;
	*lengths_word(&l, p) |= 1ULL << (p->len % 64);
	if (!err && bpf_map_update_elem(fd, &zero, &l, 0))
		err = -errno;
	close(fd);
	return err;
}

static int visit_length(const struct mw_prefix *p, const struct mw_block *block,
			void *arg)
{
	(void)block;
	*lengths_word(arg, p) |= 1ULL << (p->len % 64);
	return 0;
}

int table_block_recount(const struct engine *e)
{
	struct mw_block_lengths l = {};
	int err = table_blocks(e, visit_length, &l), fd;

	if (err)
		return err;
	fd = table_open(e, "block_lengths");
	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(fd, &zero, &l, 0) ? -errno : 0;
	close(fd);
	return err;
}

int table_block_get(const struct engine *e, const struct mw_prefix *p,
		    struct mw_block *block)
{
	return table_get(table_open(e, "blocks"), p, block);
}

static int block_write(const struct engine *e, const struct mw_prefix *p,
		       const struct mw_block *block)
{
	int fd = table_open(e, "blocks"), err;

	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(fd, p, block, 0) ? -errno : 0;
	close(fd);
	return err;
}

int table_block_delete(const struct engine *e, const struct mw_prefix *p)
{
	int fd = table_open(e, "blocks"), err;

	if (fd < 0)
		return fd;
	err = bpf_map_delete_elem(fd, p) ? -errno : 0;
	close(fd);
	return err;
}

struct expired {
	struct prefix_set set;
	__u64 now;
};

static int visit_expired(const struct mw_prefix *p,
			 const struct mw_block *block, void *arg)
{
	struct expired *x = arg;

	if (!block->expires || block->expires > x->now)
		return 0;
	return prefix_add(&x->set, p);
}

int table_block_purge(const struct engine *e, __u64 now)
{
	struct expired x = {.now = now};
	struct mw_block block;
	int err = table_blocks(e, visit_expired, &x);

	/* The program may have renewed one since. */
	for (size_t i = 0; !err && i < x.set.n; i++)
		if (!table_block_get(e, &x.set.v[i], &block) && block.expires &&
		    block.expires <= now)
			err = table_block_delete(e, &x.set.v[i]);
	if (!err && x.set.n)
		err = table_block_recount(e);
	prefix_free(&x.set);
	return err;
}

int table_block_set(const struct engine *e, const struct mw_prefix *p,
		    const struct mw_block *block, __u64 now)
{
	int err = lengths_add(e, p);

	if (!err)
		err = block_write(e, p, block);
	if (err != -E2BIG)
		return err;
	err = table_block_purge(e, now);
	if (!err)
		err = lengths_add(e, p);
	return err ? err : block_write(e, p, block);
}

int table_blocks(const struct engine *e,
		 int (*visit)(const struct mw_prefix *p,
			      const struct mw_block *block, void *arg),
		 void *arg)
{
	int fd = table_open(e, "blocks"), err = 0;
	struct mw_prefix key, *previous = NULL;
	struct mw_block block;

	if (fd < 0)
		return fd;
	while (!err && !bpf_map_get_next_key(fd, previous, &key)) {
		if (!bpf_map_lookup_elem(fd, &key, &block))
			err = visit(&key, &block, arg);
		previous = &key;
	}
	close(fd);
	return err;
}

/* --- buckets ------------------------------------------------------------- */

/* Maps all of a pinned array. */
static int view_open(const struct engine *e, const char *name, bool write,
		     struct table_view *view)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);
	int fd = table_open(e, name), err;

	memset(view, 0, sizeof(*view));
	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
	view->n = info.max_entries;
	view->bytes = (size_t)info.max_entries * info.value_size;
	if (!err) {
		view->at = mmap(NULL, view->bytes,
				write ? PROT_READ | PROT_WRITE : PROT_READ,
				MAP_SHARED, fd, 0);
		if (view->at == MAP_FAILED) {
			view->at = NULL;
			err = -errno;
		}
	}
	close(fd);
	return err;
}

void table_close(struct table_view *view)
{
	if (view->at)
		munmap(view->at, view->bytes);
	view->at = NULL;
}

int table_buckets(const struct engine *e, enum mw_level level,
		  struct table_view *view)
{
	static const char *const names[] = {
		[MW_SOURCE] = "source_buckets",
		[MW_NETBLOCK] = "netblock_buckets",
		[MW_LIST] = "list_buckets",
		[MW_OBSERVED_LIST] = "observed_buckets",
		[MW_TOTAL] = "total_bucket",
	};

	return view_open(e, names[level], false, view);
}

int table_history(const struct engine *e, bool write, struct table_view *view)
{
	return view_open(e, "history", write, view);
}

int table_open_connections(const struct engine *e, enum mw_level level,
			   struct table_view *view)
{
	return view_open(e,
			 level == MW_SOURCE ? "source_open" : "netblock_open",
			 false, view);
}

int table_offenders(const struct engine *e, struct table_view *view)
{
	return view_open(e, "offenders", false, view);
}
