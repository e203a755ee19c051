// SPDX-License-Identifier: GPL-2.0
/*
 * JSON of other programs: objects with an address in one of their members, as
 * AbuseIPDB and Feodo Tracker have them, or arrays of addresses; and where the
 * file's first line did not tell, what crowdsec and nft-json read.
 */
#include "feed/entry.h"

#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "feed/format/columns.h"
#include "feed/format/json_document.h"
#include "feed/format/json_text.h"

/* The address of an object; NULL: no member is called so. */
static const char *address_of(struct json_object *o)
{
	json_object_object_foreach(o, key, member)
	{
		if (column_is_address(key) &&
		    json_object_is_type(member, json_type_string))
			return json_text(o, key);
	}
	return NULL;
}

/* The member that says when the entry ends, in words that are not read here;
 * NULL: there is none. */
static const char *end_of(struct json_object *o)
{
	json_object_object_foreach(o, key, member)
	{
		if (member && column_is_end(key))
			return key;
	}
	return NULL;
}

static void take(struct format_input *in, struct json_object *o, int depth,
		 bool element);

static void take_object(struct format_input *in, struct json_object *o,
			int depth, bool element)
{
	const char *address = address_of(o), *end = end_of(o);

	if (address && end) {
		entry_refuse_word(in, end,
				  "an end that is not read; leave entries with "
				  "one out of the file, or the member");
		return;
	}
	if (address) {
		entry_add(in, address);
		return;
	}
	if (element) {
		entry_refuse(in, "an object without an address: none of its "
				 "members is called " COLUMN_NAMES);
		return;
	}
	json_object_object_foreach(o, key, member)
	{
		(void)key;
		if (json_object_is_type(member, json_type_array) ||
		    json_object_is_type(member, json_type_object))
			take(in, member, depth - 1, false);
	}
}

/* element: the value is one of an array, and must be an entry. */
static void take(struct format_input *in, struct json_object *o, int depth,
		 bool element)
{
	const char *text;

	if (in->err)
		return;
	if (!depth) {
		entry_refuse(in, "more than %d values in each other",
			     JSON_DEPTH);
	} else if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			take(in, json_object_array_get_idx(o, i), depth - 1,
			     true);
	} else if (json_object_is_type(o, json_type_object)) {
		take_object(in, o, depth, element);
	} else if ((text = json_string(o))) {
		entry_add(in, text);
	} else {
		entry_refuse(in, "neither an address nor an object with one");
	}
}

static void json_value(struct format_input *in, struct json_object *o)
{
	if (nft_json_knows(o))
		nft_json_value(in, o);
	else if (crowdsec_knows(o))
		crowdsec_value(in, o);
	else
		take(in, o, JSON_DEPTH, false);
}

static void json_line(struct format_input *in)
{
	json_document_line(in, json_value);
}

/* A bracket can begin an IPv6 address, too. */
static bool json_is(const char *line)
{
	const char *next = line + 1 + strspn(line + 1, words_blanks);

	return *line == '{' ||
	       (*line == '[' && (!*next || strchr("{[]\"", *next)));
}

const struct format format_json = {
	.name = "json",
	.is = json_is,
	.line = json_line,
	.end = json_document_end,
	.free = json_document_free,
	.state = sizeof(struct json_document),
	.long_lines = true,
	.tells_its_end = true,
};
