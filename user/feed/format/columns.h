/* SPDX-License-Identifier: GPL-2.0 */
/* What feeds call their columns, in CSV and in JSON. Pure. */
#ifndef MAILWEIR_COLUMNS_H
#define MAILWEIR_COLUMNS_H

#include <stdbool.h>

#define COLUMN_NAMES                                                  \
	"ip, ip_address, ipAddress, dst_ip, address, cidr, network, " \
	"prefix, range or value"

/* Does a column of that name hold addresses, prefixes or ranges? */
bool column_is_address(const char *name);
/* Does it say when an entry ends? */
bool column_is_end(const char *name);

#endif
