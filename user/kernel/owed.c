// SPDX-License-Identifier: GPL-2.0
#include "kernel/owed.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const char *const names[] = {
	[OWED_BLOCKS_READ] = "owed_blocks_read",
	[OWED_BLOCKS_WRITE] = "owed_blocks_write",
	[OWED_HISTORIES_READ] = "owed_histories_read",
	[OWED_HISTORIES] = "owed_histories",
	[OWED_MODE] = "owed_mode",
	[OWED_UNDONE] = "owed_undone",
	[OWED_CONFIG] = "owed_config",
};
/* clang-format on */

int owed_is(const struct pins *p, enum owed what)
{
	return pins_exists(p, names[what]);
}

/* Only the name counts: it is a second one of the table of blocks. */
static int set(const struct pins *p, const char *name, bool owed)
{
	int is = pins_exists(p, name), fd, err;

	if (is < 0 || is == owed)
		return is < 0 ? is : 0;
	if (!owed)
		return pins_remove(p, name);
	fd = pins_need(p, "blocks");
	if (fd < 0)
		return fd;
	err = pins_set(p, name, fd);
	close(fd);
	return err;
}

int owed_set(const struct pins *p, enum owed what, bool owed)
{
	return set(p, names[what], owed);
}

/* --- lists --------------------------------------------------------------- */

#define LIST "refused_"

static void list_pin(const char *list, char pin[PINS_NAME])
{
	snprintf(pin, PINS_NAME, LIST "%s", list);
}

/* One that is refused again is refused since now. */
int owed_list_set(const struct pins *p, const char *list, bool refused)
{
	char pin[PINS_NAME];
	int err;

	list_pin(list, pin);
	err = refused ? pins_remove(p, pin) : 0;
	return err ? err : set(p, pin, refused);
}

int owed_list_is(const struct pins *p, const char *list, __u64 *since)
{
	char pin[PINS_NAME], path[PINS_PATH];
	struct stat st;

	list_pin(list, pin);
	pins_path(p, pin, path);
	if (lstat(path, &st))
		return pins_exists(p, pin) < 0 ? -EIO : 0;
	*since = st.st_mtim.tv_sec;
	return 1;
}

static int clear(const struct pins *p, const char *pin, void *arg)
{
	(void)arg;
	return pins_remove(p, pin);
}

int owed_lists_clear(const struct pins *p)
{
	return pins_each(p, LIST, clear, NULL);
}

/* --- confirming ---------------------------------------------------------- */

#define CONFIRM "confirm_"

int owed_confirm_set(const struct pins *p, __u64 until)
{
	char pin[PINS_NAME];

	snprintf(pin, sizeof(pin), CONFIRM "%llu", until);
	return set(p, pin, true);
}

static int visit_confirm(const struct pins *p, const char *pin, void *until)
{
	(void)p;
	return sscanf(pin, CONFIRM "%llu", (__u64 *)until) == 1;
}

int owed_confirm_is(const struct pins *p, __u64 *until)
{
	return pins_each(p, CONFIRM, visit_confirm, until);
}

int owed_confirm_clear(const struct pins *p)
{
	return pins_each(p, CONFIRM, clear, NULL);
}
