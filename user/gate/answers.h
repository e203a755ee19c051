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
 * dummies. 0 or -errno, told.
 */
int answers_find(struct load_own *own);
void answers_free(struct load_own *own);

#endif
