// SPDX-License-Identifier: GPL-2.0
#include "feed/format/nft_names.h"

#include <stdlib.h>
#include <string.h>

#include "feed/format/duration.h"
#include "feed/format/words.h"

const char nft_is_map[] = "a map, whose elements mean different things";
const char nft_is_dynamic[] =
	"rules fill it (flags dynamic): who is in it was only seen";

const char *nft_never(const char *type)
{
	static const char *const addresses[] = {"ipv4_addr", "ipv6_addr",
						"ip saddr",  "ip daddr",
						"ip6 saddr", "ip6 daddr"};

	if (strstr(type, " . "))
		return "its elements are addresses with something else (a "
		       "concatenation)";
	if (strchr(type, ':'))
		return nft_is_map;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (!strcmp(type, addresses[i]))
			return NULL;
	return "no set of addresses";
}

bool nft_seconds(const char *text, double *seconds)
{
	if (!words_is_number(text))
		return duration_parse(text, seconds);
	*seconds = atof(text);
	return true;
}
