// SPDX-License-Identifier: GPL-2.0
/* mailweir stats: the counters, summed over the CPUs */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "kernel/table.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"

struct stats {
	union {
		struct mw_counters counters;
		__u64 value[NAME_COUNTERS];
	};
	struct mw_list_info lists[MW_LIST_SLOTS];
	struct mw_list_counters list[MW_LIST_SLOTS];
};

static void stats_text(const struct stats *s)
{
	for (int i = 0; i < NAME_COUNTERS; i++)
		printf("%-26s %llu\n", name_counters[i], s->value[i]);
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		if (s->lists[i].name[0])
			printf("list %s: attempts %llu, dropped %llu, "
			       "would_drop %llu\n",
			       s->lists[i].name, s->list[i].attempts,
			       s->list[i].dropped, s->list[i].would_drop);
}

static void stats_json(struct json_object *doc, const struct stats *s)
{
	struct json_object *counters = json_object_new_object();
	struct json_object *lists = json_object_new_object();

	for (int i = 0; i < NAME_COUNTERS; i++)
		json_add_u64(counters, name_counters[i], s->value[i]);
	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		struct json_object *list;

		if (!s->lists[i].name[0])
			continue;
		list = json_object_new_object();
		json_add_u64(list, "attempts", s->list[i].attempts);
		json_add_u64(list, "dropped", s->list[i].dropped);
		json_add_u64(list, "would_drop", s->list[i].would_drop);
		json_object_object_add(lists, s->lists[i].name, list);
	}
	json_object_object_add(doc, "counters", counters);
	json_object_object_add(doc, "lists", lists);
}

static int show(const struct options *o, const struct engine *e,
		struct stats *s)
{
	if (table_counters(e, &s->counters) || table_lists(e, s->lists) ||
	    table_list_counters(e, s->list))
		return EXIT_NO;
	o->json ? stats_json(o->document, s) : stats_text(s);
	return EXIT_DONE;
}

static int show_stats(const struct options *o, struct engine *e)
{
	struct stats *s = cmd_room(sizeof(*s));
	int code = s ? show(o, e, s) : EXIT_NO;

	free(s);
	return code;
}

int cmd_stats(const struct options *o)
{
	return cmd_with(o, ENGINE_READ, show_stats);
}
