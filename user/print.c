// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../bpf/bucket.h"
#include "../bpf/source.h"

#define SECOND 1000000000ULL

struct reason_words {
	const char *words, *counter;
};

static const struct reason_words reasons[] = {
	[MW_NOT_ATTEMPT] = {"not an attempt", "pass_not_attempt"},
	[MW_LATER_FRAGMENT] = {"a later fragment", "pass_later_fragment"},
	[MW_ALLOW_LIST] = {"allow list", "pass_allow_list"},
	[MW_CONFORMS] = {"within every limit", "pass_conforms"},
	[MW_OBSERVED] = {"the gate only observes", "pass_observed"},
	[MW_MALFORMED] = {"malformed", "drop_malformed"},
	[MW_RUNTIME_BLOCK] = {"run-time block", "drop_block"},
	[MW_BLOCK_LIST] = {"block list", "drop_block_list"},
	[MW_LIMIT_LIST] = {"over the limit of its list", "drop_limit_list"},
	[MW_LIMIT_SOURCE] = {"over the source limit", "drop_limit_source"},
	[MW_LIMIT_NETBLOCK] = {"over the netblock limit",
			       "drop_limit_netblock"},
	[MW_LIMIT_TOTAL] = {"over the total limit, and no history",
			    "drop_limit_total"},
	[MW_OPEN_SOURCE] = {"too many connections of the source are open",
			    "drop_open_source"},
	[MW_OPEN_NETBLOCK] = {"too many connections of the netblock are open",
			      "drop_open_netblock"},
};

_Static_assert(sizeof(reasons) / sizeof(*reasons) == MW_REASONS,
	       "a reason without words");

#define COUNTERS(X)                  \
	X(packets)                   \
	X(attempts)                  \
	X(pass_not_attempt)          \
	X(pass_later_fragment)       \
	X(pass_allow_list)           \
	X(pass_conforms)             \
	X(pass_observed)             \
	X(drop_malformed)            \
	X(drop_block)                \
	X(drop_block_list)           \
	X(drop_limit_list)           \
	X(drop_limit_source)         \
	X(drop_limit_netblock)       \
	X(drop_limit_total)          \
	X(drop_open_source)          \
	X(drop_open_netblock)        \
	X(would_drop_malformed)      \
	X(would_drop_block)          \
	X(would_drop_block_list)     \
	X(would_drop_limit_list)     \
	X(would_drop_limit_source)   \
	X(would_drop_limit_netblock) \
	X(would_drop_limit_total)    \
	X(would_drop_open_source)    \
	X(would_drop_open_netblock)  \
	X(connections)               \
	X(connections_over)          \
	X(connections_missed)        \
	X(times_over)                \
	X(blocked)                   \
	X(blocked_no_room)           \
	X(open_no_room)              \
	X(history_evicted)           \
	X(history_no_room)           \
	X(offender_evicted)          \
	X(source_evicted)            \
	X(source_no_room)            \
	X(netblock_evicted)          \
	X(netblock_no_room)          \
	X(list_evicted)              \
	X(list_no_room)

/* By offset, so that a name cannot stand at another field's place. */
#define COUNTER_NAME(field) [offsetof(struct mw_counters, field) / 8] = #field,
const char *const print_counter_names[PRINT_COUNTERS] = {
	COUNTERS(COUNTER_NAME)};

#define COUNTER_ONE(field) +1
_Static_assert(0 COUNTERS(COUNTER_ONE) == PRINT_COUNTERS,
	       "a counter without a name");

const char *print_action(int action)
{
	static const char *const names[] = {"none", "allow", "block", "limit"};

	return names[action];
}

const char *print_mode(int mode)
{
	return mode == MW_ENFORCE ? "enforce" : "observe";
}

const char *print_reason(int reason)
{
	return reasons[reason].words;
}

const char *print_counter(int reason)
{
	return reasons[reason].counter;
}

const char *print_would_counter(int reason)
{
	return print_counter_names[offsetof(struct mw_counters,
					    would_drop_malformed) /
					   8 +
				   reason - MW_FIRST_DROP];
}

const char *print_level(int level)
{
	static const char *const names[MW_LEVELS] = {
		"source", "netblock", "list", "observed list", "total"};

	return names[level];
}

/* "1h 2m"; "1h" */
static void print_two(char text[PRINT_TEXT], __u64 large, const char *unit,
		      __u64 small, const char *smaller)
{
	int n = snprintf(text, PRINT_TEXT, "%llu%s", large, unit);

	if (small)
		snprintf(text + n, PRINT_TEXT - n, " %llu%s", small, smaller);
}

void print_duration(__u64 ns, char text[PRINT_TEXT])
{
	__u64 s = ns / SECOND;

	if (ns < SECOND)
		snprintf(text, PRINT_TEXT, "%.4g ms", ns / 1e6);
	else if (s < 60)
		snprintf(text, PRINT_TEXT, "%.3g s", ns / 1e9);
	else if (s < 3600)
		print_two(text, s / 60, "m", s % 60, "s");
	else if (s < 86400)
		print_two(text, s / 3600, "h", s % 3600 / 60, "m");
	else
		print_two(text, s / 86400, "d", s % 86400 / 3600, "h");
}

void print_time(__u64 seconds, char text[PRINT_TEXT])
{
	time_t t = seconds;
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(text, PRINT_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
}

void print_hour(__u32 hour, char text[PRINT_TEXT])
{
	time_t t = hour * 3600LL;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, PRINT_TEXT, "%Y-%m-%d %H:00", &tm);
}

/* As one would write it: 60/1m; where no unit fits, 1 in so long. */
static void print_rate(__u64 interval, char text[PRINT_TEXT])
{
	static const struct {
		__u64 ns;
		const char *name;
	} units[] = {{60 * SECOND, "1m"},
		     {3600 * SECOND, "1h"},
		     {86400 * SECOND, "1d"}};
	char duration[PRINT_TEXT];

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].ns % interval)
			continue;
		snprintf(text, PRINT_TEXT, "%llu/%s", units[i].ns / interval,
			 units[i].name);
		return;
	}
	print_duration(interval, duration);
	snprintf(text, PRINT_TEXT, "1 in %.20s", duration);
}

void print_limit(const struct mw_limit *limit, char text[PRINT_TEXT])
{
	char rate[PRINT_TEXT];

	if (!limit->interval) {
		snprintf(text, PRINT_TEXT, "none");
		return;
	}
	print_rate(limit->interval, rate);
	snprintf(text, PRINT_TEXT, "%.30s, burst %llu%s", rate,
		 bucket_burst(limit),
		 limit->mode == MW_OBSERVE ? ", observed" : "");
}

static void print_sources(const char *name, const struct mw_limit *limit,
			  __u32 open, __u8 len4, __u8 len6,
			  void (*say)(const char *name, const char *words))
{
	char rate[PRINT_TEXT], words[PRINT_TEXT * 2], at_once[48] = "";

	print_limit(limit, rate);
	if (open)
		snprintf(at_once, sizeof(at_once), ", %u connections%s", open,
			 limit->mode == MW_OBSERVE ? ", observed" : "");
	snprintf(words, sizeof(words), "/%u, /%u: %s%s", len4, len6, rate,
		 at_once);
	say(name, words);
}

static void print_escalation(const struct mw_escalation *e,
			     void (*say)(const char *name, const char *words))
{
	char base[PRINT_TEXT], max[PRINT_TEXT], words[PRINT_TEXT * 4];

	print_duration(e->base, base);
	print_duration(e->max, max);
	snprintf(words, sizeof(words),
		 "%s: for %s, then %u times as long each time, %s at most",
		 e->why, base, e->growing, max);
	if (e->growing == 1)
		snprintf(words, sizeof(words), "%s: for %s", e->why, base);
	say("block", words);
}

void print_limits(const struct mw_settings *s,
		  void (*say)(const char *name, const char *words))
{
	char rate[PRINT_TEXT], words[PRINT_TEXT * 2];

	print_sources("source", &s->source, s->source_open, s->source_len4,
		      s->source_len6, say);
	print_sources("netblock", &s->netblock, s->netblock_open,
		      s->netblock_len4, s->netblock_len6, say);
	print_limit(&s->total, rate);
	snprintf(words, sizeof(words), "%s, of sources without history", rate);
	if (s->total.interval)
		say("total", words);
	if (s->escalation.after)
		print_escalation(&s->escalation, say);
}

void print_key(const struct mw_settings *s, int level, __u64 key,
	       struct mw_prefix *p)
{
	memset(p, 0, sizeof(*p));
	if (key >= SOURCE_IPV4) {
		__u32 v4 = __builtin_bswap32(key);

		p->family = 4;
		p->len = source_length(s, level, 4);
		memcpy(p->addr, &v4, 4);
		return;
	}
	key = __builtin_bswap64(key);
	p->family = 6;
	p->len = source_length(s, level, 6);
	memcpy(p->addr, &key, 8);
}

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
