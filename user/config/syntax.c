// SPDX-License-Identifier: GPL-2.0
#include "config/syntax.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/source.h"
#include "lists/prefix.h"

static void store(const struct key *key, void *to, __u64 value)
{
	switch (key->size) {
	case sizeof(__u8):
		*(__u8 *)to = value;
		break;
	case sizeof(__u16):
		*(__u16 *)to = value;
		break;
	case sizeof(__u32):
		*(__u32 *)to = value;
		break;
	default:
		*(__u64 *)to = value;
	}
}

void syntax_want(const struct key *key, char *text, size_t size)
{
	if (key->want || !key->syntax->want)
		snprintf(text, size, "%s", key->want ? key->want : "");
	else
		key->syntax->want(key, text, size);
}

void syntax_append(char *text, size_t size, const char *a, const char *b)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", a, b);
}

/* --- syntaxes ------------------------------------------------------------ */

static bool number_parse(struct config_parser *p, const struct key *key,
			 const char *value, void *to)
{
	__u64 n;

	(void)p;
	if (!value_number(value, strlen(value), key->min, key->max, &n))
		return false;
	store(key, to, key->unit ? n * key->unit : n);
	return true;
}

static void number_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "a whole number from %llu to %llu", key->min,
		 key->max);
}

const struct syntax syntax_number = {number_parse, number_want};

/* Of the least power of two that is n or more the sets of key->unit places. */
static bool room_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	__u64 n, room = 1;

	(void)p;
	if (!value_number(value, strlen(value), key->min, key->max, &n))
		return false;
	while (room < n)
		room *= 2;
	store(key, to, room / key->unit);
	return true;
}

const struct syntax syntax_room = {room_parse, number_want};

static bool percent_parse(struct config_parser *p, const struct key *key,
			  const char *value, void *to)
{
	__u64 n;

	(void)p;
	if (!value_percent(value, key->min, key->max, &n))
		return false;
	store(key, to, n);
	return true;
}

static void percent_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "a percentage from %llu%% to %llu%%, such as %s",
		 key->min, key->max, key->example);
}

const struct syntax syntax_percent = {percent_parse, percent_want};

static bool word_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	(void)p;
	for (const struct word *w = key->words; w->name; w++) {
		if (strcmp(w->name, value))
			continue;
		store(key, to, w->value);
		return true;
	}
	return false;
}

static void word_want(const struct key *key, char *text, size_t size)
{
	const struct word *w = key->words;

	snprintf(text, size, "%s", w->name);
	for (w++; w->name; w++)
		syntax_append(text, size, w[1].name ? ", " : " or ", w->name);
}

const struct syntax syntax_word = {word_parse, word_want};

static bool duration_parse(struct config_parser *p, const struct key *key,
			   const char *value, void *to)
{
	__u64 ns;

	(void)p;
	if (config_duration(value, &ns) || (key->max && ns > key->max))
		return false;
	store(key, to, key->unit ? ns / key->unit : ns);
	return true;
}

static void duration_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "a duration such as %s, %llud at most",
		 key->example, key->max / VALUE_DAY);
}

const struct syntax syntax_duration = {duration_parse, duration_want};

/* To the interval of a limit. */
static bool rate_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	(void)p;
	(void)key;
	return value_rate(value, to);
}

static void rate_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size,
		 "COUNT/DURATION such as %s, COUNT from 1 to %d and DURATION "
		 "from 1s to %llud",
		 key->example, VALUE_COUNT, VALUE_PERIOD / VALUE_DAY);
}

const struct syntax syntax_rate = {rate_parse, rate_want};

/* To an escalation. */
static bool times_parse(struct config_parser *p, const struct key *key,
			const char *value, void *to)
{
	struct mw_escalation *e = to;
	__u64 times;

	(void)p;
	if (!value_times(value, key->max, &times, &e->within) ||
	    e->within > VALUE_WINDOW)
		return false;
	e->after = times;
	snprintf(e->why, sizeof(e->why), "over its limit %.40s", value);
	return true;
}

static void times_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size,
		 "such as %s, from 1 to %llu times in %llud at most",
		 key->example, key->max, VALUE_WINDOW / VALUE_DAY);
}

const struct syntax syntax_times = {times_parse, times_want};

/* Complains that an item of a list is not what it should be. */
static void refuse_item(struct config_parser *p, const struct key *key,
			const char *item, size_t len, const char *what)
{
	char shown[CONFIG_WORD], want[CONFIG_WANT];

	syntax_want(key, want, sizeof(want));
	complain(&p->say, p->line, "'%s' is not %s; write %s",
		 complain_word(item, len, shown), what, want);
}

/* False where the port is there already, or finds no room. */
static bool add_port(struct config_parser *p, __u16 *to, int n, __u16 port)
{
	for (int i = 0; i < n; i++) {
		if (to[i] != port)
			continue;
		complain(&p->say, p->line,
			 "port %d is given twice; write it once", port);
		return false;
	}
	if (n == MW_PORTS) {
		complain(&p->say, p->line,
			 "ports has more than %d; write %d or fewer", MW_PORTS,
			 MW_PORTS);
		return false;
	}
	to[n] = port;
	return true;
}

static bool ports_parse(struct config_parser *p, const struct key *key,
			const char *value, void *to)
{
	const char *rest = value, *item;
	size_t len;
	__u64 port;

	memset(to, 0, key->size);
	for (int n = 0; value_item(&rest, &item, &len); n++) {
		if (!value_number(item, len, key->min, key->max, &port)) {
			refuse_item(p, key, item, len, "a port");
			break;
		}
		if (!add_port(p, to, n, port))
			break;
	}
	return true;
}

static void ports_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "%llu to %llu, separated by commas", key->min,
		 key->max);
}

const struct syntax syntax_ports = {ports_parse, ports_want};

static bool asns_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	const char *rest = value, *item;
	struct asn_entry entry = {.line = p->line};
	char text[sizeof("AS4294967295")];
	size_t len;

	while (value_item(&rest, &item, &len)) {
		snprintf(text, sizeof(text), "%.*s", (int)len, item);
		if (len >= sizeof(text) || asn_parse(text, &entry.asn)) {
			refuse_item(p, key, item, len, "an AS number");
			break;
		}
		if (asn_add(to, &entry))
			p->say.no_memory = true;
	}
	return true;
}

const struct syntax syntax_asns = {asns_parse};

/* To the lengths of a guard; the second one may be missing. */
static bool lengths_parse(struct config_parser *p, const struct key *key,
			  const char *value, void *to)
{
	struct feed_guard *guard = to;
	int *length[] = {&guard->max_prefix4, &guard->max_prefix6};
	static const __u64 width[] = {32, 128};
	const char *rest = value, *item;
	size_t len;
	__u64 n;

	(void)p;
	(void)key;
	for (int i = 0; value_item(&rest, &item, &len); i++) {
		if (len && *item == '/') {
			item++;
			len--;
		}
		if (i == 2 || !value_number(item, len, 0, width[i], &n))
			return false;
		*length[i] = n;
	}
	return true;
}

const struct syntax syntax_lengths = {lengths_parse};

/* RFC 6052 has six lengths, and a byte of zeros behind the first eight. */
static bool is_nat64(const struct mw_prefix *p)
{
	static const struct mw_prefix none = {.family = 6};

	return p->family == 6 && !p->addr[8] &&
	       (p->len == 96 ||
		(p->len >= 32 && p->len <= 64 && p->len % 8 == 0)) &&
	       memcmp(p->addr, none.addr, sizeof(none.addr));
}

/* Adds a prefix that is not there. 0, -EEXIST where it lies in another or
 * around it, -E2BIG where there is no room. */
static int add_nat64(struct mw_nat64 *to, const struct mw_prefix *p)
{
	struct mw_prefix there;

	for (__u32 i = 0; i < to->n; i++) {
		prefix_of_nat64(to->prefix[i], &there);
		if (!prefix_compare(&there, p))
			return 0;
		if (prefix_covers(&there, p) || prefix_covers(p, &there))
			return -EEXIST;
	}
	if (to->n == MW_NAT64)
		return -E2BIG;
	memcpy(to->prefix[to->n], p->addr, sizeof(to->prefix[0]));
	if (p->len != 96)
		((__u8 *)to->prefix[to->n])[8] = p->len;
	to->n++;
	return 0;
}

/* The well-known prefix is always one. */
static bool nat64_parse(struct config_parser *p, const struct key *key,
			const char *value, void *to)
{
	static const struct mw_prefix known = {
		.family = 6, .len = 96, .addr = {0, 0x64, 0xff, 0x9b}};
	const char *rest = value, *item, *why;
	struct mw_prefix prefix;
	char text[PREFIX_TEXT];
	size_t len;
	bool masked;
	int err;

	memset(to, 0, key->size);
	add_nat64(to, &known);
	while (value_item(&rest, &item, &len)) {
		snprintf(text, sizeof(text), "%.*s", (int)len, item);
		err = len >= sizeof(text) ||
				      prefix_parse(text, &prefix, &masked,
						   &why) ||
				      masked || !is_nat64(&prefix)
			      ? -EEXIST
			      : add_nat64(to, &prefix);
		if (err == -E2BIG)
			return false;
		if (err) {
			refuse_item(p, key, item, len, "a prefix of NAT64");
			break;
		}
	}
	return true;
}

const struct syntax syntax_nat64 = {nat64_parse};

/* A relative path lies beside the configuration. */
static bool path_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	const char *name = p->cfg->name, *slash = strrchr(name, '/');
	int dir = slash && *value != '/' ? slash + 1 - name : 0;
	char *path;

	(void)key;
	if (asprintf(&path, "%.*s%s", dir, name, value) < 0) {
		p->say.no_memory = true;
		return true;
	}
	*(char **)to = path;
	return true;
}

static void path_want(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "the name of a file such as %s", key->example);
}

const struct syntax syntax_path = {path_parse, path_want};

static bool text_parse(struct config_parser *p, const struct key *key,
		       const char *value, void *to)
{
	char *text = strdup(value);

	(void)key;
	if (!text)
		p->say.no_memory = true;
	*(char **)to = text;
	return *value;
}

const struct syntax syntax_text = {text_parse};

static bool format_parse(struct config_parser *p, const struct key *key,
			 const char *value, void *to)
{
	const char *name = feed_format_named(FEED_LIST, value);

	(void)p;
	(void)key;
	if (name)
		*(const char **)to = name;
	return name;
}

static void format_want(const struct key *key, char *text, size_t size)
{
	char names[FEED_FORMATS];

	(void)key;
	feed_formats(FEED_LIST, names);
	snprintf(text, size, "%s", names);
}

const struct syntax syntax_format = {format_parse, format_want};
