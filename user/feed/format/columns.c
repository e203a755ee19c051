// SPDX-License-Identifier: GPL-2.0
#include "feed/format/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/entry.h"

/* --- names --------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const of[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcasecmp(name, of[i]))
			return true;
	return false;
}

#define IS_ONE_OF(name, of) is_one_of(name, of, sizeof(of) / sizeof(*(of)))

static bool is_address(const char *name)
{
	static const char *const names[] = {
		"ip",	      "ip_address", "ipAddress",   "ip-address",
		"ip address", "dst_ip",	    "dstip",	   "src_ip",
		"srcip",      "address",    "addr",	   "cidr",
		"network",    "prefix",	    "range",	   "value",
		"subnet",     "ip_prefix",  "ipv6_prefix", "ipv4Prefix",
		"ipv6Prefix", "ipPrefix"};

	return IS_ONE_OF(name, names);
}

static bool is_length(const char *name)
{
	static const char *const names[] = {
		"mask",		 "netmask",	  "masklen",	"mask_length",
		"prefixlen",	 "prefix_len",	  "prefix-len", "prefixlength",
		"prefix_length", "prefix-length", "len",	"bits"};

	return IS_ONE_OF(name, names);
}

static bool is_last(const char *name)
{
	static const char *const names[] = {
		"last_ip",   "end_ip",	    "ip_end",	   "ip_last",
		"endip",     "lastip",	    "ip_to",	   "to_ip",
		"range_end", "end_address", "last_address"};

	return IS_ONE_OF(name, names);
}

static bool is_end(const char *name)
{
	static const char *const names[] = {
		"duration", "until",	"ttl",	    "timeout",	   "end",
		"end_date", "enddate",	"end_time", "valid_until", "validUntil",
		"valid_to", "lifetime", "unban_at", "banned_until"};

	return IS_ONE_OF(name, names) || strcasestr(name, "expir");
}

static bool is_verdict(const char *name)
{
	static const char *const names[] = {"action", "verdict", "decision",
					    "disposition"};

	return IS_ONE_OF(name, names);
}

static bool takes_out(const char *name)
{
	static const char *const names[] = {
		"isWhitelisted", "is_whitelisted", "whitelisted",   "whitelist",
		"allowlisted",	 "disabled",	   "inactive",	    "deleted",
		"removed",	 "falsePositive",  "false_positive"};

	return IS_ONE_OF(name, names);
}

enum column column_of(const char *name)
{
	return is_address(name)	  ? COLUMN_ADDRESS
	       : is_length(name)  ? COLUMN_LENGTH
	       : is_last(name)	  ? COLUMN_LAST
	       : is_end(name)	  ? COLUMN_END
	       : is_verdict(name) ? COLUMN_VERDICT
	       : takes_out(name)  ? COLUMN_OUT
	       : !strcasecmp(name, "enabled") || !strcasecmp(name, "active")
		       ? COLUMN_IN
		       : COLUMN_OTHER;
}

/* --- values -------------------------------------------------------------- */

static bool is_true(const char *value)
{
	static const char *const words[] = {"true", "1", "yes", "y", "t"};

	return IS_ONE_OF(value, words);
}

static bool is_false(const char *value)
{
	static const char *const words[] = {"false", "0", "no", "n", "f"};

	return IS_ONE_OF(value, words);
}

static void refuse(struct columns *c, const char *word, const char *why)
{
	if (c->word)
		return;
	c->word = word;
	c->why = why;
}

/* A length beside the address, or another name of the same address; a network
 * around it says where it is from. */
static void second_address(struct columns *c, const char *value)
{
	struct entry_words first, other;
	const char *why;

	if (words_is_number(value) && strlen(value) <= 3) {
		c->length = value;
	} else if (words_is_number(c->address) && strlen(c->address) <= 3) {
		c->length = c->address;
		c->address = value;
	} else if (!entry_read(value, &other, &why) &&
		   (entry_read(c->address, &first, &why) || first.range ||
		    other.range ||
		    !prefix_covers(&other.first, &first.first))) {
		refuse(c, value,
		       "a second address of the entry; leave one of the two "
		       "out of the file");
	}
}

static void verdict(const struct format_input *in, struct columns *c,
		    const char *value)
{
	static const char *const block[] = {
		"block",  "blocked", "deny",   "denied",    "drop",
		"reject", "ban",     "banned", "blacklist", "blocklist"};
	static const char *const allow[] = {
		"allow", "allowed", "permit", "accept",	   "pass",
		"ok",	 "trust",   "ignore", "whitelist", "allowlist"};

	if (!*value)
		return;
	if (IS_ONE_OF(value, block))
		c->out |= in->guard->allow;
	else if (IS_ONE_OF(value, allow))
		c->out |= !in->guard->allow;
	else
		refuse(c, value,
		       "no verdict that is read; block and allow are");
}

void columns_add(const struct format_input *in, struct columns *c,
		 enum column column, const char *value)
{
	if (column == COLUMN_ADDRESS && c->address)
		second_address(c, value);
	else if (column == COLUMN_ADDRESS)
		c->address = value;
	else if (column == COLUMN_LENGTH && *value)
		c->length = value;
	else if (column == COLUMN_LAST && *value)
		refuse(c, value,
		       "the other end of a range, which is not read here; "
		       "write FIRST-LAST into one column");
	else if (column == COLUMN_END)
		refuse(c, value,
		       "an end that is not read; leave entries with one out of "
		       "the file, or the member");
	else if (column == COLUMN_VERDICT)
		verdict(in, c, value);
	else if (column == COLUMN_OUT)
		c->out |= is_true(value) && !in->guard->allow;
	else if (column == COLUMN_IN)
		c->out |= is_false(value);
}

/* The length that a word says: 24, /24 or 255.255.255.0; -1: it says none. */
static int length_of(const char *word)
{
	word += *word == '/';
	return words_is_number(word) && strlen(word) <= 3 ? atoi(word)
							  : entry_mask(word);
}

void columns_enter(struct format_input *in, const struct columns *c)
{
	char text[FEED_LINE + 16];
	int length;

	if (c->word) {
		entry_refuse_word(in, c->word, c->why);
	} else if (c->out) {
		in->feed->report.unfit++;
	} else if (!c->length || strpbrk(c->address, "/-")) {
		entry_add(in, c->address);
	} else if ((length = length_of(c->length)) < 0) {
		entry_refuse_word(in, c->length,
				  "not the length of a prefix; 24 is one");
	} else {
		snprintf(text, sizeof(text), "%s/%d", c->address, length);
		entry_add(in, text);
	}
}
