// SPDX-License-Identifier: GPL-2.0
#include "feed/format/json_text.h"

#include <string.h>

#include <json-c/json.h>

const char *json_text(struct json_object *o, const char *key)
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
