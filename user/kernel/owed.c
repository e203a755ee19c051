// SPDX-License-Identifier: GPL-2.0
#include "kernel/owed.h"

#include <unistd.h>

/* clang-format off */
static const char *const names[] = {
	[OWED_BLOCKS_READ] = "owed_blocks_read",
	[OWED_BLOCKS_WRITE] = "owed_blocks_write",
	[OWED_HISTORIES_READ] = "owed_histories_read",
	[OWED_HISTORIES] = "owed_histories",
};
/* clang-format on */

int owed_is(const struct pins *p, enum owed what)
{
	return pins_exists(p, names[what]);
}

/* Only the name counts: it is a second one of the table of blocks. */
int owed_set(const struct pins *p, enum owed what, bool owed)
{
	int is = owed_is(p, what), fd, err;

	if (is < 0 || is == owed)
		return is < 0 ? is : 0;
	if (!owed)
		return pins_remove(p, names[what]);
	fd = pins_need(p, "blocks");
	if (fd < 0)
		return fd;
	err = pins_set(p, names[what], fd);
	close(fd);
	return err;
}
