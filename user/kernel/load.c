// SPDX-License-Identifier: GPL-2.0
#include "kernel/load.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kernel/hook.h"
#include "kernel/sizes.h"
#include "mailweir.skel.h"
#include "out/log.h"

struct pin {
	const char *name;
	int fd;
};

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

static int maps_reuse(struct mailweir_bpf *skel, const int parts[MW_PARTS])
{
	int err = 0;

	for (int i = 0; !err && i < MW_PARTS; i++)
		err = bpf_map__reuse_fd(part_map(skel, i), parts[i]);
	return err;
}

static int maps_fill(struct mailweir_bpf *skel, const struct load_input *in)
{
	int err = 0;

	for (int i = 0; !err && !in->parts && i < MW_PARTS; i++)
		err = part_fill(part_map(skel, i), &in->pack.part[i]);
	for (__u32 i = 0; !err && i < MW_LIST_SLOTS; i++)
		err = bpf_map_update_elem(bpf_map__fd(skel->maps.lists), &i,
					  &in->info[i], 0);
	for (size_t i = 0; !err && i < in->own.n; i++)
		err = bpf_map_update_elem(bpf_map__fd(skel->maps.own),
					  &in->own.v[i].address,
					  &in->own.v[i].vid, 0);
	return err;
}

static int programs_choose(const struct pins *p, struct mailweir_bpf *skel,
			   const struct mw_settings *s)
{
	enum hook_kind kind = HOOK_NONE;
	int err = 0;

	if (s->charge == MW_CHARGE_HANDSHAKE)
		err = hook_ensure(p, s, &kind);
	if (err)
		return err;
	bpf_program__set_autoload(skel->progs.opened, kind == HOOK_TRACEPOINT);
	bpf_program__set_autoload(skel->progs.recount, kind == HOOK_TRACEPOINT);
	bpf_program__set_autoload(skel->progs.opened_sockops,
				  kind == HOOK_SOCKOPS);
	return 0;
}

static int load(const struct pins *p, struct mailweir_bpf *skel,
		const struct load_input *in)
{
	int err = sizes_set(p, skel->obj, &in->settings);

	if (!err)
		err = in->parts ? maps_reuse(skel, in->parts)
				: maps_size(skel, &in->pack);
	if (!err && in->own.n)
		err = bpf_map__set_max_entries(skel->maps.own, in->own.n);
	if (!err) {
		memcpy((void *)&skel->rodata->settings, &in->settings,
		       sizeof(in->settings));
		err = mailweir_bpf__load(skel);
	}
	if (!err)
		err = maps_fill(skel, in);
	if (err)
		log_error("the program cannot be loaded: %s%s", strerror(-err),
			  log_verbose() ? "" : "; -v shows the kernel's words");
	return err;
}

/* fd < 0: a program that this generation does without. */
static int pin_one(const struct pins *p, __u32 generation, const char *name,
		   int fd)
{
	char pin[PINS_NAME];

	pins_in(generation, name, pin);
	return fd < 0 ? 0 : pins_set(p, pin, fd);
}

/* The program that was loaded for the kind of hook; negative: none was. */
static int opened_fd(const struct mailweir_bpf *skel)
{
	int fd = bpf_program__fd(skel->progs.opened);

	return fd >= 0 ? fd : bpf_program__fd(skel->progs.opened_sockops);
}

/* The directory has all its pins before any link knows of the program. */
static int pin_generation(const struct pins *p, const struct mailweir_bpf *skel,
			  const struct mw_settings *s)
{
	const __u32 generation = s->generation;
	const struct pin pins[] = {
		{"program", bpf_program__fd(skel->progs.mailweir)},
		{"program_ip", bpf_program__fd(skel->progs.mailweir_ip)},
		{"opened", opened_fd(skel)},
		{"recount", bpf_program__fd(skel->progs.recount)},
		{"settings", bpf_map__fd(skel->maps.rodata)},
		{"lists", bpf_map__fd(skel->maps.lists)},
	};
	int err = pins_make_generation(p, generation);

	if (!err)
		err = sizes_pin(p, skel->obj, s);
	for (size_t i = 0; !err && i < sizeof(pins) / sizeof(*pins); i++)
		err = pin_one(p, generation, pins[i].name, pins[i].fd);
	for (int i = 0; !err && i < MW_PARTS; i++)
		err = pin_one(p, generation, pack_names[i],
			      bpf_map__fd(part_map(skel, i)));
	return err;
}

int load_generation(const struct pins *p, const struct load_input *in)
{
	/* Where libbpf finds, or makes, the pins of the maps that outlive a
	 * generation. */
	const struct bpf_object_open_opts opts = {.sz = sizeof(opts),
						  .pin_root_path = p->dir};
	struct mailweir_bpf *skel = mailweir_bpf__open_opts(&opts);
	int err;

	if (!skel)
		return pins_told("the program cannot be opened", -errno);
	err = programs_choose(p, skel, &in->settings);
	if (!err)
		err = load(p, skel, in);
	if (!err) {
		err = pin_generation(p, skel, &in->settings);
		if (err)
			pins_remove_generation(p, in->settings.generation);
	}
	mailweir_bpf__destroy(skel);
	return err;
}
