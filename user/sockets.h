/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own sockets, in this network namespace. */
#ifndef MAILWEIR_SOCKETS_H
#define MAILWEIR_SOCKETS_H

#include <linux/types.h>

/* The namespace's cookie; 0 where the kernel tells none (before 5.14). */
__u64 sockets_netns(void);

#endif
