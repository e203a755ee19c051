// SPDX-License-Identifier: GPL-2.0
/* Values that are refused, and what is said of them. */
#include "config_text.h"

#define WANT_AFTER \
	"write such as 3 times in 1h, from 1 to 8 times in 30d at most"
#define WANT_NAT64                                                         \
	"up to six IPv6 prefixes of length 32, 40, 48, 56, 64 or 96 with " \
	"zeros in bits 64 to 71 (RFC 6052), none in another, such as "     \
	"64:ff9b:1::/48, separated by commas"
#define WANT_ASN "numbers such as 64500 or AS64500, separated by commas"
#define WANT_RATE                                                          \
	"write COUNT/DURATION such as 60/1m, COUNT from 1 to 1000000 and " \
	"DURATION from 1s to 7d"
#define WANT_BURST "write a whole number from 1 to 1000000"
#define WANT_PORTS "write 1 to 65535, separated by commas"
#define WANT_LEN6 \
	"write a whole number from 1 to 64, as sources are kept as 64-bit keys"
#define WANT_MAX_PREFIX                                                  \
	"write an IPv4 length from 0 to 32 and, after a comma, an IPv6 " \
	"length from 0 to 128, such as 8, 19"
#define WANT_PERCENT "write a percentage from 0% to 100%, such as 50%"
#define SOURCE	     "[limit source]\n"
#define RATED	     SOURCE "rate = 60/1m\nburst = 30\n"
#define LISTED	     "[list a]\naction = block\nfile = a\n"
#define LIMITED	     "[list a]\naction = limit\nfile = a\n"

/* clang-format off */
static const struct bad bad[] = {
	/* Values of [gate] */
	{ "[gate]\nmode = obsrve\n",
	  { "x.conf:2: mode is 'obsrve'; write observe or enforce" } },
	{ "[gate]\nmode = Enforce\n",
	  { "x.conf:2: mode is 'Enforce'; write observe or enforce" } },
	{ "[gate]\nmode = enforce;now\n",
	  { "x.conf:2: mode is 'enforce;now'; write observe or enforce" } },
	{ "[gate]\nmode = \xe2\x80\xaeobserve\n",
	  { "x.conf:2: mode is '\\xe2\\x80\\xaeobserve'; write observe or "
	    "enforce" } },
	{ "[gate]\ncharge = ack\n",
	  { "x.conf:2: charge is 'ack'; write handshake or syn" } },
	{ "[gate]\nports = 0\n",
	  { "x.conf:2: '0' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25, 65536\n",
	  { "x.conf:2: '65536' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25,,26\n",
	  { "x.conf:2: '' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25,\n",
	  { "x.conf:2: '' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25 26\n",
	  { "x.conf:2: '25 26' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 20-25\n",
	  { "x.conf:2: '20-25' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = smtp\n",
	  { "x.conf:2: 'smtp' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 025\n",
	  { "x.conf:2: '025' is not a port; " WANT_PORTS } },
	{ "[gate]\nports = 25, 587, 25\n",
	  { "x.conf:2: port 25 is given twice; write it once" } },
	{ "[gate]\nports = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n",
	  { "x.conf:2: ports has more than 16; write 16 or fewer" } },

	/* Values of limits */
	{ SOURCE, { "x.conf:1: [limit source] has no rate; add a line such "
		    "as rate = 60/1m",
		    "x.conf:1: [limit source] has no burst; add a line such "
		    "as burst = 30" } },
	{ "\n[limit netblock]\nrate = 60/1m\n\n[gate]\n",
	  { "x.conf:2: [limit netblock] has no burst; add a line such as "
	    "burst = 30" } },
	{ SOURCE "connections = 5\nburst = 3\n",
	  { "x.conf:1: [limit source] has no rate; add a line such as "
	    "rate = 60/1m" } },
	{ SOURCE "connections = 0\n",
	  { "x.conf:2: connections is '0'; write a whole number from 1 to "
	    "65535" } },
	{ "[limit total]\nrate = 60/1m\n",
	  { "x.conf:1: [limit total] has no burst; add a line such as "
	    "burst = 30" } },
	{ "[limit netblock]\nconnections = 5\n[gate]\ncharge = syn\n",
	  { "x.conf:2: connections are counted when handshakes complete here, "
	    "which charge = syn does not look at; remove the line" } },

	/* Values of [block] */
	{ RATED "[block]\nfor = 10m\n",
	  { "x.conf:4: [block] has no after; add a line such as "
	    "after = 3 times in 1h" } },
	{ RATED "[block]\nafter = 3\n",
	  { "x.conf:5: after is '3'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 0 times in 1h\n",
	  { "x.conf:5: after is '0 times in 1h'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 9 times in 1h\n",
	  { "x.conf:5: after is '9 times in 1h'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1\n",
	  { "x.conf:5: after is '3 times in 1'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1h\ngrowing = 0\n",
	  { "x.conf:6: growing is '0'; write a whole number from 1 to 100" } },
	{ RATED "[block]\nafter = 3 times in 1h\nfor = 2d\n",
	  { "x.conf:6: max is shorter than for; write a longer max" } },
	{ RATED "[block]\nafter = 3 times in 31d\n",
	  { "x.conf:5: after is '3 times in 31d'; " WANT_AFTER } },
	{ RATED "[block]\nafter = 3 times in 1h\nmax = 31d\n",
	  { "x.conf:6: max is '31d'; write a duration such as 1d, 30d at "
	    "most" } },
	{ "[limit total]\nrate = 1/1s\nburst = 2\n[gate]\ncharge = syn\n",
	  { "x.conf:1: [limit total] is for sources that are not regular, "
	    "and with charge = syn no source becomes regular; remove the "
	    "section" } },
	{ RATED "[block]\nafter = 3 times in 1h\n[gate]\ncharge = syn\n",
	  { "x.conf:4: [block] counts completed handshakes, which "
	    "charge = syn does not look at; remove the section" } },
	{ "[block]\nafter = 3 times in 1h\n",
	  { "x.conf:1: [block] blocks sources that are over a limit of their "
	    "own, and there is none; add [limit source]" } },
	{ "[limit source]\nrate = 60/1m\nburst = 1\n"
	  "[block]\nafter = 3 times in 1h\n",
	  { "x.conf:3: with burst = 1 each connection of a source uses up "
	    "its burst, and [block] counts that; write burst = 2 or more" } },
	{ SOURCE "burst = 1\nrate = 60\n",
	  { "x.conf:3: rate is '60'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 0/1m\n",
	  { "x.conf:3: rate is '0/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = -1/1m\n",
	  { "x.conf:3: rate is '-1/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 1000001/1s\n",
	  { "x.conf:3: rate is '1000001/1s'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/m\n",
	  { "x.conf:3: rate is '60/m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/60\n",
	  { "x.conf:3: rate is '60/60'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/0s\n",
	  { "x.conf:3: rate is '60/0s'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/1w\n",
	  { "x.conf:3: rate is '60/1w'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60/8d\n",
	  { "x.conf:3: rate is '60/8d'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 1.5/1m\n",
	  { "x.conf:3: rate is '1.5/1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 60 / 1m\n",
	  { "x.conf:3: rate is '60 / 1m'; " WANT_RATE } },
	{ SOURCE "burst = 1\nrate = 18446744073709551617/1m\n",
	  { "x.conf:3: rate is '18446744073709551617/1m'; " WANT_RATE } },
	{ SOURCE "rate = 60/1m\nburst = 0\n",
	  { "x.conf:3: burst is '0'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = 1000001\n",
	  { "x.conf:3: burst is '1000001'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = +5\n",
	  { "x.conf:3: burst is '+5'; " WANT_BURST } },
	{ SOURCE "rate = 60/1m\nburst = 0x10\n",
	  { "x.conf:3: burst is '0x10'; " WANT_BURST } },
	{ SOURCE "burst = 32\nrate = 1/1d\n",
	  { "x.conf:2: burst is 32, which this rate refills in more than 30 "
	    "days; write 31 at most" } },
	{ SOURCE "rate = 1/7d\nburst = 1000000\n", /* past 64 bits */
	  { "x.conf:3: burst is 1000000, which this rate refills in more than "
	    "30 days; write 5 at most" } },
	{ RATED "mode = off\n",
	  { "x.conf:4: mode is 'off'; write observe or enforce" } },
	{ RATED "ipv4_prefix_length = 33\n",
	  { "x.conf:4: ipv4_prefix_length is '33'; write a whole number from 1 "
	    "to 32" } },
	{ RATED "ipv4_prefix_length = 0\n",
	  { "x.conf:4: ipv4_prefix_length is '0'; write a whole number from 1 "
	    "to 32" } },
	{ RATED "ipv4_prefix_length = /24\n",
	  { "x.conf:4: ipv4_prefix_length is '/24'; write a whole number from "
	    "1 to 32" } },
	{ RATED "ipv6_prefix_length = 65\n",
	  { "x.conf:4: ipv6_prefix_length is '65'; " WANT_LEN6 } },
	{ RATED "ipv6_prefix_length = 128\n",
	  { "x.conf:4: ipv6_prefix_length is '128'; " WANT_LEN6 } },
	{ RATED "ipv4_prefix_length = 20\nipv6_prefix_length = 40\n"
	  "[limit netblock]\nrate = 1/1s\nburst = 1\n"
	  "ipv6_prefix_length = 41\n",
	  { "x.conf:6: ipv4_prefix_length of [limit netblock] is 24 and that "
	    "of [limit source] 20; write 20 or less",
	    "x.conf:9: ipv6_prefix_length of [limit netblock] is 41 and that "
	    "of [limit source] 40; write 40 or less" } },
	{ "[limit netblock]\nipv4_prefix_length = 25\nrate = 1/1s\nburst = 1\n"
	  RATED "ipv4_prefix_length = 24\n",
	  { "x.conf:2: ipv4_prefix_length of [limit netblock] is 25 and that "
	    "of [limit source] 24; write 24 or less" } },

	/* Values of lists */
	{ "[list a]\n",
	  { "x.conf:1: [list a] has no action; add a line such as "
	    "action = block",
	    "x.conf:1: [list a] has neither file nor asn; add a line such as "
	    "file = lists.d/NAME.cidr or asn = 64500, 64501" } },
	{ "[list a]\naction = deny\nfile = a\n",
	  { "x.conf:2: action is 'deny'; write allow, block or limit" } },
	{ LIMITED,
	  { "x.conf:1: [list a] limits and has no rate; add a line such as "
	    "rate = 60/1m",
	    "x.conf:1: [list a] limits and has no burst; add a line such as "
	    "burst = 30" } },
	{ LISTED "rate = 1/1m\nburst = 2\n",
	  { "x.conf:4: rate belongs to action = limit and [list a] has "
	    "action = block; remove the line",
	    "x.conf:5: burst belongs to action = limit and [list a] has "
	    "action = block; remove the line" } },
	{ "[list a]\nrate = 1/1m\naction = allow\nfile = a\n",
	  { "x.conf:2: rate belongs to action = limit and [list a] has "
	    "action = allow; remove the line" } },
	{ LIMITED "rate = often\nburst = 2\n",
	  { "x.conf:4: rate is 'often'; " WANT_RATE } },
	{ LIMITED "rate = 1/1d\nburst = 40\n",
	  { "x.conf:5: burst is 40, which this rate refills in more than 30 "
	    "days; write 31 at most" } },
	{ "[list a]\nmode = observe\naction = allow\nfile = a\n",
	  { "x.conf:2: an allow list drops nothing to observe; remove "
	    "mode = observe" } },
	{ LISTED "max_prefix = 33\n",
	  { "x.conf:4: max_prefix is '33'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = 8, 129\n",
	  { "x.conf:4: max_prefix is '8, 129'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = 8, 19, 20\n",
	  { "x.conf:4: max_prefix is '8, 19, 20'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = //8\n",
	  { "x.conf:4: max_prefix is '//8'; " WANT_MAX_PREFIX } },
	{ LISTED "max_prefix = /\n",
	  { "x.conf:4: max_prefix is '/'; " WANT_MAX_PREFIX } },
	{ LISTED "min_entries = -1\n",
	  { "x.conf:4: min_entries is '-1'; write a whole number from 0 to "
	    "100000000" } },
	{ LISTED "text = keep\n",
	  { "x.conf:4: text is 'keep'; write refuse or ignore" } },
	{ LISTED "max_shrink = 50\n",
	  { "x.conf:4: max_shrink is '50'; " WANT_PERCENT } },
	{ LISTED "max_shrink = 101%\n",
	  { "x.conf:4: max_shrink is '101%'; " WANT_PERCENT } },
	{ LISTED "max_shrink = %\n",
	  { "x.conf:4: max_shrink is '%'; " WANT_PERCENT } },
	{ LISTED "expires = 3\n",
	  { "x.conf:4: expires is '3'; write a duration such as 12h or 3d" } },
	{ LISTED "max_errors = -1\n",
	  { "x.conf:4: max_errors is '-1'; write a whole number from 0 to "
	    "1000000" } },
	{ LISTED "asn = 64500, AS0\n",
	  { "x.conf:4: 'AS0' is not an AS number; write " WANT_ASN } },
	{ LISTED "asn = 64500,,\n",
	  { "x.conf:4: '' is not an AS number; write " WANT_ASN } },
	{ LISTED "asn = 4294967296\n",
	  { "x.conf:4: '4294967296' is not an AS number; write " WANT_ASN } },
	{ "[asn]\n",
	  { "x.conf:1: [asn] has no table; add a line such as table = "
	    "ip2asn-combined.tsv" } },
	{ "[asn]\ntable = a\n[asn]\ntable = b\n",
	  { "x.conf:3: [asn] is given twice, first on line 1; put all its "
	    "lines there" } },
	{ "[gate]\nanswer = yes\n",
	  { "x.conf:2: answer is 'yes'; write auto or no" } },
	{ "[gate]\nanswer_above = 2000\n",
	  { "x.conf:2: answer_above is '2000'; write COUNT/DURATION such as "
	    "2000/1s, COUNT from 1 to 1000000 and DURATION from 1s to 7d" } },
	{ "[gate]\nnative = yes\n",
	  { "x.conf:2: native is 'yes'; write prefer, require or no" } },
	{ "[gate]\nnat64 = 64:ff9b::/64\n",
	  { "x.conf:2: '64:ff9b::/64' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 2001:db8::/96, 192.0.2.0/24\n",
	  { "x.conf:2: '192.0.2.0/24' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 2001:db8:0:0:0100::/96\n",
	  { "x.conf:2: '2001:db8:0:0:0100::/96' is not a prefix of NAT64; "
	    "write " WANT_NAT64 } },
	{ "[gate]\nnat64 = 64:ff9b::1/96\n",
	  { "x.conf:2: '64:ff9b::1/96' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = ::/96\n",
	  { "x.conf:2: '::/96' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 2001:db8::/33\n",
	  { "x.conf:2: '2001:db8::/33' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 2001:db8::/72\n",
	  { "x.conf:2: '2001:db8::/72' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 2001:db8::/32, 2001:db8:7::/96\n",
	  { "x.conf:2: '2001:db8:7::/96' is not a prefix of NAT64; write "
	    WANT_NAT64 } },
	{ "[gate]\nnat64 = 64:ff9b::/96,\n",
	  { "x.conf:2: '' is not a prefix of NAT64; write " WANT_NAT64 } },
	{ "[gate]\nnat64 = 1::/96,2::/96,3::/96,4::/96,5::/96,6::/96,7::/96\n",
	  { "x.conf:2: nat64 is '1::/96,2::/96,3::/96,4::/96,5::/96,6::/96,"
	    "7::/96'; write " WANT_NAT64 } },
	{ "[gate]\nmax_list_memory = 7\n",
	  { "x.conf:2: max_list_memory is '7'; write a whole number of MiB "
	    "from 8 to 65536" } },
	{ LISTED "max_prefix = , 19\n",
	  { "x.conf:4: max_prefix is ', 19'; " WANT_MAX_PREFIX } },
};
/* clang-format on */

static void test_bad(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++)
		check_bad(&bad[i], strlen(bad[i].text));
}

static const struct {
	const char *text;
	__u64 seconds; /* 0: refused */
} durations[] = {
	{"1s", 1},
	{"90s", 90},
	{"10m", 600},
	{"1h", 3600},
	{"1d", 86400},
	{"3650d", 315360000},
	{"315360000s", 315360000},
	{"", 0},
	{"s", 0},
	{"10", 0},
	{"0s", 0},
	{"1w", 0},
	{"1S", 0},
	{"1 s", 0},
	{" 1s", 0},
	{"1s ", 0},
	{"-1s", 0},
	{"+1s", 0},
	{"01s", 0},
	{"1.5h", 0},
	{"1h30m", 0},
	{"1ms", 0},
	{"3651d", 0},
	{"315360001s", 0},
	{"18446744073709551617s", 0},
	{"99999999999999999999999999d", 0},
};

static void test_duration(void **state)
{
	size_t i;
	__u64 ns;

	(void)state;
	for (i = 0; i < COUNT(durations); i++) {
		print_message("duration '%s'\n", durations[i].text);
		ns = 0;
		assert_int_equal(config_duration(durations[i].text, &ns),
				 durations[i].seconds ? 0 : -EINVAL);
		assert_int_equal(ns, durations[i].seconds * NSEC);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_duration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
