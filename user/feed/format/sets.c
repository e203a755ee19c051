// SPDX-License-Identifier: GPL-2.0
#include "feed/format/sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feed/entry.h"
#include "lists/grow.h"
#include "out/text.h"

const char sets_taken_away[] =
	"takes away what the file has put in before; only adding is read";

struct set *sets_find(const struct sets *sets, const char *name)
{
	for (size_t i = 0; i < sets->n; i++)
		if (!sets->v[i]->gone && !strcmp(sets->v[i]->called, name))
			return sets->v[i];
	return NULL;
}

struct set *sets_get(struct format_input *in, struct sets *sets,
		     const char *name)
{
	struct set *set = sets_find(sets, name), **v;

	if (set)
		return set;
	set = calloc(1, sizeof(*set));
	v = grow(sets->v, &sets->room, sets->n + 1, sizeof(struct set *));
	if (v)
		sets->v = v;
	if (set)
		set->name = strdup(name);
	if (!v || !set || !set->name) {
		free(set);
		in->err = -ENOMEM;
		return NULL;
	}
	set->called = set->name;
	sets->v[sets->n++] = set;
	return set;
}

/* Is name the set's in full, or the end of it: "filter blackhole"? */
static bool is_called(const struct set *set, const char *name, size_t len)
{
	size_t all = strlen(set->name);

	return len && len <= all && !memcmp(set->name + all - len, name, len) &&
	       (len == all || set->name[all - len - 1] == ' ');
}

/* The next name of a list with commas, without the blanks around; NULL: none is
 * left. */
static const char *next_name(const char **list, size_t *len)
{
	const char *name = *list + strspn(*list, " ,");

	if (!*name)
		return NULL;
	*len = strcspn(name, ",");
	*list = name + *len;
	while (name[*len - 1] == ' ')
		--*len;
	return name;
}

/* Can the elements of the set be entries? */
static bool may_be(const struct set *set)
{
	return !set->never && !set->gone;
}

bool sets_take(const struct format_input *in, const struct sets *sets,
	       const struct set *set)
{
	const char *list = in->guard->set, *name;
	size_t len;

	if (set->never)
		return false;
	while (list && (name = next_name(&list, &len)))
		if (is_called(set, name, len))
			return true;
	if (list)
		return false;
	for (size_t i = 0; i < sets->n && sets->v[i] != set; i++)
		if (may_be(sets->v[i]))
			return false;
	return true;
}

/* --- what was found ------------------------------------------------------ */

/* Names with commas between, of the sets that may be entries, or of all. */
static void names(const struct sets *sets, bool all, char *text, size_t size)
{
	char *joined = NULL;
	size_t len = 0, n = 0;
	FILE *f = open_memstream(&joined, &len);

	*text = 0;
	if (!f)
		return;
	for (size_t i = 0; i < sets->n && len < size; i++) {
		if (sets->v[i]->gone || (!all && sets->v[i]->never))
			continue;
		fprintf(f, "%s%s", n++ ? ", " : "", sets->v[i]->called);
		fflush(f);
	}
	fclose(f);
	text_escape(joined, len, text, size);
	free(joined);
}

/* Refuses a name that the set's elements were not added under. */
static void refuse_swapped(struct format_input *in, const struct set *set)
{
	char called[FEED_MISSED], name[FEED_MISSED];

	text_escape(set->called, strlen(set->called), called, sizeof(called));
	text_escape(set->name, strlen(set->name), name, sizeof(name));
	entry_fatal(in,
		    "'%s' gets its elements as '%s'; set = %s in the list's "
		    "section says that",
		    called, name, name);
}

/* The set that got elements under another name, and is called so at the end;
 * NULL: there is none. */
static const struct set *swapped_to(const struct sets *sets, const char *name,
				    size_t len)
{
	for (size_t i = 0; i < sets->n; i++) {
		const struct set *set = sets->v[i];

		if (set->elements && set->called != set->name &&
		    strlen(set->called) == len &&
		    !memcmp(set->called, name, len))
			return set;
	}
	return NULL;
}

/* One name of the list's section must be that of one set. */
static void check_name(struct format_input *in, const struct sets *sets,
		       const char *name, size_t len)
{
	const struct set *found = NULL;
	char all[FEED_ERROR / 2], shown[FEED_MISSED];
	size_t n = 0;

	for (size_t i = 0; i < sets->n; i++)
		if (!sets->v[i]->gone && is_called(sets->v[i], name, len)) {
			found = sets->v[i];
			n++;
		}
	names(sets, true, all, sizeof(all));
	text_escape(name, len, shown, sizeof(shown));
	if (swapped_to(sets, name, len))
		refuse_swapped(in, swapped_to(sets, name, len));
	else if (!n)
		entry_fatal(in, "no set is called '%s'; there are %s", shown,
			    sets->n ? all : "none");
	else if (n > 1)
		entry_fatal(in,
			    "%zu sets are called '%s', of %s; name the table, "
			    "too",
			    n, shown, all);
	else if (found->never)
		entry_fatal_word(in, found->name, found->never);
}

static void check_wanted(struct format_input *in, const struct sets *sets)
{
	const char *list = in->guard->set, *name;
	size_t len;

	while ((name = next_name(&list, &len)))
		check_name(in, sets, name, len);
}

static void note_left_out(struct format_input *in, const struct sets *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		char shown[FEED_MISSED];
		const struct set *set = sets->v[i];

		if (!set->never)
			continue;
		text_escape(set->name, strlen(set->name), shown, sizeof(shown));
		report_note(&in->feed->report, 0, "'%s' is left out: %s", shown,
			    set->never);
	}
}

void sets_end(struct format_input *in, const struct sets *sets)
{
	char all[FEED_ERROR / 2];
	const struct set *one = NULL;
	size_t n = 0;

	if (in->guard->set) {
		check_wanted(in, sets);
		return;
	}
	for (size_t i = 0; i < sets->n; i++) {
		one = may_be(sets->v[i]) ? sets->v[i] : one;
		n += may_be(sets->v[i]);
	}
	names(sets, false, all, sizeof(all));
	if (n > 1)
		report_fatal(&in->feed->report, 0,
			     "%zu sets: %s; set = NAME in the list's section "
			     "says which is meant",
			     n, all);
	else if (!n && sets->n)
		entry_fatal_word(in, sets->v[0]->name,
				 sets->v[0]->never ? sets->v[0]->never
						   : sets_taken_away);
	else if (one && one->unless_named)
		entry_fatal_word(in, one->name, one->unless_named);
	else if (one && one->elements && !in->feed->set.n &&
		 one->called != one->name)
		refuse_swapped(in, one);
	else
		note_left_out(in, sets);
}

#define NAMED \
	"; set = NAME in the list's section says that it is meant all the same"

void sets_judge(const struct format_input *in, const struct sets *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		struct set *set = sets->v[i];

		if (set->filled)
			set->unless_named = "rules fill it: who is in it was "
					    "only seen" NAMED;
		else if (in->guard->allow && set->dropped && !set->accepted)
			set->unless_named = "the file's rules drop what is in "
					    "it, and the list allows" NAMED;
		else if (!in->guard->allow && set->accepted && !set->dropped)
			set->unless_named = "the file's rules accept what is "
					    "in it" NAMED;
	}
}

void sets_free(struct sets *sets)
{
	for (size_t i = 0; i < sets->n; i++) {
		free(sets->v[i]->name);
		free(sets->v[i]);
	}
	free(sets->v);
	memset(sets, 0, sizeof(*sets));
}
