// SPDX-License-Identifier: GPL-2.0
#include "feed/format/json_text.h"

#include <string.h>

#include <json-c/json.h>

const char *json_string(struct json_object *o)
{
	const char *text;

	if (!json_object_is_type(o, json_type_string))
		return NULL;
	text = json_object_get_string(o);
	return strlen(text) == (size_t)json_object_get_string_len(o) ? text
								     : NULL;
}

const char *json_text(struct json_object *o, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(o, key, &member) ? json_string(member)
							  : NULL;
}
