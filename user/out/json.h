/* SPDX-License-Identifier: GPL-2.0 */
/* json-c with the type in the name. The object owns what it is given. Text is
 * made UTF-8, which names of files and words of a command line need not be. */
#ifndef MAILWEIR_JSON_H
#define MAILWEIR_JSON_H

#include <stdbool.h>

#include <json-c/json.h>

#include "lists/prefix.h"

struct json_object *json_utf8(const char *text); /* NULL: no memory */
void json_add_text(struct json_object *o, const char *key, const char *text);
void json_add_u64(struct json_object *o, const char *key, __u64 value);
void json_add_bool(struct json_object *o, const char *key, bool value);
void json_add_prefix(struct json_object *o, const char *key,
		     const struct mw_prefix *p);

#endif
