/* SPDX-License-Identifier: GPL-2.0 */
/* What JSON from outside says, member by member. Pure. */
#ifndef MAILWEIR_JSON_TEXT_H
#define MAILWEIR_JSON_TEXT_H

struct json_object;

/* The text of a member; NULL: o has no such text, or one with a NUL byte. */
const char *json_text(struct json_object *o, const char *key);

#endif
