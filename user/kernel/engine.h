/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel runs, and the order in which it is changed.
 *
 * The generation in force is the newest that a link runs: the first link
 * update commits a swap, and engine_open for writing finishes one that was
 * killed. Errors as in pins.h.
 */
#ifndef MAILWEIR_ENGINE_H
#define MAILWEIR_ENGINE_H

#include "kernel/links.h"
#include "kernel/load.h"

enum engine_mode {
	ENGINE_READ,  /* beside others that read */
	ENGINE_WRITE, /* alone */
	ENGINE_OTHER, /* alone: what another version attached, to detach it */
};

struct engine {
	struct pins pins;
	enum engine_mode mode;
	int lock;	    /* descriptor; -1: not open */
	bool found;	    /* the next three have been read */
	struct links links; /* as they were then */
	__u32 generation;   /* in force; 0: none */
	__u32 program;	    /* the id of its program for Ethernet */
};

/*
 * Takes the lock and finds what is in force. ENGINE_READ: -ENOENT is an answer,
 * nothing is attached. ENGINE_WRITE: mounts bpffs where it is missing, makes
 * the directories, completes or undoes what a killed command left; nothing
 * attached is generation 0. -EUCLEAN: interfaces run programs of ours whose
 * pins are gone. -EPROTO: another version of mailweir is attached.
 * ENGINE_OTHER: -ENOENT is an answer, there is none. *e is to be closed on
 * success only.
 */
int engine_open(struct engine *e, enum engine_mode mode);

/* Ends the lock; before that, who holds it alone removes every pin if nothing
 * is attached. */
void engine_close(struct engine *e);

/*
 * Loads in->settings.generation, puts it in force on every interface that has
 * a link and on devs. All or nothing: where one fails the others are put back.
 * prepare() is called when the maps exist and no packet is judged yet. *late:
 * 0, or what failed when the generation was in force already; the next command
 * that writes does it.
 */
int engine_replace(struct engine *e, const struct load_input *in,
		   char *const *devs, int ndevs,
		   int (*prepare)(const struct engine *e,
				  const struct mw_settings *s, void *arg),
		   void *arg, int *late);

/* Attaches what is in force to an interface that has no link. Then a link that
 * was attached to it as was goes, if that has no interface any more. */
int engine_attach(struct engine *e, char *dev, const char *was,
		  enum mw_native want);

/* Descriptors of the maps that the generation in force looks lists up in, to
 * be closed by engine_parts_close. */
int engine_parts(const struct engine *e, int parts[MW_PARTS]);
void engine_parts_close(const int parts[MW_PARTS]);

/* n 0: all. -ENOENT: one of them is not attached, which is told, and none was
 * detached. */
int engine_detach(struct engine *e, char *const *devs, int n);

/* 1 if connections are charged by the generation in force, or 0. */
int engine_charges(const struct engine *e);

#endif
