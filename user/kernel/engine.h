/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only door to libbpf's program side: load, attach, replace, pin, lock.
 *
 * <bpffs>/mailweir/			0750, ours; the lock is on it
 *	v2/counters, blocks, ...	state maps, shared by all generations
 *	v2/lists			of the generation in force
 *	v2/gen_N/			programs, settings, lists, and the
 *					parts of lookup.h
 *	v2/hook_..., opened		of hook.h
 *	v2/link_IFNAME			one per interface, '.' written as '%'
 *
 * The generation in force is the newest that a link runs: the first link
 * update commits a swap, and engine_open(..., true) finishes one that was
 * killed. Functions return 0 or -errno and have said why, unless they say
 * otherwise here.
 */
#ifndef MAILWEIR_ENGINE_H
#define MAILWEIR_ENGINE_H

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>

#include "kernel/hook.h"
#include "lists/pack.h"

enum { ENGINE_DEVS = 64, ENGINE_LOCK_SECONDS = 5 };

struct engine {
	char root[PATH_MAX / 2];
	char dir[PATH_MAX / 2 + 8];
	int lock;	  /* file descriptor, or -1 */
	__u32 generation; /* in force; 0: none */
};

struct engine_link {
	char name[IF_NAMESIZE];	   /* as attached */
	char current[IF_NAMESIZE]; /* after a rename; "" when lost */
	int ifindex;		   /* 0: the interface is gone */
	bool native;
	__u32 prog_id;
	int fd;
};

/* What a generation is made of; the engine adds nothing to it. */
struct engine_input {
	struct mw_settings settings;
	struct mw_list_info info[MW_LIST_SLOTS];
	struct pack pack;
};

/* Silent -ENOENT where nothing was ever attached (read only). With write:
 * mounts bpffs where it is missing, makes the directories, waits for the
 * lock, completes or undoes what a killed command left. */
int engine_open(struct engine *e, bool write);
void engine_close(struct engine *e);

/* The number of links put in v, or -errno. Close with engine_links_close. */
int engine_links(const struct engine *e, struct engine_link v[ENGINE_DEVS]);
void engine_links_close(struct engine_link *v, int n);

/*
 * Loads in->settings.generation, puts it in force on every interface that has
 * one and on devs. All or nothing: where one fails the others are put back.
 * *generic counts the new interfaces that have no native XDP. prepare() is
 * called once the maps exist and before the program sees a packet.
 */
int engine_replace(struct engine *e, const struct engine_input *in,
		   char *const *devs, int ndevs,
		   int (*prepare)(const struct engine *e,
				  const struct mw_settings *s),
		   int *generic);

/* n 0: all. Once the last is gone, engine_close removes every pin. */
int engine_detach(struct engine *e, char *const *devs, int n);

/* Are connections charged by the generation in force? */
bool engine_charges(const struct engine *e);

/* The id of an XDP program on the interface, 0 for none; *native, *name. */
__u32 engine_program_on(int ifindex, bool *native, char name[16]);

#endif
