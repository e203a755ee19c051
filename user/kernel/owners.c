// SPDX-License-Identifier: GPL-2.0
#include "kernel/owners.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define PIN "owners"

/* Not preallocated: few prefixes have a record, and its memory is not what a
 * block waits for. */
static int make_map(const struct pins *p)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	int fd = bpf_map_create(BPF_MAP_TYPE_HASH, "owners",
				sizeof(struct mw_prefix), sizeof(struct owners),
				MW_BLOCKS, &opts);
	int err;

	if (fd < 0)
		return pins_told(PIN, -errno);
	err = pins_set(p, PIN, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int owners_open(const struct pins *p, bool make)
{
	int fd = pins_open(p, PIN);

	return fd == -ENOENT && make ? make_map(p) : fd;
}

int owners_get(int fd, const struct mw_prefix *p, struct owners *o)
{
	int err = 0;

	memset(o, 0, sizeof(*o));
	if (fd == -ENOENT)
		return 0;
	if (bpf_map_lookup_elem(fd, p, o))
		err = errno == ENOENT ? 0 : -errno;
	if (o->n > OWNERS_MOST)
		err = -EPROTO;
	return pins_told(PIN, err);
}

int owners_set(int fd, const struct mw_prefix *p, const struct owners *o)
{
	int err;

	if (o->n)
		err = bpf_map_update_elem(fd, p, o, 0) ? -errno : 0;
	else
		err = bpf_map_delete_elem(fd, p) && errno != ENOENT ? -errno
								    : 0;
	return pins_told(PIN, err);
}
