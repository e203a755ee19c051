/* SPDX-License-Identifier: GPL-2.0 */
/* What rtnetlink says of interfaces. */
#ifndef MAILWEIR_NETLINK_H
#define MAILWEIR_NETLINK_H

#include "watch/interfaces.h"

/* A socket that hears of interfaces, to be closed by close(2); or -errno,
 * told. */
int netlink_open(void);

/* Reads all that has come. true: something may have befallen one of the
 * interfaces, or something was lost (ENOBUFS). */
bool netlink_heard(int fd, const struct interfaces *in);

#endif
