// SPDX-License-Identifier: GPL-2.0
#include "lists/prefix.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/source.h"
#include "lists/grow.h"

#define FAIL(sentence)           \
	do {                     \
		*why = sentence; \
		return -EINVAL;  \
	} while (0)

int prefix_width(const struct mw_prefix *p)
{
	return p->family == 4 ? 32 : 128;
}

/* Clears the bits behind p's length; true: one of them was set. */
static bool prefix_mask(struct mw_prefix *p)
{
	bool masked = false;

	for (int i = p->len / 8; i < 16; i++) {
		__u8 keep = i == p->len / 8 ? ~(0xff >> p->len % 8) : 0;

		masked |= p->addr[i] & ~keep;
		p->addr[i] &= keep;
	}
	return masked;
}

static bool is_mapped(const struct mw_prefix *p)
{
	static const __u8 mapped[12] = {[10] = 0xff, [11] = 0xff};

	return p->family == 6 && !memcmp(p->addr, mapped, sizeof(mapped));
}

static int parse_address(const char *text, size_t len, struct mw_prefix *p,
			 const char **why)
{
	char address[INET6_ADDRSTRLEN];

	memset(p, 0, sizeof(*p));
	if (!len || len >= sizeof(address))
		FAIL("not an address; 192.0.2.1 or 2001:db8::1 is one");
	memcpy(address, text, len);
	address[len] = 0;
	if (inet_pton(AF_INET, address, p->addr) == 1)
		p->family = 4;
	else if (inet_pton(AF_INET6, address, p->addr) == 1)
		p->family = 6;
	else
		FAIL("not an address; 192.0.2.1 or 2001:db8::1 is one");
	if (is_mapped(p))
		FAIL("IPv4 inside IPv6; write it as IPv4");
	p->len = prefix_width(p);
	return 0;
}

/* Decimal digits only, no leading zero. */
static int parse_length(const char *text, struct mw_prefix *p, const char **why)
{
	size_t digits = strspn(text, "0123456789");
	int len = digits && digits <= 3 ? atoi(text) : -1;

	if (text[digits] || len < 0 || (text[0] == '0' && digits > 1))
		FAIL("the length is not a number; /24 is one");
	if (len > prefix_width(p))
		*why = p->family == 4 ? "the length is above /32"
				      : "the length is above /128";
	else
		p->len = len;
	return len > prefix_width(p) ? -EINVAL : 0;
}

int prefix_parse(const char *text, struct mw_prefix *p, bool *masked,
		 const char **why)
{
	size_t len = strcspn(text, "/");
	int err = parse_address(text, len, p, why);
	bool bits;

	if (!err && text[len])
		err = parse_length(text + len + 1, p, why);
	if (err)
		return err;
	bits = prefix_mask(p);
	if (masked)
		*masked = bits;
	return 0;
}

__s64 prefix_end(const struct prefix_set *set, const struct mw_prefix *p)
{
	return p->ends ? set->since + (__s64)p->ends * PREFIX_STEP : 0;
}

bool prefix_is_good(const struct mw_prefix *p)
{
	struct mw_prefix copy = *p;

	return (p->family == 4 || p->family == 6) &&
	       p->len <= prefix_width(p) && !prefix_mask(&copy);
}

void prefix_text(const struct mw_prefix *p, char text[PREFIX_TEXT])
{
	inet_ntop(p->family == 4 ? AF_INET : AF_INET6, p->addr, text,
		  PREFIX_TEXT);
	if (p->len < prefix_width(p))
		snprintf(text + strlen(text), PREFIX_TEXT - strlen(text), "/%u",
			 p->len);
}

bool prefix_covers(const struct mw_prefix *outer, const struct mw_prefix *inner)
{
	int whole = outer->len / 8, rest = outer->len % 8;

	if (outer->family != inner->family || outer->len > inner->len ||
	    memcmp(outer->addr, inner->addr, whole))
		return false;
	return !rest ||
	       !((outer->addr[whole] ^ inner->addr[whole]) >> (8 - rest));
}

int prefix_compare(const void *a, const void *b)
{
	const struct mw_prefix *x = a, *y = b;

	if (x->family != y->family)
		return x->family - y->family;
	/* By words: sorting a million prefixes spends its time here. */
	for (size_t i = 0; i < sizeof(x->addr); i += 8) {
		__u64 p, q;

		memcpy(&p, x->addr + i, sizeof(p));
		memcpy(&q, y->addr + i, sizeof(q));
		if (p != q)
			return be64toh(p) < be64toh(q) ? -1 : 1;
	}
	return x->len - y->len;
}

/* The bytes that order prefixes: length, 16 of the address, family. */
enum { SORT_BYTES = 18, BYTE_VALUES = 256 };

/* Byte i of those: byte 0, the length, matters least. */
static __u8 sort_byte(const struct mw_prefix *p, int i)
{
	if (i == 0)
		return p->len;
	return i == SORT_BYTES - 1 ? p->family : p->addr[16 - i];
}

/* One stable pass of the radix sort, by byte i. count: how many prefixes have
 * each value of that byte. */
static void sort_pass(const struct mw_prefix *from, struct mw_prefix *to,
		      size_t n, int i, const size_t count[BYTE_VALUES])
{
	size_t place[BYTE_VALUES], sum = 0;

	for (int value = 0; value < BYTE_VALUES; value++) {
		place[value] = sum;
		sum += count[value];
	}
	for (size_t j = 0; j < n; j++)
		to[place[sort_byte(&from[j], i)]++] = from[j];
}

/* A radix sort: it takes a third of qsort's time for a million prefixes. */
int prefix_sort(struct prefix_set *set)
{
	size_t(*count)[BYTE_VALUES] = calloc(SORT_BYTES, sizeof(*count));
	struct mw_prefix *to = grow_new(set->n + 1, sizeof(*to));
	struct mw_prefix *from = set->v;

	if (!count || !to) {
		free(count);
		free(to);
		return -ENOMEM;
	}
	for (size_t j = 0; j < set->n; j++)
		for (int i = 0; i < SORT_BYTES; i++)
			count[i][sort_byte(&from[j], i)]++;
	for (int i = 0; i < SORT_BYTES && set->n; i++) {
		struct mw_prefix *done = from;

		/* All prefixes have one value there: none would move. */
		if (count[i][sort_byte(&from[0], i)] == set->n)
			continue;
		sort_pass(from, to, set->n, i, count[i]);
		from = to;
		to = done;
	}
	/* The sorted array may be the new one, which has room for n + 1. */
	if (from != set->v) {
		set->v = from;
		set->room = set->n + 1;
	}
	free(to);
	free(count);
	return 0;
}

int prefix_add(struct prefix_set *set, const struct mw_prefix *p)
{
	struct mw_prefix *v;

	v = grow(set->v, &set->room, set->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	set->v = v;
	set->v[set->n++] = *p;
	return 0;
}

static bool bit_at(const struct mw_prefix *p, int i)
{
	return p->addr[i / 8] >> (7 - i % 8) & 1;
}

/* The last address of a prefix, as a full-length prefix. */
static struct mw_prefix prefix_last(struct mw_prefix p)
{
	for (int i = p.len; i < prefix_width(&p); i++)
		p.addr[i / 8] |= 0x80 >> i % 8;
	p.len = prefix_width(&p);
	return p;
}

/* Makes *p the next address; false: *p was the last address of all. */
static bool address_next(struct mw_prefix *p)
{
	for (int i = prefix_width(p) / 8 - 1; i >= 0; i--)
		if (++p->addr[i])
			return true;
	return false;
}

/* The widest prefix that starts at first and does not go beyond last. */
static struct mw_prefix range_head(const struct mw_prefix *first,
				   const struct mw_prefix *last)
{
	struct mw_prefix head = *first;

	while (head.len && !bit_at(first, head.len - 1)) {
		struct mw_prefix wider = head, end;

		wider.len--;
		end = prefix_last(wider);
		if (memcmp(end.addr, last->addr, sizeof(end.addr)) > 0)
			break;
		head = wider;
	}
	return head;
}

int prefix_add_range(struct prefix_set *set, const struct mw_prefix *first,
		     const struct mw_prefix *last)
{
	struct mw_prefix at = *first;

	if (first->family != last->family || prefix_compare(first, last) > 0)
		return -EINVAL;
	while (memcmp(at.addr, last->addr, sizeof(at.addr)) <= 0) {
		struct mw_prefix head = range_head(&at, last);
		int err = prefix_add(set, &head);

		if (err)
			return err;
		at = prefix_last(head);
		if (!address_next(&at))
			break;
	}
	return 0;
}

/* The address before p, which is not the first address of all. */
static struct mw_prefix address_before(struct mw_prefix p)
{
	for (int i = prefix_width(&p) / 8 - 1; i >= 0; i--)
		if (p.addr[i]--)
			break;
	return p;
}

/* The place of the first prefix of set that is not less than p. A prefix that
 * covers p stands in front of that place. */
static size_t first_behind(const struct prefix_set *set,
			   const struct mw_prefix *p)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (prefix_compare(&set->v[middle], p) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Does a prefix of the sorted set cover p? */
static bool covered(const struct prefix_set *set, const struct mw_prefix *p)
{
	struct mw_prefix outer = *p;

	for (int len = p->len; len >= 0; len--) {
		outer.len = len;
		prefix_mask(&outer);
		if (set->n && bsearch(&outer, set->v, set->n, sizeof(*set->v),
				      prefix_compare))
			return true;
	}
	return false;
}

/* Appends what is left of p without the prefixes of except that lie in p; none
 * of except covers p. 0 or -ENOMEM. */
static int add_without(struct prefix_set *left, const struct mw_prefix *p,
		       const struct prefix_set *except)
{
	struct mw_prefix at = *p, end = prefix_last(*p);
	size_t i = first_behind(except, p);
	int err = 0;

	if (i == except->n || !prefix_covers(p, &except->v[i]))
		return prefix_add(left, p);
	at.len = end.len;
	for (; !err && i < except->n && prefix_covers(p, &except->v[i]); i++) {
		struct mw_prefix hole = except->v[i], last = prefix_last(hole);

		hole.len = end.len;
		if (prefix_compare(&last, &at) < 0)
			continue; /* it lies in the hole before */
		if (prefix_compare(&at, &hole) < 0) {
			hole = address_before(hole);
			err = prefix_add_range(left, &at, &hole);
		}
		at = last;
		if (!prefix_compare(&last, &end) || !address_next(&at))
			return err;
	}
	return err ? err : prefix_add_range(left, &at, &end);
}

int prefix_subtract(struct prefix_set *set, const struct prefix_set *except)
{
	struct prefix_set holes = {}, left = {.since = set->since};
	int err = 0;

	if (!except->n)
		return 0;
	for (size_t i = 0; i < except->n && !err; i++)
		err = prefix_add(&holes, &except->v[i]);
	if (!err)
		err = prefix_sort(&holes);
	for (size_t i = 0; i < set->n && !err; i++)
		if (!covered(&holes, &set->v[i]))
			err = add_without(&left, &set->v[i], &holes);
	prefix_free(&holes);
	if (!err)
		err = prefix_sort(&left);
	if (err) {
		prefix_free(&left);
		return err;
	}
	prefix_free(set);
	*set = left;
	return 0;
}

void prefix_free(struct prefix_set *set)
{
	free(set->v);
	memset(set, 0, sizeof(*set));
}

const struct mw_prefix *prefix_around(const struct prefix_set *set,
				      const struct mw_prefix *p)
{
	struct mw_prefix at = *p;

	for (int len = p->len; set->n && len >= 0; len--) {
		const struct mw_prefix *found;

		at.len = len;
		prefix_mask(&at);
		found = bsearch(&at, set->v, set->n, sizeof(at),
				prefix_compare);
		if (found)
			return found;
	}
	return NULL;
}

size_t prefix_overlap(const struct prefix_set *outer,
		      const struct prefix_set *inner, struct mw_prefix first[2])
{
	struct mw_prefix around = {};
	size_t n = 0, o = 0;

	for (size_t i = 0; i < inner->n; i++) {
		for (; o < outer->n &&
		       prefix_compare(&outer->v[o], &inner->v[i]) <= 0;
		     o++)
			if (!around.family ||
			    !prefix_covers(&around, &outer->v[o]))
				around = outer->v[o];
		if (!around.family || !prefix_covers(&around, &inner->v[i]))
			continue;
		if (!n++) {
			first[0] = around;
			first[1] = inner->v[i];
		}
	}
	return n;
}

void prefix_of_key(const struct mw_settings *s, int level, __u64 key,
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

/* --- NAT64 --------------------------------------------------------------- */

/* The bits of an IPv4 address in the first len bits of an IPv6 one, behind a
 * prefix of NAT64 of that length: bits 64 to 71 are none of them. */
static int bits_behind(int len, int prefix)
{
	int bits = len - prefix;

	if (prefix < 72 && len > 64)
		bits -= len < 72 ? len - 64 : 8;
	return bits < 32 ? bits : 32;
}

bool prefix_translate(const struct mw_nat64 *nat64, struct mw_prefix *p)
{
	struct mw_prefix v4 = {.family = 4, .ends = p->ends};
	int len = p->family == 6 ? (int)source_nat64(nat64, p->addr) : 0;

	if (!len || p->len < len)
		return false;
	v4.len = bits_behind(p->len, len);
	source_behind(p->addr, len, v4.addr);
	*p = v4;
	return true;
}

void prefix_of_nat64(const __u32 prefix[3], struct mw_prefix *p)
{
	*p = (struct mw_prefix){.family = 6,
				.len = source_nat64_length(prefix)};
	memcpy(p->addr, prefix, 12);
	p->addr[8] = 0;
}

bool prefix_holds_nat64(const struct mw_nat64 *nat64, const struct mw_prefix *p)
{
	struct mw_prefix all;
	bool holds = false;

	for (__u32 i = 0; i < nat64->n; i++) {
		prefix_of_nat64(nat64->prefix[i], &all);
		holds |= prefix_covers(p, &all) || prefix_covers(&all, p);
	}
	return holds;
}
