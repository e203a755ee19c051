// SPDX-License-Identifier: GPL-2.0
#include "out/json.h"

#include <stdlib.h>
#include <string.h>

#include "out/text.h"

struct json_object *json_utf8(const char *text)
{
	char *clean = malloc(strlen(text) * TEXT_UTF8_GROWS + 1);
	struct json_object *o;

	if (!clean)
		return NULL;
	text_utf8(text, clean);
	o = json_object_new_string(clean);
	free(clean);
	return o;
}

void json_add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_utf8(text));
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
