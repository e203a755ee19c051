// SPDX-License-Identifier: GPL-2.0
/* mailweir sources: who is over or near a rate, the furthest first */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/bucket.h"
#include "cmd/cmd.h"
#include "gate/clock.h"
#include "kernel/table.h"
#include "lists/grow.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"
#include "out/units.h"

struct row {
	__u64 key, debt;
	int level;
};

struct rows {
	struct row *v;
	size_t n, room;
};

static int rows_add(struct rows *rows, struct row row)
{
	struct row *v = grow(rows->v, &rows->room, rows->n + 1, sizeof(*v));

	if (!v) {
		log_error("no memory for the sources");
		return -ENOMEM;
	}
	rows->v = v;
	rows->v[rows->n++] = row;
	return 0;
}

static int rows_read(const struct engine *e, __u64 now, struct rows *rows)
{
	int err = 0;

	for (int level = 0; level < MW_LEVELS && !err; level++) {
		struct table_view view;

		err = table_buckets(e, level, &view);
		for (__u32 i = 0; !err && i < view.n * BUCKET_WAYS; i++) {
			struct mw_bucket b =
				view.set[i / BUCKET_WAYS].way[i % BUCKET_WAYS];

			if (b.tat > now)
				err = rows_add(rows,
					       (struct row){b.key, b.tat - now,
							    level});
		}
		table_close(&view);
	}
	return err;
}

static int deepest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->debt < y->debt) - (x->debt > y->debt);
}

static void row_prefix(const struct mw_settings *s, const struct row *row,
		       struct mw_prefix *p)
{
	prefix_of_key(s, row->level, row->key, p);
}

static void rows_text(const struct mw_settings *s, const struct rows *rows)
{
	if (!rows->n)
		puts("nobody is near a rate: no source connected of late");
	else
		printf("%-10s %-24s %s\n", "level", "source", "clear in");
	for (size_t i = 0; i < rows->n; i++) {
		char text[PREFIX_TEXT], debt[UNITS_TEXT];
		struct mw_prefix p;

		row_prefix(s, &rows->v[i], &p);
		prefix_text(&p, text);
		units_duration(rows->v[i].debt, debt);
		printf("%-10s %-24s %s\n", name_level(rows->v[i].level), text,
		       debt);
	}
}

static void rows_json(struct json_object *doc, const struct mw_settings *s,
		      const struct rows *rows)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < rows->n; i++) {
		struct json_object *row = json_object_new_object();
		struct mw_prefix p;

		row_prefix(s, &rows->v[i], &p);
		json_add_text(row, "level", name_level(rows->v[i].level));
		json_add_prefix(row, "source", &p);
		json_add_u64(row, "debt_ns", rows->v[i].debt);
		json_object_array_add(array, row);
	}
	json_object_object_add(doc, "sources", array);
}

static int show_sources(const struct options *o, struct engine *e)
{
	struct mw_settings s;
	struct rows rows = {};
	int err = table_settings(e, &s);

	if (!err)
		err = rows_read(e, clock_now(), &rows);
	if (!err) {
		if (rows.n)
			qsort(rows.v, rows.n, sizeof(*rows.v), deepest_first);
		o->json ? rows_json(o->document, &s, &rows)
			: rows_text(&s, &rows);
	}
	free(rows.v);
	return cmd_failed(err);
}

int cmd_sources(const struct options *o)
{
	return cmd_with(o, ENGINE_READ, show_sources);
}
