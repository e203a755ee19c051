/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's own sockets, in this network namespace. */
#ifndef MAILWEIR_SOCKETS_H
#define MAILWEIR_SOCKETS_H

#include <stdbool.h>

#include "bpf/abi.h"

/* The namespace's cookie; 0 where the kernel has none (before 5.14). 0, or
 * -errno, told. */
int sockets_netns(__u64 *cookie);

/* Does anything listen on one of these TCP ports (up to a 0)? Also true where
 * it cannot be known. */
bool sockets_listening(const __u16 ports[MW_PORTS]);

#endif
