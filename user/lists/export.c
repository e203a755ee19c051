// SPDX-License-Identifier: GPL-2.0
#include "lists/export.h"

#include <errno.h>
#include <string.h>

struct layout {
	const char *format;
	/* begin and end stand around the n entries of each family. */
	void (*begin)(FILE *f, const char *name, int family, size_t n);
	void (*entry)(FILE *f, const char *name, const struct mw_prefix *p,
		      bool first);
	void (*end)(FILE *f);
	bool no_zero; /* the format refuses a /0: its two halves are written */
};

static void put_prefix(FILE *f, const struct mw_prefix *p)
{
	char text[PREFIX_TEXT];

	prefix_text(p, text);
	fputs(text, f);
}

/* --- plain --------------------------------------------------------------- */

static void plain_entry(FILE *f, const char *name, const struct mw_prefix *p,
			bool first)
{
	(void)name;
	(void)first;
	put_prefix(f, p);
	putc('\n', f);
}

/* --- ipset restore ------------------------------------------------------- */

enum { IPSET_MAXELEM = 65536 }; /* what ipset takes unless told */

static void ipset_begin(FILE *f, const char *name, int family, size_t n)
{
	/* Room for twice as many, or ipset refuses what is added later. */
	size_t most = 2 * n < IPSET_MAXELEM ? IPSET_MAXELEM : 2 * n;

	fprintf(f, "create mw%d-%s hash:net family %s maxelem %zu\n", family,
		name, family == 4 ? "inet" : "inet6", most);
}

static void ipset_entry(FILE *f, const char *name, const struct mw_prefix *p,
			bool first)
{
	(void)first;
	fprintf(f, "add mw%u-%s ", p->family, name);
	put_prefix(f, p);
	putc('\n', f);
}

/* --- nft -f -------------------------------------------------------------- */

static void nft_begin(FILE *f, const char *name, int family, size_t n)
{
	(void)n;
	fprintf(f,
		"table inet mailweir {\n\tset mw%d-%s {\n"
		"\t\ttype ipv%d_addr\n\t\tflags interval\n\t\telements = {",
		family, name, family);
}

static void nft_entry(FILE *f, const char *name, const struct mw_prefix *p,
		      bool first)
{
	(void)name;
	fputs(first ? "\n\t\t\t" : ",\n\t\t\t", f);
	put_prefix(f, p);
}

static void nft_end(FILE *f)
{
	fputs("\n\t\t}\n\t}\n}\n", f);
}

/* --- all ----------------------------------------------------------------- */

static const struct layout layouts[] = {
	{"plain", NULL, plain_entry, NULL, false},
	{"ipset", ipset_begin, ipset_entry, NULL, true},
	{"nft", nft_begin, nft_entry, nft_end, false},
};

/*
 * From place *i of set on, the next prefix of a family that does not lie in
 * before, the one found last (NULL: none yet). NULL: there is none. *i becomes
 * the place behind the one found.
 */
static const struct mw_prefix *next_outer(const struct prefix_set *set,
					  size_t *i, int family,
					  const struct mw_prefix *before)
{
	for (; *i < set->n; ++*i) {
		const struct mw_prefix *p = &set->v[*i];

		if (p->family != family || (before && prefix_covers(before, p)))
			continue;
		++*i;
		return p;
	}
	return NULL;
}

static size_t count_outer(const struct prefix_set *set, int family)
{
	const struct mw_prefix *p = NULL;
	size_t i = 0, n = 0;

	while ((p = next_outer(set, &i, family, p)))
		n++;
	return n;
}

static void put_entry(FILE *f, const char *name, const struct layout *layout,
		      const struct mw_prefix *p, bool first)
{
	struct mw_prefix half = *p;

	if (p->len || !layout->no_zero) {
		layout->entry(f, name, p, first);
		return;
	}
	half.len = 1;
	layout->entry(f, name, &half, first);
	half.addr[0] = 0x80;
	layout->entry(f, name, &half, false);
}

static void put_family(FILE *f, const char *name, const struct layout *layout,
		       const struct prefix_set *set, int family)
{
	const struct mw_prefix *p = NULL;
	size_t i = 0, n = count_outer(set, family);
	bool first = true;

	if (!n)
		return;
	if (layout->begin)
		layout->begin(f, name, family, n);
	while ((p = next_outer(set, &i, family, p))) {
		put_entry(f, name, layout, p, first);
		first = false;
	}
	if (layout->end)
		layout->end(f);
}

int export_list(FILE *f, const char *name, const struct prefix_set *set,
		const char *format)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(*layouts); i++) {
		if (strcmp(layouts[i].format, format))
			continue;
		put_family(f, name, &layouts[i], set, 4);
		put_family(f, name, &layouts[i], set, 6);
		return 0;
	}
	return -EINVAL;
}
