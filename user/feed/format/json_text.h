/* SPDX-License-Identifier: GPL-2.0 */
/* Texts in JSON from outside. Pure. */
#ifndef MAILWEIR_JSON_TEXT_H
#define MAILWEIR_JSON_TEXT_H

struct json_object;

/* What o holds as text; NULL: o is no text, or one with a NUL byte. */
const char *json_string(struct json_object *o);
/* The text of a member of o. */
const char *json_text(struct json_object *o, const char *key);

#endif
