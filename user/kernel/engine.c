// SPDX-License-Identifier: GPL-2.0
#include "kernel/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/counters.h"
#include "kernel/hook.h"
#include "kernel/lock.h"
#include "kernel/schema.h"
#include "kernel/sizes.h"
#include "out/log.h"

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

/* --- what is in force ---------------------------------------------------- */

static int program_id(int fd, __u32 *id)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int err = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;

	*id = info.id;
	return pins_told("the program", err);
}

/* The same descriptor, or a failure; *id: of the program. */
static int with_id(int fd, __u32 *id)
{
	int err = fd < 0 ? fd : program_id(fd, id);

	if (err && fd >= 0)
		close(fd);
	return err ? err : fd;
}

static void programs_close(struct programs *v)
{
	for (int i = 0; i < DEVICE_ENTRIES; i++)
		if (v->fd[i] >= 0)
			close(v->fd[i]);
}

/* The programs of a generation; -ENOENT, an answer: its pins are not complete.
 * A generation of an older mailweir has one program for all interfaces. */
static int programs_open(const struct pins *p, __u32 generation,
			 struct programs *v)
{
	int err;

	v->fd[0] = with_id(pins_open_in(p, generation, "program"), &v->id[0]);
	if (v->fd[0] < 0)
		return v->fd[0];
	v->fd[1] =
		with_id(pins_open_in(p, generation, "program_ip"), &v->id[1]);
	if (v->fd[1] == -ENOENT)
		v->fd[1] = with_id(pins_open_in(p, generation, "program"),
				   &v->id[1]);
	err = v->fd[1] < 0 ? v->fd[1] : 0;
	if (err)
		close(v->fd[0]);
	return err;
}

/* The same of a generation that must have them. */
static int need_programs(const struct pins *p, __u32 generation,
			 struct programs *v)
{
	int fd = pins_need_in(p, generation, "program");

	if (fd < 0)
		return fd;
	close(fd);
	return programs_open(p, generation, v);
}

/* pins_each_generation: is it newer than those before, and does a link run it?
 * One whose pins are not complete has no program. */
static int visit_newest(const struct pins *p, __u32 number, void *engine)
{
	struct engine *e = engine;
	struct programs v;
	int err;

	if (number <= e->generation)
		return 0;
	err = programs_open(p, number, &v);
	if (err)
		return err == -ENOENT ? 0 : err;
	programs_close(&v);
	if (links_run(&e->links, &v)) {
		e->generation = number;
		e->program = v.id[DEVICE_ETHERNET];
	}
	return 0;
}

static int engine_find(struct engine *e)
{
	int err;

	links_free(&e->links);
	e->generation = e->program = 0;
	err = links_read(&e->pins, &e->links);
	if (!err)
		err = pins_each_generation(&e->pins, visit_newest, e);
	e->found = !err;
	return err;
}

/* --- finishing a swap ---------------------------------------------------- */

/* Connections are charged by the generation's own program, or by nobody. */
static int settle_hook(const struct engine *e)
{
	int opened = pins_open_in(&e->pins, e->generation, "opened");
	int recount, err;
	enum hook_kind kind;
	__u32 id;

	if (opened < 0)
		return opened == -ENOENT ? hook_remove(&e->pins) : opened;
	recount = pins_open_in(&e->pins, e->generation, "recount");
	err = recount < 0 && recount != -ENOENT ? recount : 0;
	if (!err)
		err = hook_kind(&e->pins, &kind);
	/* A hook that is made anew has maps of its own: only a generation that
	 * has the same may use it. */
	if (!err && kind != HOOK_NONE)
		err = hook_serves(&e->pins, opened);
	if (err == 1) {
		err = program_id(opened, &id);
		if (!err)
			err = hook_point(&e->pins, id, opened, recount);
	}
	close(opened);
	if (recount >= 0)
		close(recount);
	return err;
}

/* Every interface runs the program of e->generation. */
static int settle_links(const struct engine *e)
{
	struct programs v;
	int err = need_programs(&e->pins, e->generation, &v);

	if (err)
		return err;
	err = links_update(&e->pins, &e->links, &v);
	programs_close(&v);
	return err;
}

/* Points v3/lists to the map of the generation in force, atomically. */
static int settle_lists(const struct engine *e)
{
	int fd = pins_need_in(&e->pins, e->generation, "lists"), err;

	if (fd < 0)
		return fd;
	err = pins_remove(&e->pins, "lists_next");
	if (!err)
		err = pins_set(&e->pins, "lists_next", fd);
	close(fd);
	return err ? err : pins_move(&e->pins, "lists_next", "lists");
}

/* The counters of slots that no list has: a slot counts from zero when it is
 * given to a list again. */
static int clear_counters(int lists, int counters)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct mw_list_counters *zero;
	struct mw_list_info info;

	if (cpus < 0)
		return cpus;
	zero = calloc(cpus, sizeof(*zero));
	if (!zero)
		return -ENOMEM;
	for (__u32 i = 0; i < MW_LIST_SLOTS && !err; i++) {
		err = bpf_map_lookup_elem(lists, &i, &info) ? -errno : 0;
		if (!err && !info.name[0] &&
		    bpf_map_update_elem(counters, &i, zero, 0))
			err = -errno;
	}
	free(zero);
	return err;
}

static int settle_counters(const struct engine *e)
{
	int lists = pins_need(&e->pins, "lists"), counters, err;

	if (lists < 0)
		return lists;
	counters = pins_need(&e->pins, "list_counters");
	if (counters < 0) {
		close(lists);
		return counters;
	}
	err = clear_counters(lists, counters);
	close(lists);
	close(counters);
	return pins_told("list_counters", err);
}

/* pins_each_generation: removes those that are not in force. */
static int visit_remove(const struct pins *p, __u32 number, void *in_force)
{
	if (number == *(const __u32 *)in_force)
		return 0;
	return pins_remove_generation(p, number);
}

/* What comes after the first link update; the same after a kill. Where links
 * run what has no pins any more nothing is removed. */
static int engine_settle(struct engine *e)
{
	int err = 0;

	if (e->generation) {
		err = settle_links(e);
		if (!err)
			err = settle_hook(e);
		if (!err)
			err = sizes_settle(&e->pins, e->generation);
		if (!err)
			err = settle_lists(e);
		if (!err)
			err = settle_counters(e);
	}
	if (err || (!e->generation && e->links.n))
		return err;
	return pins_each_generation(&e->pins, visit_remove, &e->generation);
}

int engine_charges(const struct engine *e)
{
	int opened = pins_open_in(&e->pins, e->generation, "opened"), charges;
	__u32 id;

	if (opened < 0)
		return opened == -ENOENT ? 0 : opened;
	charges = program_id(opened, &id);
	if (!charges)
		charges = hook_points(&e->pins, id);
	if (charges == 1)
		charges = hook_serves(&e->pins, opened);
	close(opened);
	return charges;
}

/* --- opening ------------------------------------------------------------- */

static int open_read(struct engine *e)
{
	int err;

	e->lock = lock_shared(&e->pins);
	if (e->lock < 0)
		return e->lock;
	err = schema_check(&e->pins);
	if (!err)
		err = pins_own(e->pins.dir, false);
	if (!err)
		err = engine_find(e);
	if (!err && !e->links.n)
		err = -ENOENT;
	if (!err && !e->generation) {
		log_error("%s: interfaces run programs whose pins are gone; "
			  "'mailweir attach DEV' puts new ones in their place, "
			  "'mailweir detach' takes them off",
			  e->pins.dir);
		err = -EUCLEAN;
	}
	return err;
}

static int open_write(struct engine *e)
{
	int err = pins_mount(&e->pins);

	if (!err)
		e->lock = lock_alone(&e->pins);
	if (err || e->lock < 0)
		return err ? err : e->lock;
	err = schema_check(&e->pins);
	if (!err)
		err = pins_own(e->pins.dir, true);
	if (!err)
		err = engine_find(e);
	if (!err)
		err = engine_settle(e);
	return err;
}

/* Its generations may be of another layout, and are not looked at. */
static int open_other(struct engine *e)
{
	struct pins other;
	int err = pins_own(e->pins.root, false);

	if (!err)
		err = schema_other(&e->pins, &other);
	if (err != 1)
		return err ? err : -ENOENT;
	e->lock = lock_alone(&e->pins);
	if (e->lock < 0)
		return e->lock;
	e->pins = other;
	err = links_read(&e->pins, &e->links);
	e->found = !err;
	return err;
}

int engine_open(struct engine *e, enum engine_mode mode)
{
	static int (*const opens[])(struct engine * e) = {
		[ENGINE_READ] = open_read,
		[ENGINE_WRITE] = open_write,
		[ENGINE_OTHER] = open_other,
	};
	int err;

	libbpf_set_print(libbpf_say);
	memset(e, 0, sizeof(*e));
	e->lock = -1;
	e->mode = mode;
	pins_find(&e->pins);
	err = opens[mode](e);
	if (err)
		engine_close(e);
	return err;
}

void engine_close(struct engine *e)
{
	if (e->mode != ENGINE_READ && e->lock >= 0 && e->found && !e->links.n)
		pins_remove_all(&e->pins);
	links_free(&e->links);
	if (e->lock >= 0)
		close(e->lock);
	e->lock = -1;
}

/* --- replacing ----------------------------------------------------------- */

/* The commit: the first of these link updates, or creations. *done: how many
 * of fresh are attached. */
static int enforce(const struct engine *e, const struct programs *v,
		   const struct links *fresh, enum mw_native want, size_t *done)
{
	int err = links_update(&e->pins, &e->links, v);

	for (*done = 0; *done < fresh->n && !err; *done += !err)
		err = link_attach(&e->pins, &fresh->v[*done], v, want);
	return err;
}

/* Puts back what enforce() changed. The links as they were say which ran the
 * old program, so all of them are told again. */
static int put_back(const struct engine *e, const struct links *fresh,
		    size_t done)
{
	struct programs v;
	struct links now;
	int err = 0, failed;

	while (done && !err)
		err = link_detach(&e->pins, &fresh->v[--done]);
	if (err || !e->generation)
		return err;
	err = need_programs(&e->pins, e->generation, &v);
	if (err)
		return err;
	err = links_read(&e->pins, &now);
	failed = err ? err : links_update(&e->pins, &now, &v);
	links_free(&now);
	programs_close(&v);
	return failed;
}

/* 0: the generation is in force. */
static int commit(struct engine *e, const struct mw_settings *s,
		  const struct links *fresh, int *late)
{
	struct programs v;
	size_t done;
	int err = need_programs(&e->pins, s->generation, &v);

	if (err)
		return err;
	err = enforce(e, &v, fresh, s->native, &done);
	programs_close(&v);
	if (err && !put_back(e, fresh, done))
		return err;
	/* What could not be put back runs the new program: so must all. */
	*late = err;
	e->generation = s->generation;
	e->program = v.id[DEVICE_ETHERNET];
	return 0;
}

/* What was read before the commit is old. An error leaves it at what is known:
 * the generation that is in force. */
static int settle_again(struct engine *e)
{
	const struct engine was = *e;
	int err;

	memset(&e->links, 0, sizeof(e->links));
	err = engine_find(e);
	if (!err)
		err = engine_settle(e);
	if (err) {
		e->generation = was.generation;
		e->program = was.program;
	}
	links_free((struct links *)&was.links);
	return err;
}

int engine_replace(struct engine *e, const struct load_input *in,
		   char *const *devs, int ndevs,
		   int (*prepare)(const struct engine *e,
				  const struct mw_settings *s, void *arg),
		   void *arg, int *late)
{
	__u32 generation = in->settings.generation;
	struct links fresh;
	int err = links_new(&e->links, devs, ndevs, &fresh);

	*late = 0;
	if (!err)
		err = load_generation(&e->pins, in);
	if (!err) {
		err = prepare(e, &in->settings, arg);
		if (!err)
			err = commit(e, &in->settings, &fresh, late);
		if (err)
			pins_remove_generation(&e->pins, generation);
		else
			*late = settle_again(e) ?: *late;
	}
	links_free(&fresh);
	return err;
}

/* --- the same generation once more --------------------------------------- */

/* Takes away what an interface that has come back left. */
static int forget_gone(struct engine *e, const char *was)
{
	int err = 0;

	for (size_t i = 0; i < e->links.n && !err; i++)
		if (e->links.v[i].place == LINK_GONE &&
		    !strcmp(e->links.v[i].name, was))
			err = link_detach(&e->pins, &e->links.v[i]);
	return err;
}

int engine_attach(struct engine *e, char *dev, const char *was,
		  enum mw_native want)
{
	struct programs v;
	struct links fresh;
	int err = need_programs(&e->pins, e->generation, &v);

	if (err)
		return err;
	err = links_new(&e->links, &dev, 1, &fresh);
	for (size_t i = 0; i < fresh.n && !err; i++)
		err = link_attach(&e->pins, &fresh.v[i], &v, want);
	programs_close(&v);
	links_free(&fresh);
	if (!err)
		err = engine_find(e);
	return err ? err : forget_gone(e, was);
}

void engine_parts_close(const int parts[MW_PARTS])
{
	for (int i = 0; i < MW_PARTS; i++)
		if (parts[i] >= 0)
			close(parts[i]);
}

int engine_parts(const struct engine *e, int parts[MW_PARTS])
{
	int err = 0;

	for (int i = 0; i < MW_PARTS; i++)
		parts[i] = -1;
	for (int i = 0; i < MW_PARTS && !err; i++) {
		parts[i] = pins_need_in(&e->pins, e->generation, pack_names[i]);
		err = parts[i] < 0 ? parts[i] : 0;
	}
	if (err)
		engine_parts_close(parts);
	return err;
}

/* --- detaching ----------------------------------------------------------- */

static bool is_wanted(const struct engine *e, const struct link *l,
		      char *const *devs, int n)
{
	bool wanted = !n;

	for (int i = 0; i < n; i++)
		wanted |= links_find(&e->links, devs[i]) == l;
	return wanted;
}

static int check_attached(const struct engine *e, char *const *devs, int n)
{
	for (int i = 0; i < n; i++) {
		if (links_find(&e->links, devs[i]))
			continue;
		log_error("%s: not attached; 'mailweir status' lists what is",
			  devs[i]);
		return -ENOENT;
	}
	return 0;
}

int engine_detach(struct engine *e, char *const *devs, int n)
{
	int err = check_attached(e, devs, n), again;

	for (size_t i = 0; i < e->links.n && !err; i++) {
		const struct link *l = &e->links.v[i];

		if (!is_wanted(e, l, devs, n))
			continue;
		err = link_detach(&e->pins, l);
		if (!err)
			log_info("%s: detached", l->current);
	}
	links_free(&e->links);
	again = e->mode == ENGINE_OTHER ? links_read(&e->pins, &e->links)
					: engine_find(e);
	e->found = !again;
	return err ? err : again;
}
