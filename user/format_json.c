// SPDX-License-Identifier: GPL-2.0
#include "format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

/* NULL: o has no such text, or one with a NUL byte in it. */
static const char *json_text(struct json_object *o, const char *key)
{
	struct json_object *member;
	const char *text;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_string))
		return NULL;
	text = json_object_get_string(member);
	return strlen(text) == (size_t)json_object_get_string_len(member)
		       ? text
		       : NULL;
}

/* --- Spamhaus DROP, JSON lines ------------------------------------------- */

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

/* The last line says how much there must be: the check against truncation. */
static void json_metadata(struct reader *r, struct json_object *o)
{
	size_t records, size;

	r->metadata = true;
	if (!json_number(o, "records", &records) ||
	    !json_number(o, "size", &size))
		reader_fatal(
			r, "metadata without records and size; fetch the file "
			   "again");
	else if (records != r->records)
		reader_fatal(
			r,
			"metadata says %zu records, the file has %zu: truncated "
			"or altered; fetch it again",
			records, r->records);
	else if (size != r->before)
		reader_fatal(
			r,
			"metadata says %zu bytes, the file has %zu: truncated "
			"or altered; fetch it again",
			size, r->before);
}

static bool json_asn(struct json_object *o, __u32 *asn)
{
	size_t number;

	if (!json_number(o, "asn", &number) || !number || number > ~0U)
		return false;
	*asn = number;
	return true;
}

static void json_object_line(struct reader *r, struct json_object *o)
{
	const char *type = json_text(o, "type"), *cidr = json_text(o, "cidr");
	__u32 asn;

	if (r->metadata)
		reader_fatal(r, "a line behind the metadata; fetch the file "
				"again");
	else if (type && !strcmp(type, "metadata"))
		json_metadata(r, o);
	else if (r->records++, cidr)
		reader_prefix(r, cidr);
	else if (json_asn(o, &asn))
		reader_asn(r, asn);
	else
		reader_refuse(r, "neither an entry with \"cidr\" or \"asn\" "
				 "nor metadata");
}

static void drop_json_line(struct reader *r)
{
	struct json_tokener *t = json_tokener_new();
	char *text = reader_trim(r->line, false);
	struct json_object *o;

	if (!t) {
		r->err = -ENOMEM;
		return;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = *text ? json_tokener_parse_ex(t, text, strlen(text) + 1) : NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_line(r, o);
	else if (*text)
		reader_refuse_word(r, text,
				   "not a line of JSON; fetch the file again");
	json_object_put(o);
	json_tokener_free(t);
}

static bool drop_json_is(const char *line)
{
	return *line == '{';
}

static void drop_json_end(struct reader *r)
{
	if (!r->metadata)
		reader_fatal(r, "no metadata in the last line: truncated; "
				"fetch the file again");
}

/* --- CrowdSec decisions --------------------------------------------------- */

enum { CROWDSEC_MOST = 256 << 20, CROWDSEC_DEPTH = 8 };

/* "3h59m55.75s", perhaps negative (Go's time.Duration) to seconds. */
static bool go_duration(const char *text, double *seconds)
{
	static const struct {
		const char *name;
		double seconds;
	} unit[] = {
		{"ns", 1e-9}, {"us", 1e-6}, {"\xc2\xb5s", 1e-6}, {"ms", 1e-3},
		{"s", 1},     {"m", 60},    {"h", 3600},
	};
	double sign = *text == '-' ? -1 : 1;

	text += *text == '-';
	for (*seconds = 0; *text >= '0' && *text <= '9';) {
		char *end;
		double n = strtod(text, &end);
		size_t i = 0, len;

		for (len = 0; end[len] && !strchr("0123456789.", end[len]);)
			len++;
		while (i < sizeof(unit) / sizeof(*unit) &&
		       (strlen(unit[i].name) != len ||
			memcmp(unit[i].name, end, len)))
			i++;
		if (i == sizeof(unit) / sizeof(*unit))
			return false;
		*seconds += sign * n * unit[i].seconds;
		text = end + len;
	}
	return !*text && text[-1] >= 'a';
}

/* Only what is a ban, of addresses, and meant. */
static bool decision_is_ban(struct json_object *d)
{
	const char *type = json_text(d, "type");
	struct json_object *simulated;

	return type && !strcasecmp(type, "ban") &&
	       !(json_object_object_get_ex(d, "simulated", &simulated) &&
		 json_object_get_boolean(simulated));
}

/* By its scope; false: of a country, a user. */
static bool decision_enter(struct reader *r, const char *scope,
			   const char *value)
{
	__u32 asn;

	if (!strcasecmp(scope, "ip") || !strcasecmp(scope, "range"))
		reader_prefix(r, value);
	else if (!strcasecmp(scope, "as") && !asn_parse(value, &asn))
		reader_asn(r, asn);
	else
		return false;
	return true;
}

/* Other programs write arrays, too: the first that fits nowhere says how the
 * file is read. */
static void not_a_decision(struct reader *r, const char *what)
{
	const struct feed_report *report = &r->feed->report;
	bool first = !report->entries && !report->ended && !report->unfit &&
		     !report->errors;

	reader_refuse(r, "%s%s", what,
		      first ? "; JSON that is not Spamhaus DROP is read as "
			      "CrowdSec decisions: make other JSON a file of "
			      "addresses, one a line"
			    : "");
}

static void crowdsec_decision(struct reader *r, struct json_object *d)
{
	const char *scope = json_text(d, "scope"),
		   *value = json_text(d, "value"),
		   *duration = json_text(d, "duration");
	double seconds;

	if (!scope || !value || !duration)
		not_a_decision(r,
			       "a decision without scope, value or duration");
	else if (!go_duration(duration, &seconds))
		reader_refuse_word(r, duration,
				   "not a duration; 3h59m55.7s is one");
	else if (!reader_ends_in(r, seconds - r->guard->age))
		r->feed->report.ended++;
	else if (!decision_is_ban(d) || !decision_enter(r, scope, value))
		r->feed->report.unfit++;
}

/* An array of decisions, or of alerts with decisions; a stream with new ones;
 * a decision. */
static void crowdsec_value(struct reader *r, struct json_object *o, int depth)
{
	static const char *const holders[] = {"new", "decisions"};
	struct json_object *inside;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0;
		     depth && i < json_object_array_length(o) && !r->err; i++)
			crowdsec_value(r, json_object_array_get_idx(o, i),
				       depth - 1);
		return;
	}
	if (!json_object_is_type(o, json_type_object)) {
		if (o) /* null is CrowdSec's empty array */
			not_a_decision(r, "neither a decision nor a list of "
					  "them");
		return;
	}
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++)
		if (json_object_object_get_ex(o, holders[i], &inside)) {
			if (depth)
				crowdsec_value(r, inside, depth - 1);
			return;
		}
	crowdsec_decision(r, o);
}

/* Documents may span lines, and a line may hold more than one. */
static void crowdsec_line(struct reader *r)
{
	const char *text = r->line;
	int left = r->len;

	if (!r->json) {
		r->json = json_tokener_new();
		if (!r->json) {
			r->err = -ENOMEM;
			return;
		}
	}
	if (r->bytes > CROWDSEC_MOST) {
		reader_fatal(r, "longer than %d MiB; these are no decisions",
			     CROWDSEC_MOST >> 20);
		return;
	}
	while (left > 0 && !r->err && !r->feed->report.fatal) {
		struct json_object *o =
			json_tokener_parse_ex(r->json, text, left);
		enum json_tokener_error e = json_tokener_get_error(r->json);
		size_t used = json_tokener_get_parse_end(r->json);

		if (e == json_tokener_continue)
			return;
		if (e != json_tokener_success) {
			reader_fatal(r, "not JSON: %s; fetch the file again",
				     json_tokener_error_desc(e));
			return;
		}
		crowdsec_value(r, o, CROWDSEC_DEPTH);
		json_object_put(o);
		text += used;
		left -= used;
	}
}

static void crowdsec_end(struct reader *r)
{
	if (r->json && json_tokener_get_error(r->json) == json_tokener_continue)
		reader_fatal(r, "ends inside a value: truncated; fetch the "
				"file again");
}

/* A bracket can begin an IPv6 address, too. */
static bool crowdsec_is(const char *line)
{
	const char *next = line + 1 + strspn(line + 1, " \t\r");

	if (*line == '[')
		return !*next || strchr("{[]", *next);
	return *line == '{' &&
	       (!*next || strstr(line, "\"new\"") ||
		strstr(line, "\"deleted\"") || strstr(line, "\"duration\""));
}

const struct format format_drop_json = {
	.name = "drop-json",
	.is = drop_json_is,
	.line = drop_json_line,
	.end = drop_json_end,
};
const struct format format_crowdsec = {
	.name = "crowdsec",
	.is = crowdsec_is,
	.line = crowdsec_line,
	.end = crowdsec_end,
	.long_lines = true,
	.may_be_empty = true,
};
