// SPDX-License-Identifier: GPL-2.0
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "../bpf/bucket.h"
#include "text.h"

#define NSEC	   1000000000ull
#define DAY	   (24 * 3600 * NSEC)
#define MAX_SPAN   (3650 * DAY) /* config_duration */
#define MAX_PERIOD (7 * DAY)	/* of a rate */
#define MAX_WINDOW (30 * DAY)	/* of a limit */

enum {
	MAX_COUNT = 1000000, /* of a rate or burst: no interval below 1 us */
	MAX_FILE = 1 << 20,
	MAX_WORD = 32, /* longer ones are nobody's typing error */
	SHOWN = 64,    /* room for a word of the file in a message */
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

enum { GATE, SOURCE, NETBLOCK, TOTAL, BLOCK, ASN, LIST, SECTIONS };

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

struct reader {
	FILE *f;
	const char *name;
	struct config *cfg;
	struct config_errors *errors;
	bool no_memory;
	int read_error; /* errno */

	size_t bytes;  /* of the file, so far */
	int line;      /* the one read last */
	size_t length; /* its bytes, without the line end */
	int control;   /* its first control character, or EOF */

	const struct section *section; /* NULL: none, or one refused */
	int opened;		       /* line of its header; 0: none yet */
	char title[SHOWN];	       /* "[list drop]" */
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
	void (*parse)(struct reader *r, const struct key *key,
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
	void (*end)(struct reader *r);
};

static void put_error(struct reader *r, int line, char *what)
{
	struct config_errors *e = r->errors;
	char **to = e->errors < CONFIG_SHOWN ? &e->error[e->errors] : NULL;
	int n = 0;

	e->errors++;
	if (to && line)
		n = asprintf(to, "%s:%d: %s", r->name, line, what);
	else if (to)
		n = asprintf(to, "%s: %s", r->name, what);
	if (n < 0) {
		*to = NULL;
		r->no_memory = true;
	}
	free(what);
}

/* line 0: of the whole file. */
static void __attribute__((format(printf, 3, 4)))
complain(struct reader *r, int line, const char *format, ...)
{
	va_list args;
	char *what;
	int n;

	va_start(args, format);
	n = vasprintf(&what, format, args);
	va_end(args);
	if (n < 0)
		r->no_memory = true;
	else
		put_error(r, line, what);
}

static void complain_unreadable(struct reader *r, int error)
{
	complain(r, 0,
		 "cannot be read: %s; give -c FILE or create it from the "
		 "example mailweir.conf",
		 strerror(error));
}

static void refuse_value(struct reader *r, const struct key *key,
			 const char *value)
{
	char shown[SHOWN];

	text_escape(value, strlen(value), shown, sizeof(shown));
	complain(r, r->line, "%s is '%s'; write %s", key->name, shown,
		 key->want);
}

/* Values */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool read_number(const char *text, size_t len, __u64 min, __u64 max,
			__u64 *number)
{
	__u64 n = 0;
	size_t i;

	if (!len || len > 10 || (text[0] == '0' && len > 1))
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (text[i] - '0');
	}
	if (n < min || n > max)
		return false;
	*number = n;
	return true;
}

int config_duration(const char *text, __u64 *ns)
{
	static const struct {
		char name;
		__u64 ns;
	} unit[] = {
		{'s', NSEC},
		{'m', 60 * NSEC},
		{'h', 3600 * NSEC},
		{'d', DAY},
	};
	size_t i, len = strlen(text);
	__u64 n;

	if (!len)
		return -EINVAL;
	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (text[len - 1] != unit[i].name)
			continue;
		if (!read_number(text, len - 1, 1, MAX_SPAN / unit[i].ns, &n))
			return -EINVAL;
		*ns = n * unit[i].ns;
		return 0;
	}
	return -EINVAL;
}

/* The next of a comma separated list, without blanks around it. */
static bool next_item(const char **rest, const char **item, size_t *len)
{
	const char *end;

	if (!*rest)
		return false;
	*item = *rest;
	end = strchr(*rest, ',');
	*rest = end ? end + 1 : NULL;
	if (!end)
		end = *item + strlen(*item);
	while (*item < end && is_blank(**item))
		(*item)++;
	while (end > *item && is_blank(end[-1]))
		end--;
	*len = end - *item;
	return true;
}

static __u64 *draft_field(struct reader *r, const struct key *key)
{
	return (__u64 *)((char *)&r->draft + key->at);
}

static void parse_number(struct reader *r, const struct key *key,
			 const char *value)
{
	if (!read_number(value, strlen(value), key->min, key->max,
			 draft_field(r, key)))
		refuse_value(r, key, value);
}

static void parse_word(struct reader *r, const struct key *key,
		       const char *value)
{
	__u64 i;

	for (i = key->min; i <= key->max; i++) {
		if (strcmp(key->words[i], value))
			continue;
		*draft_field(r, key) = i;
		return;
	}
	refuse_value(r, key, value);
}

static void parse_rate(struct reader *r, const struct key *key,
		       const char *value)
{
	const char *slash = strchr(value, '/');
	__u64 count, period;

	if (!slash ||
	    !read_number(value, slash - value, 1, MAX_COUNT, &count) ||
	    config_duration(slash + 1, &period) || period > MAX_PERIOD)
		refuse_value(r, key, value);
	else
		r->draft.interval = period / count;
}

/* False when p is there already or finds no room. */
static bool add_port(struct reader *r, int n, __u64 p)
{
	__u16 *port = r->cfg->settings.ports;
	int i;

	for (i = 0; i < n; i++) {
		if (port[i] != p)
			continue;
		complain(r, r->line, "port %d is given twice; write it once",
			 port[i]);
		return false;
	}
	if (n == MW_PORTS) {
		complain(r, r->line,
			 "ports has more than %d; write %d or fewer", MW_PORTS,
			 MW_PORTS);
		return false;
	}
	port[n] = p;
	return true;
}

static void parse_ports(struct reader *r, const struct key *key,
			const char *value)
{
	const char *rest = value, *item;
	char shown[SHOWN];
	size_t len;
	__u64 port;
	int n;

	for (n = 0; next_item(&rest, &item, &len); n++) {
		if (!read_number(item, len, key->min, key->max, &port)) {
			text_escape(item, len, shown, sizeof(shown));
			complain(r, r->line, "'%s' is not a port; write %s",
				 shown, key->want);
			return;
		}
		if (!add_port(r, n, port))
			return;
	}
}

static void parse_max_prefix(struct reader *r, const struct key *key,
			     const char *value)
{
	struct feed_guard *guard = &r->list->guard;
	int *to[] = {&guard->max_prefix4, &guard->max_prefix6};
	static const __u64 width[] = {32, 128};
	const char *rest = value, *item;
	size_t len;
	__u64 n;
	int i;

	for (i = 0; next_item(&rest, &item, &len); i++) {
		if (len && *item == '/') {
			item++;
			len--;
		}
		if (i == 2 || !read_number(item, len, 0, width[i], &n)) {
			refuse_value(r, key, value);
			return;
		}
		*to[i] = n;
	}
}

/* A relative path lies beside the configuration. */
static char *path_beside(struct reader *r, const char *value)
{
	const char *slash = *value == '/' ? NULL : strrchr(r->name, '/');
	int dir = slash ? slash + 1 - r->name : 0;
	char *path;

	if (asprintf(&path, "%.*s%s", dir, r->name, value) >= 0)
		return path;
	r->no_memory = true;
	return NULL;
}

static void parse_file(struct reader *r, const struct key *key,
		       const char *value)
{
	(void)key;
	r->list->file_line = r->line;
	r->list->file = path_beside(r, value);
}

static void parse_except(struct reader *r, const struct key *key,
			 const char *value)
{
	(void)key;
	r->list->except = path_beside(r, value);
}

static void parse_asns(struct reader *r, const struct key *key,
		       const char *value)
{
	const char *rest = value, *item;
	char text[16], shown[SHOWN];
	size_t len;
	__u32 asn;

	while (next_item(&rest, &item, &len)) {
		snprintf(text, sizeof(text), "%.*s", (int)len, item);
		if (len >= sizeof(text) || asn_parse(text, &asn)) {
			text_escape(item, len, shown, sizeof(shown));
			complain(r, r->line,
				 "'%s' is not an AS number; write %s", shown,
				 key->want);
			return;
		}
		if (asn_add(&r->list->asns, &(struct asn_entry){asn, r->line}))
			r->no_memory = true;
	}
}

static void parse_table(struct reader *r, const struct key *key,
			const char *value)
{
	(void)key;
	r->cfg->asn_line = r->line;
	r->cfg->asn_table = path_beside(r, value);
}

static void parse_format(struct reader *r, const struct key *key,
			 const char *value)
{
	const char *name;

	for (int i = 0; (name = feed_format(FEED_LIST, i)); i++) {
		if (strcmp(name, value))
			continue;
		r->list->guard.format = name;
		return;
	}
	refuse_value(r, key, value);
}

static void parse_percent(struct reader *r, const struct key *key,
			  const char *value)
{
	size_t len = strlen(value);

	if (!len || value[len - 1] != '%' ||
	    !read_number(value, len - 1, key->min, key->max,
			 draft_field(r, key)))
		refuse_value(r, key, value);
}

static void parse_duration(struct reader *r, const struct key *key,
			   const char *value)
{
	if (config_duration(value, draft_field(r, key)) ||
	    *draft_field(r, key) > MAX_WINDOW)
		refuse_value(r, key, value);
}

/* "3 times in 1h" */
static void parse_after(struct reader *r, const struct key *key,
			const char *value)
{
	struct mw_escalation *e = &r->cfg->settings.escalation;
	static const char *const words[] = {" times in ", " time in "};
	const char *at = NULL;
	size_t skip = 0;
	__u64 after;

	for (int i = 0; i < 2 && !at; i++) {
		at = strstr(value, words[i]);
		skip = strlen(words[i]);
	}
	if (!at ||
	    !read_number(value, at - value, key->min, key->max, &after) ||
	    config_duration(at + skip, &e->within) || e->within > MAX_WINDOW) {
		refuse_value(r, key, value);
		return;
	}
	e->after = after;
	snprintf(e->why, sizeof(e->why), "over its limit %.40s", value);
}

static void parse_expires(struct reader *r, const struct key *key,
			  const char *value)
{
	__u64 ns;

	if (config_duration(value, &ns))
		refuse_value(r, key, value);
	else
		r->list->expires = ns / 1000000000;
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
		.want = "plain, drop-json, crowdsec, ipset, nft, rbldnsd, "
			"ipsum or postfix",
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
		.min = 1, .max = MW_OPEN_MOST,
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

static void end_gate(struct reader *r)
{
	r->cfg->settings.mode = r->draft.mode;
	r->cfg->settings.charge = r->draft.charge;
	r->cfg->list_memory = r->draft.list_memory << 20;
}

static void set_limit(struct reader *r, struct mw_limit *limit)
{
	const struct draft *d = &r->draft;
	__u64 most;

	if (!d->interval || !d->burst)
		return;
	most = MAX_WINDOW / d->interval + 1;
	if (d->burst > most)
		complain(r, r->seen[KEY_BURST],
			 "burst is %llu, which this rate refills in more than "
			 "30 days; write %llu at most",
			 d->burst, most);
	limit->interval = d->interval;
	limit->window = (d->burst - 1) * d->interval;
	limit->mode = d->mode;
}

/* A rate and a burst, or connections, or all three. */
static void check_limit(struct reader *r)
{
	static const enum key_id pair[] = {KEY_RATE, KEY_BURST};

	for (int i = 0; i < 2; i++)
		if (!r->seen[pair[i]] &&
		    (r->seen[pair[!i]] || !r->seen[KEY_CONNECTIONS]))
			complain(r, r->opened,
				 "%s has no %s; add a line such as %s",
				 r->title, keys[pair[i]].name,
				 keys[pair[i]].example);
	if (r->seen[KEY_CONNECTIONS] && !r->connections)
		r->connections = r->seen[KEY_CONNECTIONS];
}

/* For check_handshake. */
static void note_burst(struct reader *r)
{
	if (r->draft.burst == 1 && !r->burst_one)
		r->burst_one = r->seen[KEY_BURST];
}

static void end_source(struct reader *r)
{
	struct mw_settings *s = &r->cfg->settings;

	check_limit(r);
	note_burst(r);
	set_limit(r, &s->source);
	s->source.mode = r->draft.mode;
	s->source_open = r->draft.connections;
	s->source_len4 = r->draft.len4;
	s->source_len6 = r->draft.len6;
}

static void end_netblock(struct reader *r)
{
	struct mw_settings *s = &r->cfg->settings;
	int i;

	check_limit(r);
	set_limit(r, &s->netblock);
	s->netblock.mode = r->draft.mode;
	s->netblock_open = r->draft.connections;
	s->netblock_len4 = r->draft.len4;
	s->netblock_len6 = r->draft.len6;
	for (i = 0; i < 2; i++) {
		int seen = r->seen[i ? KEY_LEN6 : KEY_LEN4];

		r->netblock_len[i] = seen ? seen : r->opened;
	}
}

static void end_total(struct reader *r)
{
	set_limit(r, &r->cfg->settings.total);
}

static void end_block(struct reader *r)
{
	struct mw_escalation *e = &r->cfg->settings.escalation;
	const struct draft *d = &r->draft;

	e->base = d->base;
	e->growing = d->growing;
	e->max = d->max;
	if (d->max < d->base)
		complain(r,
			 r->seen[KEY_MAX] ? r->seen[KEY_MAX] : r->seen[KEY_FOR],
			 "max is shorter than for; write a longer max");
}

static void check_list_rate(struct reader *r, enum key_id id)
{
	const struct key *key = &keys[id];
	const char *action = actions[r->draft.action];
	bool limits = r->draft.action == MW_LIMIT;

	if (limits && !r->seen[id])
		complain(r, r->opened,
			 "%s limits and has no %s; add a line such as %s",
			 r->title, key->name, key->example);
	if (!limits && r->seen[id])
		complain(r, r->seen[id],
			 "%s belongs to action = limit and %s has action = %s; "
			 "remove the line",
			 key->name, r->title, action);
}

static void end_list(struct reader *r)
{
	struct mw_rule *rule = &r->list->rule;
	const struct draft *d = &r->draft;

	r->list->guard.min_entries = d->min_entries;
	r->list->guard.allow = d->action == MW_ALLOW;
	r->list->guard.max_errors = d->max_errors;
	r->list->max_shrink = d->max_shrink;
	if (!r->seen[KEY_FILE] && !r->seen[KEY_ASN])
		complain(r, r->opened,
			 "%s has neither file nor asn; add a line such as %s "
			 "or %s",
			 r->title, keys[KEY_FILE].example,
			 keys[KEY_ASN].example);
	rule->action = d->action;
	rule->mode = d->mode;
	if (d->action == MW_NONE)
		return;
	check_list_rate(r, KEY_RATE);
	check_list_rate(r, KEY_BURST);
	if (d->action == MW_LIMIT) {
		set_limit(r, &rule->limit);
		note_burst(r);
	}
	if (d->action == MW_ALLOW && d->mode == MW_OBSERVE)
		complain(r, r->seen[KEY_MODE],
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
	[BLOCK] = {
		.name = "block",
		.key = { KEY_AFTER, KEY_FOR, KEY_GROWING, KEY_MAX },
		.keys = 4, .required = 1 << KEY_AFTER,
		.defaults = { .base = 600 * NSEC, .growing = 2, .max = DAY },
		.end = end_block,
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

/* Words that are nearly right */

static int min3(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters to change, add or remove; case does not count. */
static int distance(const char *a, const char *b)
{
	int row[MAX_WORD + 1], i, j, above, left_above;
	int len = strlen(b);

	if (strlen(a) > MAX_WORD || len > MAX_WORD)
		return INT_MAX;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		left_above = row[0];
		row[0] = i + 1;
		for (j = 1; j <= len; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
				      left_above + (tolower(a[i]) !=
						    tolower(b[j - 1])));
			left_above = above;
		}
	}
	return row[len];
}

/* The nearest known word within two letters, or NULL. */
static const char *nearest(const char *word, const char *const *known, int n)
{
	const char *best = NULL;
	int i, d, least = 3;

	for (i = 0; i < n; i++) {
		d = distance(word, known[i]);
		if (d < least && d < (int)strlen(known[i]) - 1) {
			least = d;
			best = known[i];
		}
	}
	return best;
}

static void unknown_key(struct reader *r, const char *name)
{
	const char *known[KEYS], *near;
	char shown[SHOWN], all[256];
	int i, used = 0;

	for (i = 0; i < r->section->keys; i++) {
		known[i] = keys[r->section->key[i]].name;
		used += snprintf(all + used, sizeof(all) - used, "%s%s",
				 i ? ", " : "", known[i]);
	}
	near = nearest(name, known, r->section->keys);
	text_escape(name, strlen(name), shown, sizeof(shown));
	complain(r, r->line, "unknown key '%s' in %s; %s%s%skeys are %s", shown,
		 r->title, near ? "did you mean '" : "", near ? near : "",
		 near ? "'? " : "", all);
}

static void unknown_section(struct reader *r, const char *name)
{
	const char *known[SECTIONS], *near;
	int i, used = 0;
	char all[256];

	for (i = 0; i < SECTIONS; i++) {
		known[i] = sections[i].name;
		used += snprintf(all + used, sizeof(all) - used, "%s[%s]",
				 i ? ", " : "", known[i]);
	}
	near = nearest(name, known, LIST);
	complain(r, r->line, "unknown section %s; %s%s%ssections are %s",
		 r->title, near ? "did you mean [" : "", near ? near : "",
		 near ? "]? " : "", all);
}

/* Opening and closing a section */

static void close_section(struct reader *r)
{
	const struct section *s = r->section;
	int i;

	if (!s)
		return;
	for (i = 0; i < s->keys; i++) {
		enum key_id id = s->key[i];

		if (s->required & 1 << id && !r->seen[id])
			complain(r, r->opened,
				 "%s has no %s; add a line such as %s",
				 r->title, keys[id].name, keys[id].example);
	}
	if (s->end)
		s->end(r);
	r->section = NULL;
}

static bool section_is_new(struct reader *r, int line)
{
	if (line)
		complain(r, r->line,
			 "%s is given twice, first on line %d; put all its "
			 "lines there",
			 r->title, line);
	return !line;
}

bool config_is_list_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len < MW_NAME && !name[len] && *name != '_' &&
	       *name != '-';
}

static const struct section *open_list(struct reader *r, const char *name)
{
	struct config *cfg = r->cfg;
	int i;

	if (!config_is_list_name(name)) {
		complain(r, r->line,
			 "%s is not a good name; write 1 to %d of a-z, 0-9, - "
			 "and _, beginning with a letter or digit",
			 r->title, MW_NAME - 1);
		return NULL;
	}
	for (i = 0; i < cfg->lists; i++)
		if (!strcmp(cfg->list[i].name, name))
			break;
	if (i < cfg->lists && !section_is_new(r, cfg->list[i].line))
		return NULL;
	if (cfg->lists == MW_LISTS) {
		complain(r, r->line,
			 "%s is one list too many; write %d at most", r->title,
			 MW_LISTS);
		return NULL;
	}
	r->list = &cfg->list[cfg->lists++];
	memcpy(r->list->name, name, strlen(name) + 1);
	r->list->guard = (struct feed_guard){8, 19};
	r->list->line = r->line;
	return &sections[LIST];
}

static const struct section *find_section(struct reader *r, const char *name)
{
	int i;

	if (!strcmp(name, "list")) {
		complain(r, r->line, "[list] has no name; write [list NAME]");
		return NULL;
	}
	if (!strncmp(name, "list ", 5))
		return open_list(r, name + 5);
	for (i = 0; i < LIST; i++) {
		if (strcmp(name, sections[i].name))
			continue;
		if (!section_is_new(r, r->first[i]))
			return NULL;
		r->first[i] = r->line;
		return &sections[i];
	}
	unknown_section(r, name);
	return NULL;
}

/* text: "[gate]" */
static void open_section(struct reader *r, char *text)
{
	size_t len = strlen(text);

	close_section(r);
	text_escape(text, len, r->title, sizeof(r->title));
	r->opened = r->line;
	memset(r->seen, 0, sizeof(r->seen));
	text[len - 1] = '\0';
	r->section = find_section(r, text + 1);
	text[len - 1] = ']';
	if (r->section)
		r->draft = r->section->defaults;
}

/* Lines, on their way to inih */

/* Not more than room bytes are kept of a line; all are counted. */
static bool read_line(struct reader *r, char *text, size_t room)
{
	static const char bom[] = "\xef\xbb\xbf";
	int c = getc(r->f), next;

	if (c == EOF)
		return false;
	r->line++;
	r->bytes++;
	r->length = 0;
	r->control = EOF;
	for (; c != EOF && c != '\n' && r->bytes <= MAX_FILE; c = getc(r->f)) {
		r->bytes++;
		if (c == '\r') {
			next = getc(r->f);
			ungetc(next, r->f);
			if (next == '\n' || next == EOF)
				continue;
		}
		if (r->length < room)
			text[r->length] = c;
		r->length++;
		if (r->control == EOF && c != '\t' && (c < ' ' || c == 0x7f))
			r->control = c;
		if (r->line == 1 && r->length == 3 && !memcmp(text, bom, 3))
			r->length = 0;
	}
	text[r->length < room ? r->length : room] = '\0';
	return r->bytes <= MAX_FILE;
}

/* Takes away a comment that follows a blank, and blanks at the end. */
static void cut_comment(char *text)
{
	char *end = text;

	while (*end && !(end > text && is_blank(end[-1]) && strchr(";#", *end)))
		end++;
	while (end > text && is_blank(end[-1]))
		end--;
	*end = '\0';
}

static bool header_is_good(struct reader *r, const char *text)
{
	const char *end = strchr(text, ']');
	char shown[SHOWN];

	if (end && !end[1])
		return true;
	text_escape(text, strlen(text), shown, sizeof(shown));
	if (!end)
		complain(r, r->line,
			 "section '%s' is not closed; end it with ]", shown);
	else
		complain(r, r->line,
			 "'%s' goes on behind its ]; begin a new line", shown);
	return false;
}

/* text may have been cut: what is left of it may be blank. */
static bool is_comment(const char *text, bool whole)
{
	text += strspn(text, " \t");
	return *text ? *text == ';' || *text == '#' : whole;
}

/* What inih would misread is refused here, whatever it is. */
static bool line_is_readable(struct reader *r, const char *text, size_t room)
{
	char shown[SHOWN];

	if (r->control != EOF)
		complain(r, r->line,
			 "control character \\x%02x; write plain text",
			 r->control);
	else if (r->length > room)
		complain(r, r->line, "line of %zu bytes; write %zu at most",
			 r->length, room);
	else if (is_blank(*text)) {
		text_escape(text, strlen(text), shown, sizeof(shown));
		complain(r, r->line,
			 "indented line '%s'; begin it in the first column",
			 shown);
	} else
		return true;
	return false;
}

static bool is_assignment(struct reader *r, const char *text)
{
	size_t key = strcspn(text, "=:");
	char shown[SHOWN];

	if (text[key] == '=' && key)
		return true;
	text_escape(text, strlen(text), shown, sizeof(shown));
	complain(r, r->line,
		 "'%s' is neither a section nor a setting; write [SECTION] or "
		 "KEY = VALUE",
		 shown);
	return false;
}

static bool line_is_for_inih(struct reader *r, char *text, size_t room)
{
	if (r->control == EOF && is_comment(text, r->length <= room))
		return false;
	if (!line_is_readable(r, text, room))
		return false;
	cut_comment(text);
	if (*text != '[')
		return is_assignment(r, text);
	if (!header_is_good(r, text))
		return false;
	open_section(r, text);
	return true;
}

/* For inih, as fgets: the next line that is a section or a setting. */
static char *give_line(char *text, int size, void *user)
{
	size_t room = size - 3; /* as its header asks */
	struct reader *r = user;

	while (read_line(r, text, room)) {
		if (!line_is_for_inih(r, text, room))
			continue;
		memcpy(text + strlen(text), "\n", 2);
		return text;
	}
	if (r->bytes > MAX_FILE)
		complain(r, 0, "is larger than 1 MiB; give a configuration");
	if (ferror(r->f))
		r->read_error = errno;
	return NULL;
}

static const struct key *find_key(struct reader *r, const char *name)
{
	int i;

	for (i = 0; i < r->section->keys; i++) {
		const struct key *key = &keys[r->section->key[i]];

		if (!strcmp(key->name, name))
			return key;
	}
	return NULL;
}

static void take_setting(struct reader *r, const char *name, const char *value)
{
	const struct key *key = find_key(r, name);
	int *seen;

	if (!key) {
		unknown_key(r, name);
		return;
	}
	seen = &r->seen[key - keys];
	if (*seen) {
		complain(r, r->line,
			 "%s is given twice, first on line %d; write it once",
			 name, *seen);
		return;
	}
	*seen = r->line;
	if (!*value)
		complain(r, r->line, "%s has no value; write such as %s", name,
			 key->example);
	else
		key->parse(r, key, value);
}

/* From inih. Its section goes unused: ours was opened with the line. */
static int take(void *user, const char *section, const char *name,
		const char *value)
{
	struct reader *r = user;
	char shown[SHOWN];

	(void)section;
	if (r->section) {
		take_setting(r, name, value);
	} else if (!r->opened) {
		text_escape(name, strlen(name), shown, sizeof(shown));
		complain(r, r->line,
			 "%s stands before any section; begin with [gate]",
			 shown);
	}
	return 1;
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
static void check_length(struct reader *r, enum key_id id, __u8 source,
			 __u8 *netblock)
{
	if (*netblock <= source)
		return;
	if (!r->first[NETBLOCK])
		*netblock = source;
	else
		complain(r, r->netblock_len[id == KEY_LEN6],
			 "%s of [limit netblock] is %d and that of "
			 "[limit source] %d; write %d or less",
			 keys[id].name, *netblock, source, source);
}

/* Who is charged when decides what can be owed. */
static void set_most(const struct mw_settings *s, struct mw_limit *limit,
		     __u64 beyond)
{
	if (limit->interval)
		limit->most =
			bucket_most(limit->interval, limit->window,
				    s->charge == MW_CHARGE_HANDSHAKE, beyond);
}

/* No source can take more of it than the burst before it is over a limit of
 * its own. */
static bool is_shared(const struct config *cfg, const struct mw_limit *limit)
{
	const struct mw_limit *source = &cfg->settings.source;
	bool shared = source->interval && source->mode == MW_ENFORCE &&
		      bucket_burst(source) <= bucket_burst(limit);

	for (int i = 0; i < cfg->lists; i++)
		shared &= bucket_burst(&cfg->list[i].rule.limit) <=
			  bucket_burst(limit);
	return shared;
}

/*
 * A source pays for all that it took. What many share owes a minute's worth
 * beyond its burst: with less, every wave of a round trip would find the door
 * open again. Where one source could bring that about, it never owes more than
 * the burst, as it would shut out the others for a minute.
 */
static void set_all_most(struct config *cfg)
{
	struct mw_settings *s = &cfg->settings;

	set_most(s, &s->source, BUCKET_DAY);
	set_most(s, &s->netblock,
		 is_shared(cfg, &s->netblock) ? BUCKET_MINUTE : 0);
	set_most(s, &s->total, is_shared(cfg, &s->total) ? BUCKET_MINUTE : 0);
	for (int i = 0; i < cfg->lists; i++)
		set_most(s, &cfg->list[i].rule.limit, BUCKET_DAY);
}

static bool anyone_limited(const struct config *cfg)
{
	bool any = cfg->settings.source.interval;

	for (int i = 0; i < cfg->lists; i++)
		any |= cfg->list[i].rule.limit.interval != 0;
	return any;
}

/* What needs completed handshakes, or each other. */
static void check_handshake(struct reader *r)
{
	bool syn = r->cfg->settings.charge == MW_CHARGE_SYN;
	int block = r->first[BLOCK];

	if (syn && r->connections)
		complain(r, r->connections,
			 "connections are counted when handshakes complete "
			 "here, which charge = syn does not look at; remove "
			 "the line");
	if (syn && r->first[TOTAL])
		complain(r, r->first[TOTAL],
			 "[limit total] is for who has no history, and with "
			 "charge = syn nobody earns one; remove the section");
	if (syn && block)
		complain(r, block,
			 "[block] counts completed handshakes, which "
			 "charge = syn does not look at; remove the section");
	if (block && !anyone_limited(r->cfg))
		complain(r, block,
			 "[block] is for who is over its limit, and there is "
			 "none; add [limit source]");
	if (block && r->burst_one)
		complain(r, r->burst_one,
			 "with burst = 1 each connection of a sender takes it "
			 "to its limit, and [block] would block it; write "
			 "burst = 2 or more");
}

static int finish(struct reader *r, int err)
{
	struct mw_settings *s = &r->cfg->settings;

	close_section(r);
	check_handshake(r);
	set_all_most(r->cfg);
	check_length(r, KEY_LEN4, s->source_len4, &s->netblock_len4);
	check_length(r, KEY_LEN6, s->source_len6, &s->netblock_len6);
	if (r->read_error)
		complain_unreadable(r, r->read_error);
	if (err > 0)
		complain(r, 0,
			 "is not INI text; write [SECTION] and KEY = VALUE");
	if (r->no_memory || err < 0)
		return -ENOMEM;
	return r->errors->errors ? -EINVAL : 0;
}

int config_read(FILE *f, const char *name, struct config *cfg,
		struct config_errors *errors)
{
	struct reader r = {
		.f = f,
		.name = name,
		.cfg = cfg,
		.errors = errors,
	};
	int err;

	memset(cfg, 0, sizeof(*cfg));
	memset(errors, 0, sizeof(*errors));
	cfg->name = name;
	set_defaults(&cfg->settings);
	cfg->list_memory = sections[GATE].defaults.list_memory << 20;
	err = ini_parse_stream(give_line, &r, take, &r);
	err = finish(&r, err);
	if (err)
		config_free(cfg);
	return err;
}

int config_read_file(const char *path, struct config *cfg,
		     struct config_errors *errors)
{
	struct reader r = {.name = path, .errors = errors};
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
	complain_unreadable(&r, err);
	return r.no_memory ? -ENOMEM : -EINVAL;
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

void config_errors_free(struct config_errors *errors)
{
	int i;

	for (i = 0; i < CONFIG_SHOWN; i++)
		free(errors->error[i]);
	memset(errors, 0, sizeof(*errors));
}
