// SPDX-License-Identifier: GPL-2.0
/* Spamhaus DROP and ASN-DROP as JSON, an object a line. */
#include "feed/entry.h"

#include <errno.h>
#include <string.h>

#include <json-c/json.h>

#include "feed/format/json_text.h"

struct drop_json {
	size_t records; /* lines with "cidr" or "asn", refused ones too */
	bool metadata;	/* its line has been seen */
};

static bool json_number(struct json_object *o, const char *key, size_t *value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_int) ||
	    json_object_get_int64(member) < 0)
		return false;
	*value = json_object_get_int64(member);
	return true;
}

/* The last line says how many lines and bytes there must be before it: a file
 * that was cut says something else. */
static void json_metadata(struct format_input *in, struct json_object *o)
{
	struct drop_json *drop = in->state;
	size_t records, size;

	drop->metadata = true;
	if (!json_number(o, "records", &records) ||
	    !json_number(o, "size", &size))
		entry_fatal(in,
			    "metadata without records and size; fetch the file "
			    "again");
	else if (records != drop->records)
		entry_fatal(in,
			    "metadata says %zu records, the file has %zu: "
			    "truncated or altered; fetch it again",
			    records, drop->records);
	else if (size != in->before)
		entry_fatal(
			in,
			"metadata says %zu bytes, the file has %zu: truncated "
			"or altered; fetch it again",
			size, in->before);
}

static bool json_asn(struct json_object *o, __u32 *asn)
{
	size_t number;

	if (!json_number(o, "asn", &number) || !number || number > ~0U)
		return false;
	*asn = number;
	return true;
}

static void json_object_line(struct format_input *in, struct json_object *o)
{
	const char *type = json_text(o, "type"), *cidr = json_text(o, "cidr");
	struct drop_json *drop = in->state;
	__u32 asn;

	if (drop->metadata)
		entry_fatal(in, "a line behind the metadata; fetch the file "
				"again");
	else if (type && !strcmp(type, "metadata"))
		json_metadata(in, o);
	else if (drop->records++, cidr)
		entry_prefix(in, cidr);
	else if (json_asn(o, &asn))
		entry_asn(in, asn);
	else
		entry_refuse(in, "neither an entry with \"cidr\" or \"asn\" "
				 "nor metadata");
}

static void drop_json_line(struct format_input *in)
{
	struct json_tokener *t = json_tokener_new();
	char *text = words_trim(in->line, false);
	struct json_object *o;

	if (!t) {
		in->err = -ENOMEM;
		return;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = *text ? json_tokener_parse_ex(t, text, strlen(text) + 1) : NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_line(in, o);
	else if (*text)
		entry_refuse_word(in, text,
				  "not a line of JSON; fetch the file again");
	json_object_put(o);
	json_tokener_free(t);
}

static bool drop_json_is(const char *line)
{
	return *line == '{' &&
	       (strstr(line, "\"cidr\"") || strstr(line, "\"asn\"") ||
		strstr(line, "\"metadata\""));
}

static void drop_json_end(struct format_input *in)
{
	const struct drop_json *drop = in->state;

	if (!drop->metadata)
		entry_fatal(in, "no metadata in the last line: truncated; "
				"fetch the file again");
}

const struct format format_drop_json = {
	.name = "drop-json",
	.is = drop_json_is,
	.line = drop_json_line,
	.end = drop_json_end,
	.state = sizeof(struct drop_json),
	.tells_its_end = true,
};
