/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The links of the program to interfaces. Each is pinned as link_NAME, with
 * the name that its interface had when it was attached ('.' written as '%'),
 * or where another interface of ours has that pin, as link_NAME:2 and so on.
 * Errors as in pins.h.
 */
#ifndef MAILWEIR_LINKS_H
#define MAILWEIR_LINKS_H

#include <net/if.h>

#include "kernel/pins.h"

enum link_place {
	LINK_HERE,
	LINK_ELSEWHERE, /* the interface is in another network namespace */
	LINK_GONE,	/* it has no interface any more */
};

struct link {
	char pin[IF_NAMESIZE + 16];
	char name[IF_NAMESIZE]; /* as attached */
	/* Its name now: the one as attached where it is not here. */
	char current[IF_NAMESIZE];
	enum link_place place;
	int ifindex; /* in its own namespace; 0: gone */
	bool native;
	__u32 program; /* the id of what it runs */
};

struct links {
	struct link *v;
	size_t n, room;
};

/* All that are pinned; to be freed in any case. */
int links_read(const struct pins *p, struct links *links);
void links_free(struct links *links);

/* The link of the interface that is called dev now; else the one that was
 * attached by that name; NULL: none. */
const struct link *links_find(const struct links *links, const char *dev);

bool links_run(const struct links *links, __u32 program);

/* Every interface that is not gone runs the program from now on; program: its
 * id, fd: it. Ends where one fails: those before have been changed. */
int links_update(const struct pins *p, const struct links *links, int fd,
		 __u32 program);

/*
 * The interfaces of devs that have no link yet, each once, with the pins that
 * their links will have; to be freed in any case. -ENODEV: one does not exist;
 * -EBUSY: one has another XDP program.
 */
int links_new(const struct links *links, char *const *devs, int ndevs,
	      struct links *fresh);

/* Attaches the program fd to an interface of links_new, native, or generic
 * with a warning where the driver has no native XDP, and pins the link. */
int link_attach(const struct pins *p, const struct link *l, int fd);

/* Takes the program off, and removes the pin. */
int link_detach(const struct pins *p, const struct link *l);

#endif
