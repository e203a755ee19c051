// SPDX-License-Identifier: GPL-2.0
#include "feed/format/json_document.h"

#include <errno.h>

#include <json-c/json.h>

#include "feed/entry.h"

enum {
	JSON_MOST =
		256 << 20 /* bytes of a file: memory holds it several times */
};

static bool start(struct format_input *in)
{
	struct json_document *document = in->state;

	if (!document->tokener)
		document->tokener = json_tokener_new();
	if (!document->tokener)
		in->err = -ENOMEM;
	else if (in->bytes > JSON_MOST)
		entry_fatal(in, "longer than %d MiB; this is no list",
			    JSON_MOST >> 20);
	return !in->err && !in->feed->report.fatal;
}

void json_document_line(struct format_input *in,
			void (*value)(struct format_input *in,
				      struct json_object *o))
{
	struct json_document *document = in->state;
	const char *text = in->line;
	int left = in->len;

	if (!start(in))
		return;
	while (left > 0 && !in->err && !in->feed->report.fatal) {
		struct json_object *o =
			json_tokener_parse_ex(document->tokener, text, left);
		enum json_tokener_error e =
			json_tokener_get_error(document->tokener);
		size_t used = json_tokener_get_parse_end(document->tokener);

		if (e == json_tokener_continue)
			return;
		if (e != json_tokener_success) {
			entry_fatal(in, "not JSON: %s; fetch the file again",
				    json_tokener_error_desc(e));
			return;
		}
		value(in, o);
		json_object_put(o);
		text += used;
		left -= used;
	}
}

void json_document_end(struct format_input *in)
{
	const struct json_document *document = in->state;

	if (document->tokener &&
	    json_tokener_get_error(document->tokener) == json_tokener_continue)
		entry_fatal(in, "ends inside a value: truncated; fetch the "
				"file again");
	else if (document->sets.n || in->guard->set) {
		sets_judge(in, &document->sets);
		sets_end(in, &document->sets);
	}
}

void json_document_free(void *state)
{
	struct json_document *document = state;

	if (document->tokener)
		json_tokener_free(document->tokener);
	sets_free(&document->sets);
}
