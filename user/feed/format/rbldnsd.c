// SPDX-License-Identifier: GPL-2.0
/*
 * rbldnsd(8): ip4set, ip4trie and ip6trie. Lines are PREFIX, with a value
 * behind it or not, !PREFIX, :VALUE for the lines below, and $DIRECTIVE, which
 * may also stand behind a # or ; that hides it from others.
 */
#include "feed/entry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feed/format/rules.h"

struct rbldnsd {
	__u64 max_range4; /* addresses in an entry; 0: any */
	struct rules exceptions;
};

/* --- what it leaves out of an address ------------------------------------ */

/* A word of the zone written in full, as other formats have it. */
struct written {
	char text[2 * PREFIX_TEXT];
	bool ipv4;
	__u32 first, last; /* of IPv4: the addresses that it names */
};

/* The bits of an address that so many octets leave open. */
static __u32 bits_behind(int octets)
{
	return 0xffffffffULL >> 8 * octets;
}

/* Reads up to four octets from *at on and moves *at behind them. *bits: the
 * address that they begin. Returns how many there are; 0: there is none, or an
 * octet has a leading zero, which other programs take for octal. */
static int read_octets(const char **at, __u32 *bits)
{
	int n = 0;

	for (*bits = 0; n < 4; ++*at) {
		size_t len = strspn(*at, "0123456789");
		int octet = len && len <= 3 ? atoi(*at) : 256;

		if (octet > 255 || (len > 1 && **at == '0'))
			return 0;
		*bits |= (__u32)octet << 8 * (3 - n++);
		*at += len;
		if (**at != '.' || n == 4)
			break;
	}
	return n;
}

/* The address whose first n octets are those of first, but for the n-th, which
 * stands alone at the begin of octet. */
static __u32 with_octet(__u32 first, int n, __u32 octet)
{
	__u32 before = first & ~bits_behind(n - 1);

	return before | octet >> 8 * (n - 1);
}

/* "127.16-127.31", or shorter "127.16-31", whose end names its last octet
 * alone. */
static bool write_range(const char *word, struct written *w)
{
	int n = read_octets(&word, &w->first), n_last;

	if (!n || *word++ != '-')
		return false;
	n_last = read_octets(&word, &w->last);
	if (n_last == 1)
		w->last = with_octet(w->first, n, w->last);
	else if (n_last != n)
		return false;
	w->last |= bits_behind(n);
	return !*word;
}

/* Is the word digits alone, without a leading zero, up to 32? */
static bool is_length(const char *word)
{
	return words_is_number(word) && strlen(word) <= 2 &&
	       (*word != '0' || !word[1]) && atoi(word) <= 32;
}

/* "127.16.1", "127/8"; a number without a length is no prefix. */
static bool write_prefix(const char *word, struct written *w, int *len)
{
	int n = read_octets(&word, &w->first);
	bool slash = *word == '/';

	if (!n || (*word && !slash) || (n == 1 && !slash) ||
	    (slash && !is_length(word + 1)))
		return false;
	*len = slash ? atoi(word + 1) : 8 * n;
	w->last = w->first | 0xffffffffULL >> *len;
	return true;
}

static void ipv4_text(__u32 address, char *text)
{
	sprintf(text + strlen(text), "%u.%u.%u.%u", address >> 24,
		address >> 16 & 255, address >> 8 & 255, address & 255);
}

static bool write_ipv4(const char *word, struct written *w)
{
	int len;

	*w->text = 0;
	if (write_range(word, w)) {
		ipv4_text(w->first, w->text);
		strcat(w->text, "-");
		ipv4_text(w->last, w->text);
		return true;
	}
	if (!write_prefix(word, w, &len))
		return false;
	ipv4_text(w->first, w->text);
	sprintf(w->text + strlen(w->text), "/%d", len);
	return true;
}

/* "2001:db8/32" and "2001:db8", in which zeros are left out at the end. */
static bool write_ipv6(const char *word, struct written *w)
{
	size_t len = strspn(word, "0123456789abcdefABCDEF:");
	int words = 1;

	for (size_t i = 0; i < len; i++)
		words += word[i] == ':';
	if (strstr(word, "::") || words < 2 || words > 7 || len > 39 ||
	    word[len - 1] == ':' || (word[len] && word[len] != '/') ||
	    strlen(word + len) > 4)
		return false;
	sprintf(w->text, "%.*s::%s", (int)len, word, word + len);
	if (!word[len])
		sprintf(w->text + strlen(w->text), "/%d", 16 * words);
	return true;
}

/* false: the word is none of rbldnsd's short forms. */
static bool write_out(char *word, struct written *w)
{
	size_t digits = strspn(word, "0123456789");

	/* The value may begin right behind it. */
	if (digits && word[digits] && strchr("./-", word[digits]))
		word[strcspn(word, ":")] = 0;
	w->ipv4 = write_ipv4(word, w);
	return w->ipv4 || write_ipv6(word, w);
}

/* --- directives ---------------------------------------------------------- */

/* How far into a line a directive's name begins; 0: the line is none. */
static size_t directive(const char *line)
{
	bool hidden = *line && strchr("#;:", *line);

	return line[hidden] == '$' ? hidden + 1 : 0;
}

static const char no_time[] =
	"not what $TIMESTAMP takes; 2026:11:24:18:00:00 is, or +3d behind it";

/* How far into the text the directive's value is; 0: it is another one. */
static size_t named(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(text, name, len) ||
	    (text[len] && !isspace((unsigned char)text[len])))
		return 0;
	return len + strspn(text + len, " \t\v\f\r");
}

/* $MAXRANGE4 does what max_prefix does; a later one cannot allow more. */
static void max_range(struct format_input *in, char *text)
{
	struct rbldnsd *zone = in->state;
	bool length = *text == '/';
	const char *number = text + length;
	__u64 most = 0;

	if (length ? is_length(number) : words_is_number(number))
		most = strtoull(number, NULL, 10);
	if (!most) {
		entry_fatal_word(in, text,
				 "not what $MAXRANGE4 takes; /16 or 65536 is");
		return;
	}
	if (length)
		most = 1ULL << (32 - most);
	if (!zone->max_range4 || most < zone->max_range4)
		zone->max_range4 = most;
}

/* Days since 1970-01-01, computed without the machine's time zone, which a
 * child without rights cannot look up. The first month is 1. */
static __s64 days(int year, int month, int day)
{
	int m = (month + 9) % 12, y = year - m / 10 + (month > 12);

	return 365LL * y + y / 4 - y / 100 + y / 400 + (m * 306 + 5) / 10 +
	       day - 1 - 719468;
}

/* Reads the next width digits of a time, and a : or - behind them. */
static bool time_part(const char **at, size_t width, int least, int most,
		      int *part)
{
	char text[5] = "";
	size_t len = strspn(*at, "0123456789");

	memcpy(text, *at, len < width ? len : width);
	*part = atoi(text);
	*at += strlen(text);
	*at += **at == ':' || **at == '-';
	return len && *part >= least && *part <= most;
}

/* yyyy:mm:dd[:hh[:mi[:ss]]] in UTC, also without the colons; 0 and - are no
 * time: *seconds is 0. */
static bool read_time(const char *at, __s64 *seconds)
{
	int year, month, day, hour = 0, minute = 0, second = 0;

	*seconds = 0;
	if (!strcmp(at, "0") || !strcmp(at, "-"))
		return true;
	if (!time_part(&at, 4, 1970, 9999, &year) ||
	    !time_part(&at, 2, 1, 12, &month) ||
	    !time_part(&at, 2, 1, 31, &day) ||
	    day > days(year, month + 1, 1) - days(year, month, 1) ||
	    (*at && !time_part(&at, 2, 0, 23, &hour)) ||
	    (*at && !time_part(&at, 2, 0, 59, &minute)) ||
	    (*at && !time_part(&at, 2, 0, 59, &second)) || *at)
		return false;
	*seconds = days(year, month, day) * 86400 + hour * 3600 + minute * 60 +
		   second;
	return true;
}

/* "3d", a duration, added to from. */
static bool read_offset(const char *at, __s64 from, __s64 *seconds)
{
	static const char units[] = "smhdw";
	static const int unit[] = {1, 60, 3600, 86400, 7 * 86400};
	size_t digits = strspn(at, "0123456789");
	const char *name =
		at[digits] ? strchr(units, tolower((unsigned char)at[digits]))
			   : units;

	if (!from || !digits || digits > 9 || !name ||
	    (at[digits] && at[digits + 1]))
		return false;
	*seconds = from + atoll(at) * unit[name - units];
	return *seconds > from;
}

/* $TIMESTAMP WRITTEN [EXPIRES]. A zone that has expired is still enforced, and
 * status is red: expires in the configuration does the same. */
static void timestamp(struct format_input *in, char *rest)
{
	struct feed_report *report = &in->feed->report;
	char *word = words_next(&rest), *until = words_next(&rest);
	__s64 written, expires = 0;

	if (!word || !read_time(word, &written)) {
		entry_fatal_word(in, word ? word : "", no_time);
		return;
	}
	if (until && !(*until == '+' ? read_offset(until + 1, written, &expires)
				     : read_time(until, &expires))) {
		entry_fatal_word(in, until, no_time);
		return;
	}
	if (written > in->guard->now)
		entry_fatal_word(in, word,
				 "a $TIMESTAMP of the future; set the clock "
				 "or fetch the file again");
	if (written && (!report->modified || written < report->modified))
		report->modified = written;
	if (expires && (!report->expires || expires < report->expires))
		report->expires = expires;
}

static void directive_line(struct format_input *in, char *text)
{
	size_t range = named(text, "MAXRANGE4"),
	       time = named(text, "TIMESTAMP");

	if (range)
		max_range(in, text + range);
	else if (time)
		timestamp(in, text + time);
}

/* --- lines --------------------------------------------------------------- */

/* :VALUE sets what the lines below answer; :: begins an IPv6 address. */
static bool is_value(const char *line)
{
	return *line == ':' && line[1] != ':';
}

/* Of directives behind a comment's sign, only those that nobody else writes
 * there tell a zone. */
static bool rbldnsd_is(const char *line)
{
	static const char *const names[] = {
		"SOA", "NS", "TTL", "TIMESTAMP", "MAXRANGE4", "DATASET"};
	size_t at = directive(line);

	if (*line == '$' || is_value(line))
		return true;
	for (size_t i = 0; at && i < sizeof(names) / sizeof(*names); i++)
		if (named(line + at, names[i]))
			return true;
	return false;
}

static bool too_large(struct format_input *in, const char *word,
		      const struct written *w)
{
	const struct rbldnsd *zone = in->state;
	__u64 size = (__u64)w->last - w->first + 1;
	char why[100];

	if (!w->ipv4 || !zone->max_range4 || w->last < w->first ||
	    size <= zone->max_range4)
		return false;
	snprintf(why, sizeof(why),
		 "%llu addresses, and the file's $MAXRANGE4 allows %llu", size,
		 zone->max_range4);
	entry_refuse_word(in, word, why);
	return true;
}

/* What rbldnsd itself would leave out, with a warning. */
static bool has_host_bits(struct format_input *in, const char *word)
{
	struct entry_words e;
	const char *why;

	if (entry_read(word, &e, &why) || !e.masked)
		return false;
	entry_note_word(in, word,
			"left out, as rbldnsd leaves out a range with host "
			"bits; write its first address");
	in->feed->report.unfit++;
	return true;
}

/* An entry, or with exclude an exception; text stands behind it. */
static void take(struct format_input *in, char *word, const char *text,
		 bool exclude)
{
	struct rbldnsd *zone = in->state;
	struct written w = {};

	if (write_out(word, &w) && !exclude && too_large(in, word, &w))
		return;
	if (*w.text)
		word = w.text;
	if (has_host_bits(in, word))
		return;
	if (exclude)
		rules_unwanted(in, &zone->exceptions, word);
	else
		entry_with_text(in, word, text);
}

static void rbldnsd_line(struct format_input *in)
{
	char *rest = words_trim(in->line, false), *word;
	bool exclude = *rest == '!';

	if (directive(rest)) {
		directive_line(in, rest + directive(rest));
		return;
	}
	rest = words_trim(rest, true);
	if (!*rest || is_value(rest))
		return;
	rest += exclude;
	word = words_next(&rest);
	if (word)
		take(in, word, rest, exclude);
	else
		entry_fatal(in, "! without a prefix");
}

static void rbldnsd_end(struct format_input *in)
{
	struct rbldnsd *zone = in->state;

	if (zone->exceptions.n && in->feed->set.n)
		in->err = rules_except(&zone->exceptions, true, &in->feed->set);
}

static void rbldnsd_free(void *state)
{
	struct rbldnsd *zone = state;

	rules_free(&zone->exceptions);
}

const struct format format_rbldnsd = {
	.name = "rbldnsd",
	.is = rbldnsd_is,
	.line = rbldnsd_line,
	.end = rbldnsd_end,
	.free = rbldnsd_free,
	.state = sizeof(struct rbldnsd),
	.asks_comments = true,
};
