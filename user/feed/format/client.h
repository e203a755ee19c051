/* SPDX-License-Identifier: GPL-2.0 */
/* The address of a client, as a mail server logs it. Pure. */
#ifndef MAILWEIR_CLIENT_H
#define MAILWEIR_CLIENT_H

#include "lists/prefix.h"

/*
 * The address in len bytes of a log, IPv4 in ::ffff:0:0/96 as IPv4. false:
 * they are no address, or one that nobody has a history of: of this host
 * itself, or unspecified.
 */
bool client_parse(const char *from, size_t len, struct mw_prefix *client);

/* Is the address this host's own, 127.0.0.0/8 or ::1? */
bool client_is_loopback(const char *from, size_t len);

#endif
