// SPDX-License-Identifier: GPL-2.0
/*
 * Lists as they are found in the field, by the trial that found them: what is
 * taken, when it ends, and what is said of what is left out.
 */
#include "feed.h"

#define TEXT(text) text, NULL
#define SECOND                                                               \
	"a second address on the line; format = dshield or spamd reads the " \
	"ends of a range, fail2ban several addresses a line"
#define MORE                                                                 \
	"more than one word; one entry a line, comments begin with # or ;, " \
	"and text = ignore in the list's section leaves out what stands "    \
	"behind an entry"
#define IS_MAP	   "a map, whose elements mean different things"
#define IS_DYNAMIC "rules fill it (flags dynamic): who is in it was only seen"
#define CUT                                                                 \
	"the file ends inside this line, which has less than every other: " \
	"truncated; fetch the file again"
#define NO_NEWLINE                                                            \
	"no newline at the end of the file: if it was cut there, this entry " \
	"is not the one that was meant"

/* clang-format off */

/* --- T2: files that nft scripts write and read --------------------------- */

#define SCRIPT \
	"#\n# Created by nft-blacklist at 2026-11-24T23:33:01+00:00\n#\n" \
	"add table inet blackhole\n" \
	"add set inet blackhole blacklist_v4 { type ipv4_addr; flags interval; auto-merge; }\n" \
	"flush set inet blackhole blacklist_v4\n" \
	"add rule inet blackhole input ip saddr { 10.0.0.0/8, 192.168.0.0/16 } accept\n" \
	"add element inet blackhole blacklist_v4 {\n" \
	"  1.10.16.0/20,\n  2.57.122.0/24,\n}\n"
#define ONE_LINE \
	"table inet filter {\n" \
	"\tset blackhole { type ipv4_addr; flags interval; elements = { 1.10.16.0/20, 2.57.122.0/24 } }\n" \
	"\tset more {\n\t\ttype ipv4_addr\n\t\telements = { 203.0.113.66 }\n\t}\n}\n"

static const struct feed_case nft_scripts[] = {
	{"T2: add element of a script", SCRIPT,
	 "1.10.16.0/20 2.57.122.0/24 ", NULL, GUARD()},
	{"T2: by name", SCRIPT, "1.10.16.0/20 2.57.122.0/24 ", NULL,
	 GUARD(.format = "nft", .set = "blacklist_v4")},
	{"T2: a set on one line beside another", ONE_LINE, NULL,
	 "f: 2 sets: inet filter blackhole, inet filter more" WHICH, GUARD()},
	{"T2: a set on one line", ONE_LINE, "1.10.16.0/20 2.57.122.0/24 ", NULL,
	 GUARD(.set = "blackhole")},
	{"T2: two of them", ONE_LINE,
	 "1.10.16.0/20 2.57.122.0/24 203.0.113.66 ", NULL,
	 GUARD(.set = "blackhole, inet filter more")},
	{"T2: flush ruleset first",
	 "flush ruleset\ntable ip t {\n\tset s { type ipv4_addr; elements = { 192.0.2.1 } }\n}\n",
	 "192.0.2.1 ", NULL, GUARD()},
	{"T2: an interpreter's line first",
	 "#!/usr/sbin/nft -f\nflush ruleset\ntable ip t { set s { type ipv4_addr; elements = { 192.0.2.1 }; }; }\n",
	 "192.0.2.1 ", NULL, GUARD()},
	{"T2: all on one line",
	 "table ip t { set s { typeof ip saddr; elements = { 192.0.2.1, 192.0.2.4-192.0.2.7 } } chain c { ip saddr { 10.0.0.0/8 } drop } }\n",
	 "192.0.2.1 192.0.2.4/30 ", NULL, GUARD()},
	{"T2: define of a country",
	 "define AD.ipv4 = {\n85.94.160.0/19,\n109.111.96.0-109.111.127.255,\n}\n",
	 "85.94.160.0/19 109.111.96.0/19 ", NULL, GUARD()},
	{"T2: defines of two countries",
	 "define AD.ipv4 = { 192.0.2.1 }\ndefine AE.ipv4 = { 192.0.2.2 }\n", NULL,
	 "f: 2 sets: define AD.ipv4, define AE.ipv4" WHICH, GUARD()},
	{"T2: one of them",
	 "define AD.ipv4 = { 192.0.2.1 }\ndefine AE.ipv4 = { 192.0.2.2 }\n",
	 "192.0.2.2 ", NULL, GUARD(.set = "AE.ipv4")},
	{"T2: a define in a set",
	 "define bad = { 192.0.2.0/25, 192.0.2.128 }\ndefine worse = { $bad, 198.51.100.1 }\n"
	 "table ip t { set s { type ipv4_addr; elements = $worse; } }\n"
	 "add element ip t s { $bad, 203.0.113.1 }\n",
	 "192.0.2.0/25 192.0.2.128 198.51.100.1 203.0.113.1 ", NULL, GUARD()},
	{"T2: a define of other things",
	 "define wan = eth0\ntable ip t { set s { type ipv4_addr; elements = { 192.0.2.1, $wan } } }\n",
	 NULL, "f:2: 'wan': a variable that holds more than addresses", GUARD()},
	{"T2: a define that is not there",
	 "add element ip t s { $wan }\n",
	 NULL, "f:1: 'wan': a variable that is not defined here", GUARD()},
	{"T2: a comment within, and a line that goes on",
	 "add element ip t s { 192.0.2.1, # one } two\n 192.0.2.2 comment \"a } b, c\", \\\n192.0.2.3 }\n",
	 "192.0.2.1 192.0.2.2 192.0.2.3 ", NULL, GUARD()},
	{"T2: what takes away", "add element ip t s { 192.0.2.1 }\ndelete element ip t s { 192.0.2.1 }\n",
	 NULL, "f:2: 'delete element ip t s': takes away what the file has put in before; only adding is read",
	 GUARD()},
	{"T2: flush behind elements", "add element ip t s { 192.0.2.1 }\nflush set ip t s\n",
	 NULL, "f:2: 'flush set ip t s': takes away what the file has put in before; only adding is read",
	 GUARD()},
	{"T2: another file", "include \"/etc/nftables.d/x.nft\"\nadd element ip t s { 192.0.2.1 }\n",
	 NULL, "f:1: 'include': another file; give it a list of its own", GUARD()},
	{"T2: cut", "add element ip t s { 192.0.2.1,\n192.0.2", NULL,
	 "f:2: no } after elements: truncated", GUARD()},
	{"T2: cut behind the elements", "table ip t {\n set s {\n elements = { 192.0.2.1 }\n", NULL,
	 "f:3: no } at the end: truncated", GUARD()},
	{"T2: a } too many", "add element ip t s { 192.0.2.1 } }\n", NULL,
	 "f:1: a } too many; this is no whole file of nft", GUARD()},
	{"T2: nft -j list set",
	 "{\"nftables\": [{\"metainfo\": {\"version\": \"1.0.6\"}}, {\"set\": {\"family\": \"inet\", \"name\": \"s\", "
	 "\"table\": \"t\", \"type\": \"ipv4_addr\", \"handle\": 1, \"flags\": [\"interval\"], \"elem\": [\"192.0.2.1\", "
	 "{\"prefix\": {\"addr\": \"10.0.0.0\", \"len\": 8}}, {\"range\": [\"192.0.2.4\", \"192.0.2.7\"]}]}}]}\n",
	 "10.0.0.0/8 192.0.2.1 192.0.2.4/30 ", NULL, GUARD()},
	{"T2: other JSON is not spoken to as of others", "{\"error\": \"no\"}\n", NULL,
	 "f:1: " EMPTY, GUARD()},
};

/* --- T3: nft list ruleset ------------------------------------------------ */

#define RULESET \
	"table inet filter {\n" \
	"\tset partners {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 203.0.113.0/24 }\n\t}\n\n" \
	"\tset blacklist {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 2.57.122.0/24,\n\t\t\t     198.51.100.7 }\n\t}\n\n" \
	"\tset meter {\n\t\ttype ipv4_addr\n\t\tsize 65535\n\t\tflags dynamic,timeout\n\t\ttimeout 1m\n" \
	"\t\telements = { 192.0.2.99 limit rate over 10/second timeout 1m expires 58s }\n\t}\n\n" \
	"\tset ports {\n\t\ttype inet_service\n\t\telements = { 22, 25 }\n\t}\n\n" \
	"\tset pairs {\n\t\ttype ipv4_addr . inet_service\n\t\telements = { 192.0.2.5 . 25 }\n\t}\n\n" \
	"\tmap verdicts {\n\t\ttype ipv4_addr : verdict\n\t\tflags interval\n\t\telements = { 10.0.0.0/8 : accept }\n\t}\n\n" \
	"\tchain input {\n\t\ttype filter hook input priority filter; policy accept;\n" \
	"\t\tip saddr @partners accept\n\t\tip saddr { 172.16.0.0/12, 192.168.0.0/16 } accept\n" \
	"\t\tip saddr vmap @verdicts\n\t\tip saddr @blacklist drop\n\t}\n}\n"

static const struct feed_case rulesets[] = {
	{"T3: a ruleset of several sets", RULESET, NULL,
	 "f: 2 sets: inet filter partners, inet filter blacklist" WHICH, GUARD()},
	{"T3: the one that drops", RULESET, "2.57.122.0/24 198.51.100.7 ", NULL,
	 GUARD(.set = "blacklist")},
	{"T3: with its table", RULESET, "2.57.122.0/24 198.51.100.7 ", NULL,
	 GUARD(.set = "filter blacklist")},
	{"T3: a meter", RULESET, NULL,
	 "f:46: 'inet filter meter': " IS_DYNAMIC, GUARD(.set = "meter")},
	{"T3: a map", RULESET, NULL, "f:46: 'inet filter verdicts': " IS_MAP,
	 GUARD(.set = "verdicts")},
	{"T3: address . port", RULESET, NULL,
	 "f:46: 'inet filter pairs': its elements are addresses with something else (a concatenation)",
	 GUARD(.set = "pairs")},
	{"T3: ports", RULESET, NULL, "f:46: 'inet filter ports': no set of addresses",
	 GUARD(.set = "ports")},
	{"T3: a set that is not there", RULESET, NULL,
	 "f:46: no set is called 'list'; there are inet filter partners, inet filter blacklist, "
	 "inet filter meter, inet filter ports, inet filter pairs, inet filter verdicts",
	 GUARD(.set = "list")},
	{"T3: one set beside what is none",
	 "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.1 }\n\t}\n"
	 "\tset m {\n\t\ttype ipv4_addr\n\t\tflags dynamic\n\t\telements = { 192.0.2.2 }\n\t}\n}\n",
	 "192.0.2.1 ", "f: 'ip t m' is left out: " IS_DYNAMIC, GUARD()},
	{"T3: two sets of one name",
	 "table ip a { set s { type ipv4_addr; elements = { 192.0.2.1 } } }\n"
	 "table ip b { set s { type ipv4_addr; elements = { 192.0.2.2 } } }\n", NULL,
	 "f:2: 2 sets are called 's', of ip a s, ip b s; name the table, too", GUARD(.set = "s")},
	{"T3: one of them",
	 "table ip a { set s { type ipv4_addr; elements = { 192.0.2.1 } } }\n"
	 "table ip b { set s { type ipv4_addr; elements = { 192.0.2.2 } } }\n", "192.0.2.2 ", NULL,
	 GUARD(.set = "b s")},
	{"T3: a map alone",
	 "table ip t { map m { type ipv4_addr : verdict; elements = { 10.0.0.0/8 : accept } } }\n", NULL,
	 "f:1: 'ip t m': " IS_MAP, GUARD()},
	{"T3: a pair without its set's type", "add element ip t s { 192.0.2.1 . 25 }\n", NULL,
	 "f:1: '.': an element that is not an address alone", GUARD()},
	{"T3: a verdict without its map", "add element ip t m { 192.0.2.1 : drop }\n", NULL,
	 "f:1: ':': an element that is not an address alone", GUARD()},
	{"T3: as JSON",
	 "{\"nftables\": [{\"set\": {\"family\": \"ip\", \"name\": \"ok\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.1\"]}},\n"
	 "{\"set\": {\"family\": \"ip\", \"name\": \"bad\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.2\"]}},\n"
	 "{\"map\": {\"family\": \"ip\", \"name\": \"m\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"map\": \"verdict\", \"elem\": [[\"10.0.0.1\", {\"accept\": null}]]}}]}\n",
	 NULL, "f: 2 sets: ip t ok, ip t bad" WHICH, GUARD()},
	{"T3: one of JSON",
	 "{\"nftables\": [{\"set\": {\"family\": \"ip\", \"name\": \"ok\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.1\"]}},\n"
	 "{\"set\": {\"family\": \"ip\", \"name\": \"bad\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.2\"]}}]}\n",
	 "192.0.2.2 ", NULL, GUARD(.set = "bad")},
	{"T3: a meter as JSON",
	 "{\"nftables\": [{\"set\": {\"family\": \"ip\", \"name\": \"m\", \"table\": \"t\", \"type\": \"ipv4_addr\", \"flags\": [\"dynamic\"], \"elem\": [\"192.0.2.1\"]}}]}\n",
	 NULL, "f:1: 'ip t m': " IS_DYNAMIC, GUARD()},
};

/* --- T4: ipset save of everything ---------------------------------------- */

#define ALL_SETS \
	"create whitelist hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x69cf1735\n" \
	"add whitelist 203.0.113.0/24\n" \
	"create blacklist hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xca4fd686\n" \
	"add blacklist 2.57.122.0/24\nadd blacklist 1.10.16.0/20\n"
#define OF_SETS "create all-bad list:set size 8\nadd all-bad f2b-postfix\n"

static const struct feed_case saved_sets[] = {
	{"T4: several sets", ALL_SETS, NULL, "f: 2 sets: whitelist, blacklist" WHICH, GUARD()},
	{"T4: one of them", ALL_SETS, "1.10.16.0/20 2.57.122.0/24 ", NULL, GUARD(.set = "blacklist")},
	{"T4: with a set of sets", ALL_SETS OF_SETS, "1.10.16.0/20 2.57.122.0/24 ", NULL,
	 GUARD(.set = "blacklist")},
	{"T4: a set of sets", ALL_SETS OF_SETS, NULL,
	 "f:7: 'all-bad': a set of sets, not of addresses; name one of them", GUARD(.set = "all-bad")},
	{"T4: one set and a set of sets",
	 "create f2b-postfix hash:ip family inet\nadd f2b-postfix 192.0.2.1\n" OF_SETS, "192.0.2.1 ",
	 "f: 'all-bad' is left out: a set of sets, not of addresses; name one of them", GUARD()},
	{"T4: ports", "create p hash:ip,port family inet\nadd p 192.0.2.1,tcp:25\n"
	 "create s hash:ip family inet\nadd s 192.0.2.2\n", "192.0.2.2 ",
	 "f: 'p' is left out: an element is not an address alone; save a set of type hash:ip or hash:net",
	 GUARD()},
	{"T4: ipset list",
	 "Name: f2b\nType: hash:ip\nRevision: 6\nHeader: family inet hashsize 1024 maxelem 65536 timeout 600 bucketsize 12 initval 0x1\n"
	 "Size in memory: 396\nReferences: 1\nNumber of entries: 2\nMembers:\n192.0.2.1 timeout 59\n192.0.2.2 timeout 0 comment \"x timeout 5\"\n",
	 "192.0.2.1@60 192.0.2.2 ", NULL, GUARD()},
	{"T4: ipset list of two",
	 "Name: a\nType: hash:ip\nHeader: family inet\nNumber of entries: 1\nMembers:\n192.0.2.1\n\n"
	 "Name: b\nType: hash:net\nHeader: family inet\nNumber of entries: 1\nMembers:\n192.0.2.0/25\n", NULL,
	 "f: 2 sets: a, b" WHICH, GUARD()},
	{"T4: ipset list that is cut",
	 "Name: a\nType: hash:ip\nHeader: family inet\nNumber of entries: 2\nMembers:\n192.0.2.1\n", NULL,
	 "f:6: 1 members where the header says 2: truncated; list the set again", GUARD()},
	{"T4: a netmask", "create n hash:ip family inet netmask 24\nadd n 192.0.2.0\nadd n 198.51.100.0\n",
	 "192.0.2.0/24 198.51.100.0/24 ", NULL, GUARD()},
	{"T4: the innermost of nomatch",
	 "create n hash:net family inet\nadd n 10.0.0.0/8\nadd n 10.0.0.0/9 nomatch\nadd n 10.0.0.0/30\n",
	 "10.0.0.0/30 10.128.0.0/9 ", NULL, GUARD()},
	{"T4: an option that is none", "add n 10.0.0.1 forceadd\n", NULL,
	 "f:1: 'forceadd': not an option of ipset", GUARD()},
};

/* --- T5: timeouts -------------------------------------------------------- */

static const struct feed_case ends[] = {
	{"T5: ipset", "create f hash:ip family inet timeout 600\nadd f 192.0.2.67 timeout 59\n"
	 "add f 192.0.2.68 timeout 0\nadd f 192.0.2.69\n", "192.0.2.67@60 192.0.2.68 192.0.2.69@600 ",
	 NULL, GUARD()},
	{"T5: ipset, an hour ago", "create f hash:ip family inet timeout 3700\nadd f 192.0.2.67 timeout 3599\n"
	 "add f 192.0.2.68 timeout 0\nadd f 192.0.2.69\n", "192.0.2.68 192.0.2.69@100 ", NULL,
	 GUARD(.age = 3600), .ended = 1},
	{"T5: all have ended", "add f 192.0.2.67 timeout 59\n", "", NULL, GUARD(.age = 60), .ended = 1},
	{"T5: nft", "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags timeout\n"
	 "\t\telements = { 192.0.2.66 timeout 10m expires 9m59s996ms, 192.0.2.67 timeout 1d expires 23h59m59s,\n"
	 "\t\t\t192.0.2.68 counter packets 0 bytes 0 timeout 1h expires 30s comment \"expires 9h\", 192.0.2.69 }\n\t}\n}\n",
	 /* 23h59m59s: an end that is far away is coarse */
	 "192.0.2.66@600 192.0.2.67@86400 192.0.2.68@30 192.0.2.69 ", NULL, GUARD()},
	{"T5: nft, ten minutes ago", "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags timeout\n"
	 "\t\telements = { 192.0.2.66 timeout 10m expires 9m59s996ms, 192.0.2.67 expires 20m }\n\t}\n}\n",
	 "192.0.2.67@600 ", NULL, GUARD(.age = 600), .ended = 1},
	{"T5: nft, a timeout of the set", "table ip t { set s { type ipv4_addr; timeout 1h; elements = { "
	 "192.0.2.66, 192.0.2.67 timeout 10m, 192.0.2.68 timeout 0s, 192.0.2.69 expires 0s } } }\n",
	 "192.0.2.66@3600 192.0.2.67@600 192.0.2.68 ", NULL, GUARD(), .ended = 1},
	{"T5: nft, a range", "add element ip t s { 192.0.2.0-192.0.2.2 timeout 60s }\n",
	 "192.0.2.0/31@60 192.0.2.2@60 ", NULL, GUARD()},
	{"T5: nft, no time", "add element ip t s { 192.0.2.0 timeout soon }\n", NULL,
	 "f:1: 'soon': not a time of nft; 9m59s is one", GUARD()},
	{"T5: nft -j", "{\"nftables\": [{\"set\": {\"family\": \"ip\", \"name\": \"s\", \"table\": \"t\", \"type\": \"ipv4_addr\", "
	 "\"timeout\": 3600, \"elem\": [{\"elem\": {\"val\": \"192.0.2.1\", \"timeout\": 600, \"expires\": 590}}, "
	 "{\"elem\": {\"val\": {\"prefix\": {\"addr\": \"192.0.2.8\", \"len\": 29}}, \"expires\": 0}}, \"192.0.2.3\"]}}]}\n",
	 "192.0.2.1@590 192.0.2.3@3600 ", NULL, GUARD(), .ended = 1},
};

/* --- T6: lists that are rightly empty ------------------------------------ */

#define EDROP \
	"; This list has been merged into https://www.spamhaus.org/drop/drop.txt\n" \
	"; Spamhaus EDROP List 2026/02/08 - (c) 2026 The Spamhaus Project SLU\n; EOF\n"
#define BANNED "create f2b-postfix hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x69ca81de\n"

static const struct feed_case empty[] = {
	{"T6: EDROP", EDROP, NULL, "f:3: " EMPTY, GUARD()},
	{"T6: EDROP may be empty", EDROP, "", NULL, GUARD(.may_be_empty = true)},
	{"T6: a ban set", BANNED, NULL, "f:1: " EMPTY, GUARD()},
	{"T6: a ban set may be empty", BANNED, "", NULL, GUARD(.may_be_empty = true)},
	{"T6: no byte at all", "", "", NULL, GUARD(.may_be_empty = true)},
	{"T6: all is excluded", "192.0.2.1\n!192.0.2.0/24\n", "", NULL, GUARD(.may_be_empty = true)},
	{"T6: an nft set", "table ip t {\n\tset s {\n\t\ttype ipv4_addr\n\t}\n}\n", "", NULL,
	 GUARD(.may_be_empty = true)},
	{"T6: two nft sets are two all the same", "table ip t {\n\tset a { type ipv4_addr; }\n\tset b { type ipv4_addr; }\n}\n",
	 NULL, "f: 2 sets: ip t a, ip t b" WHICH, GUARD(.may_be_empty = true)},
	{"T6: a web page is none", "<html>\n", NULL,
	 "f:1: '<html>': looks like a web page, not like a list", GUARD(.may_be_empty = true)},
	{"T6: a Postfix table", "10.0.0.0/8 dunno\n", "", NULL, GUARD(.may_be_empty = true)},
};

/* --- T7: DShield, spamd -------------------------------------------------- */

#define DSHIELD \
	"#\n#   DShield.org Recommended Block List\n#   (c) $year DShield.org\n#\n" \
	"Start\tEnd\tNetmask\tAttacks\tName\tCountry\temail\n" \
	"156.225.1.0\t156.225.1.255\t24\t351\tOCTL-AS-AP OceanBlue\tHK\tabuse@example.com\n" \
	"138.226.239.0\t138.226.239.255\t24\t341\t-\t-\t-\n"
#define SPAMD \
	"# a list\n192.168.20.0/24\n192.168.21.0 - 192.168.21.255\n203.0.113.7 SBL123 a listing\n" \
	"198.51.100.9 # a comment\n"

static const struct feed_case ranges[] = {
	{"T7: DShield", DSHIELD, "138.226.239.0/24 156.225.1.0/24 ", NULL, GUARD()},
	{"T7: DShield by name", DSHIELD, "138.226.239.0/24 156.225.1.0/24 ", NULL,
	 GUARD(.format = "dshield")},
	{"T7: DShield as a zone of rbldnsd", "156.225.1.0\t156.225.1.255\t24\t351\n", NULL,
	 "f:1: '156.225.1.255': " SECOND, GUARD(.format = "rbldnsd")},
	{"T7: DShield as plain", "156.225.1.0\t156.225.1.255\t24\t351\n", NULL,
	 "f:1: '156.225.1.0\\x09156.225.1.255\\x0924\\x09351': " MORE, GUARD(.format = "plain")},
	{"T7: DShield with text = ignore", "156.225.1.0\t156.225.1.255\t24\t351\n", NULL,
	 "f:1: '156.225.1.255': " SECOND, GUARD(.format = "plain", .ignore_text = true)},
	{"T7: DShield as spamd's", "156.225.1.0\t156.225.1.255\t24\t351\n", NULL,
	 "f:1: '156.225.1.255': " SECOND, GUARD(.format = "spamd")},
	{"T7: DShield with another length", "156.225.1.0\t156.225.1.255\t20\t351\n", NULL,
	 "f:1: '156.225.1.0\\x09156.225.1.255\\x0920\\x09351': FIRST and LAST are not those of a prefix of that LENGTH",
	 GUARD()},
	{"T7: DShield with a line cut", "156.225.1.0\t156.225.1.255\t24\t351\n1.2.3.0\t1.2\n", NULL,
	 "f:2: '1.2.3.0\\x091.2': not FIRST, LAST and LENGTH with tabs between", GUARD()},
	{"T7: spamd", SPAMD, "192.168.20.0/24 192.168.21.0/24 198.51.100.9 203.0.113.7 ", NULL,
	 GUARD(.format = "spamd")} ,
	{"T7: text behind an entry", "192.168.21.0 - 192.168.21.255\n203.0.113.7 SBL123 a listing\n", NULL,
	 "f:2: '203.0.113.7 SBL123 a listing': " MORE, GUARD()},
	{"T7: text = ignore", "192.168.21.0 - 192.168.21.255\n203.0.113.7 SBL123 a-listing\n"
	 "198.51.100.0/24\tx\n2001:db8::1 y\n198.51.100.9-198.51.100.10 z ; c\n",
	 "192.168.21.0/24 198.51.100.0/24 198.51.100.9 198.51.100.10 203.0.113.7 2001:db8::1 ", NULL,
	 GUARD(.ignore_text = true)},
	{"T7: a range in a zone of rbldnsd", "192.168.21.0 - 192.168.21.255\n", NULL,
	 "f:1: '- 192.168.21.255': " SECOND, GUARD(.format = "rbldnsd")},
	{"T7: a range without a dash", "192.168.21.0 192.168.21.255 x\n", NULL,
	 "f:1: '192.168.21.255': " SECOND, GUARD(.ignore_text = true)},
	{"T7: a netmask", "192.168.21.0 255.255.255.0\n", NULL,
	 "f:1: '255.255.255.0': " SECOND, GUARD(.ignore_text = true)},
	{"T7: columns behind ipsum's", "192.0.2.1\t7\n192.0.2.2\t3\tDE\n", "192.0.2.1 192.0.2.2 ", NULL,
	 GUARD(.ignore_text = true)},
	{"T7: values in a zone", "$SOA 1\n1.2.3.4 Spam source\n1.2.3.5 :2:text\n1.2.3.6\t127.0.0.2 x\n", NULL,
	 "f:4: '127.0.0.2': " SECOND, GUARD()},
};

/* --- T8, T9: Postfix's tables -------------------------------------------- */

#define HOST_BITS \
	"2a01:111:f400:7c00::/48\tpermit\n198.51.100.0/24\tpermit\n203.0.113.77/24\treject\n192.0.2.0/24 reject\n"
#define SKIPPED "left out, as Postfix skips a rule with host bits; write the network's first address"
#define DUNNO \
	"198.51.100.7 dunno\n198.51.100.0/24 permit\n203.0.113.0/24 dunno\n203.0.113.9 reject\n" \
	"192.0.2.0/24 reject\n"

static const struct feed_case tables[] = {
	{"T8: host bits, what is allowed", HOST_BITS, "198.51.100.0/24 ",
	 "f:1: '2a01:111:f400:7c00::/48': " SKIPPED, GUARD(.allow = true), .unfit = 2},
	{"T8: host bits, what is blocked", HOST_BITS, "192.0.2.0/24 ",
	 "f:1: '2a01:111:f400:7c00::/48': " SKIPPED, GUARD(), .unfit = 2},
	{"T8: host bits of a rule that hides none", "10.0.0.9/8 permit\n10.0.0.0/8 reject\n", "10.0.0.0/8 ",
	 "f:1: '10.0.0.9/8': " SKIPPED, GUARD(), .unfit = 1},
	{"T8: host bits in a zone of rbldnsd", "$SOA 1\n203.0.113.77/24 :2:\n192.0.2.0/24\n!192.0.2.7/25\n",
	 "192.0.2.0/24 ",
	 "f:2: '203.0.113.77/24': left out, as rbldnsd leaves out a range with host bits; write its first address",
	 GUARD(), .unfit = 2},
	{"T9: dunno, what is allowed", DUNNO,
	 "198.51.100.0/30 198.51.100.4/31 198.51.100.6 198.51.100.8/29 198.51.100.16/28 198.51.100.32/27 "
	 "198.51.100.64/26 198.51.100.128/25 ", NULL, GUARD(.allow = true)},
	{"T9: dunno, what is blocked", DUNNO, "192.0.2.0/24 ", NULL, GUARD()},
	{"T9: dunno for all the rest", "192.0.2.0/24 permit\n0.0.0.0/0 dunno\n", "192.0.2.0/24 ", NULL,
	 GUARD(.allow = true)},
	{"T9: actions that decide nothing",
	 "10.1.0.0/16 WARN looks odd\n10.2.0.0/16 PREPEND X-List: a\n10.3.0.0/16 DEFER_IF_PERMIT x\n"
	 "10.4.0.0/16 hold\n10.5.0.0/16 check_sender_access hash:/x\n10.6.0.0/16 FILTER smtp:[x]\n"
	 "10.7.0.0/16 permit_mynetworks, reject\n10.0.0.0/13 reject\n", "10.0.0.0/16 ", NULL, GUARD()},
	{"T9: and what is permitted", "10.0.0.0/9 permit_auth_destination\n10.128.0.0/9 1234\n192.0.2.0/24 550\n"
	 "198.51.100.0/24 550 no\n", "10.0.0.0/9 10.128.0.0/9 192.0.2.0/24 ", NULL, GUARD(.allow = true)},
	{"T9: codes", "198.51.100.0/24 550 no\n198.51.101.0/24 450 4.7.1 later\n198.51.102.0/24 550\n",
	 "198.51.100.0/24 198.51.101.0/24 ", NULL, GUARD()},
	{"T18: brackets of Postfix", "[2001:db8::]/32 reject\n[2001:db9::1]\treject\n",
	 "2001:db8::/32 2001:db9::1 ", NULL, GUARD()},
};

/* --- T18: feeds with edges ----------------------------------------------- */

static const struct feed_case feeds[] = {
	{"T18: brackets", "[2001:db8::1]\n[2001:db8:1::]/48\n", "2001:db8::1 2001:db8:1::/48 ", NULL, GUARD()},
	{"T18: csf.deny", "# comment\n203.0.113.46 # lfd: (smtpauth) Failed ...\n2001:db8::/32 # x\n",
	 "203.0.113.46 2001:db8::/32 ", NULL, GUARD(.format = "csf")},
	{"T18: csf's rules", "tcp|in|d=22|s=0.0.0.0/0 # x\n203.0.113.46 # do not delete\n", "203.0.113.46 ",
	 "f:1: 'tcp|in|d=22|s=0.0.0.0/0': left out: a rule for some ports or ways only", GUARD(), .unfit = 1},
	{"T18: csf's includes", "203.0.113.46 # x\nInclude /etc/csf/x-y.deny\n", NULL,
	 "f:2: 'Include /etc/csf/x-y.deny': another file; give it a list of its own, or take the line out",
	 GUARD(.format = "csf")},
	{"T18: no word is cut at a dash", "203.0.113.46\nInclude /etc/csf/x-y.deny\n", NULL,
	 "f:2: 'Include /etc/csf/x-y.deny': " MORE, GUARD()},
	{"T18: nor a name", "192.0.2.1\nf2b-postfix\n", NULL, "f:2: 'f2b-postfix': " NO_ADDRESS, GUARD()},
	{"T18: fail2ban's banip", "192.0.2.1 198.51.100.2 2001:db8::1\n",
	 "192.0.2.1 198.51.100.2 2001:db8::1 ", NULL, GUARD()},
	{"T18: two addresses are perhaps a range", "192.0.2.1 192.0.2.9\n", NULL,
	 "f:1: '192.0.2.1 192.0.2.9': " MORE, GUARD()},
	{"T18: unless they are fail2ban's", "192.0.2.1 192.0.2.9\n", "192.0.2.1 192.0.2.9 ", NULL,
	 GUARD(.format = "fail2ban")},
	{"T18: nor with its times", "192.0.2.1 \t2026-11-24 18:00:00 + 600 = 2026-11-24 18:10:00\n", NULL,
	 "f:1: '2026-11-24': " NO_ADDRESS, GUARD(.format = "fail2ban")},
	{"T18: CrowdSec's CSV", "duration,scope,value\n24h,ip,192.0.2.1\n1h,range,198.51.100.0/24\n4h,country,FR\n",
	 "192.0.2.1@86400 198.51.100.0/24@3600 ", NULL, GUARD(), .unfit = 1},
	{"T18: an hour later", "duration,scope,value\n24h,ip,192.0.2.1\n1h,range,198.51.100.0/24\n",
	 "192.0.2.1@82880 ", NULL, GUARD(.age = 3600), .ended = 1},
	{"T18: CrowdSec's least", "scope,value\nIp,192.0.2.1\n", "192.0.2.1 ", NULL, GUARD()},
	{"T18: cscli -o raw",
	 "id,source,ip,reason,action,country,as,events_count,expiration,simulated,alert_id\n"
	 "1,cscli,Ip:192.0.2.1,manual 'ban' from 'x',ban,,,1,3h59m50s,false,1\n"
	 "2,cscli,Range:198.51.100.0/24,\"a, \"\"b\"\"\",ban,,,1,59m,false,2\n"
	 "3,cscli,Ip:192.0.2.3,x,captcha,,,1,59m,false,2\n4,cscli,Ip:192.0.2.4,x,ban,,,1,59m,true,2\n",
	 "192.0.2.1@14390 198.51.100.0/24@3540 ", NULL, GUARD(), .unfit = 2},
	{"T18: Feodo Tracker's CSV",
	 "################################\n# Feodo Tracker Botnet C2 IP Blocklist #\n################################\n#\n"
	 "# \"first_seen_utc\",\"dst_ip\",\"dst_port\",\"c2_status\",\"last_online\",\"malware\"\n"
	 "\"2022-06-04 21:24:53\",\"192.0.2.246\",\"8080\",\"offline\",\"2026-11-24\",\"Emotet\"\n# END 1 entries\n",
	 "192.0.2.246 ", NULL, GUARD()},
	{"T18: Feodo Tracker's, cut",
	 "first_seen_utc,dst_ip,dst_port\n2022,192.0.2.246,8080\n# END 2 entries\n", NULL,
	 "f:3: 1 lines where its end says 2 entries: truncated or altered; fetch it again", GUARD()},
	{"T18: Feodo Tracker's, empty",
	 "# first_seen_utc,dst_ip,dst_port\n# END 0 entries\n", "", NULL, GUARD(.may_be_empty = true)},
	{"T18: AbuseIPDB's CSV", "IP,Country,Score\n192.0.2.1,DE,100\n2001:db8::1,\"FR\",99\n",
	 "192.0.2.1 2001:db8::1 ", NULL, GUARD()},
	{"T18: CSV without a header", "192.0.2.1,DE,100\n198.51.100.0/24,FR,9\n", "192.0.2.1 198.51.100.0/24 ", NULL,
	 GUARD(.format = "csv")},
	{"T18: CSV of ranges without a header", "192.0.2.0,192.0.2.255,DE\n", NULL,
	 "f:1: '192.0.2.255': a second address on the line, and no header says what it is",
	 GUARD(.format = "csv")},
	{"T18: CSV with a row cut", "ip,country\n192.0.2.1\n", NULL,
	 "f:2: '192.0.2.1': not as many fields as the header has", GUARD()},
	{"T18: CSV with another end", "ip,valid_until\n192.0.2.1,2026-11-25\n", NULL,
	 "f:1: 'valid_until': an end that is not read; leave the column out of the file", GUARD()},
	{"T18: AbuseIPDB's JSON",
	 "{\"meta\":{\"generatedAt\":\"2026-01-01T00:00:00Z\"},\"data\":[{\"ipAddress\":\"192.0.2.39\",\"abuseConfidenceScore\":100},"
	 "{\"ipAddress\":\"2001:db8::1\",\"abuseConfidenceScore\":99}]}\n", "192.0.2.39 2001:db8::1 ", NULL, GUARD()},
	{"T18: Feodo Tracker's JSON", "[\n    {\n        \"ip_address\": \"192.0.2.1\",\n        \"port\": 443,\n"
	 "        \"status\": \"offline\"\n    }\n]\n", "192.0.2.1 ", NULL, GUARD()},
	{"T18: Feodo Tracker's JSON, empty", "[]\n", "", NULL, GUARD()},
	{"T18: an array of addresses", "[\"192.0.2.1\",\n \"2001:db8::/32\"]\n", "192.0.2.1 2001:db8::/32 ", NULL,
	 GUARD()},
	{"T18: JSON with an end", "[{\"ip\": \"192.0.2.1\", \"expires_at\": \"2026-11-25\"}]\n", NULL,
	 "f:1: 'expires_at': an end that is not read; leave entries with one out of the file, or the member", GUARD()},
	{"T18: a NUL in JSON", "[\"192.0.2.1\\u0000/8\"]\n", NULL,
	 "f:1: neither an address nor an object with one", GUARD()},
	{"T18: decisions of CrowdSec over lines", "[\n{\"duration\": \"1h\",\n\"scope\": \"Ip\", \"type\": \"ban\", \"value\": \"192.0.2.1\"}\n]\n",
	 "192.0.2.1@3600 ", NULL, GUARD()},
	{"T18: words", "Access denied\n", NULL,
	 "f:1: 'Access denied': no file that is known begins like this; plain, spamd, fail2ban, postfix, csf, ipsum, "
	 "dshield, csv, rbldnsd, ipset, nft, json, drop-json, nft-json or crowdsec are known, and format = NAME in the "
	 "list's section says which is meant", GUARD()},
	{"T18: words in front", "The bad ones are\n192.0.2.1\n", "192.0.2.1 ", NULL, GUARD(.max_errors = 1)},
};

/* --- U37: lists that were cut -------------------------------------------- */

static const struct feed_case cuts[] = {
	{"U37: an address that may be another", "10.1.0.0/16\n10.2.0.0/16\n192.0.2.11", NULL, "f:3: " CUT, GUARD()},
	{"U37: one that has all that others have", "192.0.2.1\n192.0.2.11", "192.0.2.1 192.0.2.11 ", "f:2: " NO_NEWLINE,
	 GUARD()},
	{"U37: as in the report", "10.1.0.0/16\n192.0.2.11", "10.1.0.0/16 192.0.2.11 ", "f:2: " NO_NEWLINE, GUARD()},
	{"U37: DROP without its comment", "1.10.16.0/20 ; SBL1\n1.19.0.0/16 ; SBL4\n1.32.128.0/18", NULL, "f:3: " CUT,
	 GUARD()},
	{"U37: ipset without its timeout", "create a hash:ip timeout 9\nadd a 192.0.2.1 timeout 9\nadd a 192.0.2.1", NULL,
	 "f:3: " CUT, GUARD()},
	{"U37: one line is a whole file", "192.0.2.11", "192.0.2.11 ", NULL, GUARD()},
	{"U37: with a newline", "10.1.0.0/16\n10.2.0.0/16\n192.0.2.11\n", "10.1.0.0/16 10.2.0.0/16 192.0.2.11 ", NULL,
	 GUARD()},
};

/* clang-format on */

CASES(nft_scripts)
CASES(rulesets)
CASES(saved_sets)
CASES(ends)
CASES(empty)
CASES(ranges)
CASES(tables)
CASES(feeds)
CASES(cuts)

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"T2: files that nft scripts write and read", nft_scripts_},
		{"T3: nft list ruleset", rulesets_},
		{"T4: ipset save of everything", saved_sets_},
		{"T5: timeouts of nft and ipset", ends_},
		{"T6: lists that are rightly empty", empty_},
		{"T7: DShield and spamd", ranges_},
		{"T8, T9: tables of Postfix", tables_},
		{"T18: feeds with edges", feeds_},
		{"U37: lists that were cut", cuts_},
	};

	return cmocka_run_group_tests_name("field lists", tests, NULL, NULL);
}
