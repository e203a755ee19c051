// SPDX-License-Identifier: GPL-2.0
#include "feed/format/client.h"

#include <string.h>

#include "feed/format/match.h"

bool client_parse(const char *from, size_t len, struct mw_prefix *client)
{
	char address[PREFIX_TEXT];
	const char *mapped, *why;

	if (len >= sizeof(address) || memchr(from, '/', len))
		return false;
	memcpy(address, from, len);
	address[len] = 0;
	/* How a listener for both families sees an IPv4 client. */
	mapped = match_text(address, "::ffff:");
	mapped = mapped && strchr(mapped, '.') ? mapped : address;
	if (prefix_parse(mapped, client, NULL, &why))
		return false;
	if (client->family == 4)
		return client->addr[0] && client->addr[0] != 127;
	/* :: and ::1 */
	for (int i = 0; i < 15; i++)
		if (client->addr[i])
			return true;
	return client->addr[15] > 1;
}
