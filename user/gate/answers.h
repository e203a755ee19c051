/* SPDX-License-Identifier: GPL-2.0 */
/* The addresses for which SYNs are answered. */
#ifndef MAILWEIR_ANSWERS_H
#define MAILWEIR_ANSWERS_H

#include "kernel/load.h"

/*
 * Sets own to the addresses of this network namespace, without loopback and
 * link-local ones, each with the VLAN of its interface. Where there are VLANs
 * the card may have taken the tag off a frame: the addresses that such a
 * frame may be for without one to show are left out, those of lo, bridges and
 * dummies. Beside them stand the interfaces on which nothing is answered: a
 * veth whose other end has no native program loses what a native one sends
 * back. 0 or -errno, told.
 */
int answers_find(enum mw_native native, struct load_own *own);
void answers_free(struct load_own *own);

#endif
