// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of the kinds of test_field_lists.c in other shapes: what scripts, rules
 * and columns say of an entry is read, or the file is refused.
 */
#include "feed.h"

#define TAKEN "takes away what the file has put in before; only adding is read"
#define ALL_THE_SAME \
	"; set = NAME in the list's section says that it is meant all the same"

/* clang-format off */

/* --- T3: what the file's own rules do with a set ------------------------- */

#define ONE_SET(rule) \
	"table inet f {\n\tset s { type ipv4_addr; elements = { 192.0.2.1 } }\n" \
	"\tchain c {\n\t\ttype filter hook input priority 0;\n" rule "\t}\n}\n"
#define NO_BLOCK \
	"'inet f s': the file's rules accept what is in it" ALL_THE_SAME
#define JSON_SET(rule) \
	"{\"nftables\": [{\"set\": {\"family\": \"inet\", \"name\": \"s\", \"table\": \"f\", \"type\": \"ipv4_addr\", \"elem\": [\"192.0.2.1\"]}},\n" \
	"{\"rule\": {\"family\": \"inet\", \"table\": \"f\", \"chain\": \"c\", \"expr\": [" rule "]}}]}\n"
#define JSON_MATCH(op) \
	"{\"match\": {\"op\": \"" op "\", \"left\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}, \"right\": \"@s\"}}"

static const struct feed_case rules[] = {
	{"T3: rules drop it", ONE_SET("\t\tip saddr @s drop\n"), "192.0.2.1 ", NULL, GUARD()},
	{"T3: rules accept it", ONE_SET("\t\tip saddr @s accept\n"), NULL, "f:7: " NO_BLOCK, GUARD()},
	{"T3: accepted on some ports", ONE_SET("\t\tip saddr @s tcp dport { 25, 465 } counter accept\n"), NULL,
	 "f:7: " NO_BLOCK, GUARD()},
	{"T3: who is not in it is dropped", ONE_SET("\t\tip saddr != @s tcp dport 22 drop\n"), NULL,
	 "f:7: " NO_BLOCK, GUARD()},
	{"T3: another rule's verdict", ONE_SET("\t\tip saddr @s counter\n\t\taccept\n"), "192.0.2.1 ", NULL, GUARD()},
	{"T3: accepted, and named", ONE_SET("\t\tip saddr @s accept\n"), "192.0.2.1 ", NULL, GUARD(.set = "s")},
	{"T3: accepted, of a list that allows", ONE_SET("\t\tip saddr @s accept\n"), "192.0.2.1 ", NULL,
	 GUARD(.allow = true)},
	{"T3: dropped, of a list that allows", ONE_SET("\t\tip saddr @s drop\n"), NULL,
	 "f:7: 'inet f s': the file's rules drop what is in it, and the list allows" ALL_THE_SAME, GUARD(.allow = true)},
	{"T3: rules fill it", ONE_SET("\t\ttcp dport 25 add @s { ip saddr }\n"), NULL,
	 "f:7: 'inet f s': rules fill it: who is in it was only seen" ALL_THE_SAME, GUARD()},
	{"T3: rules fill it, with a rate", ONE_SET("\t\ttcp dport 25 update @s { ip saddr limit rate over 1/second } drop\n"),
	 NULL, "f:7: 'inet f s': rules fill it: who is in it was only seen" ALL_THE_SAME, GUARD()},
	{"T3: rules of a script",
	 "add table f\nadd set f s { type ipv4_addr; }\nadd element f s { 192.0.2.1 }\nadd rule f input ip saddr @s accept\n",
	 NULL, "f:4: 'ip f s': the file's rules accept what is in it" ALL_THE_SAME, GUARD()},
	{"T3: JSON's rules accept it", JSON_SET(JSON_MATCH("==") ", {\"accept\": null}"), NULL, "f:2: " NO_BLOCK, GUARD()},
	{"T3: JSON's rules drop it", JSON_SET(JSON_MATCH("==") ", {\"drop\": null}"), "192.0.2.1 ", NULL, GUARD()},
	{"T3: JSON's rules drop others", JSON_SET(JSON_MATCH("!=") ", {\"drop\": null}"), NULL, "f:2: " NO_BLOCK, GUARD()},
	{"T3: JSON's rules fill it",
	 JSON_SET("{\"set\": {\"op\": \"add\", \"elem\": {\"payload\": {\"protocol\": \"ip\", \"field\": \"saddr\"}}, \"set\": \"@s\"}}"),
	 NULL, "f:2: 'inet f s': rules fill it: who is in it was only seen" ALL_THE_SAME, GUARD()},
};

/* --- T4: scripts for ipset restore --------------------------------------- */

#define SWAPPED \
	"create tmp -exist hash:net family inet hashsize 16384 maxelem 131072\n" \
	"create blacklist -exist hash:net family inet hashsize 16384 maxelem 131072\n" \
	"add tmp 192.0.2.1\nadd tmp 198.51.100.0/24\nswap blacklist tmp\ndestroy tmp\n"

static const struct feed_case scripts[] = {
	{"T4: filled and swapped", SWAPPED, "192.0.2.1 198.51.100.0/24 ", NULL, GUARD()},
	{"T4: named as it was filled", SWAPPED, "192.0.2.1 198.51.100.0/24 ", NULL, GUARD(.set = "tmp")},
	{"T4: named as it ends", SWAPPED, NULL,
	 "f:6: 'blacklist' gets its elements as 'tmp'; set = tmp in the list's section says that",
	 GUARD(.set = "blacklist")},
	{"T4: made after the other",
	 "create blacklist hash:net\ncreate tmp hash:net\nadd tmp 192.0.2.1\nswap tmp blacklist\ndestroy tmp\n", NULL,
	 "f:5: 'blacklist' gets its elements as 'tmp'; set = tmp in the list's section says that", GUARD()},
	{"T4: swapped, and both stay",
	 "create tmp hash:net\ncreate blacklist hash:net\nadd tmp 192.0.2.1\nswap tmp blacklist\n", NULL,
	 "f: 2 sets: blacklist, tmp" WHICH, GUARD()},
	{"T4: emptied before it is filled", "create b hash:net -exist\nflush b\nadd b 192.0.2.1\nCOMMIT\n", "192.0.2.1 ",
	 NULL, GUARD()},
	{"T4: a set of elsewhere", "flush b\nadd b 192.0.2.1 -exist\n", "192.0.2.1 ", NULL, GUARD()},
	{"T4: -exist in front", "-exist create b hash:net\nadd -exist b 192.0.2.1\n-! add b 192.0.2.2\n",
	 "192.0.2.1 192.0.2.2 ", NULL, GUARD()},
	{"T4: commands as options", "-N b hash:net\n-F b\n-A b 192.0.2.1\n", "192.0.2.1 ", NULL, GUARD()},
	{"T4: emptied again", "create b hash:net\nadd b 192.0.2.1\nflush b\nadd b 192.0.2.2\n", NULL,
	 "f:3: 'b': " TAKEN, GUARD()},
	{"T4: one element less", "create b hash:net\nadd b 192.0.2.1\nadd b 192.0.2.2\ndel b 192.0.2.1\n", NULL,
	 "f:4: 'b 192.0.2.1': " TAKEN, GUARD()},
	{"T4: destroyed again", "create b hash:net\nadd b 192.0.2.1\ndestroy b\n", NULL, "f:3: 'b': " TAKEN, GUARD()},
	{"T4: a bitmask", "create b hash:ip family inet bitmask 255.255.255.0\nadd b 192.0.2.0\n", "192.0.2.0/24 ", NULL,
	 GUARD()},
	{"T4: a bitmask of IPv6", "create b hash:ip family inet6 bitmask ffff:ffff:ffff::\nadd b 2001:db8:1::\n",
	 "2001:db8:1::/48 ", NULL, GUARD()},
	{"T4: a bitmask that is no prefix", "create b hash:ip bitmask 255.0.255.0\nadd b 192.0.2.0\n", NULL,
	 "f:2: 'b': its bitmask is that of no prefix", GUARD()},
};

/* --- T5, T7: what other columns say of an entry -------------------------- */

#define SECOND "a second address of the entry; leave one of the two out of the file"
#define OTHER_END "an end that is not read; leave entries with one out of the file, or the member"

static const struct feed_case columns[] = {
	{"T7: CSV, a length", "network,prefix_length,cc\n192.0.2.0,24,XX\n", "192.0.2.0/24 ", NULL, GUARD()},
	{"T7: CSV, a mask", "ip,netmask\n192.0.2.0,255.255.255.0\n", "192.0.2.0/24 ", NULL, GUARD()},
	{"T7: CSV, a mask that is none", "ip,mask\n192.0.2.0,255.0.255.0\n", NULL,
	 "f:2: '255.0.255.0': not the length of a prefix; 24 is one", GUARD()},
	{"T7: CSV, a length called cidr", "ip,cidr\n192.0.2.0,24\n", "192.0.2.0/24 ", NULL, GUARD()},
	{"T7: CSV, the network around", "ip,network\n192.0.2.7,192.0.2.0/24\n", "192.0.2.7 ", NULL, GUARD()},
	{"T7: CSV, two addresses", "src_ip,dst_ip\n192.0.2.1,192.0.2.2\n", NULL, "f:2: '192.0.2.2': " SECOND, GUARD()},
	{"T7: CSV, the end of a range", "ip,end_ip\n192.0.2.1,192.0.2.9\n", NULL,
	 "f:2: '192.0.2.9': the other end of a range, which is not read here; write FIRST-LAST into one column", GUARD()},
	{"T9: CSV, verdicts", "ip,action\n192.0.2.1,allow\n192.0.2.2,Block\n", "192.0.2.2 ", NULL, GUARD(), .unfit = 1},
	{"T9: CSV, verdicts of a list that allows", "ip,action\n192.0.2.1,allow\n192.0.2.2,block\n", "192.0.2.1 ", NULL,
	 GUARD(.allow = true), .unfit = 1},
	{"T9: CSV, a verdict of its own", "ip,action\n192.0.2.1,monitor\n", NULL,
	 "f:2: 'monitor': no verdict that is read; block and allow are", GUARD()},
	{"T9: CSV, a type of attack", "ip,type\n192.0.2.1,malware\n", "192.0.2.1 ", NULL, GUARD()},
	{"T9: CSV, who is whitelisted", "ipAddress,isWhitelisted\n192.0.2.1,true\n192.0.2.2,false\n", "192.0.2.2 ", NULL,
	 GUARD(), .unfit = 1},
	{"T5: CSV, another name of an end", "ip,expires_in\n192.0.2.1,60\n", NULL,
	 "f:1: 'expires_in': an end that is not read; leave the column out of the file", GUARD()},
	{"T18: SSLBL", "# abuse.ch\n# Firstseen,DstIP,DstPort\n2026-11-24 18:00:00,192.0.2.1,443\n", "192.0.2.1 ", NULL,
	 GUARD()},
	{"T7: JSON, a length", "[{\"ip\":\"192.0.2.0\",\"prefix\":24},{\"addr\":\"2001:db8::\",\"len\":\"32\"}]\n",
	 "192.0.2.0/24 2001:db8::/32 ", NULL, GUARD()},
	{"T7: JSON, two addresses", "[{\"src_ip\":\"192.0.2.1\",\"dst_ip\":\"192.0.2.2\"}]\n", NULL,
	 "f:1: '192.0.2.2': " SECOND, GUARD()},
	{"T9: JSON, verdicts", "[{\"ip\":\"192.0.2.1\",\"action\":\"allow\"},{\"ip\":\"192.0.2.2\",\"action\":\"block\"}]\n",
	 "192.0.2.2 ", NULL, GUARD(), .unfit = 1},
	{"T9: JSON, who is whitelisted",
	 "{\"data\":[{\"ipAddress\":\"192.0.2.1\",\"isWhitelisted\":true},{\"ipAddress\":\"192.0.2.2\",\"isWhitelisted\":null}]}\n",
	 "192.0.2.2 ", NULL, GUARD(), .unfit = 1},
	{"T5: JSON, another name of an end", "[{\"ip\":\"192.0.2.1\",\"expires_in\":60}]\n", NULL,
	 "f:1: 'expires_in': " OTHER_END, GUARD()},
};

/* --- T3, T4: several lists in one document ------------------------------- */

#define TWO_LISTS "{\"allow\":[\"192.0.2.1\"],\"block\":[\"192.0.2.2\"]}\n"
#define JAILS "[{'postfix': ['192.0.2.1']}, {'sshd': ['192.0.2.2']}]\n"

static const struct feed_case documents[] = {
	{"T3: JSON of two lists", TWO_LISTS, NULL, "f: 2 sets: allow, block" WHICH, GUARD()},
	{"T3: one of them", TWO_LISTS, "192.0.2.2 ", NULL, GUARD(.set = "block")},
	{"T3: jails", JAILS, NULL, "f: 2 sets: postfix, sshd" WHICH, GUARD(.format = "json")},
	{"T3: one jail", JAILS, "192.0.2.1 ", NULL, GUARD(.format = "json", .set = "postfix")},
	{"T3: both families of one", "{\"ipv4_cidrs\":[\"192.0.2.0/24\"],\"ipv6_cidrs\":[\"2001:db8::/32\"]}\n",
	 "192.0.2.0/24 2001:db8::/32 ", NULL, GUARD()},
	{"T3: prefixes and ipv6_prefixes",
	 "{\"prefixes\":[{\"ip_prefix\":\"192.0.2.0/24\"}],\"ipv6_prefixes\":[{\"ipv6_prefix\":\"2001:db8::/32\"}]}\n",
	 "192.0.2.0/24 2001:db8::/32 ", NULL, GUARD()},
	{"T3: one list beside an empty one", "{\"errors\":[],\"data\":[\"192.0.2.1\"]}\n", "192.0.2.1 ", NULL, GUARD()},
};

/* --- T9: lists of the opposite ------------------------------------------- */

#define CSF(what) "# Copyright\n# The following IP addresses will be " what "\n192.0.2.1 # x\ntcp|in|d=22|s=192.0.2.9\n"
#define ALLOWED	  CSF("allowed through iptables.")
#define BLOCKED	  CSF("blocked in iptables")
#define NOTHING(n, action) \
	"no entries: by what the file says of them all " n " are nothing for a list with action = " action \
	"; min_entries = 0 in its section says that it may be empty"
#define PORTS "left out: a rule for some ports or ways only"

static const struct feed_case opposites[] = {
	{"T9: csf.allow, of a list that blocks", ALLOWED, NULL,
	 "f:2: csf.allow: it says who is allowed, and the list's action is another", GUARD(), .unfit = 1},
	{"T9: csf.allow", ALLOWED, "192.0.2.1 ", "f:4: 'tcp|in|d=22|s=192.0.2.9': " PORTS, GUARD(.allow = true), .unfit = 1},
	{"T9: csf.deny, of a list that allows", BLOCKED, NULL,
	 "f:2: csf.deny: it says who is blocked, and the list's action is allow", GUARD(.allow = true), .unfit = 1},
	{"T9: csf.deny", BLOCKED, "192.0.2.1 ", "f:4: 'tcp|in|d=22|s=192.0.2.9': " PORTS, GUARD(), .unfit = 1},
	{"T9: a table that only permits", "192.0.2.1 permit\n192.0.2.2 OK\n", NULL,
	 "f:2: no entries: 2 rules permit and none rejects; a list with action = allow takes what is permitted", GUARD()},
	{"T9: a table that only rejects", "192.0.2.1 reject\n", NULL,
	 "f:1: no entries: 1 rules reject and none permits; a list with action = block takes what is rejected",
	 GUARD(.allow = true)},
	{"T9: CSV of what is allowed", "ip,action\n192.0.2.1,allow\n", NULL, "f:2: " NOTHING("1", "block"), GUARD(), .unfit = 1},
	{"T9: JSON of what is blocked", "[{\"ip\":\"192.0.2.1\",\"verdict\":\"deny\"}]\n", NULL,
	 "f:1: " NOTHING("1", "allow"), GUARD(.allow = true), .unfit = 1},
	{"T9: rules for ports alone", "tcp|in|d=25|s=192.0.2.1\n", NULL, "f:1: " NOTHING("1", "block"), GUARD(), .unfit = 1},
};

/* clang-format on */

CASES(rules)
CASES(scripts)
CASES(columns)
CASES(documents)
CASES(opposites)

int main(void)
{
	const struct CMUnitTest tests[] = {
		{"T3: what rules do with a set", rules_},
		{"T4: scripts for ipset restore", scripts_},
		{"T5, T7, T9: what other columns say", columns_},
		{"T3, T4: several lists in one document", documents_},
		{"T9: lists of the opposite", opposites_},
	};

	return cmocka_run_group_tests_name("field kinds", tests, NULL, NULL);
}
