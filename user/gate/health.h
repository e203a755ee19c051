/* SPDX-License-Identifier: GPL-2.0 */
/* What is red: something works, or seems to, and is not as it should be. */
#ifndef MAILWEIR_HEALTH_H
#define MAILWEIR_HEALTH_H

#include "gate/occupancy.h"

/* A problem is a sentence that says what is wrong and what to do. */
struct health {
	char **problem;
	size_t n;
	int err; /* -ENOMEM: some problems are missing */
};

/*
 * The problems of the gate; s are the settings in force. What cannot be read
 * is a problem, too. 0, or -ENOMEM: not all are there. *h is to be freed in
 * any case.
 */
int health_read(const struct engine *e, const struct mw_settings *s,
		const struct occupancy occupancy[OCCUPANCY_TABLES],
		struct health *h);
void health_free(struct health *h);

/* health_read of what is in force, of which it reads the rest. 0 or -errno:
 * not all is there. */
int health_look(const struct engine *e, struct health *h);

/* Warns of each problem. true: there are some, or it is not known. */
bool health_warn(const struct engine *e);

/* Is the file of the list older than the list's expires? */
bool health_list_expired(const struct mw_list_info *l);
/* Why the copy of a list that was not refused is not what is in force; NULL: it
 * is. */
const char *health_copy_wrong(const struct mw_list_info *l);
/* The list's state in words: "expired" where it is nothing worse. */
const char *health_list_state(const struct engine *e,
			      const struct mw_list_info *l);

#endif
