/* SPDX-License-Identifier: GPL-2.0 */
/* What the other end of a veth does with frames that are sent back to it. */
#ifndef MAILWEIR_VETH_H
#define MAILWEIR_VETH_H

#include <stdbool.h>

/* A native program hangs on the other end of the veth ifindex, so that it takes
 * what XDP_TX sends. false: none, or that cannot be found out. */
bool veth_takes_frames(int ifindex);

#endif
