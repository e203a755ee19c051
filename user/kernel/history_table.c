// SPDX-License-Identifier: GPL-2.0
#include "kernel/history_table.h"

#include <errno.h>
#include <stdlib.h>

#include "bpf/history.h"
#include "bpf/source.h"
#include "kernel/table.h"

static struct mw_history *entry(const struct table_view *view, __u32 i)
{
	return &view->history[i / MW_HISTORY_WAYS].way[i % MW_HISTORY_WAYS];
}

int history_table_read(const struct engine *e, const struct mw_settings *s,
		       __u32 hour, struct histories *all)
{
	struct table_view view;
	int err = table_history(e, false, &view);
	__u32 room;

	all->n = 0;
	all->v = NULL;
	if (err)
		return err;
	room = view.n * MW_HISTORY_WAYS;
	all->v = calloc(room, sizeof(*all->v));
	for (__u32 i = 0; all->v && i < room; i++) {
		const struct mw_history h = *entry(&view, i);
		struct history_entry *to = &all->v[all->n];

		prefix_of_key(s, MW_SOURCE, h.key, &to->source);
		if (!history_alive(&h, hour) || !prefix_is_good(&to->source))
			continue;
		to->since = h.since;
		to->last = h.last;
		all->n++;
	}
	table_close(&view);
	return all->v ? 0 : pins_told("history", -ENOMEM);
}

/* The program may write the same entry: its hour or ours is lost, no more. */
static bool add_one(const struct table_view *view, const struct mw_settings *s,
		    const struct history_entry *from, __u32 hour)
{
	__u64 key = source_level_key(s, MW_SOURCE, from->source.family,
				     from->source.addr);
	struct mw_history_set *set =
		&view->history[history_place(key, s->seed, view->n)];
	__u32 since = from->since, last = from->last;
	int way = history_find(set, key);

	if (source_length(s, MW_SOURCE, from->source.family) !=
	    from->source.len)
		return false;
	if (way == HISTORY_NONE)
		way = history_victim(set, hour, 0);
	if (way == HISTORY_NONE)
		return false;
	if (set->way[way].key == key && history_alive(&set->way[way], hour)) {
		const struct mw_history *h = &set->way[way];

		since = h->since < since ? h->since : since;
		last = h->last > last ? h->last : last;
	}
	set->way[way].key = key;
	history_set(&set->way[way], since, last);
	return true;
}

int history_table_add(const struct engine *e, const struct mw_settings *s,
		      __u32 hour, const struct histories *all, size_t *left_out)
{
	struct table_view view;
	int err = table_history(e, true, &view);

	*left_out = 0;
	if (err)
		return err;
	for (size_t i = 0; i < all->n; i++)
		*left_out += !add_one(&view, s, &all->v[i], hour);
	table_close(&view);
	return 0;
}

int history_table_forget(const struct engine *e, const struct mw_settings *s,
			 bool (*gone)(const struct mw_prefix *source,
				      void *arg),
			 void *arg)
{
	struct table_view view;
	int err = table_history(e, true, &view);

	for (__u32 i = 0; !err && i < view.n * MW_HISTORY_WAYS; i++) {
		struct mw_history *h = entry(&view, i);
		struct mw_prefix source;

		if (!h->last)
			continue;
		prefix_of_key(s, MW_SOURCE, h->key, &source);
		if (gone(&source, arg))
			history_set(h, 0, 0);
	}
	if (!err)
		table_close(&view);
	return err;
}
