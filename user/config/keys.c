// SPDX-License-Identifier: GPL-2.0
#include "config/keys.h"

#include <stdlib.h>
#include <string.h>

#include "bpf/bucket.h"
#include "bpf/concurrent.h"
#include "bpf/history.h"
#include "config/spell.h"
#include "config/syntax.h"

#define MIB (1ULL << 20)

/* --- the table ----------------------------------------------------------- */

#define LEVEL_SECTION(ID, name, ...) \
	[SECTION_LEVELS + MW_##ID] = "limit " #name,

static const char *const sections[SECTIONS] = {
	[SECTION_GATE] = "gate",
	[SECTION_TOTAL] = "limit total",
	[SECTION_ESCALATION] = "block",
	[SECTION_ASN] = "asn",
	[SECTION_TABLES] = "tables",
	[SECTION_LIST] = "list NAME",
	MW_EACH_PREFIX_LEVEL(LEVEL_SECTION)};

static const struct word modes[] = {
	{"observe", MW_OBSERVE},
	{"enforce", MW_ENFORCE},
	{NULL},
};

static const struct word charges[] = {
	{"handshake", MW_CHARGE_HANDSHAKE},
	{"syn", MW_CHARGE_SYN},
	{NULL},
};

static const struct word natives[] = {
	{"prefer", MW_NATIVE_PREFER},
	{"require", MW_NATIVE_REQUIRE},
	{"no", MW_NATIVE_NO},
	{NULL},
};

static const struct word answers[] = {
	{"auto", MW_ANSWER_AUTO},
	{"no", MW_ANSWER_NO},
	{NULL},
};

static const struct word texts[] = {
	{"refuse", false},
	{"ignore", true},
	{NULL},
};

static const struct word actions[] = {
	{"allow", MW_ALLOW},
	{"block", MW_BLOCK},
	{"limit", MW_LIMIT},
	{NULL},
};

/* clang-format off */
#define SIZE_OF(type, field) sizeof(((type *)0)->field)

#define IN_CONFIG(field)                           \
	.at = offsetof(struct config, field),      \
	.size = SIZE_OF(struct config, field)
#define IN_LIST(field)                             \
	.list = true,                              \
	.at = offsetof(struct config_list, field), \
	.size = SIZE_OF(struct config_list, field)

/* most, which does not compile unless it has room in a field, of which one bit
 * may be a sign. */
#define MOST(type, field, most) \
	(most) + 0 * sizeof(char[FITS(SIZE_OF(type, field), most) ? 1 : -1])
#define FITS(size, most) !((__u64)(most) >> (8 * (size) - 1))

#define NUMBER_IN_CONFIG(field, least, most) IN_CONFIG(field), \
	.min = least, .max = MOST(struct config, field, most)
#define NUMBER_IN_LIST(field, least, most) IN_LIST(field), \
	.min = least, .max = MOST(struct config_list, field, most)

/* The keys of a rate. Until the section ends, window holds the burst. */
#define RATE_KEYS(of, in, limit, ...)                                   \
	{ of, "rate", "60/1m", NULL, &syntax_rate,                      \
	  in(limit.interval), __VA_ARGS__ },                            \
	{ of, "burst", "30", NULL, &syntax_number,                      \
	  NUMBER_##in(limit.window, 1, VALUE_COUNT), __VA_ARGS__ }

#define MODE_KEY(of, in, field)                                         \
	{ of, "mode", "observe", "enforce", &syntax_word, in(field),    \
	  .words = modes }

/* The keys of a limit that has lengths and counts open connections. */
#define LEVEL_ROWS(of, row, ipv4, ipv6)                                 \
	RATE_KEYS(of, IN_CONFIG, settings.level[row].limit),            \
	{ of, "connections", "10", NULL, &syntax_number,                \
	  NUMBER_IN_CONFIG(settings.level[row].open, 1,                 \
			   MW_CONCURRENT_MOST) },                       \
	{ of, "ipv4_prefix_length", ipv4, ipv4, &syntax_number,         \
	  NUMBER_IN_CONFIG(settings.level[row].len4, 1, 32),            \
	  .always = true },                                             \
	{ of, "ipv6_prefix_length", ipv6, ipv6, &syntax_number,         \
	  NUMBER_IN_CONFIG(settings.level[row].len6, 1, 64),            \
	  .always = true,                                               \
	  .want = "a whole number from 1 to 64, as sources are kept "   \
		  "as 64-bit keys" },                                   \
	MODE_KEY(of, IN_CONFIG, settings.level[row].limit.mode)
#define LEVEL_KEYS(row, ipv4, ipv6)                                     \
	LEVEL_ROWS(SECTION_LEVELS + row, row, ipv4, ipv6)


/* The size of a table; rounded up, so that its sets are a power of two. */
#define ROOM_KEY(name, initial, least, field, ways)                     \
	{ SECTION_TABLES, name, initial, initial, &syntax_room,         \
	  NUMBER_IN_CONFIG(settings.field, least, MW_MOST_ROOM),        \
	  .unit = ways, .always = true }
#define TABLE_KEY(ID, name, ...)                                        \
	ROOM_KEY(#name "s", "262144", MW_LEAST_ROOM,                    \
		 level[MW_##ID].sets, BUCKET_WAYS),

static const struct key keys[] = {
	/* section, name, example, default, syntax, destination */
	{ SECTION_GATE, "ports", "25", "25", &syntax_ports,
	  IN_CONFIG(settings.ports), .min = 1, .max = 65535, .always = true },
	{ SECTION_GATE, "mode", "observe", "observe", &syntax_word,
	  IN_CONFIG(settings.mode), .words = modes, .always = true },
	{ SECTION_GATE, "charge", "handshake", "handshake", &syntax_word,
	  IN_CONFIG(settings.charge), .words = charges, .always = true },
	{ SECTION_GATE, "native", "prefer", "prefer", &syntax_word,
	  IN_CONFIG(settings.native), .words = natives, .always = true },
	{ SECTION_GATE, "answer", "auto", "auto", &syntax_word,
	  IN_CONFIG(settings.answer), .words = answers, .always = true },
	{ SECTION_GATE, "answer_above", "2000/1s", "2000/1s", &syntax_rate,
	  IN_CONFIG(settings.answer_above), .always = true },
	{ SECTION_GATE, "nat64", "64:ff9b::/96", "64:ff9b::/96", &syntax_nat64,
	  IN_CONFIG(settings.nat64), .always = true,
	  .want = "up to six IPv6 prefixes of length 32, 40, 48, 56, 64 or 96 "
		  "with zeros in bits 64 to 71 (RFC 6052), none in another, "
		  "such as 64:ff9b:1::/48, separated by commas" },
	{ SECTION_GATE, "max_list_memory", "512", "512", &syntax_number,
	  NUMBER_IN_CONFIG(list_memory, 8, 65536), .unit = MIB, .always = true,
	  .want = "a whole number of MiB from 8 to 65536" },

	LEVEL_KEYS(MW_SOURCE, "32", "64"),
	LEVEL_KEYS(MW_NETBLOCK, "24", "48"),
	RATE_KEYS(SECTION_TOTAL, IN_CONFIG, settings.level[MW_TOTAL].limit,
		  .required = true),
	MODE_KEY(SECTION_TOTAL, IN_CONFIG, settings.level[MW_TOTAL].limit.mode),

	{ SECTION_ESCALATION, "after", "3 times in 1h", NULL, &syntax_times,
	  IN_CONFIG(settings.escalation), .max = MW_TIMES, .required = true },
	{ SECTION_ESCALATION, "for", "10m", "10m", &syntax_duration,
	  IN_CONFIG(settings.escalation.base), .max = VALUE_WINDOW },
	{ SECTION_ESCALATION, "growing", "2", "2", &syntax_number,
	  NUMBER_IN_CONFIG(settings.escalation.growing, 1, 100) },
	{ SECTION_ESCALATION, "max", "1d", "1d", &syntax_duration,
	  IN_CONFIG(settings.escalation.max), .max = VALUE_WINDOW },

	/* The sets of a table; a set has so many places. */
	MW_EACH_PREFIX_LEVEL(TABLE_KEY)
	ROOM_KEY("history", "262144", MW_LEAST_ROOM, history_sets,
		 MW_HISTORY_WAYS),
	ROOM_KEY("connections", "524288",
		 MW_CONCURRENT_LEAST * MW_CONCURRENT_WAYS,
		 level[MW_SOURCE].open_sets, MW_CONCURRENT_WAYS),
	{ SECTION_TABLES, "blocks", "65536", "65536", &syntax_number,
	  NUMBER_IN_CONFIG(settings.blocks, MW_LEAST_ROOM, MW_MOST_BLOCKS),
	  .always = true },

	{ SECTION_ASN, "table", "ip2asn-combined.tsv", NULL, &syntax_path,
	  IN_CONFIG(asn_table), .line_at = offsetof(struct config, asn_line),
	  .required = true },

	{ SECTION_LIST, "action", "block", NULL, &syntax_word,
	  IN_LIST(rule.action), .words = actions, .required = true },
	{ SECTION_LIST, "file", "lists.d/NAME.cidr", NULL, &syntax_path,
	  IN_LIST(file), .line_at = offsetof(struct config_list, file_line) },
	{ SECTION_LIST, "asn", "64500, 64501", NULL, &syntax_asns,
	  IN_LIST(asns),
	  .want = "numbers such as 64500 or AS64500, separated by commas" },
	MODE_KEY(SECTION_LIST, IN_LIST, rule.mode),
	RATE_KEYS(SECTION_LIST, IN_LIST, rule.limit),
	{ SECTION_LIST, "max_prefix", "8, 19", "8, 19", &syntax_lengths,
	  IN_LIST(guard),
	  .want = "an IPv4 length from 0 to 32 and, after a comma, an IPv6 "
		  "length from 0 to 128, such as 8, 19" },
	{ SECTION_LIST, "format", "plain", NULL, &syntax_format,
	  IN_LIST(guard.format) },
	{ SECTION_LIST, "set", "blacklist", NULL, &syntax_text, IN_LIST(set),
	  .want = "the names of sets in the file, with commas between" },
	{ SECTION_LIST, "text", "ignore", "refuse", &syntax_word,
	  IN_LIST(guard.ignore_text), .words = texts },
	{ SECTION_LIST, "except", "lists.d/ours.cidr", NULL, &syntax_path,
	  IN_LIST(except) },
	{ SECTION_LIST, "min_entries", "1000", NULL, &syntax_number,
	  NUMBER_IN_LIST(guard.min_entries, 0, 100000000) },
	{ SECTION_LIST, "max_shrink", "50%", "50%", &syntax_percent,
	  NUMBER_IN_LIST(max_shrink, 0, 100) },
	{ SECTION_LIST, "max_errors", "10", NULL, &syntax_number,
	  NUMBER_IN_LIST(guard.max_errors, 0, 1000000) },
	{ SECTION_LIST, "expires", "3d", NULL, &syntax_duration,
	  IN_LIST(expires), .unit = VALUE_SECOND,
	  .want = "a duration such as 12h or 3d" },
};
/* clang-format on */

enum { KEYS = sizeof(keys) / sizeof(*keys) };

_Static_assert((int)KEYS < CONFIG_KEYS, "given has a place for each row");

const char *keys_section(enum config_section section)
{
	return sections[section];
}

const char *keys_action(enum mw_action action)
{
	const struct word *w = actions;

	while (w->name && w->value != action)
		w++;
	return w->name;
}

bool config_key(int i, struct config_key *key)
{
	if (i < 0 || i >= KEYS)
		return false;
	*key = (struct config_key){
		.section = sections[keys[i].section],
		.name = keys[i].name,
		.example = keys[i].example,
		.initial = keys[i].initial,
		.required = keys[i].required,
	};
	syntax_want(&keys[i], key->want, sizeof(key->want));
	return true;
}

/* --- keys of a section --------------------------------------------------- */

/* The row of a key; KEYS: the section has no such key. */
static int find_key(enum config_section section, const char *name)
{
	int i = 0;

	while (i < KEYS &&
	       (keys[i].section != section || strcmp(keys[i].name, name)))
		i++;
	return i;
}

static void *base_of(struct config_parser *p, const struct key *key)
{
	return key->list ? (void *)p->list : (void *)p->cfg;
}

static bool key_set(struct config_parser *p, const struct key *key,
		    const char *value)
{
	char *base = base_of(p, key);

	if (key->line_at)
		*(int *)(base + key->line_at) = p->line;
	return key->syntax->parse(p, key, value, base + key->at);
}

void keys_begin(struct config_parser *p)
{
	for (int i = 0; i < KEYS; i++)
		if (keys[i].always)
			key_set(p, &keys[i], keys[i].initial);
}

void keys_open(struct config_parser *p)
{
	for (int i = 0; i < KEYS; i++) {
		if (keys[i].section != p->section)
			continue;
		p->given[i] = 0;
		if (keys[i].initial)
			key_set(p, &keys[i], keys[i].initial);
	}
}

static void unknown_key(struct config_parser *p, const char *name)
{
	const char *known[KEYS], *near;
	char shown[CONFIG_WORD], all[CONFIG_WANT] = "";
	int n = 0;

	for (int i = 0; i < KEYS; i++) {
		if (keys[i].section != p->section)
			continue;
		syntax_append(all, sizeof(all), n ? ", " : "", keys[i].name);
		known[n++] = keys[i].name;
	}
	near = spell_nearest(name, known, n);
	complain(&p->say, p->line, "unknown key '%s' in %s; %s%s%skeys are %s",
		 complain_word(name, strlen(name), shown), p->title,
		 near ? "did you mean '" : "", near ? near : "",
		 near ? "'? " : "", all);
}

static void refuse_value(struct config_parser *p, const struct key *key,
			 const char *value)
{
	char shown[CONFIG_WORD], want[CONFIG_WANT];

	syntax_want(key, want, sizeof(want));
	complain(&p->say, p->line, "%s is '%s'; write %s", key->name,
		 complain_word(value, strlen(value), shown), want);
}

void keys_take(struct config_parser *p, const char *name, const char *value)
{
	int i = find_key(p->section, name);

	if (i == KEYS) {
		unknown_key(p, name);
		return;
	}
	if (p->given[i]) {
		complain(&p->say, p->line,
			 "%s is given twice, first on line %d; write it once",
			 name, p->given[i]);
		return;
	}
	p->given[i] = p->line;
	if (!*value)
		complain(&p->say, p->line,
			 "%s has no value; write such as %s = %s", name, name,
			 keys[i].example);
	else if (!key_set(p, &keys[i], value))
		refuse_value(p, &keys[i], value);
}

int keys_line(const struct config_parser *p, enum config_section section,
	      const char *name)
{
	return p->given[find_key(section, name)];
}

const char *keys_example(enum config_section section, const char *name)
{
	return keys[find_key(section, name)].example;
}

void keys_missing(struct config_parser *p, const char *what, const char *name)
{
	complain(&p->say, p->opened, "%s %s no %s; add a line such as %s = %s",
		 p->title, what, name, name, keys_example(p->section, name));
}

void keys_close(struct config_parser *p)
{
	for (int i = 0; i < KEYS; i++)
		if (keys[i].section == p->section && keys[i].required &&
		    !p->given[i])
			keys_missing(p, "has", keys[i].name);
}
