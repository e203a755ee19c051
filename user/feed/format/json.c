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

/* Enters an object with an address in one of its members; false: none of them
 * is called as addresses are. */
static bool take_entry(struct format_input *in, struct json_object *o)
{
	struct columns c = {};

	json_object_object_foreach(o, key, member)
	{
		bool text = json_object_is_type(member, json_type_string);

		/* A prefix of 24 is a length, what is null says nothing. */
		if (column_of(key) == COLUMN_ADDRESS && text)
			columns_add(in, &c, COLUMN_ADDRESS, json_text(o, key));
		else if (column_of(key) == COLUMN_ADDRESS &&
			 json_object_is_type(member, json_type_int))
			columns_add(in, &c, COLUMN_LENGTH,
				    json_object_get_string(member));
		else if (member && column_of(key) == COLUMN_END)
			columns_add(in, &c, COLUMN_END, key);
		else if (member && column_of(key) != COLUMN_ADDRESS)
			columns_add(in, &c, column_of(key),
				    json_object_get_string(member));
	}
	if (c.address)
		columns_enter(in, &c);
	return c.address;
}

static void take(struct format_input *in, struct json_object *o, int depth,
		 bool element);

/* --- arrays, by their names ---------------------------------------------- */

/* Copies a name without what says only of which family the addresses are. */
static void without_family(const char *key, char *name, size_t size)
{
	static const char *const words[] = {"ipv4", "ipv6", "ip4",
					    "ip6",  "v4",   "v6"};
	size_t n = sizeof(words) / sizeof(*words), len = 0;

	while (*key && len < size - 1) {
		size_t i = 0;

		while (i < n && strncasecmp(key, words[i], strlen(words[i])))
			i++;
		if (i < n)
			key += strlen(words[i]);
		else if (!len && strchr("_- ", *key))
			key++;
		else
			name[len++] = *key++;
	}
	while (len && strchr("_- ", name[len - 1]))
		len--;
	snprintf(name + len, size - len, "%s", len ? "" : "addresses");
}

/* A member that holds entries is a set by its name: a file may have those that
 * are allowed beside those that are blocked. */
static void take_named(struct format_input *in, const char *key,
		       struct json_object *array, int depth)
{
	struct json_document *document = in->state;
	char name[FEED_LINE];
	struct set *set;

	if (!json_object_array_length(array))
		return;
	without_family(key, name, sizeof(name));
	set = sets_get(in, &document->sets, name);
	if (set && sets_take(in, &document->sets, set))
		take(in, array, depth - 1, false);
}

static void take_object(struct format_input *in, struct json_object *o,
			int depth, bool element)
{
	bool nothing = true;

	if (take_entry(in, o))
		return;
	json_object_object_foreach(o, key, member)
	{
		bool array = json_object_is_type(member, json_type_array);

		nothing &= !array;
		if (array)
			take_named(in, key, member, depth);
		else if (!element &&
			 json_object_is_type(member, json_type_object))
			take(in, member, depth - 1, false);
	}
	if (element && nothing)
		entry_refuse(in, "an object without an address: none of its "
				 "members is called " COLUMN_NAMES);
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
