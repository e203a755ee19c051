// SPDX-License-Identifier: GPL-2.0
/* CrowdSec's decisions, as its API and cscli print them. */
#include "feed/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "feed/format/json_text.h"

struct crowdsec {
	struct json_tokener *json; /* of a document of many lines */
};

enum { CROWDSEC_MOST = 256 << 20, CROWDSEC_DEPTH = 8 };

/* "3h59m55.75s", as Go writes a duration, perhaps negative, to seconds. */
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

/* Is the decision a ban that is meant? */
static bool decision_is_ban(struct json_object *d)
{
	const char *type = json_text(d, "type");
	struct json_object *simulated;

	return type && !strcasecmp(type, "ban") &&
	       !(json_object_object_get_ex(d, "simulated", &simulated) &&
		 json_object_get_boolean(simulated));
}

/* Enters what the decision is about; false: a country, or a user. */
static bool decision_enter(struct format_input *in, const char *scope,
			   const char *value)
{
	__u32 asn;

	if (!strcasecmp(scope, "ip") || !strcasecmp(scope, "range"))
		entry_prefix(in, value);
	else if (!strcasecmp(scope, "as") && !asn_parse(value, &asn))
		entry_asn(in, asn);
	else
		return false;
	return true;
}

/* Refuses a value. Other programs write JSON, too: the first value that fits
 * nowhere says how the file is read. */
static void not_a_decision(struct format_input *in, const char *what)
{
	const struct feed_report *report = &in->feed->report;
	bool first = !report->entries && !report->ended && !report->unfit &&
		     !report->errors;

	entry_refuse(in, "%s%s", what,
		     first ? "; JSON that is not Spamhaus DROP is read as "
			     "CrowdSec decisions: make other JSON a file of "
			     "addresses, one a line"
			   : "");
}

static void crowdsec_decision(struct format_input *in, struct json_object *d)
{
	const char *scope = json_text(d, "scope"),
		   *value = json_text(d, "value"),
		   *duration = json_text(d, "duration");
	double seconds;

	if (!scope || !value || !duration)
		not_a_decision(in,
			       "a decision without scope, value or duration");
	else if (!go_duration(duration, &seconds))
		entry_refuse_word(in, duration,
				  "not a duration; 3h59m55.7s is one");
	else if (!entry_ends_in(in, seconds - in->guard->age))
		in->feed->report.ended++;
	else if (!decision_is_ban(d) || !decision_enter(in, scope, value))
		in->feed->report.unfit++;
}

/* Takes a decision, an array of decisions or of alerts, which hold decisions,
 * or what the stream of CrowdSec's API sends, in which "new" holds them. */
static void crowdsec_value(struct format_input *in, struct json_object *o,
			   int depth)
{
	static const char *const holders[] = {"new", "decisions"};
	struct json_object *inside;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0;
		     depth && i < json_object_array_length(o) && !in->err; i++)
			crowdsec_value(in, json_object_array_get_idx(o, i),
				       depth - 1);
		return;
	}
	if (!json_object_is_type(o, json_type_object)) {
		if (o) /* null is CrowdSec's empty array */
			not_a_decision(in, "neither a decision nor a list of "
					   "them");
		return;
	}
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++)
		if (json_object_object_get_ex(o, holders[i], &inside)) {
			if (depth)
				crowdsec_value(in, inside, depth - 1);
			return;
		}
	crowdsec_decision(in, o);
}

/* A document may span lines, and a line may hold more than one document. */
static void crowdsec_line(struct format_input *in)
{
	struct crowdsec *c = in->state;
	const char *text = in->line;
	int left = in->len;

	if (!c->json) {
		c->json = json_tokener_new();
		if (!c->json) {
			in->err = -ENOMEM;
			return;
		}
	}
	if (in->bytes > CROWDSEC_MOST) {
		entry_fatal(in, "longer than %d MiB; these are no decisions",
			    CROWDSEC_MOST >> 20);
		return;
	}
	while (left > 0 && !in->err && !in->feed->report.fatal) {
		struct json_object *o =
			json_tokener_parse_ex(c->json, text, left);
		enum json_tokener_error e = json_tokener_get_error(c->json);
		size_t used = json_tokener_get_parse_end(c->json);

		if (e == json_tokener_continue)
			return;
		if (e != json_tokener_success) {
			entry_fatal(in, "not JSON: %s; fetch the file again",
				    json_tokener_error_desc(e));
			return;
		}
		crowdsec_value(in, o, CROWDSEC_DEPTH);
		json_object_put(o);
		text += used;
		left -= used;
	}
}

static void crowdsec_free(void *state)
{
	struct crowdsec *c = state;

	if (c->json)
		json_tokener_free(c->json);
}

static void crowdsec_end(struct format_input *in)
{
	struct crowdsec *c = in->state;

	if (c->json && json_tokener_get_error(c->json) == json_tokener_continue)
		entry_fatal(in, "ends inside a value: truncated; fetch the "
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

const struct format format_crowdsec = {
	.name = "crowdsec",
	.is = crowdsec_is,
	.line = crowdsec_line,
	.end = crowdsec_end,
	.free = crowdsec_free,
	.state = sizeof(struct crowdsec),
	.long_lines = true,
	.may_be_empty = true,
};
