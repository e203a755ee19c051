/* SPDX-License-Identifier: GPL-2.0 */
/* What of an interface can stand in the way of native XDP, and the cure. */
#ifndef MAILWEIR_NIC_H
#define MAILWEIR_NIC_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

enum { NIC_DRIVER = 32, NIC_WORDS = 320 };

/* What the kernel does not say is 0. */
struct nic {
	char driver[NIC_DRIVER]; /* as ethtool -i names it */
	__u32 mtu;
	bool lro;
	bool apart;	    /* the queues are of receiving alone */
	__u32 queues, most; /* now, and at most */
};

/* Of this network namespace. */
void nic_read(const char *name, struct nic *nic);

/* Is its driver known to have native XDP where the interface is set for it? */
bool nic_has_native(const struct nic *nic);

/* What is likely to let the driver of an interface take a program natively, as
 * commands; "": nothing that is known. */
void nic_cure(const struct nic *nic, const char *name, char text[NIC_WORDS]);

#endif
