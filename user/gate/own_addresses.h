/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses that this machine cannot do without. */
#ifndef MAILWEIR_OWN_ADDRESSES_H
#define MAILWEIR_OWN_ADDRESSES_H

#include "lists/prefix.h"

struct own_address {
	struct mw_prefix address; /* full length */
	char what[64];		  /* "the default gateway" */
};

struct own_addresses {
	struct own_address *v;
	size_t n, room;
};

/*
 * Its own addresses (getifaddrs(3)), its default gateways (rtnetlink(7)) and
 * its DNS servers (resolv.conf(5)), without loopback and link-local ones.
 * What cannot be found out is left out.
 */
void own_addresses_find(struct own_addresses *own);
void own_addresses_free(struct own_addresses *own);

#endif
