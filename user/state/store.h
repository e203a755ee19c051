/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that survive a reboot, below /var/lib/mailweir (MAILWEIR_STATE names
 * another place). A file is written beside the old one and takes its place
 * when it is all on the disk: it is whole or not there. Only who holds the
 * lock of engine.h writes. 0 or -errno; a failure has been told.
 */
#ifndef MAILWEIR_STORE_H
#define MAILWEIR_STORE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include <linux/types.h>

enum { STORE_PATH = 2048 };

struct store_file {
	char path[STORE_PATH], next[STORE_PATH + sizeof(".next")];
	FILE *f;
};

/* Opens a file for reading; NULL: errno says why. A FIFO is not waited for, and
 * reading a directory fails. */
FILE *store_read(const char *path);

const char *store_root(void);
void store_path(const char *name, char path[STORE_PATH]);

/* mode: the file's rights, whatever the umask. */
int store_begin(const char *name, mode_t mode, struct store_file *file);
/* The file is what has been written to file->f. */
int store_end(struct store_file *file);
/* Removes the files that a killed command did not finish. */
int store_sweep(void);

/* For files of other names. */

/* Makes the root and its directory lists. */
int store_directories(void);
/* Flushes f to the disk and closes it. Silent. */
int store_finish(FILE *f);
/* Flushes a directory to the disk: a new name in it is only then there.
 * Silent. */
int store_flush(const char *path);
/* Tells why path cannot be written, if err says so; returns err. */
int store_told(const char *path, int err);
/* Removes a file, if there is one. */
int store_remove(const char *path);
/* Calls visit for each entry of dir until it returns another value than 0,
 * which is returned. No dir: none. */
int store_each(const char *dir,
	       int (*visit)(const char *dir, const char *entry, void *arg),
	       void *arg);

#endif
