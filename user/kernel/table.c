// SPDX-License-Identifier: GPL-2.0
#include "kernel/table.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/lookup.h"

static const __u32 zero;

/* One lookup, after which fd is closed; -ENOENT is not told. fd < 0: a failure
 * that has been told. */
static int get(const char *name, int fd, const void *key, void *value)
{
	int err;

	if (fd < 0)
		return fd;
	err = bpf_map_lookup_elem(fd, key, value) ? -errno : 0;
	close(fd);
	return err == -ENOENT ? err : pins_told(name, err);
}

/* One update, after which fd is closed; -E2BIG is not told. */
static int put(const char *name, int fd, const void *key, const void *value)
{
	int err;

	if (fd < 0)
		return fd;
	err = bpf_map_update_elem(fd, key, value, 0) ? -errno : 0;
	close(fd);
	return err == -E2BIG ? err : pins_told(name, err);
}

/* --- of a generation ----------------------------------------------------- */

static int info_of(const char *name, int fd, struct bpf_map_info *info)
{
	__u32 size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return pins_told(name,
			 bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0);
}

/* settings is the first thing in .rodata; the rest is the compiler's. */
int table_settings(const struct engine *e, struct mw_settings *s)
{
	int fd = pins_need_in(&e->pins, e->generation, "settings"), err;
	struct bpf_map_info info;
	char *value;

	if (fd < 0)
		return fd;
	err = info_of("settings", fd, &info);
	if (!err && info.value_size < sizeof(*s))
		err = pins_told("settings", -EPROTO);
	value = err ? NULL : calloc(1, info.value_size);
	if (!err && !value)
		err = pins_told("settings", -ENOMEM);
	if (err) {
		close(fd);
		return err;
	}
	err = get("settings", fd, &zero, value);
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
	fd = pins_need_in(&e->pins, e->generation, "lists");
	if (fd < 0)
		return fd;
	for (__u32 i = 0; !err && i < MW_LIST_SLOTS; i++)
		err = bpf_map_lookup_elem(fd, &i, &info[i]) ? -errno : 0;
	close(fd);
	return pins_told("lists", err);
}

/* lookup.h asks for one element at a time. */
struct parts {
	int fd[MW_PARTS];
	struct mw_top4 value[MW_PARTS]; /* none is larger */
	int err; /* of a lookup; beyond the end is no error */
};

static __always_inline const void *lookup_at(const void *in, enum mw_part part,
					     __u32 i)
{
	struct parts *parts = (struct parts *)in;

	if (!bpf_map_lookup_elem(parts->fd[part], &i, &parts->value[part]))
		return &parts->value[part];
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

static int parts_leaf(struct parts *parts, const struct mw_prefix *address,
		      __u64 now, struct mw_leaf *leaf)
{
	const struct mw_leaf *found =
		lookup_leaf(parts, parts_class(parts, address), now);

	if (found)
		*leaf = *found;
	return pins_told("the lists", parts->err);
}

int table_leaf(const struct engine *e, const struct mw_prefix *address,
	       __u64 now, struct mw_leaf *leaf)
{
	struct parts parts = {};
	int err = 0, n;

	memset(leaf, 0, sizeof(*leaf));
	for (n = 0; n < MW_PARTS && !err; n++) {
		parts.fd[n] =
			pins_need_in(&e->pins, e->generation, pack_names[n]);
		err = parts.fd[n] < 0 ? parts.fd[n] : 0;
	}
	if (!err)
		err = parts_leaf(&parts, address, now, leaf);
	while (n--)
		if (parts.fd[n] >= 0)
			close(parts.fd[n]);
	return err;
}

/* --- counters ------------------------------------------------------------ */

/* Sums n values of words 64-bit words each over the CPUs. */
static int sum_values(int fd, __u32 n, size_t words, __u64 *sum)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	__u64 *value = cpus < 0 ? NULL : calloc(cpus, words * 8);

	memset(sum, 0, n * words * 8);
	if (!value)
		err = cpus < 0 ? cpus : -ENOMEM;
	for (__u32 i = 0; !err && i < n; i++, sum += words) {
		err = bpf_map_lookup_elem(fd, &i, value) ? -errno : 0;
		for (size_t j = 0; !err && j < cpus * words; j++)
			sum[j % words] += value[j];
	}
	free(value);
	return err;
}

static int sum_table(const struct engine *e, const char *name, __u32 n,
		     size_t words, __u64 *sum)
{
	int fd = pins_need(&e->pins, name), err;

	if (fd < 0)
		return fd;
	err = sum_values(fd, n, words, sum);
	close(fd);
	return pins_told(name, err);
}

int table_counters(const struct engine *e, struct mw_counters *sum)
{
	return sum_table(e, "counters", 1, sizeof(*sum) / 8, (__u64 *)sum);
}

int table_list_counters(const struct engine *e,
			struct mw_list_counters sum[MW_LIST_SLOTS])
{
	return sum_table(e, "list_counters", MW_LIST_SLOTS, sizeof(*sum) / 8,
			 (__u64 *)sum);
}

static void answering_of(const struct mw_answering *cpu, __u64 now,
			 __u64 *since, __u64 *last)
{
	if (cpu->last > *last)
		*last = cpu->last;
	if (cpu->last && now < cpu->last + MW_ANSWER_PAUSE &&
	    (!*since || cpu->since < *since))
		*since = cpu->since;
}

int table_answering(const struct engine *e, __u64 now, __u64 *since,
		    __u64 *last)
{
	int cpus = libbpf_num_possible_cpus(), err;
	struct mw_answering *v = cpus < 0 ? NULL : calloc(cpus, sizeof(*v));

	*since = *last = 0;
	if (!v)
		return pins_told("answering", cpus < 0 ? cpus : -ENOMEM);
	err = get("answering", pins_need(&e->pins, "answering"), &zero, v);
	for (int i = 0; !err && i < cpus; i++)
		answering_of(&v[i], now, since, last);
	free(v);
	return err;
}

/* --- blocks -------------------------------------------------------------- */

int table_block_lengths(const struct engine *e, struct mw_block_lengths *l)
{
	return get("block_lengths", pins_need(&e->pins, "block_lengths"), &zero,
		   l);
}

static int write_lengths(const struct engine *e,
			 const struct mw_block_lengths *l)
{
	return put("block_lengths", pins_need(&e->pins, "block_lengths"), &zero,
		   l);
}

static __u64 *lengths_word(struct mw_block_lengths *l,
			   const struct mw_prefix *p)
{
	return p->family == 4 ? &l->v4[0] : &l->v6[p->len / 64];
}

/* The program reads the bits word by word while we write: a word is stored
 * whole. */
static int add_length(const struct engine *e, const struct mw_prefix *p)
{
	const __u64 bit = 1ULL << (p->len % 64);
	struct mw_block_lengths l;
	int err = table_block_lengths(e, &l);

	if (err || *lengths_word(&l, p) & bit)
		return err;
	*lengths_word(&l, p) |= bit;
	return write_lengths(e, &l);
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
	int err = table_blocks(e, visit_length, &l);

	return err ? err : write_lengths(e, &l);
}

int table_block_get(const struct engine *e, const struct mw_prefix *p,
		    struct mw_block *block)
{
	return get("blocks", pins_need(&e->pins, "blocks"), p, block);
}

int table_block_delete(const struct engine *e, const struct mw_prefix *p)
{
	int fd = pins_need(&e->pins, "blocks"), err;

	if (fd < 0)
		return fd;
	err = bpf_map_delete_elem(fd, p) ? -errno : 0;
	close(fd);
	return err == -ENOENT ? err : pins_told("blocks", err);
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
	return pins_told("blocks", prefix_add(&x->set, p));
}

/* The program may have renewed it since it was looked at. */
static int delete_expired(const struct engine *e, const struct mw_prefix *p,
			  __u64 now)
{
	struct mw_block block;
	int err = table_block_get(e, p, &block);

	if (!err && block.expires && block.expires <= now)
		err = table_block_delete(e, p);
	return err == -ENOENT ? 0 : err;
}

int table_block_purge(const struct engine *e, __u64 now)
{
	struct expired x = {.now = now};
	int err = table_blocks(e, visit_expired, &x);

	for (size_t i = 0; !err && i < x.set.n; i++)
		err = delete_expired(e, &x.set.v[i], now);
	if (!err && x.set.n)
		err = table_block_recount(e);
	prefix_free(&x.set);
	return err;
}

static int set_block(const struct engine *e, const struct mw_prefix *p,
		     const struct mw_block *block)
{
	int err = add_length(e, p);

	if (err)
		return err;
	return put("blocks", pins_need(&e->pins, "blocks"), p, block);
}

int table_block_set(const struct engine *e, const struct mw_prefix *p,
		    const struct mw_block *block, __u64 now)
{
	int err = set_block(e, p, block);

	if (err != -E2BIG)
		return err;
	err = table_block_purge(e, now);
	return err ? err : set_block(e, p, block);
}

/* What BPF_MAP_LOOKUP_BATCH puts out: all entries of some hash buckets, so that
 * none is missed or comes twice because another one goes. */
enum { BATCH = 2048 };

struct batch {
	struct mw_prefix key[BATCH];
	struct mw_block block[BATCH];
};

static int visit_batches(int fd, struct batch *b,
			 int (*visit)(const struct mw_prefix *p,
				      const struct mw_block *block, void *arg),
			 void *arg)
{
	__u32 next, n = BATCH, *from = NULL;
	bool last = false;
	int err = 0;

	while (!err && !last) {
		n = BATCH;
		if (bpf_map_lookup_batch(fd, from, &next, b->key, b->block, &n,
					 NULL)) {
			last = errno == ENOENT;
			if (!last)
				return pins_told("blocks", -errno);
		}
		for (__u32 i = 0; i < n && !err; i++)
			err = visit(&b->key[i], &b->block[i], arg);
		from = &next;
	}
	return err;
}

int table_blocks_of(int fd,
		    int (*visit)(const struct mw_prefix *p,
				 const struct mw_block *block, void *arg),
		    void *arg)
{
	struct batch *b = malloc(sizeof(*b));
	int err;

	if (b)
		err = visit_batches(fd, b, visit, arg);
	else
		err = pins_told("blocks", -ENOMEM);
	free(b);
	return err;
}

int table_blocks(const struct engine *e,
		 int (*visit)(const struct mw_prefix *p,
			      const struct mw_block *block, void *arg),
		 void *arg)
{
	int fd = pins_need(&e->pins, "blocks"), err;

	if (fd < 0)
		return fd;
	err = table_blocks_of(fd, visit, arg);
	close(fd);
	return err;
}

int table_blocks_room(const struct engine *e, __u64 *room)
{
	int fd = pins_need(&e->pins, "blocks"), err;
	struct bpf_map_info info;

	if (fd < 0)
		return fd;
	err = info_of("blocks", fd, &info);
	close(fd);
	*room = info.max_entries;
	return err;
}

/* --- views --------------------------------------------------------------- */

int table_view_of(const char *name, int fd, bool write, struct table_view *view)
{
	struct bpf_map_info info;
	int err;

	memset(view, 0, sizeof(*view));
	err = info_of(name, fd, &info);
	if (!err) {
		view->n = info.max_entries;
		view->bytes = (size_t)info.max_entries * info.value_size;
		view->at = mmap(NULL, view->bytes,
				write ? PROT_READ | PROT_WRITE : PROT_READ,
				MAP_SHARED, fd, 0);
	}
	if (!err && view->at == MAP_FAILED) {
		view->at = NULL;
		err = pins_told(name, -errno);
	}
	return err;
}

/* Maps all of a pinned array; fd is closed. */
static int view_open(const char *name, int fd, bool write,
		     struct table_view *view)
{
	int err;

	memset(view, 0, sizeof(*view));
	if (fd < 0)
		return fd;
	err = table_view_of(name, fd, write, view);
	close(fd);
	return err;
}

static int view_of(const struct engine *e, const char *name, bool write,
		   struct table_view *view)
{
	return view_open(name, pins_need(&e->pins, name), write, view);
}

void table_close(struct table_view *view)
{
	if (view->at)
		munmap(view->at, view->bytes);
	view->at = NULL;
}

#define BUCKETS_NAME(ID, name, ...) [MW_##ID] = #name "_buckets",
#define OPEN_NAME(ID, name, ...)    [MW_##ID] = #name "_open",

int table_buckets(const struct engine *e, enum mw_level level,
		  struct table_view *view)
{
	static const char *const names[] = {
		[MW_LIST] = "list_buckets",
		[MW_OBSERVED_LIST] = "observed_buckets",
		[MW_TOTAL] = "total_bucket",
		MW_EACH_PREFIX_LEVEL(BUCKETS_NAME)};

	return view_of(e, names[level], false, view);
}

int table_history(const struct engine *e, bool write, struct table_view *view)
{
	return view_of(e, "history", write, view);
}

int table_open_connections(const struct engine *e, enum mw_level level,
			   struct table_view *view)
{
	static const char *const names[] = {MW_EACH_PREFIX_LEVEL(OPEN_NAME)};

	return view_open(names[level], pins_open(&e->pins, names[level]), false,
			 view);
}

int table_offenders(const struct engine *e, bool write, struct table_view *view)
{
	return view_of(e, "offenders", write, view);
}
