/* SPDX-License-Identifier: GPL-2.0 */
/* Loads a generation and pins it. Errors as in pins.h. */
#ifndef MAILWEIR_LOAD_H
#define MAILWEIR_LOAD_H

#include "kernel/pins.h"
#include "lists/pack.h"

/* An address of this machine, and the VLAN of its interface. */
struct load_address {
	struct mw_prefix address; /* full length */
	__u32 vid;		  /* 0: none */
};

/* The addresses for which SYNs are answered. */
struct load_own {
	struct load_address *v;
	size_t n, room;
};

/* What a generation is made of; loading adds nothing to it. */
struct load_input {
	struct mw_settings settings;
	struct mw_list_info info[MW_LIST_SLOTS];
	struct pack pack;
	/* NULL: pack is what is looked up in; else the descriptors of the maps
	 * of another generation, MW_PARTS of them, which are used again. */
	const int *parts;
	struct load_own own;
};

/*
 * Loads the programs with these settings and lists, and pins them and their
 * maps as gen_N, N being settings.generation. The state maps are made where
 * they are missing; so is the hook that charges connections, if the settings
 * want one. On failure nothing of gen_N is left.
 */
int load_generation(const struct pins *p, const struct load_input *in);

#endif
