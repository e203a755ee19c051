// SPDX-License-Identifier: GPL-2.0
#include "feed/format/columns.h"

#include <string.h>
#include <strings.h>

#include <stddef.h>

static bool is_one_of(const char *name, const char *const of[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(name, of[i]))
			return true;
	return false;
}

bool column_is_address(const char *name)
{
	static const char *const names[] = {
		"ip",	      "ip_address", "ipAddress", "ip-address",
		"ip address", "dst_ip",	    "address",	 "addr",
		"cidr",	      "network",    "prefix",	 "range",
		"value",      "subnet",	    "ip_prefix", "ipv6_prefix",
		"ipv4Prefix", "ipv6Prefix", "ipPrefix"};

	return is_one_of(name, names, sizeof(names) / sizeof(*names));
}

bool column_is_end(const char *name)
{
	static const char *const names[] = {
		"expires",     "expires_at",  "expiresAt",  "expiration",
		"expiry",      "duration",    "until",	    "ttl",
		"timeout",     "valid_until", "validUntil", "end",
		"banned_until"};

	return is_one_of(name, names, sizeof(names) / sizeof(*names));
}
