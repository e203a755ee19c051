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

#include "kernel/device.h"
#include "kernel/native.h"
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
	__u32 id;
	int ifindex; /* in its own namespace; 0: gone */
	bool native;
	enum device_entry entry; /* the program that it should run */
	const char *refusal;	 /* device_refusal(); NULL: it judges */
	__u32 program;		 /* the id of what it runs */
};

/* The programs of a generation that judge attempts. */
struct programs {
	int fd[DEVICE_ENTRIES];
	__u32 id[DEVICE_ENTRIES];
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

/* Does one of them run one of the programs? */
bool links_run(const struct links *links, const struct programs *programs);

/* Every interface that is not gone runs the one that fits from now on. Ends
 * where one fails: those before have been changed. */
int links_update(const struct pins *p, const struct links *links,
		 const struct programs *programs);

/*
 * The interfaces of devs that have no link yet, each once, with the pins that
 * their links will have; to be freed in any case. -ENODEV: one does not exist;
 * -EBUSY: one has another XDP program; -EOPNOTSUPP: none of ours can judge what
 * it receives.
 */
int links_new(const struct links *links, char *const *devs, int ndevs,
	      struct links *fresh);

/* Attaches the program that fits to an interface of links_new, as native_link()
 * says, and pins the link. */
int link_attach(const struct pins *p, const struct link *l,
		const struct programs *programs, enum mw_native want);

/* Takes the program off, and removes the pin. */
int link_detach(const struct pins *p, const struct link *l);

#endif
