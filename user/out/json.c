// SPDX-License-Identifier: GPL-2.0
#include "out/json.h"

void json_add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

void json_add_u64(struct json_object *o, const char *key, __u64 value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

void json_add_bool(struct json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

void json_add_prefix(struct json_object *o, const char *key,
		     const struct mw_prefix *p)
{
	char text[PREFIX_TEXT];

	prefix_text(p, text);
	json_add_text(o, key, text);
}
