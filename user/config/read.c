// SPDX-License-Identifier: GPL-2.0
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/lines.h"
#include "config/spell.h"
#include "config/values.h"

#define NSEC	   1000000000ull
#define DAY	   (24 * 3600 * NSEC)
#define MAX_PERIOD (7 * DAY)  /* of a rate */
#define MAX_WINDOW (30 * DAY) /* of a limit */

enum {
	MAX_COUNT = 1000000, /* of a rate or burst: no interval below 1 us */
};

enum key_id {
	KEY_PORTS,
	KEY_MODE,
	KEY_CHARGE,
	KEY_RATE,
	KEY_BURST,
	KEY_LEN4,
	KEY_LEN6,
	KEY_ACTION,
	KEY_FILE,
	KEY_MAX_PREFIX,
	KEY_FORMAT,
	KEY_EXCEPT,
	KEY_MIN_ENTRIES,
	KEY_MAX_SHRINK,
	KEY_EXPIRES,
	KEY_MAX_ERRORS,
	KEY_ASN,
	KEY_TABLE,
	KEY_LIST_MEMORY,
	KEY_CONNECTIONS,
	KEY_AFTER,
	KEY_FOR,
	KEY_GROWING,
	KEY_MAX,
	KEYS,
};

enum { GATE, SOURCE, NETBLOCK, TOTAL, ESCALATION, ASN, LIST, SECTIONS };

/* The values of one section, until its end is reached. */
struct draft {
	__u64 mode, charge, action;
	__u64 burst, len4, len6;
	__u64 interval; /* 0: none, or refused */
	__u64 min_entries, max_shrink, max_errors;
	__u64 list_memory; /* MiB */
	__u64 connections;
	__u64 base, max, growing; /* of [block] */
};

struct config_parser {
	struct config *cfg;
	struct complaints say;
	int line; /* that is read now */

	const struct section *section; /* NULL: none, or one refused */
	int opened;		       /* line of its header; 0: none yet */
	char title[CONFIG_WORD];       /* "[list drop]" */
	struct config_list *list;
	struct draft draft;
	int seen[KEYS];	     /* line of a key in this section, or 0 */
	int first[SECTIONS]; /* line of each, or 0; LIST: unused */
	int netblock_len[2]; /* lines of the lengths, or of the section */
	int burst_one;	 /* line of a burst = 1 that is the source's, or 0 */
	int connections; /* line of the first of these, or 0 */
};

struct key {
	const char *name;
	const char *example;
	const char *want; /* follows "write" */
	void (*parse)(struct config_parser *p, const struct key *key,
		      const char *value);
	size_t at; /* in struct draft: parse_word, parse_number */
	__u64 min, max;
	const char *const *words; /* max of them, by value */
};

struct section {
	const char *name;
	enum key_id key[KEYS];
	int keys;
	unsigned int required; /* 1 << enum key_id */
	struct draft defaults;
	void (*end)(struct config_parser *p);
};

static void complain_unreadable(struct complaints *say, int error)
{
	complain(say, 0,
		 "cannot be read: %s; give -c FILE or create it from the "
		 "example mailweir.conf",
		 strerror(error));
}

static void refuse_value(struct config_parser *p, const struct key *key,
			 const char *value)
{
	char shown[CONFIG_WORD];

	complain_word(value, strlen(value), shown);
	complain(&p->say, p->line, "%s is '%s'; write %s", key->name, shown,
		 key->want);
}

/* Values */

static __u64 *draft_field(struct config_parser *p, const struct key *key)
{
	return (__u64 *)((char *)&p->draft + key->at);
}

static void parse_number(struct config_parser *p, const struct key *key,
			 const char *value)
{
	if (!value_number(value, strlen(value), key->min, key->max,
			  draft_field(p, key)))
		refuse_value(p, key, value);
}

static void parse_word(struct config_parser *p, const struct key *key,
		       const char *value)
{
	__u64 i;

	for (i = key->min; i <= key->max; i++) {
		if (strcmp(key->words[i], value))
			continue;
		*draft_field(p, key) = i;
		return;
	}
	refuse_value(p, key, value);
}

static void parse_rate(struct config_parser *p, const struct key *key,
		       const char *value)
{
	const char *slash = strchr(value, '/');
	__u64 count, period;

	if (!slash ||
	    !value_number(value, slash - value, 1, MAX_COUNT, &count) ||
	    config_duration(slash + 1, &period) || period > MAX_PERIOD)
		refuse_value(p, key, value);
	else
		p->draft.interval = period / count;
}

/* False when number is there already or finds no room. */
static bool add_port(struct config_parser *p, int n, __u64 number)
{
	__u16 *port = p->cfg->settings.ports;
	int i;

	for (i = 0; i < n; i++) {
		if (port[i] != number)
			continue;
		complain(&p->say, p->line,
			 "port %d is given twice; write it once", port[i]);
		return false;
	}
	if (n == MW_PORTS) {
		complain(&p->say, p->line,
			 "ports has more than %d; write %d or fewer", MW_PORTS,
			 MW_PORTS);
		return false;
	}
	port[n] = number;
	return true;
}

static void parse_ports(struct config_parser *p, const struct key *key,
			const char *value)
{
	const char *rest = value, *item;
	char shown[CONFIG_WORD];
	size_t len;
	__u64 port;
	int n;

	for (n = 0; value_item(&rest, &item, &len); n++) {
		if (!value_number(item, len, key->min, key->max, &port)) {
			complain_word(item, len, shown);
			complain(&p->say, p->line,
				 "'%s' is not a port; write %s", shown,
				 key->want);
			return;
		}
		if (!add_port(p, n, port))
			return;
	}
}

static void parse_max_prefix(struct config_parser *p, const struct key *key,
			     const char *value)
{
	struct feed_guard *guard = &p->list->guard;
	int *to[] = {&guard->max_prefix4, &guard->max_prefix6};
	static const __u64 width[] = {32, 128};
	const char *rest = value, *item;
	size_t len;
	__u64 n;
	int i;

	for (i = 0; value_item(&rest, &item, &len); i++) {
		if (len && *item == '/') {
			item++;
			len--;
		}
		if (i == 2 || !value_number(item, len, 0, width[i], &n)) {
			refuse_value(p, key, value);
			return;
		}
		*to[i] = n;
	}
}

/* A relative path lies beside the configuration. */
static char *path_beside(struct config_parser *p, const char *value)
{
	const char *slash = *value == '/' ? NULL : strrchr(p->say.name, '/');
	int dir = slash ? slash + 1 - p->say.name : 0;
	char *path;

	if (asprintf(&path, "%.*s%s", dir, p->say.name, value) >= 0)
		return path;
	p->say.no_memory = true;
	return NULL;
}

static void parse_file(struct config_parser *p, const struct key *key,
		       const char *value)
{
	(void)key;
	p->list->file_line = p->line;
	p->list->file = path_beside(p, value);
}

static void parse_except(struct config_parser *p, const struct key *key,
			 const char *value)
{
	(void)key;
	p->list->except = path_beside(p, value);
}

static void parse_asns(struct config_parser *p, const struct key *key,
		       const char *value)
{
	const char *rest = value, *item;
	char text[16], shown[CONFIG_WORD];
	size_t len;
	__u32 asn;

	while (value_item(&rest, &item, &len)) {
		snprintf(text, sizeof(text), "%.*s", (int)len, item);
		if (len >= sizeof(text) || asn_parse(text, &asn)) {
			complain_word(item, len, shown);
			complain(&p->say, p->line,
				 "'%s' is not an AS number; write %s", shown,
				 key->want);
			return;
		}
		if (asn_add(&p->list->asns, &(struct asn_entry){asn, p->line}))
			p->say.no_memory = true;
	}
}

static void parse_table(struct config_parser *p, const struct key *key,
			const char *value)
{
	(void)key;
	p->cfg->asn_line = p->line;
	p->cfg->asn_table = path_beside(p, value);
}

static void parse_format(struct config_parser *p, const struct key *key,
			 const char *value)
{
	struct key named = *key;
	char names[FEED_FORMATS];

	feed_formats(FEED_LIST, names);
	named.want = names;
	p->list->guard.format = feed_format_named(FEED_LIST, value);
	if (!p->list->guard.format)
		refuse_value(p, &named, value);
}

static void parse_percent(struct config_parser *p, const struct key *key,
			  const char *value)
{
	size_t len = strlen(value);

	if (!len || value[len - 1] != '%' ||
	    !value_number(value, len - 1, key->min, key->max,
			  draft_field(p, key)))
		refuse_value(p, key, value);
}

static void parse_duration(struct config_parser *p, const struct key *key,
			   const char *value)
{
	if (config_duration(value, draft_field(p, key)) ||
	    *draft_field(p, key) > MAX_WINDOW)
		refuse_value(p, key, value);
}

/* "3 times in 1h" */
static void parse_after(struct config_parser *p, const struct key *key,
			const char *value)
{
	struct mw_escalation *e = &p->cfg->settings.escalation;
	static const char *const words[] = {" times in ", " time in "};
	const char *at = NULL;
	size_t skip = 0;
	__u64 after;

	for (int i = 0; i < 2 && !at; i++) {
		at = strstr(value, words[i]);
		skip = strlen(words[i]);
	}
	if (!at ||
	    !value_number(value, at - value, key->min, key->max, &after) ||
	    config_duration(at + skip, &e->within) || e->within > MAX_WINDOW) {
		refuse_value(p, key, value);
		return;
	}
	e->after = after;
	snprintf(e->why, sizeof(e->why), "over its limit %.40s", value);
}

static void parse_expires(struct config_parser *p, const struct key *key,
			  const char *value)
{
	__u64 ns;

	if (config_duration(value, &ns))
		refuse_value(p, key, value);
	else
		p->list->expires = ns / 1000000000;
}

/* Keys */

static const char *const modes[] = {
	[MW_OBSERVE] = "observe",
	[MW_ENFORCE] = "enforce",
};

static const char *const charges[] = {
	[MW_CHARGE_SYN] = "syn",
	[MW_CHARGE_HANDSHAKE] = "handshake",
};

static const char *const actions[] = {
	[MW_ALLOW] = "allow",
	[MW_BLOCK] = "block",
	[MW_LIMIT] = "limit",
};

/* clang-format off */
static const struct key keys[KEYS] = {
	[KEY_PORTS] = {
		.name = "ports", .example = "ports = 25",
		.want = "1 to 65535, separated by commas",
		.parse = parse_ports, .min = 1, .max = 65535,
	},
	[KEY_MODE] = {
		.name = "mode", .example = "mode = observe",
		.want = "observe or enforce",
		.parse = parse_word, .at = offsetof(struct draft, mode),
		.words = modes, .min = MW_OBSERVE, .max = MW_ENFORCE,
	},
	[KEY_CHARGE] = {
		.name = "charge", .example = "charge = handshake",
		.want = "handshake or syn",
		.parse = parse_word, .at = offsetof(struct draft, charge),
		.words = charges, .min = MW_CHARGE_SYN,
		.max = MW_CHARGE_HANDSHAKE,
	},
	[KEY_RATE] = {
		.name = "rate", .example = "rate = 60/1m",
		.want = "COUNT/DURATION such as 60/1m, COUNT from 1 to 1000000 "
			"and DURATION from 1s to 7d",
		.parse = parse_rate,
	},
	[KEY_BURST] = {
		.name = "burst", .example = "burst = 30",
		.want = "a whole number from 1 to 1000000",
		.parse = parse_number, .at = offsetof(struct draft, burst),
		.min = 1, .max = MAX_COUNT,
	},
	[KEY_LEN4] = {
		.name = "ipv4_prefix_length",
		.example = "ipv4_prefix_length = 24",
		.want = "a whole number from 1 to 32",
		.parse = parse_number, .at = offsetof(struct draft, len4),
		.min = 1, .max = 32,
	},
	[KEY_LEN6] = {
		.name = "ipv6_prefix_length",
		.example = "ipv6_prefix_length = 48",
		.want = "a whole number from 1 to 64, as sources are kept as "
			"64-bit keys",
		.parse = parse_number, .at = offsetof(struct draft, len6),
		.min = 1, .max = 64,
	},
	[KEY_ACTION] = {
		.name = "action", .example = "action = block",
		.want = "allow, block or limit",
		.parse = parse_word, .at = offsetof(struct draft, action),
		.words = actions, .min = MW_ALLOW, .max = MW_LIMIT,
	},
	[KEY_FILE] = {
		.name = "file", .example = "file = lists.d/NAME.cidr",
		.parse = parse_file,
	},
	[KEY_MAX_PREFIX] = {
		.name = "max_prefix", .example = "max_prefix = 8, 19",
		.want = "an IPv4 length from 0 to 32 and, after a comma, an "
			"IPv6 length from 0 to 128, such as 8, 19",
		.parse = parse_max_prefix,
	},
	[KEY_FORMAT] = {
		.name = "format", .example = "format = plain",
		.parse = parse_format,
	},
	[KEY_EXCEPT] = {
		.name = "except", .example = "except = lists.d/ours.cidr",
		.parse = parse_except,
	},
	[KEY_MIN_ENTRIES] = {
		.name = "min_entries", .example = "min_entries = 1000",
		.want = "a whole number from 1 to 100000000",
		.parse = parse_number,
		.at = offsetof(struct draft, min_entries),
		.min = 1, .max = 100000000,
	},
	[KEY_MAX_SHRINK] = {
		.name = "max_shrink", .example = "max_shrink = 50%",
		.want = "a percentage from 0% to 100%, such as 50%",
		.parse = parse_percent,
		.at = offsetof(struct draft, max_shrink), .max = 100,
	},
	[KEY_EXPIRES] = {
		.name = "expires", .example = "expires = 3d",
		.want = "a duration such as 12h or 3d",
		.parse = parse_expires,
	},
	[KEY_MAX_ERRORS] = {
		.name = "max_errors", .example = "max_errors = 10",
		.want = "a whole number from 0 to 1000000",
		.parse = parse_number,
		.at = offsetof(struct draft, max_errors), .max = 1000000,
	},
	[KEY_ASN] = {
		.name = "asn", .example = "asn = 64500, 64501",
		.want = "numbers such as 64500 or AS64500, separated by commas",
		.parse = parse_asns,
	},
	[KEY_TABLE] = {
		.name = "table", .example = "table = ip2asn-combined.tsv",
		.parse = parse_table,
	},
	[KEY_LIST_MEMORY] = {
		.name = "max_list_memory", .example = "max_list_memory = 512",
		.want = "a whole number of MiB from 8 to 65536",
		.parse = parse_number,
		.at = offsetof(struct draft, list_memory),
		.min = 8, .max = 65536,
	},
	[KEY_CONNECTIONS] = {
		.name = "connections", .example = "connections = 10",
		.want = "a whole number from 1 to 65535",
		.parse = parse_number,
		.at = offsetof(struct draft, connections),
		.min = 1, .max = MW_CONCURRENT_MOST,
	},
	[KEY_AFTER] = {
		.name = "after", .example = "after = 3 times in 1h",
		.want = "such as 3 times in 1h, from 1 to 8 times in 30d at "
			"most",
		.parse = parse_after, .min = 1, .max = MW_TIMES,
	},
	[KEY_FOR] = {
		.name = "for", .example = "for = 10m",
		.want = "a duration such as 10m, 30d at most",
		.parse = parse_duration, .at = offsetof(struct draft, base),
	},
	[KEY_GROWING] = {
		.name = "growing", .example = "growing = 2",
		.want = "a whole number from 1 to 100",
		.parse = parse_number, .at = offsetof(struct draft, growing),
		.min = 1, .max = 100,
	},
	[KEY_MAX] = {
		.name = "max", .example = "max = 1d",
		.want = "a duration such as 1d, 30d at most",
		.parse = parse_duration, .at = offsetof(struct draft, max),
	},
};
/* clang-format on */

/* Sections */

static void end_gate(struct config_parser *p)
{
	p->cfg->settings.mode = p->draft.mode;
	p->cfg->settings.charge = p->draft.charge;
	p->cfg->list_memory = p->draft.list_memory << 20;
}

static void set_limit(struct config_parser *p, struct mw_limit *limit)
{
	const struct draft *d = &p->draft;
	__u64 most;

	if (!d->interval || !d->burst)
		return;
	most = MAX_WINDOW / d->interval + 1;
	if (d->burst > most)
		complain(&p->say, p->seen[KEY_BURST],
			 "burst is %llu, which this rate refills in more than "
			 "30 days; write %llu at most",
			 d->burst, most);
	limit->interval = d->interval;
	limit->window = (d->burst - 1) * d->interval;
	limit->mode = d->mode;
}

/* A rate and a burst, or connections, or all three. */
static void check_limit(struct config_parser *p)
{
	static const enum key_id pair[] = {KEY_RATE, KEY_BURST};

	for (int i = 0; i < 2; i++)
		if (!p->seen[pair[i]] &&
		    (p->seen[pair[!i]] || !p->seen[KEY_CONNECTIONS]))
			complain(&p->say, p->opened,
				 "%s has no %s; add a line such as %s",
				 p->title, keys[pair[i]].name,
				 keys[pair[i]].example);
	if (p->seen[KEY_CONNECTIONS] && !p->connections)
		p->connections = p->seen[KEY_CONNECTIONS];
}

/* For check_handshake. */
static void note_burst(struct config_parser *p)
{
	if (p->draft.burst == 1 && !p->burst_one)
		p->burst_one = p->seen[KEY_BURST];
}

static void end_source(struct config_parser *p)
{
	struct mw_settings *s = &p->cfg->settings;

	check_limit(p);
	note_burst(p);
	set_limit(p, &s->source);
	s->source.mode = p->draft.mode;
	s->source_open = p->draft.connections;
	s->source_len4 = p->draft.len4;
	s->source_len6 = p->draft.len6;
}

static void end_netblock(struct config_parser *p)
{
	struct mw_settings *s = &p->cfg->settings;
	int i;

	check_limit(p);
	set_limit(p, &s->netblock);
	s->netblock.mode = p->draft.mode;
	s->netblock_open = p->draft.connections;
	s->netblock_len4 = p->draft.len4;
	s->netblock_len6 = p->draft.len6;
	for (i = 0; i < 2; i++) {
		int seen = p->seen[i ? KEY_LEN6 : KEY_LEN4];

		p->netblock_len[i] = seen ? seen : p->opened;
	}
}

static void end_total(struct config_parser *p)
{
	set_limit(p, &p->cfg->settings.total);
}

static void end_escalation(struct config_parser *p)
{
	struct mw_escalation *e = &p->cfg->settings.escalation;
	const struct draft *d = &p->draft;

	e->base = d->base;
	e->growing = d->growing;
	e->max = d->max;
	if (d->max < d->base)
		complain(&p->say,
			 p->seen[KEY_MAX] ? p->seen[KEY_MAX] : p->seen[KEY_FOR],
			 "max is shorter than for; write a longer max");
}

static void check_list_rate(struct config_parser *p, enum key_id id)
{
	const struct key *key = &keys[id];
	const char *action = actions[p->draft.action];
	bool limits = p->draft.action == MW_LIMIT;

	if (limits && !p->seen[id])
		complain(&p->say, p->opened,
			 "%s limits and has no %s; add a line such as %s",
			 p->title, key->name, key->example);
	if (!limits && p->seen[id])
		complain(&p->say, p->seen[id],
			 "%s belongs to action = limit and %s has action = %s; "
			 "remove the line",
			 key->name, p->title, action);
}

static void end_list(struct config_parser *p)
{
	struct mw_rule *rule = &p->list->rule;
	const struct draft *d = &p->draft;

	p->list->guard.min_entries = d->min_entries;
	p->list->guard.allow = d->action == MW_ALLOW;
	p->list->guard.max_errors = d->max_errors;
	p->list->max_shrink = d->max_shrink;
	if (!p->seen[KEY_FILE] && !p->seen[KEY_ASN])
		complain(&p->say, p->opened,
			 "%s has neither file nor asn; add a line such as %s "
			 "or %s",
			 p->title, keys[KEY_FILE].example,
			 keys[KEY_ASN].example);
	rule->action = d->action;
	rule->mode = d->mode;
	if (d->action == MW_NONE)
		return;
	check_list_rate(p, KEY_RATE);
	check_list_rate(p, KEY_BURST);
	if (d->action == MW_LIMIT) {
		set_limit(p, &rule->limit);
		note_burst(p);
	}
	if (d->action == MW_ALLOW && d->mode == MW_OBSERVE)
		complain(&p->say, p->seen[KEY_MODE],
			 "an allow list drops nothing to observe; remove "
			 "mode = observe");
}

/* clang-format off */
static const struct section sections[SECTIONS] = {
	[GATE] = {
		.name = "gate",
		.key = { KEY_PORTS, KEY_MODE, KEY_CHARGE, KEY_LIST_MEMORY },
		.keys = 4,
		.defaults = { .mode = MW_OBSERVE,
			      .charge = MW_CHARGE_HANDSHAKE,
			      .list_memory = 512 },
		.end = end_gate,
	},
	[SOURCE] = {
		.name = "limit source",
		.key = { KEY_RATE, KEY_BURST, KEY_CONNECTIONS, KEY_LEN4,
			 KEY_LEN6, KEY_MODE },
		.keys = 6,
		.defaults = { .mode = MW_ENFORCE, .len4 = 32, .len6 = 64 },
		.end = end_source,
	},
	[NETBLOCK] = {
		.name = "limit netblock",
		.key = { KEY_RATE, KEY_BURST, KEY_CONNECTIONS, KEY_LEN4,
			 KEY_LEN6, KEY_MODE },
		.keys = 6,
		.defaults = { .mode = MW_ENFORCE, .len4 = 24, .len6 = 48 },
		.end = end_netblock,
	},
	[TOTAL] = {
		.name = "limit total",
		.key = { KEY_RATE, KEY_BURST, KEY_MODE },
		.keys = 3, .required = 1 << KEY_RATE | 1 << KEY_BURST,
		.defaults = { .mode = MW_ENFORCE },
		.end = end_total,
	},
	[ESCALATION] = {
		.name = "block",
		.key = { KEY_AFTER, KEY_FOR, KEY_GROWING, KEY_MAX },
		.keys = 4, .required = 1 << KEY_AFTER,
		.defaults = { .base = 600 * NSEC, .growing = 2, .max = DAY },
		.end = end_escalation,
	},
	[ASN] = {
		.name = "asn",
		.key = { KEY_TABLE }, .keys = 1, .required = 1 << KEY_TABLE,
	},
	[LIST] = {
		.name = "list NAME",
		.key = { KEY_ACTION, KEY_FILE, KEY_ASN, KEY_MODE, KEY_RATE,
			 KEY_BURST, KEY_MAX_PREFIX, KEY_FORMAT, KEY_EXCEPT,
			 KEY_MIN_ENTRIES, KEY_MAX_SHRINK, KEY_MAX_ERRORS,
			 KEY_EXPIRES },
		.keys = 13, .required = 1 << KEY_ACTION,
		.defaults = { .mode = MW_ENFORCE, .max_shrink = 50 },
		.end = end_list,
	},
};
/* clang-format on */

static void unknown_key(struct config_parser *p, const char *name)
{
	const char *known[KEYS], *near;
	char shown[CONFIG_WORD], all[256];
	int i, used = 0;

	for (i = 0; i < p->section->keys; i++) {
		known[i] = keys[p->section->key[i]].name;
		used += snprintf(all + used, sizeof(all) - used, "%s%s",
				 i ? ", " : "", known[i]);
	}
	near = spell_nearest(name, known, p->section->keys);
	complain_word(name, strlen(name), shown);
	complain(&p->say, p->line, "unknown key '%s' in %s; %s%s%skeys are %s",
		 shown, p->title, near ? "did you mean '" : "",
		 near ? near : "", near ? "'? " : "", all);
}

static void unknown_section(struct config_parser *p, const char *name)
{
	const char *known[SECTIONS], *near;
	int i, used = 0;
	char all[256];

	for (i = 0; i < SECTIONS; i++) {
		known[i] = sections[i].name;
		used += snprintf(all + used, sizeof(all) - used, "%s[%s]",
				 i ? ", " : "", known[i]);
	}
	near = spell_nearest(name, known, LIST);
	complain(&p->say, p->line, "unknown section %s; %s%s%ssections are %s",
		 p->title, near ? "did you mean [" : "", near ? near : "",
		 near ? "]? " : "", all);
}

/* Opening and closing a section */

static void close_section(struct config_parser *p)
{
	const struct section *s = p->section;
	int i;

	if (!s)
		return;
	for (i = 0; i < s->keys; i++) {
		enum key_id id = s->key[i];

		if (s->required & 1 << id && !p->seen[id])
			complain(&p->say, p->opened,
				 "%s has no %s; add a line such as %s",
				 p->title, keys[id].name, keys[id].example);
	}
	if (s->end)
		s->end(p);
	p->section = NULL;
}

static bool section_is_new(struct config_parser *p, int line)
{
	if (line)
		complain(&p->say, p->line,
			 "%s is given twice, first on line %d; put all its "
			 "lines there",
			 p->title, line);
	return !line;
}

bool config_is_list_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len < MW_NAME && !name[len] && *name != '_' &&
	       *name != '-';
}

static const struct section *open_list(struct config_parser *p,
				       const char *name)
{
	struct config *cfg = p->cfg;
	int i;

	if (!config_is_list_name(name)) {
		complain(&p->say, p->line,
			 "%s is not a good name; write 1 to %d of a-z, 0-9, - "
			 "and _, beginning with a letter or digit",
			 p->title, MW_NAME - 1);
		return NULL;
	}
	for (i = 0; i < cfg->lists; i++)
		if (!strcmp(cfg->list[i].name, name))
			break;
	if (i < cfg->lists && !section_is_new(p, cfg->list[i].line))
		return NULL;
	if (cfg->lists == MW_LISTS) {
		complain(&p->say, p->line,
			 "%s is one list too many; write %d at most", p->title,
			 MW_LISTS);
		return NULL;
	}
	p->list = &cfg->list[cfg->lists++];
	memcpy(p->list->name, name, strlen(name) + 1);
	p->list->guard = (struct feed_guard){8, 19};
	p->list->line = p->line;
	return &sections[LIST];
}

static const struct section *find_section(struct config_parser *p,
					  const char *name)
{
	int i;

	if (!strcmp(name, "list")) {
		complain(&p->say, p->line,
			 "[list] has no name; write [list NAME]");
		return NULL;
	}
	if (!strncmp(name, "list ", 5))
		return open_list(p, name + 5);
	for (i = 0; i < LIST; i++) {
		if (strcmp(name, sections[i].name))
			continue;
		if (!section_is_new(p, p->first[i]))
			return NULL;
		p->first[i] = p->line;
		return &sections[i];
	}
	unknown_section(p, name);
	return NULL;
}

static void open_section(struct config_parser *p, const char *name)
{
	char header[LINES_LENGTH + 1];
	int len = snprintf(header, sizeof(header), "[%s]", name);

	close_section(p);
	complain_word(header, len, p->title);
	p->opened = p->line;
	memset(p->seen, 0, sizeof(p->seen));
	p->section = find_section(p, name);
	if (p->section)
		p->draft = p->section->defaults;
}

static const struct key *find_key(struct config_parser *p, const char *name)
{
	int i;

	for (i = 0; i < p->section->keys; i++) {
		const struct key *key = &keys[p->section->key[i]];

		if (!strcmp(key->name, name))
			return key;
	}
	return NULL;
}

static void take_setting(struct config_parser *p, const char *name,
			 const char *value)
{
	const struct key *key = p->section ? find_key(p, name) : NULL;
	char shown[CONFIG_WORD];
	int *seen;

	if (!p->section) {
		if (!p->opened)
			complain(&p->say, p->line,
				 "%s stands before any section; begin with "
				 "[gate]",
				 complain_word(name, strlen(name), shown));
		return;
	}
	if (!key) {
		unknown_key(p, name);
		return;
	}
	seen = &p->seen[key - keys];
	if (*seen) {
		complain(&p->say, p->line,
			 "%s is given twice, first on line %d; write it once",
			 name, *seen);
		return;
	}
	*seen = p->line;
	if (!*value)
		complain(&p->say, p->line, "%s has no value; write such as %s",
			 name, key->example);
	else
		key->parse(p, key, value);
}

/* The whole */

static void set_defaults(struct mw_settings *s)
{
	const struct draft *source = &sections[SOURCE].defaults;
	const struct draft *netblock = &sections[NETBLOCK].defaults;

	s->ports[0] = 25;
	s->mode = sections[GATE].defaults.mode;
	s->charge = sections[GATE].defaults.charge;
	s->source_len4 = source->len4;
	s->source_len6 = source->len6;
	s->netblock_len4 = netblock->len4;
	s->netblock_len6 = netblock->len6;
}

/* An unused netblock length follows the source's, a used one must fit. */
static void check_length(struct config_parser *p, enum key_id id, __u8 source,
			 __u8 *netblock)
{
	if (*netblock <= source)
		return;
	if (!p->first[NETBLOCK])
		*netblock = source;
	else
		complain(&p->say, p->netblock_len[id == KEY_LEN6],
			 "%s of [limit netblock] is %d and that of "
			 "[limit source] %d; write %d or less",
			 keys[id].name, *netblock, source, source);
}

static bool anyone_limited(const struct config *cfg)
{
	bool any = cfg->settings.source.interval;

	for (int i = 0; i < cfg->lists; i++)
		any |= cfg->list[i].rule.limit.interval != 0;
	return any;
}

/* What needs completed handshakes, or each other. */
static void check_handshake(struct config_parser *p)
{
	bool syn = p->cfg->settings.charge == MW_CHARGE_SYN;
	int escalation = p->first[ESCALATION];

	if (syn && p->connections)
		complain(&p->say, p->connections,
			 "connections are counted when handshakes complete "
			 "here, which charge = syn does not look at; remove "
			 "the line");
	if (syn && p->first[TOTAL])
		complain(&p->say, p->first[TOTAL],
			 "[limit total] is for sources that are not regular, "
			 "and with charge = syn no source becomes regular; "
			 "remove the section");
	if (syn && escalation)
		complain(&p->say, escalation,
			 "[block] counts completed handshakes, which "
			 "charge = syn does not look at; remove the section");
	if (escalation && !anyone_limited(p->cfg))
		complain(&p->say, escalation,
			 "[block] blocks sources that are over a limit of "
			 "their own, and there is none; add [limit source]");
	if (escalation && p->burst_one)
		complain(&p->say, p->burst_one,
			 "with burst = 1 each connection of a source uses up "
			 "its burst, and [block] counts that; write burst = 2 "
			 "or more");
}

static int finish(struct config_parser *p)
{
	struct mw_settings *s = &p->cfg->settings;

	close_section(p);
	check_handshake(p);
	check_length(p, KEY_LEN4, s->source_len4, &s->netblock_len4);
	check_length(p, KEY_LEN6, s->source_len6, &s->netblock_len6);
	if (p->say.no_memory)
		return -ENOMEM;
	return p->say.to->errors ? -EINVAL : 0;
}

static void read_lines(struct config_parser *p, FILE *f)
{
	struct lines lines = {.f = f, .say = &p->say};
	struct line line;

	while (lines_next(&lines, &line)) {
		p->line = lines.line;
		if (line.value)
			take_setting(p, line.name, line.value);
		else
			open_section(p, line.name);
	}
	if (ferror(f))
		complain_unreadable(&p->say, errno);
}

int config_read(FILE *f, const char *name, struct config *cfg,
		struct config_errors *errors)
{
	struct config_parser p = {
		.cfg = cfg,
		.say = {.name = name, .to = errors},
	};
	int err;

	memset(cfg, 0, sizeof(*cfg));
	memset(errors, 0, sizeof(*errors));
	cfg->name = name;
	set_defaults(&cfg->settings);
	cfg->list_memory = sections[GATE].defaults.list_memory << 20;
	read_lines(&p, f);
	err = finish(&p);
	if (err)
		config_free(cfg);
	return err;
}

int config_read_file(const char *path, struct config *cfg,
		     struct config_errors *errors)
{
	struct complaints say = {.name = path, .to = errors};
	FILE *f = fopen(path, "re");
	int err;

	if (f) {
		err = config_read(f, path, cfg, errors);
		fclose(f);
		return err;
	}
	err = errno;
	memset(cfg, 0, sizeof(*cfg));
	memset(errors, 0, sizeof(*errors));
	complain_unreadable(&say, err);
	return say.no_memory ? -ENOMEM : -EINVAL;
}

void config_free(struct config *cfg)
{
	int i;

	for (i = 0; i < cfg->lists; i++) {
		free(cfg->list[i].file);
		free(cfg->list[i].except);
		asn_free(&cfg->list[i].asns);
	}
	free(cfg->asn_table);
	memset(cfg, 0, sizeof(*cfg));
}
