// SPDX-License-Identifier: GPL-2.0
/* Tables of who originates what. */
#include "feed.h"

/* Tables of ASNs: what is taken of each format. */
static const struct {
	const char *text, *origins;
	const char *error;
} tables[] = {
	{"1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
	 "1.0.1.0\t1.0.3.255\t0\tNone\tNot routed\n"
	 "1.0.4.0\t1.0.6.255\t38803\tAU\tG\n"
	 "2001::\t2001:0:ffff:ffff:ffff:ffff:ffff:ffff\t6939\tUS\tHE\n",
	 "13335 1.0.0.0/24 38803 1.0.4.0/23 38803 1.0.6.0/24 6939 2001::/32 ",
	 NULL},
	{"; IP-ASN32-DAT file\n; Prefixes : 2\n1.0.0.0/24\t15169\n"
	 "2001:db8::/32\t64500\n",
	 "15169 1.0.0.0/24 64500 2001:db8::/32 ", NULL},
	{"TABLE_DUMP2|1400824800|B|157.130.10.233|701|0.0.0.0/0|701|IGP|1|0|0|"
	 "|NAG||\n"
	 "TABLE_DUMP2|1400824800|B|157.130.10.233|701|1.0.0.0/24|701 6453 "
	 "15169|IGP|157.130.10.233|0|0||NAG||\n"
	 "TABLE_DUMP2|1400824800|B|1.2.3.4|702|1.0.0.0/24|702 15169|IGP|1|0|0|"
	 "|NAG||\n"
	 "TABLE_DUMP2|1|B|1.2.3.4|702|2001:db8::/32|702 {64500,64501}|IGP|1|0|"
	 "0||NAG||\n",
	 "15169 1.0.0.0/24 15169 1.0.0.0/24 64500 2001:db8::/32 64501 "
	 "2001:db8::/32 ",
	 NULL},
	{"16848128\t16859135\t0\tNone\tNot routed\n", "",
	 "f:1: '16848128': addresses as numbers; take the table without -u32 "
	 "in its name"},
	{"1.0.0.0/24 15169\n", "",
	 "f:1: '1.0.0.0/24 15169': not of a table of ASNs; iptoasn TSV, pyasn "
	 "and bgpdump -m are"},
	{"1.0.0.0/24\t15169\n1.0.0/24\t15169\n", "1.0.0.0/24",
	 "f:2: '1.0.0/24': " NO_ADDRESS},
	{"1.0.0.9\t1.0.0.1\t3\tUS\tX\n", "",
	 "f:1: '1.0.0.9': the range does not end behind it"},
	{"A|1|B|1|2|1.0.0.0/24|3 x|IGP|1\n", "",
	 "f:1: 'x': not an AS number; 64500 is one"},
	{"A|1|B|1\n", "", "f:1: 'A': not a line of bgpdump -m"},
};

static void origin_tables(void **state)
{
	static const struct feed_guard guard = {.kind = FEED_ORIGINS};

	(void)state;
	for (size_t i = 0; i < ROWS(tables); i++) {
		FILE *f = feed_open(tables[i].text, 0);
		char all[512] = "", one[PREFIX_TEXT];
		struct feed feed;
		int err = feed_parse(f, &guard, &feed);

		fclose(f);
		assert_int_equal(err, tables[i].error ? -EINVAL : 0);
		if (err) {
			assert_string_equal(feed_error(&feed.report, 0),
					    tables[i].error);
			feed_free(&feed);
			continue;
		}
		assert_int_equal(feed.set.n, feed.asns.n);
		for (size_t j = 0; j < feed.set.n; j++) {
			prefix_text(&feed.set.v[j], one);
			sprintf(all + strlen(all), "%u %s ", feed.asns.v[j].asn,
				one);
		}
		assert_string_equal(all, tables[i].origins);
		feed_free(&feed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origin_tables),
	};

	return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
