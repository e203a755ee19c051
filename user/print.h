/* SPDX-License-Identifier: GPL-2.0 */
/* Words of output: names of enums, times, rates; JSON. */
#ifndef MAILWEIR_PRINT_H
#define MAILWEIR_PRINT_H

#include <stddef.h>

#include <json-c/json.h>

#include "prefix.h"

enum { PRINT_TEXT = 64 };

/* "allow", "block", "limit" and "observe", "enforce". */
const char *print_action(int action);
const char *print_mode(int mode);
/* enum mw_reason: the words, and the name of its counter. */
const char *print_reason(int reason);
const char *print_counter(int reason);
/* For would_drop_X; reason is a drop. */
const char *print_would_counter(int reason);
/* enum mw_level: "source", "netblock", "list", "observed list", "total". */
const char *print_level(int level);

/* Every field of struct mw_counters by name, in its order. */
enum { PRINT_COUNTERS = sizeof(struct mw_counters) / 8 };
extern const char *const print_counter_names[PRINT_COUNTERS];

/* ns to "1h 2m", "3.2 s"; seconds since 1970 to local time. */
void print_duration(__u64 ns, char text[PRINT_TEXT]);
void print_time(__u64 seconds, char text[PRINT_TEXT]);
/* Hours since 1970, in UTC, as days are told apart. */
void print_hour(__u32 hour, char text[PRINT_TEXT]);
/* "60/1m, burst 30, observed" or "none". */
void print_limit(const struct mw_limit *limit, char text[PRINT_TEXT]);
/* One line for source, netblock, and if they are set total and block. */
void print_limits(const struct mw_settings *s,
		  void (*say)(const char *name, const char *words));

/* A bucket key of source.h as a prefix. */
void print_key(const struct mw_settings *s, int level, __u64 key,
	       struct mw_prefix *p);

/* json-c with the type in the name; o owns what it is given. */
void json_add_text(struct json_object *o, const char *key, const char *text);
void json_add_u64(struct json_object *o, const char *key, __u64 value);
void json_add_bool(struct json_object *o, const char *key, bool value);
void json_add_prefix(struct json_object *o, const char *key,
		     const struct mw_prefix *p);

#endif
