/* SPDX-License-Identifier: GPL-2.0 */
/* Which lists' files have changed, and have stood still since. */
#ifndef MAILWEIR_FILES_H
#define MAILWEIR_FILES_H

#include "config/config.h"

struct files {
	struct {
		__u64 taken; /* what the files were when the list was read */
		__u64 seen;  /* what they were at the last look */
		int still;   /* looks since they were another */
	} list[MW_LISTS];
};

/* The lists are read now. */
void files_taken(struct files *f, const struct config *cfg);
void files_taken_one(struct files *f, const struct config *cfg, int list);

/* Of lists that were read by somebody else (info: MW_LIST_SLOTS of them, as
 * they are in force): what changed after that, or in the same second, is to be
 * read again. */
void files_unread(struct files *f, const struct config *cfg,
		  const struct mw_list_info *info);

/* Looks at all files, as is to be done once a second. The first list whose
 * files have changed since it was read, and stood still for two looks; -1:
 * none. */
int files_look(struct files *f, const struct config *cfg);

#endif
