// SPDX-License-Identifier: GPL-2.0
#include "feed/format/client.h"

#include <string.h>

#include "feed/format/match.h"

/* An address in len bytes; IPv4 in ::ffff:0:0/96, as a listener for both
 * families sees it, becomes IPv4. */
static bool address(const char *from, size_t len, struct mw_prefix *p)
{
	char text[PREFIX_TEXT];
	const char *mapped, *why;

	if (len >= sizeof(text) || memchr(from, '/', len))
		return false;
	memcpy(text, from, len);
	text[len] = 0;
	mapped = match_text(text, "::ffff:");
	mapped = mapped && strchr(mapped, '.') ? mapped : text;
	return !prefix_parse(mapped, p, NULL, &why);
}

/* Of IPv6: :: is 0, ::1 is 1, what is no such address 2. */
static int low(const struct mw_prefix *p)
{
	for (int i = 0; i < 15; i++)
		if (p->addr[i])
			return 2;
	return p->addr[15] > 1 ? 2 : p->addr[15];
}

bool client_parse(const char *from, size_t len, struct mw_prefix *client)
{
	if (!address(from, len, client))
		return false;
	if (client->family == 4)
		return client->addr[0] && client->addr[0] != 127;
	return low(client) == 2;
}

bool client_is_loopback(const char *from, size_t len)
{
	struct mw_prefix p;

	return address(from, len, &p) &&
	       (p.family == 4 ? p.addr[0] == 127 : low(&p) == 1);
}
