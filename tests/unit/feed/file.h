/* SPDX-License-Identifier: GPL-2.0 */
/* A list's file for the tests that read one by its name: path, in a directory
 * of the test's own. */
#ifndef MAILWEIR_TESTS_FILE_H
#define MAILWEIR_TESTS_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[256], path[300];

static inline int make_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/feed.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/list", dir);
	return 0;
}

static inline int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

#endif
