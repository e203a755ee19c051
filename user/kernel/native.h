/* SPDX-License-Identifier: GPL-2.0 */
/* A new link of a program to an interface, native or generic. */
#ifndef MAILWEIR_NATIVE_H
#define MAILWEIR_NATIVE_H

#include "bpf/abi.h"
#include "kernel/nic.h"

/*
 * A descriptor of the link. prefer: generic, with a warning that has the
 * driver's words and the cure, where the driver refuses as the interface is
 * set; require: an error then. -EBUSY is not told: another program is there.
 */
int native_link(const char *name, int ifindex, int program,
		enum mw_native want);

/* Why an interface that is attached in generic mode has no native XDP, and
 * what to do. */
void native_lacks(const char *name, char text[NIC_WORDS * 2]);

#endif
