// SPDX-License-Identifier: GPL-2.0
#include "kernel/links.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>

#include "lists/grow.h"
#include "out/log.h"

#define PREFIX "link_"

/* --- reading ------------------------------------------------------------- */

static int links_add(struct links *links, const struct link *l)
{
	struct link *v = grow(links->v, &links->room, links->n + 1, sizeof(*v));

	if (!v)
		return pins_told("the links", -ENOMEM);
	links->v = v;
	v[links->n++] = *l;
	return 0;
}

void links_free(struct links *links)
{
	free(links->v);
	memset(links, 0, sizeof(*links));
}

/* "link_eth0%7:2" is of eth0.7. */
static void name_of_pin(const char *pin, char name[IF_NAMESIZE])
{
	const char *from = pin + strlen(PREFIX);

	snprintf(name, IF_NAMESIZE, "%.*s", (int)strcspn(from, ":"), from);
	for (char *c = name; *c; c++)
		if (*c == '%')
			*c = '.';
}

/* Which XDP programs an interface has; -ENODEV is an answer. */
static int query(int ifindex, const char *name, struct bpf_xdp_query_opts *opts)
{
	int err = bpf_xdp_query(ifindex, 0, opts);

	if (err == -ENODEV || err == -ENXIO)
		return -ENODEV;
	return err ? pins_told(name, err) : 0;
}

/* Where the interface cannot be asked: what it runs fits. */
static enum device_entry entry_of_program(__u32 id)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0)
		return DEVICE_ETHERNET;
	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		info.name[0] = 0;
	close(fd);
	return strcmp(info.name, "mailweir_ip") ? DEVICE_ETHERNET : DEVICE_IP;
}

static int link_device(struct link *l)
{
	struct device d;
	int err;

	l->entry = entry_of_program(l->program);
	if (l->place != LINK_HERE)
		return 0;
	err = device_read(l->ifindex, &d);
	if (err)
		return err == -ENODEV ? 0 : pins_told(l->current, err);
	l->refusal = device_refusal(&d, &l->entry);
	return 0;
}

/* An index says nothing of the namespace: the interface that has it here is
 * the link's if it runs the link's program. */
static int link_place(struct link *l)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, has);
	char name[IF_NAMESIZE];
	int err;

	if (!l->ifindex)
		return 0;
	l->place = LINK_ELSEWHERE;
	if (!if_indextoname(l->ifindex, name))
		return errno == ENXIO || errno == ENODEV
			       ? 0
			       : pins_told(l->pin, -errno);
	err = query(l->ifindex, name, &has);
	if (err)
		return err == -ENODEV ? 0 : err;
	l->native =
		has.drv_prog_id == l->program || has.hw_prog_id == l->program;
	if (!l->native && has.skb_prog_id != l->program)
		return 0;
	l->place = LINK_HERE;
	memcpy(l->current, name, sizeof(name));
	return 0;
}

static int link_info(const struct pins *p, const char *pin,
		     struct bpf_link_info *info)
{
	__u32 size = sizeof(*info);
	int fd = pins_open(p, pin), err;

	if (fd < 0)
		return fd;
	memset(info, 0, sizeof(*info));
	err = bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0;
	close(fd);
	return pins_told(pin, err);
}

static int link_read(const struct pins *p, const char *pin, void *links)
{
	struct link l = {.place = LINK_GONE};
	struct bpf_link_info info;
	int err = link_info(p, pin, &info);

	if (err)
		return err == -ENOENT ? 0 : err;
	snprintf(l.pin, sizeof(l.pin), "%s", pin);
	name_of_pin(pin, l.name);
	memcpy(l.current, l.name, sizeof(l.name));
	l.id = info.id;
	l.program = info.prog_id;
	l.ifindex = info.xdp.ifindex;
	err = link_place(&l);
	if (!err)
		err = link_device(&l);
	return err ? err : links_add(links, &l);
}

/* An interface that moved away can have left its index to a successor, and both
 * run one program: the newer link is the successor's. */
static void leave_index(struct links *links, const struct link *newer)
{
	for (size_t i = 0; i < links->n; i++) {
		struct link *l = &links->v[i];

		if (l->place != LINK_HERE || l->ifindex != newer->ifindex ||
		    l->id >= newer->id)
			continue;
		l->place = LINK_ELSEWHERE;
		memcpy(l->current, l->name, sizeof(l->name));
	}
}

int links_read(const struct pins *p, struct links *links)
{
	int err;

	memset(links, 0, sizeof(*links));
	err = pins_each(p, PREFIX, link_read, links);
	for (size_t i = 0; i < links->n; i++)
		if (links->v[i].place == LINK_HERE)
			leave_index(links, &links->v[i]);
	return err;
}

/* --- looking ------------------------------------------------------------- */

/* An interface can have other names beside its own ('ip link property'). */
static bool is_called(const struct link *l, const char *dev)
{
	return l->place == LINK_HERE &&
	       (!strcmp(l->current, dev) ||
		(unsigned int)l->ifindex == if_nametoindex(dev));
}

const struct link *links_find(const struct links *links, const char *dev)
{
	for (size_t i = 0; i < links->n; i++)
		if (is_called(&links->v[i], dev))
			return &links->v[i];
	for (size_t i = 0; i < links->n; i++)
		if (!strcmp(links->v[i].name, dev))
			return &links->v[i];
	return NULL;
}

bool links_run(const struct links *links, const struct programs *programs)
{
	for (size_t i = 0; i < links->n; i++)
		for (int j = 0; j < DEVICE_ENTRIES; j++)
			if (links->v[i].program == programs->id[j])
				return true;
	return false;
}

static const struct link *find_pin(const struct links *links, const char *pin)
{
	for (size_t i = 0; i < links->n; i++)
		if (!strcmp(links->v[i].pin, pin))
			return &links->v[i];
	return NULL;
}

static bool has_index(const struct links *links, int ifindex)
{
	for (size_t i = 0; i < links->n; i++)
		if (links->v[i].place == LINK_HERE &&
		    links->v[i].ifindex == ifindex)
			return true;
	return false;
}

/* --- changing ------------------------------------------------------------ */

static int link_update(const struct pins *p, const struct link *l, int program)
{
	int fd = pins_need(p, l->pin), err;

	if (fd < 0)
		return fd;
	err = bpf_link_update(fd, program, NULL) ? -errno : 0;
	close(fd);
	if (err == -ENOLINK) /* its interface went away a moment ago */
		return 0;
	if (err)
		log_error("%s: the program cannot be replaced: %s", l->current,
			  strerror(-err));
	return err;
}

int links_update(const struct pins *p, const struct links *links,
		 const struct programs *programs)
{
	int err = 0;

	for (size_t i = 0; i < links->n && !err; i++) {
		const struct link *l = &links->v[i];

		if (l->place != LINK_GONE &&
		    l->program != programs->id[l->entry])
			err = link_update(p, l, programs->fd[l->entry]);
	}
	return err;
}

/* 0, or -EBUSY: another XDP program is there. */
static int check_foreign(const char *dev, int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, has);
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info), id;
	int err = query(ifindex, dev, &has), fd;

	if (err)
		return err == -ENODEV ? pins_told(dev, err) : err;
	id = has.prog_id       ? has.prog_id
	     : has.drv_prog_id ? has.drv_prog_id
	     : has.skb_prog_id ? has.skb_prog_id
			       : has.hw_prog_id;
	if (!id)
		return 0;
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &size))
		snprintf(info.name, sizeof(info.name), "?");
	if (fd >= 0)
		close(fd);
	log_error("%s: another XDP program is attached: '%s' (id %u, %s); "
		  "detach it first, it is not ours to replace",
		  dev, info.name, id,
		  has.attach_mode == XDP_ATTACHED_DRV ? "native" : "generic");
	return -EBUSY;
}

/* 0, and l->entry; or told, why no program of ours fits. */
static int check_device(struct link *l)
{
	struct device d;
	int err = device_read(l->ifindex, &d);

	if (err)
		return pins_told(l->name, err);
	l->refusal = device_refusal(&d, &l->entry);
	if (!l->refusal)
		return 0;
	log_error("%s: cannot be attached: %s", l->name, l->refusal);
	return -EOPNOTSUPP;
}

/* A pin that no other interface of ours has: neither old ones that are not
 * gone, nor new ones. */
static void choose_pin(const struct links *links, const struct links *fresh,
		       struct link *l)
{
	int n = snprintf(l->pin, sizeof(l->pin), PREFIX "%s", l->name);

	for (char *c = l->pin + strlen(PREFIX); *c; c++)
		if (*c == '.')
			*c = '%';
	for (int i = 2;; i++) {
		const struct link *old = find_pin(links, l->pin);

		if ((!old || old->place == LINK_GONE) &&
		    !find_pin(fresh, l->pin))
			return;
		snprintf(l->pin + n, sizeof(l->pin) - n, ":%d", i);
	}
}

static int link_new(const struct links *links, const char *dev,
		    struct links *fresh)
{
	struct link l = {.place = LINK_HERE};
	int err;

	l.ifindex = if_nametoindex(dev);
	if (!l.ifindex && errno != ENODEV && errno != ENXIO)
		return pins_told(dev, -errno);
	if (!l.ifindex) {
		log_error("%s: no such interface; 'ip link' lists them", dev);
		return -ENODEV;
	}
	if (has_index(links, l.ifindex) || has_index(fresh, l.ifindex))
		return 0;
	/* dev may be one of its other names. */
	if (!if_indextoname(l.ifindex, l.name))
		return pins_told(dev, -errno);
	memcpy(l.current, l.name, sizeof(l.name));
	err = check_device(&l);
	if (!err)
		err = check_foreign(l.name, l.ifindex);
	if (err)
		return err;
	choose_pin(links, fresh, &l);
	return links_add(fresh, &l);
}

int links_new(const struct links *links, char *const *devs, int ndevs,
	      struct links *fresh)
{
	int err = 0;

	memset(fresh, 0, sizeof(*fresh));
	for (int i = 0; i < ndevs && !err; i++)
		err = link_new(links, devs[i], fresh);
	return err;
}

/* A descriptor. */
static int link_create(const struct link *l, int program, enum mw_native want)
{
	int fd = native_link(l->name, l->ifindex, program, want);

	if (fd == -EBUSY && !check_foreign(l->name, l->ifindex))
		return pins_told(l->name, fd);
	return fd;
}

int link_attach(const struct pins *p, const struct link *l,
		const struct programs *programs, enum mw_native want)
{
	int link = link_create(l, programs->fd[l->entry], want), err;

	if (link < 0)
		return link;
	err = pins_remove(p, l->pin); /* of an interface that is gone */
	if (!err)
		err = pins_set(p, l->pin, link);
	close(link);
	return err;
}

int link_detach(const struct pins *p, const struct link *l)
{
	int fd = pins_open(p, l->pin), err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pins_remove(p, l->pin);
	/* Closing the last descriptor of a link without a pin does the same,
	 * but not before whoever looks at it has closed theirs. */
	if (!err)
		bpf_link_detach(fd);
	close(fd);
	return err;
}
