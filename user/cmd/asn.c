// SPDX-License-Identifier: GPL-2.0
/* mailweir asn NUMBER|ADDRESS: what the [asn] table says of it */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "gate/origins.h"
#include "lists/asn.h"
#include "out/json.h"
#include "out/log.h"

/* Shows an origin as a line, or as an object of the JSON array. */
static void show(const struct options *o, struct json_object *found,
		 const struct asn_origin *origin)
{
	char text[PREFIX_TEXT];
	struct json_object *one;

	if (!o->json) {
		prefix_text(&origin->prefix, text);
		printf("AS%u %s\n", origin->asn, text);
		return;
	}
	one = json_object_new_object();
	json_add_u64(one, "asn", origin->asn);
	json_add_prefix(one, "prefix", &origin->prefix);
	json_object_array_add(found, one);
}

static size_t show_number(const struct options *o, struct json_object *found,
			  const struct asn_table *table, __u32 asn)
{
	size_t n;
	const struct asn_origin *v = asn_find(table, asn, &n);

	for (size_t i = 0; i < n; i++)
		show(o, found, &v[i]);
	return n;
}

/* Shows the longest prefix around the address, which may have several
 * origins. */
static size_t show_address(const struct options *o, struct json_object *found,
			   const struct asn_table *table,
			   const struct mw_prefix *address)
{
	int longest = -1;
	size_t n = 0;

	for (size_t i = 0; i < table->n; i++)
		if (table->v[i].prefix.len > longest &&
		    prefix_covers(&table->v[i].prefix, address))
			longest = table->v[i].prefix.len;
	for (size_t i = 0; i < table->n; i++) {
		if (table->v[i].prefix.len != longest ||
		    !prefix_covers(&table->v[i].prefix, address))
			continue;
		show(o, found, &table->v[i]);
		n++;
	}
	return n;
}

static int answer(const struct options *o, const struct asn_table *table,
		  const char *word)
{
	struct json_object *found = o->json ? json_object_new_array() : NULL;
	struct mw_prefix address;
	const char *why;
	__u32 asn;
	size_t n;

	if (!asn_parse(word, &asn))
		n = show_number(o, found, table, asn);
	else if (!prefix_parse(word, &address, NULL, &why))
		n = show_address(o, found, table, &address);
	else
		n = 0;
	if (found)
		json_object_object_add(o->document, "origins", found);
	if (!n)
		log_error("%s: not in the table", word);
	return n ? EXIT_DONE : EXIT_NO;
}

/* Is it an AS number, an address or a prefix? */
static bool is_asked(const char *word)
{
	struct mw_prefix p;
	const char *why;
	__u32 asn;

	return !asn_parse(word, &asn) || !prefix_parse(word, &p, NULL, &why);
}

static int look_up(const struct options *o, const struct config *cfg, void *arg)
{
	struct origins origins = {.file = cfg->asn_table};
	const struct asn_table *table = origins_table(&origins);
	int code = table ? answer(o, table, o->args[0]) : EXIT_CONFIG;

	(void)arg;
	if (!cfg->asn_table)
		log_error("%s: no table to look it up in; add [asn] with "
			  "table = FILE",
			  o->config);
	origins_free(&origins);
	return code;
}

int cmd_asn(const struct options *o)
{
	if (!is_asked(o->args[0]))
		return cmd_usage("neither an AS number nor an address:",
				 o->args[0]);
	return cmd_with_config(o, look_up, NULL);
}
