// SPDX-License-Identifier: GPL-2.0
/* CrowdSec's decisions, as its API and cscli print them. */
#include "feed/entry.h"

#include <string.h>
#include <strings.h>

#include <json-c/json.h>

#include "feed/format/duration.h"
#include "feed/format/json_document.h"
#include "feed/format/json_text.h"

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

static void decision(struct format_input *in, struct json_object *d)
{
	const char *scope = json_text(d, "scope"),
		   *value = json_text(d, "value"),
		   *duration = json_text(d, "duration");
	double seconds;

	if (!scope || !value || !duration)
		entry_refuse(in, "a decision of CrowdSec without scope, value "
				 "or duration");
	else if (!duration_parse(duration, &seconds))
		entry_refuse_word(in, duration,
				  "not a duration; 3h59m55.7s is one");
	else if (!entry_ends_in(in, seconds - in->guard->age))
		in->feed->report.ended++;
	else if (!decision_is_ban(d) || !decision_enter(in, scope, value))
		in->feed->report.unfit++;
}

static bool holds(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

/* A decision, a list of them or of alerts, which have them in "decisions", or
 * what the stream of the API sends, which has them in "new". */
static void decisions(struct format_input *in, struct json_object *o, int depth)
{
	struct json_object *inside;

	if (!depth || in->err)
		return;
	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			decisions(in, json_object_array_get_idx(o, i),
				  depth - 1);
	} else if (json_object_is_type(o, json_type_object)) {
		if (json_object_object_get_ex(o, "new", &inside) ||
		    json_object_object_get_ex(o, "decisions", &inside))
			decisions(in, inside, depth - 1);
		else
			decision(in, o);
	} else if (o) { /* null is CrowdSec's empty array */
		entry_refuse(in, "neither a decision of CrowdSec nor a list of "
				 "them");
	}
}

void crowdsec_value(struct format_input *in, struct json_object *o)
{
	in->may_be_empty = true; /* that nobody is banned is no failure */
	decisions(in, o, JSON_DEPTH);
}

bool crowdsec_knows(struct json_object *o)
{
	static const char *const keys[] = {"new", "deleted", "decisions",
					   "duration", "scope"};

	if (json_object_is_type(o, json_type_array))
		return !json_object_array_length(o) ||
		       crowdsec_knows(json_object_array_get_idx(o, 0));
	if (!json_object_is_type(o, json_type_object))
		return !o;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (holds(o, keys[i]))
			return true;
	return false;
}

static void crowdsec_line(struct format_input *in)
{
	in->may_be_empty = true;
	json_document_line(in, crowdsec_value);
}

static bool crowdsec_is(const char *line)
{
	return (*line == '{' || *line == '[') &&
	       (strstr(line, "\"new\"") || strstr(line, "\"deleted\"") ||
		strstr(line, "\"duration\""));
}

const struct format format_crowdsec = {
	.name = "crowdsec",
	.is = crowdsec_is,
	.line = crowdsec_line,
	.end = json_document_end,
	.free = json_document_free,
	.state = sizeof(struct json_document),
	.long_lines = true,
	.may_be_empty = true,
	.tells_its_end = true,
};
