// SPDX-License-Identifier: GPL-2.0
/* What `nft -j list` prints: sets and their elements; of several
 * one is meant. */
#include "feed/entry.h"

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "feed/format/json_document.h"
#include "feed/format/json_text.h"
#include "feed/format/nft_names.h"

/* --- elements ------------------------------------------------------------ */

static void not_an_address(struct format_input *in)
{
	entry_refuse(in, "an element that is not an address alone");
}

/* {"prefix": {"addr": A, "len": N}} */
static void take_prefix(struct format_input *in, struct json_object *prefix)
{
	const char *address = json_text(prefix, "addr");
	char text[FEED_MISSED];
	struct json_object *len;

	if (!address || !json_object_object_get_ex(prefix, "len", &len)) {
		not_an_address(in);
		return;
	}
	snprintf(text, sizeof(text), "%s/%d", address,
		 json_object_get_int(len));
	entry_prefix(in, text);
}

/* {"range": [FIRST, LAST]} */
static void take_range(struct format_input *in, struct json_object *range)
{
	const char *first = NULL, *last = NULL;

	if (json_object_is_type(range, json_type_array) &&
	    json_object_array_length(range) == 2) {
		first = json_string(json_object_array_get_idx(range, 0));
		last = json_string(json_object_array_get_idx(range, 1));
	}
	if (first && last)
		entry_range(in, first, last);
	else
		not_an_address(in);
}

static void take_value(struct format_input *in, struct json_object *value)
{
	struct json_object *inside;

	if (json_string(value))
		entry_add(in, json_string(value));
	else if (!json_object_is_type(value, json_type_object))
		not_an_address(in);
	else if (json_object_object_get_ex(value, "prefix", &inside))
		take_prefix(in, inside);
	else if (json_object_object_get_ex(value, "range", &inside))
		take_range(in, inside);
	else
		not_an_address(in);
}

/* Seconds of a member; false: o has no such number. */
static bool seconds_of(struct json_object *o, const char *key, double *seconds)
{
	struct json_object *member;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_int))
		return false;
	*seconds = json_object_get_double(member);
	return true;
}

/* An element: its value, or {"elem": {"val": VALUE, "timeout": ..., "expires":
 * ...}}. */
static void take_element(struct format_input *in, const struct set *set,
			 struct json_object *element)
{
	double seconds = set->timeout;
	struct json_object *elem, *value = element;

	if (json_object_is_type(element, json_type_object) &&
	    json_object_object_get_ex(element, "elem", &elem)) {
		if (!json_object_object_get_ex(elem, "val", &value))
			value = NULL;
		seconds_of(elem, "timeout", &seconds);
		/* What expires in 0 has ended; a timeout of 0 is none. */
		if (seconds_of(elem, "expires", &seconds) && !seconds)
			seconds = -1;
	}
	in->ends = 0;
	if (seconds && !entry_ends_in(in, seconds - in->guard->age))
		in->feed->report.ended++;
	else
		take_value(in, value);
}

/* --- sets ---------------------------------------------------------------- */

static bool has_flag(struct json_object *o, const char *flag)
{
	struct json_object *flags;
	const char *one;

	if (!json_object_object_get_ex(o, "flags", &flags))
		return false;
	if (!json_object_is_type(flags, json_type_array))
		return (one = json_string(flags)) && !strcmp(one, flag);
	for (size_t i = 0; i < json_object_array_length(flags); i++) {
		one = json_string(json_object_array_get_idx(flags, i));
		if (one && !strcmp(one, flag))
			return true;
	}
	return false;
}

/* Is the type an expression, as newer nft prints it, for an address of a
 * packet: {"typeof": {"payload": {"protocol": "ip", "field": "saddr"}}}? */
static bool payload_is_address(struct json_object *type)
{
	static const char *const protocols[] = {"ip", "ip6"};
	static const char *const fields[] = {"saddr", "daddr"};
	const char *protocol, *field;

	if (json_object_is_type(type, json_type_object))
		json_object_object_get_ex(type, "typeof", &type);
	if (!json_object_is_type(type, json_type_object) ||
	    !json_object_object_get_ex(type, "payload", &type))
		return false;
	protocol = json_text(type, "protocol");
	field = json_text(type, "field");
	for (int i = 0; i < 4 && protocol && field; i++)
		if (!strcmp(protocol, protocols[i / 2]) &&
		    !strcmp(field, fields[i % 2]))
			return true;
	return false;
}

static const char *why_never(struct json_object *o, bool map)
{
	struct json_object *type;

	if (map)
		return nft_is_map;
	if (has_flag(o, "dynamic"))
		return nft_is_dynamic;
	if (!json_object_object_get_ex(o, "type", &type))
		return NULL;
	if (json_string(type))
		return nft_never(json_string(type));
	return payload_is_address(type) ? NULL : nft_never("a . b");
}

/* The set that o is about: of o, or of a command, the name of the set. */
static struct set *set_of(struct format_input *in, struct json_object *o,
			  const char *key)
{
	struct json_document *document = in->state;
	const char *family = json_text(o, "family"),
		   *table = json_text(o, "table"), *name = json_text(o, key);
	char full[FEED_LINE];

	if (!name || !table || !family) {
		entry_refuse(in, "a set without family, table or name");
		return NULL;
	}
	snprintf(full, sizeof(full), "%s %s %s", family, table, name);
	return sets_get(in, &document->sets, full);
}

static void take_elements(struct format_input *in, struct set *set,
			  struct json_object *o)
{
	struct json_document *document = in->state;
	struct json_object *elem;

	if (!set || !json_object_object_get_ex(o, "elem", &elem) ||
	    !sets_take(in, &document->sets, set))
		return;
	if (!json_object_is_type(elem, json_type_array)) {
		take_element(in, set, elem);
		return;
	}
	for (size_t i = 0; i < json_object_array_length(elem) && !in->err; i++)
		take_element(in, set, json_object_array_get_idx(elem, i));
}

static void take_set(struct format_input *in, struct json_object *o, bool map)
{
	struct set *set = set_of(in, o, "name");

	if (!set)
		return;
	set->never = why_never(o, map);
	seconds_of(o, "timeout", &set->timeout);
	take_elements(in, set, o);
}

/* --- rules --------------------------------------------------------------- */

/* The set that an expression asks for, as "@NAME"; NULL: for none. */
static struct set *asked(struct format_input *in, struct json_object *rule,
			 struct json_object *o, const char *key)
{
	struct json_document *document = in->state;
	const char *name = json_text(o, key), *table = json_text(rule, "table"),
		   *family = json_text(rule, "family");
	char full[FEED_LINE];

	if (!name || *name != '@' || !table || !family)
		return NULL;
	snprintf(full, sizeof(full), "%s %s %s", family, table, name + 1);
	return sets_find(&document->sets, full);
}

/* {"expr": [{"match": {"op": "==", "right": "@partners"}}, {"accept": null}]};
 * {"set": {"op": "add", "set": "@seen"}} puts into one. */
static void take_rule(struct format_input *in, struct json_object *rule)
{
	struct set *set = NULL, *filled;
	struct json_object *expr;
	bool negated = false;

	if (!json_object_object_get_ex(rule, "expr", &expr) ||
	    !json_object_is_type(expr, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(expr); i++) {
		struct json_object *e = json_object_array_get_idx(expr, i), *o;
		bool accepts = json_object_object_get_ex(e, "accept", NULL) ||
			       json_object_object_get_ex(e, "return", NULL);
		bool drops = json_object_object_get_ex(e, "drop", NULL) ||
			     json_object_object_get_ex(e, "reject", NULL);

		if (json_object_object_get_ex(e, "match", &o) &&
		    asked(in, rule, o, "right")) {
			set = asked(in, rule, o, "right");
			negated = json_text(o, "op") &&
				  !strcmp(json_text(o, "op"), "!=");
		} else if (json_object_object_get_ex(e, "set", &o) &&
			   (filled = asked(in, rule, o, "set"))) {
			filled->filled = true;
		} else if (set && (accepts || drops)) {
			set->accepted |= accepts != negated;
			set->dropped |= drops != negated;
		}
	}
}

/* --- commands ------------------------------------------------------------ */

static void take_object(struct format_input *in, struct json_object *o)
{
	struct json_object *inside;

	if (!json_object_is_type(o, json_type_object))
		entry_refuse(in, "not an object of nft");
	else if (json_object_object_get_ex(o, "set", &inside))
		take_set(in, inside, false);
	else if (json_object_object_get_ex(o, "map", &inside))
		take_set(in, inside, true);
	else if (json_object_object_get_ex(o, "rule", &inside))
		take_rule(in, inside);
	else if (json_object_object_get_ex(o, "element", &inside))
		take_elements(in, set_of(in, inside, "name"), inside);
	else if (json_object_object_get_ex(o, "add", &inside) ||
		 json_object_object_get_ex(o, "create", &inside))
		take_object(in, inside);
	else if (json_object_object_get_ex(o, "delete", &inside) ||
		 json_object_object_get_ex(o, "destroy", &inside))
		entry_fatal(in, "a command that takes away; only adding is "
				"read");
}

void nft_json_value(struct format_input *in, struct json_object *o)
{
	struct json_object *all;

	if (!nft_json_knows(o)) {
		entry_refuse(in, "no \"nftables\"; nft -j prints it");
		return;
	}
	json_object_object_get_ex(o, "nftables", &all);
	for (size_t i = 0; i < json_object_array_length(all) && !in->err; i++)
		take_object(in, json_object_array_get_idx(all, i));
}

bool nft_json_knows(struct json_object *o)
{
	struct json_object *all;

	return json_object_is_type(o, json_type_object) &&
	       json_object_object_get_ex(o, "nftables", &all) &&
	       json_object_is_type(all, json_type_array);
}

static void nft_json_line(struct format_input *in)
{
	json_document_line(in, nft_json_value);
}

static bool nft_json_is(const char *line)
{
	return *line == '{' && strstr(line, "\"nftables\"");
}

const struct format format_nft_json = {
	.name = "nft-json",
	.is = nft_json_is,
	.line = nft_json_line,
	.end = json_document_end,
	.free = json_document_free,
	.state = sizeof(struct json_document),
	.long_lines = true,
	.tells_its_end = true,
};
