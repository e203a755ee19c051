// SPDX-License-Identifier: GPL-2.0
#include "kernel/engine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <linux/magic.h>

#include "out/log.h"
#include "mailweir.skel.h"

enum { ENGINE_PATH = PATH_MAX };

struct pin {
	const char *name;
	int fd;
};

__attribute__((format(printf, 2, 0))) static int
libbpf_say(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[512];

	if (level == LIBBPF_DEBUG || !log_verbose())
		return 0;
	vsnprintf(line, sizeof(line), format, args);
	line[strcspn(line, "\n")] = 0;
	log_debug("%s", line);
	return 0;
}

/* --- where things are ---------------------------------------------------- */

static void engine_paths(struct engine *e)
{
	const char *fs = getenv("MAILWEIR_BPFFS");

	snprintf(e->root, sizeof(e->root), "%s/mailweir",
		 fs ? fs : "/sys/fs/bpf");
	snprintf(e->dir, sizeof(e->dir), "%s/v%d", e->root, MW_SCHEMA);
	e->lock = -1;
	e->generation = 0;
}

static bool is_bpffs(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && (__u32)fs.f_type == BPF_FS_MAGIC;
}

static int engine_mount(const struct engine *e)
{
	char *fs = strndup(e->root, strlen(e->root) - strlen("/mailweir"));
	int err = 0;

	if (!fs)
		return -ENOMEM;
	if (!is_bpffs(fs) && mount("bpf", fs, "bpf", 0, "mode=0700")) {
		err = -errno;
		log_error("%s: no BPF file system and none can be mounted: %s",
			  fs, strerror(-err));
	}
	free(fs);
	return err;
}

/* bpffs roots can be sticky and open to all: only what is ours is trusted. */
static int own_directory(const char *path, bool make)
{
	struct stat st;

	if (make && mkdir(path, 0750) && errno != EEXIST) {
		int err = -errno;

		log_error("%s: cannot be made: %s%s", path, strerror(-err),
			  err == -EACCES || err == -EPERM ? "; be root" : "");
		return err;
	}
	if (lstat(path, &st))
		return -errno;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    st.st_mode & 0022) {
		log_error("%s: not a directory of ours alone; see who made it",
			  path);
		return -EPERM;
	}
	return 0;
}

/* --- the lock ------------------------------------------------------------ */

/* Who holds the flock, from /proc/locks: "mailweir reload (pid 12)". */
static void lock_holder(int fd, char *text, size_t size)
{
	FILE *locks = fopen("/proc/locks", "re"), *f;
	char line[256], path[64];
	unsigned long inode;
	struct stat st;
	int pid = 0, p;
	size_t n;

	snprintf(text, size, "another command");
	if (!locks)
		return;
	fstat(fd, &st);
	while (!pid && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*d: FLOCK %*s %*s %d %*x:%*x:%lu", &p,
			   &inode) == 2 &&
		    inode == st.st_ino)
			pid = p;
	fclose(locks);
	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	f = pid > 0 ? fopen(path, "re") : NULL;
	if (!f)
		return;
	n = fread(line, 1, sizeof(line) - 1, f);
	fclose(f);
	for (size_t i = 0; i < n; i++)
		if (line[i] < ' ' || line[i] > '~')
			line[i] = ' ';
	while (n && line[n - 1] == ' ')
		n--;
	line[n] = 0;
	snprintf(text, size, "'%s' (pid %d)", line, pid);
}

/* The lock is void if its directory was removed while we waited. */
static bool lock_is_current(const struct engine *e)
{
	struct stat ours, now;

	return !fstat(e->lock, &ours) && !stat(e->root, &now) &&
	       ours.st_ino == now.st_ino;
}

static int lock_wait(struct engine *e)
{
	const struct timespec nap = {.tv_nsec = 50000000};
	char holder[320];

	for (int i = 0; i <= ENGINE_LOCK_SECONDS * 20; i++) {
		if (!flock(e->lock, LOCK_EX | LOCK_NB))
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		lock_holder(e->lock, holder, sizeof(holder));
		if (i == 4)
			log_warning("waiting for %s", holder);
		nanosleep(&nap, NULL);
	}
	log_error("gave up after %d s: %s holds the lock on %s",
		  ENGINE_LOCK_SECONDS, holder, e->root);
	return -EBUSY;
}

static int engine_lock(struct engine *e)
{
	int err;

	do {
		if (e->lock >= 0)
			close(e->lock);
		err = own_directory(e->root, true);
		if (err)
			return err;
		e->lock = open(e->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (e->lock < 0)
			return -errno;
		err = lock_wait(e);
		if (err)
			return err;
	} while (!lock_is_current(e));
	return own_directory(e->dir, true);
}

/* --- links --------------------------------------------------------------- */

static void link_path(const struct engine *e, const char *name, char *path)
{
	int n = snprintf(path, ENGINE_PATH, "%s/link_%s", e->dir, name);

	for (char *p = path + n - strlen(name); *p; p++)
		if (*p == '.')
			*p = '%';
}

static bool xdp_native(int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	return !bpf_xdp_query(ifindex, 0, &opts) &&
	       opts.attach_mode == XDP_ATTACHED_DRV;
}

static int link_read(const struct engine *e, const char *pin,
		     struct engine_link *l)
{
	struct bpf_link_info info = {};
	__u32 size = sizeof(info);
	char path[ENGINE_PATH];

	memset(l, 0, sizeof(*l));
	snprintf(path, sizeof(path), "%s/%s", e->dir, pin);
	snprintf(l->name, sizeof(l->name), "%s", pin + strlen("link_"));
	for (char *p = l->name; *p; p++)
		if (*p == '%')
			*p = '.';
	l->fd = bpf_obj_get(path);
	if (l->fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(l->fd, &info, &size)) {
		close(l->fd);
		return -errno;
	}
	l->prog_id = info.prog_id;
	l->ifindex = info.xdp.ifindex;
	l->native = l->ifindex && xdp_native(l->ifindex);
	if (!if_indextoname(l->ifindex, l->current))
		l->current[0] = 0;
	return 0;
}

int engine_links(const struct engine *e, struct engine_link v[ENGINE_DEVS])
{
	DIR *d = opendir(e->dir);
	struct dirent *entry;
	int n = 0;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	while (n < ENGINE_DEVS && (entry = readdir(d)))
		if (!strncmp(entry->d_name, "link_", 5) &&
		    !link_read(e, entry->d_name, &v[n]))
			n++;
	closedir(d);
	return n;
}

/* True also of a link that cannot be opened: its state is not ours to clear. */
static bool any_link_pinned(const struct engine *e)
{
	DIR *d = opendir(e->dir);
	struct dirent *entry;
	bool found = false;

	while (d && !found && (entry = readdir(d)))
		found = !strncmp(entry->d_name, "link_", 5);
	if (d)
		closedir(d);
	return found;
}

void engine_links_close(struct engine_link *v, int n)
{
	for (int i = 0; i < n; i++)
		close(v[i].fd);
}

__u32 engine_program_on(int ifindex, bool *native, char name[16])
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info), id;
	int fd;

	name[0] = 0;
	*native = false;
	if (bpf_xdp_query(ifindex, 0, &opts))
		return 0;
	*native = opts.attach_mode == XDP_ATTACHED_DRV;
	id = opts.prog_id	? opts.prog_id
	     : opts.drv_prog_id ? opts.drv_prog_id
	     : opts.skb_prog_id ? opts.skb_prog_id
				: opts.hw_prog_id;
	fd = id ? bpf_prog_get_fd_by_id(id) : -1;
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &size))
		snprintf(name, 16, "%s", info.name);
	if (fd >= 0)
		close(fd);
	return id;
}

/* --- generations --------------------------------------------------------- */

static int gen_path(const struct engine *e, __u32 generation, const char *name,
		    char *path)
{
	return snprintf(path, ENGINE_PATH, "%s/gen_%u%s%s", e->dir, generation,
			*name ? "/" : "", name);
}

static int gen_program(const struct engine *e, __u32 generation)
{
	char path[ENGINE_PATH];

	gen_path(e, generation, "program", path);
	return bpf_obj_get(path);
}

static __u32 program_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &size) ? 0 : info.id;
}

static bool any_link_runs(const struct engine_link *v, int n, __u32 id)
{
	for (int i = 0; i < n; i++)
		if (v[i].prog_id == id)
			return true;
	return false;
}

/* Calls visit for each generation that has pins. */
static void each_generation(const struct engine *e,
			    void (*visit)(const struct engine *e, __u32 number,
					  void *arg),
			    void *arg)
{
	DIR *d = opendir(e->dir);
	struct dirent *entry;
	__u32 number;

	while (d && (entry = readdir(d)))
		if (sscanf(entry->d_name, "gen_%u", &number) == 1)
			visit(e, number, arg);
	if (d)
		closedir(d);
}

struct newest {
	const struct engine_link *links;
	int n;
	__u32 number;
};

static void visit_newest(const struct engine *e, __u32 number, void *arg)
{
	struct newest *newest = arg;
	int fd = gen_program(e, number);

	if (fd < 0)
		return;
	if (number > newest->number &&
	    any_link_runs(newest->links, newest->n, program_id(fd)))
		newest->number = number;
	close(fd);
}

static void engine_find_generation(struct engine *e)
{
	struct engine_link links[ENGINE_DEVS];
	struct newest newest = {.links = links};

	newest.n = engine_links(e, links);
	if (newest.n > 0) {
		each_generation(e, visit_newest, &newest);
		engine_links_close(links, newest.n);
	}
	e->generation = newest.number;
}

static void gen_remove(const struct engine *e, __u32 number)
{
	char path[ENGINE_PATH], dir[ENGINE_PATH];
	struct dirent *entry;
	DIR *d;

	gen_path(e, number, "", dir);
	d = opendir(dir);
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		gen_path(e, number, entry->d_name, path);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(dir);
}

static void visit_remove_other(const struct engine *e, __u32 number, void *arg)
{
	if (number != *(const __u32 *)arg)
		gen_remove(e, number);
}

/* --- finishing a swap ---------------------------------------------------- */

/* Connections are charged by the generation's own program, or by nobody. */
static int hook_settle(const struct engine *e)
{
	char path[ENGINE_PATH];
	int opened, recount, err;

	gen_path(e, e->generation, "opened", path);
	opened = bpf_obj_get(path);
	if (opened < 0) {
		hook_remove(e->dir);
		return 0;
	}
	gen_path(e, e->generation, "recount", path);
	recount = bpf_obj_get(path);
	/* A hook that is made anew has maps of its own: only a generation that
	 * has the same may use it. */
	err = hook_kind(e->dir) == HOOK_NONE || !hook_serves(e->dir, opened)
		      ? 0
		      : hook_point(e->dir, program_id(opened), opened, recount);
	close(opened);
	if (recount >= 0)
		close(recount);
	return err;
}

bool engine_charges(const struct engine *e)
{
	char path[ENGINE_PATH];
	bool charges;
	int opened;

	gen_path(e, e->generation, "opened", path);
	opened = bpf_obj_get(path);
	charges = opened >= 0 && hook_points(e->dir, program_id(opened)) &&
		  hook_serves(e->dir, opened);
	if (opened >= 0)
		close(opened);
	return charges;
}

static int links_update(const struct engine *e, __u32 generation)
{
	struct engine_link links[ENGINE_DEVS];
	int n = engine_links(e, links), prog = gen_program(e, generation);
	int err = prog < 0 ? -errno : 0;
	__u32 id = prog < 0 ? 0 : program_id(prog);

	for (int i = 0; i < n && prog >= 0; i++) {
		if (!links[i].ifindex || links[i].prog_id == id)
			continue;
		if (!bpf_link_update(links[i].fd, prog, NULL))
			continue;
		err = -errno;
		log_error("%s: the program cannot be replaced: %s",
			  links[i].name, strerror(-err));
		break;
	}
	engine_links_close(links, n > 0 ? n : 0);
	if (prog >= 0)
		close(prog);
	return err;
}

/* Points v2/lists to the map of the generation in force, atomically. */
static int lists_publish(const struct engine *e)
{
	char from[ENGINE_PATH], next[ENGINE_PATH], pin[ENGINE_PATH];
	int fd, err = 0;

	gen_path(e, e->generation, "lists", from);
	snprintf(next, sizeof(next), "%s/lists_next", e->dir);
	snprintf(pin, sizeof(pin), "%s/lists", e->dir);
	fd = bpf_obj_get(from);
	if (fd < 0)
		return -errno;
	unlink(next);
	if (bpf_obj_pin(fd, next) || rename(next, pin))
		err = -errno;
	close(fd);
	return err;
}

/* A free slot counts from zero when it is given to a list again. */
static void counters_clear(const struct engine *e)
{
	int cpus = libbpf_num_possible_cpus();
	struct mw_list_counters *zero = calloc(cpus, sizeof(*zero));
	char path[ENGINE_PATH];
	struct mw_list_info info;
	int lists, counters;

	snprintf(path, sizeof(path), "%s/lists", e->dir);
	lists = bpf_obj_get(path);
	snprintf(path, sizeof(path), "%s/list_counters", e->dir);
	counters = bpf_obj_get(path);
	for (__u32 i = 0; zero && lists >= 0 && i < MW_LIST_SLOTS; i++)
		if (!bpf_map_lookup_elem(lists, &i, &info) && !info.name[0])
			bpf_map_update_elem(counters, &i, zero, 0);
	free(zero);
	close(lists);
	close(counters);
}

/* What comes after the first link update; the same after a kill. */
static int engine_settle(struct engine *e)
{
	int err = 0;

	engine_find_generation(e);
	if (e->generation) {
		err = links_update(e, e->generation);
		if (!err)
			err = hook_settle(e);
		if (!err)
			err = lists_publish(e);
		if (!err)
			counters_clear(e);
	}
	if (!err && (e->generation || !any_link_pinned(e)))
		each_generation(e, visit_remove_other, &e->generation);
	return err;
}

/* Everything of ours, where nothing is attached. */
static void pins_remove(const struct engine *e)
{
	const __u32 none = 0;
	DIR *d;
	struct dirent *entry;
	char path[ENGINE_PATH];

	each_generation(e, visit_remove_other, (void *)&none);
	d = opendir(e->dir);
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", e->dir, entry->d_name);
		unlink(path);
	}
	if (d)
		closedir(d);
	rmdir(e->dir);
	rmdir(e->root); /* stays where another schema's pins are */
}

int engine_open(struct engine *e, bool write)
{
	int err;

	libbpf_set_print(libbpf_say);
	engine_paths(e);
	if (!write) {
		if (access(e->root, F_OK))
			return -ENOENT;
		err = own_directory(e->root, false);
		engine_find_generation(e);
		return err;
	}
	err = engine_mount(e);
	if (!err)
		err = engine_lock(e);
	if (!err)
		err = engine_settle(e);
	if (err)
		engine_close(e);
	return err;
}

void engine_close(struct engine *e)
{
	if (e->lock >= 0 && !e->generation && !any_link_pinned(e))
		pins_remove(e);
	if (e->lock >= 0)
		close(e->lock);
	e->lock = -1;
}

/* --- loading ------------------------------------------------------------- */

/* The maps that outlive a generation; libbpf reuses a pin or makes it. */
static int pin_state(const struct engine *e, struct mailweir_bpf *skel)
{
	struct bpf_map *const maps[] = {
		skel->maps.counters,	   skel->maps.list_counters,
		skel->maps.blocks,	   skel->maps.block_lengths,
		skel->maps.source_buckets, skel->maps.netblock_buckets,
		skel->maps.list_buckets,   skel->maps.observed_buckets,
		skel->maps.total_bucket,   skel->maps.history,
		skel->maps.offenders,	   skel->maps.source_open,
		skel->maps.netblock_open,  skel->maps.opened_sockets,
		skel->maps.flows,
	};
	char path[ENGINE_PATH];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(maps) / sizeof(*maps); i++) {
		snprintf(path, sizeof(path), "%s/%s", e->dir,
			 bpf_map__name(maps[i]));
		err = bpf_map__set_pin_path(maps[i], path);
	}
	return err;
}

static struct bpf_map *part_map(const struct mailweir_bpf *skel, int part)
{
	return bpf_object__find_map_by_name(skel->obj, pack_names[part]);
}

/* One copy, into the map's own pages. */
static int part_fill(const struct bpf_map *map, const struct pack_part *part)
{
	size_t bytes = part->n * part->size;
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, bpf_map__fd(map), 0);

	if (at == MAP_FAILED)
		return -errno;
	memcpy(at, part->v, bytes);
	munmap(at, bytes);
	return 0;
}

static int maps_size(struct mailweir_bpf *skel, const struct pack *pack)
{
	int err = 0;

	for (int i = 0; !err && i < MW_PARTS; i++)
		err = bpf_map__set_max_entries(part_map(skel, i),
					       pack->part[i].n);
	return err;
}

static int maps_fill(struct mailweir_bpf *skel, const struct engine_input *in)
{
	int err = 0;

	for (int i = 0; !err && i < MW_PARTS; i++)
		err = part_fill(part_map(skel, i), &in->pack.part[i]);
	for (__u32 i = 0; !err && i < MW_LIST_SLOTS; i++)
		err = bpf_map_update_elem(bpf_map__fd(skel->maps.lists), &i,
					  &in->info[i], 0);
	return err;
}

static int gen_pin_one(const struct engine *e, __u32 generation,
		       const struct pin *pin)
{
	char path[ENGINE_PATH];

	if (pin->fd < 0) /* a program that this generation does without */
		return 0;
	gen_path(e, generation, pin->name, path);
	return bpf_obj_pin(pin->fd, path) ? -errno : 0;
}

/* Of the kind that was loaded; negative: none was. */
static int opened_fd(const struct mailweir_bpf *skel)
{
	int fd = bpf_program__fd(skel->progs.opened);

	return fd >= 0 ? fd : bpf_program__fd(skel->progs.opened_sockops);
}

static void programs_choose(const struct engine *e, struct mailweir_bpf *skel,
			    enum mw_charge charge)
{
	enum hook_kind kind =
		charge == MW_CHARGE_HANDSHAKE ? hook_kind(e->dir) : HOOK_NONE;

	bpf_program__set_autoload(skel->progs.opened, kind == HOOK_TRACEPOINT);
	bpf_program__set_autoload(skel->progs.recount, kind == HOOK_TRACEPOINT);
	bpf_program__set_autoload(skel->progs.opened_sockops,
				  kind == HOOK_SOCKOPS);
}

/* The gen directory appears with all its pins before any link knows of it. */
static int gen_pin(const struct engine *e, struct mailweir_bpf *skel,
		   __u32 generation)
{
	const struct pin pins[] = {
		{"program", bpf_program__fd(skel->progs.mailweir)},
		{"opened", opened_fd(skel)},
		{"recount", bpf_program__fd(skel->progs.recount)},
		{"settings", bpf_map__fd(skel->maps.rodata)},
		{"lists", bpf_map__fd(skel->maps.lists)},
	};
	char path[ENGINE_PATH];
	int err = 0;

	gen_remove(e, generation);
	gen_path(e, generation, "", path);
	if (mkdir(path, 0750))
		return -errno;
	for (size_t i = 0; !err && i < sizeof(pins) / sizeof(*pins); i++)
		err = gen_pin_one(e, generation, &pins[i]);
	for (int i = 0; !err && i < MW_PARTS; i++) {
		struct pin part = {pack_names[i],
				   bpf_map__fd(part_map(skel, i))};

		err = gen_pin_one(e, generation, &part);
	}
	return err;
}

static int gen_load(const struct engine *e, const struct engine_input *in)
{
	struct mailweir_bpf *skel = mailweir_bpf__open();
	int err = skel ? 0 : -errno;

	if (!err && in->settings.charge == MW_CHARGE_HANDSHAKE)
		err = hook_ensure(e->dir);
	if (!err)
		programs_choose(e, skel, in->settings.charge);
	if (!err)
		err = pin_state(e, skel);
	if (!err)
		err = maps_size(skel, &in->pack);
	if (!err) {
		memcpy((void *)&skel->rodata->settings, &in->settings,
		       sizeof(in->settings));
		err = mailweir_bpf__load(skel);
	}
	if (!err)
		err = maps_fill(skel, in);
	if (!err)
		err = gen_pin(e, skel, in->settings.generation);
	if (err)
		log_error("the program cannot be loaded: %s%s", strerror(-err),
			  log_verbose() ? "" : "; -v shows the kernel's words");
	mailweir_bpf__destroy(skel);
	return err;
}

/* --- attaching ----------------------------------------------------------- */

static int say_foreign(const char *dev, int ifindex)
{
	char name[16];
	bool native;
	__u32 id = engine_program_on(ifindex, &native, name);

	if (!id)
		return 0;
	log_error("%s: another XDP program is attached: '%s' (id %u, %s); "
		  "detach it first, it is not ours to replace",
		  dev, name, id, native ? "native" : "generic");
	return -EBUSY;
}

/* Native, or generic where the driver has no native XDP: nothing else is a
 * reason to fall back. A link descriptor, or -errno. */
static int link_create(const char *dev, int ifindex, int prog, bool *native)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_DRV_MODE);
	int fd = bpf_link_create(prog, ifindex, BPF_XDP, &opts);

	*native = fd >= 0;
	if (fd < 0 && errno == EOPNOTSUPP) {
		opts.flags = XDP_FLAGS_SKB_MODE;
		fd = bpf_link_create(prog, ifindex, BPF_XDP, &opts);
		if (fd >= 0)
			log_warning("%s: no native XDP here; attached in the "
				    "slower generic mode",
				    dev);
	}
	if (fd >= 0)
		return fd;
	fd = -errno;
	if (fd != -EBUSY || !say_foreign(dev, ifindex))
		log_error("%s: cannot be attached: %s", dev, strerror(-fd));
	return fd;
}

static int dev_attach(const struct engine *e, const char *dev, int prog,
		      int *generic)
{
	int ifindex = if_nametoindex(dev), fd;
	char path[ENGINE_PATH];
	bool native;

	fd = link_create(dev, ifindex, prog, &native);
	if (fd < 0)
		return fd;
	*generic += !native;
	link_path(e, dev, path);
	unlink(path); /* of an interface of that name that is gone */
	if (bpf_obj_pin(fd, path)) {
		int err = -errno;

		log_error("%s: cannot be pinned: %s", path, strerror(-err));
		close(fd);
		return err;
	}
	close(fd);
	return 0;
}

static void dev_remove(const struct engine *e, const char *dev)
{
	char path[ENGINE_PATH];
	int fd;

	link_path(e, dev, path);
	fd = bpf_obj_get(path);
	unlink(path);
	if (fd < 0)
		return;
	bpf_link_detach(fd); /* fails where the interface is gone: fine */
	close(fd);
}

/* devs without those that have a live link of ours; each must exist and be
 * free of foreign programs. The number left in out, or -errno. */
static int devs_new(const struct engine *e, char *const *devs, int ndevs,
		    const char *out[ENGINE_DEVS])
{
	struct engine_link links[ENGINE_DEVS];
	int nlinks = engine_links(e, links), n = 0, err = 0;

	for (int i = 0; i < ndevs && i < ENGINE_DEVS && !err; i++) {
		int ifindex = if_nametoindex(devs[i]);
		bool ours = false;

		if (!ifindex) {
			log_error("%s: no such interface; 'ip link' lists them",
				  devs[i]);
			err = -ENODEV;
			break;
		}
		for (int j = 0; j < nlinks; j++)
			ours |= links[j].ifindex == ifindex;
		for (int j = 0; j < n; j++)
			ours |= !strcmp(out[j], devs[i]);
		if (!ours)
			err = say_foreign(devs[i], ifindex);
		if (!ours)
			out[n++] = devs[i];
	}
	engine_links_close(links, nlinks > 0 ? nlinks : 0);
	return err ? err : n;
}

/* The commit: the first of these link updates, or creations. */
static int gen_enforce(struct engine *e, __u32 generation,
		       const char *const *devs, int ndevs, int *generic)
{
	__u32 old = e->generation;
	int prog = gen_program(e, generation), err, done = 0;

	if (prog < 0)
		return -errno;
	err = old ? links_update(e, generation) : 0;
	while (!err && done < ndevs) {
		err = dev_attach(e, devs[done], prog, generic);
		done += !err;
	}
	close(prog);
	if (!err)
		return 0;
	while (done)
		dev_remove(e, devs[--done]);
	if (old)
		links_update(e, old);
	return err;
}

int engine_replace(struct engine *e, const struct engine_input *in,
		   char *const *devs, int ndevs,
		   int (*prepare)(const struct engine *e,
				  const struct mw_settings *s),
		   int *generic)
{
	const char *fresh[ENGINE_DEVS];
	int n = devs_new(e, devs, ndevs, fresh), err;

	*generic = 0;
	if (n < 0)
		return n;
	err = gen_load(e, in);
	if (!err && prepare)
		err = prepare(e, &in->settings);
	if (!err)
		err = gen_enforce(e, in->settings.generation, fresh, n,
				  generic);
	if (!err)
		return engine_settle(e);
	gen_remove(e, in->settings.generation);
	return err;
}

/* --- detaching ----------------------------------------------------------- */

static bool link_is(const struct engine_link *l, const char *dev)
{
	return !strcmp(l->name, dev) || !strcmp(l->current, dev);
}

static bool link_wanted(const struct engine_link *l, char *const *devs, int n)
{
	bool wanted = !n;

	for (int i = 0; i < n; i++)
		wanted |= link_is(l, devs[i]);
	return wanted;
}

static int devs_are_attached(const struct engine_link *v, int n,
			     char *const *devs, int ndevs)
{
	for (int i = 0; i < ndevs; i++) {
		bool found = false;

		for (int j = 0; j < n; j++)
			found |= link_is(&v[j], devs[i]);
		if (found)
			continue;
		log_error("%s: not attached; 'mailweir status' lists what is",
			  devs[i]);
		return -ENOENT;
	}
	return 0;
}

int engine_detach(struct engine *e, char *const *devs, int ndevs)
{
	struct engine_link links[ENGINE_DEVS];
	int n = engine_links(e, links), left = 0, err;

	if (n < 0)
		return n;
	err = devs_are_attached(links, n, devs, ndevs);
	for (int i = 0; i < n && !err; i++) {
		if (!link_wanted(&links[i], devs, ndevs)) {
			left++;
			continue;
		}
		dev_remove(e, links[i].name);
		log_info("%s: detached", links[i].name);
	}
	engine_links_close(links, n);
	if (!err && !left)
		e->generation = 0;
	return err;
}
