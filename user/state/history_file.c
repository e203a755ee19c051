// SPDX-License-Identifier: GPL-2.0
#include "state/history_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "out/log.h"
#include "state/store.h"
#include "out/text.h"

enum {
	VERSION = 1,
	LINE = 128,
	WORD_SHOWN = 60,
	HOUR = 3600,
	HOUR_TEXT = sizeof("2026-11-24T18"),
	LAST_HOUR = 70389527, /* of the year 9999 */
};

static const char hour_format[] = "%Y-%m-%dT%H";

/* --- a source ------------------------------------------------------------ */

static void hour_text(__u32 hours, char text[HOUR_TEXT])
{
	time_t seconds = (time_t)hours * HOUR;
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, HOUR_TEXT, hour_format, &tm);
}

/* Takes only what hour_text makes. */
static bool hour_parse(const char *text, __u32 *hours)
{
	struct tm tm = {};
	char again[HOUR_TEXT];
	const char *end = strptime(text, hour_format, &tm);
	time_t seconds = end && !*end ? timegm(&tm) : -1;

	if (seconds < 0)
		return false;
	*hours = seconds / HOUR;
	hour_text(*hours, again);
	return !strcmp(text, again);
}

/* Why *s is no source with a history, or NULL. */
static const char *source_wrong(const struct history_entry *s)
{
	if (!prefix_is_good(&s->source))
		return "not a prefix";
	if (s->source.family == 6 && s->source.len > 64)
		return "longer than /64, which no source is";
	if (s->since > s->last)
		return "its last connection is before its first";
	if (s->last > LAST_HOUR)
		return "a time behind the year 9999";
	return NULL;
}

static int source_compare(const void *a, const void *b)
{
	const struct history_entry *x = a, *y = b;

	return prefix_compare(&x->source, &y->source);
}

/* For qsort: the source that connected last comes first. */
static int last_compare(const void *a, const void *b)
{
	const struct history_entry *x = a, *y = b;

	if (x->last != y->last)
		return x->last > y->last ? -1 : 1;
	return source_compare(a, b);
}

/* --- reading ------------------------------------------------------------- */

struct history_parser {
	FILE *f;
	char line[LINE];
	size_t number;
	struct histories_error *e;
};

__attribute__((format(printf, 2, 3))) static int
refuse(struct history_parser *r, const char *format, ...)
{
	va_list args;

	r->e->line = r->number ?: 1;
	va_start(args, format);
	vsnprintf(r->e->text, sizeof(r->e->text), format, args);
	va_end(args);
	return -EINVAL;
}

static int refuse_word(struct history_parser *r, const char *word,
		       const char *why)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	return refuse(r, "'%s': %s", shown, why);
}

/* 1: r->line has the next line, without its end; 0: there is no more; or
 * -errno. */
static int next_line(struct history_parser *r)
{
	size_t len;

	if (!fgets(r->line, sizeof(r->line), r->f))
		return ferror(r->f) ? -EIO : 0;
	r->number++;
	len = strlen(r->line);
	/* The line is too long, cut off, or has a NUL in it. */
	if (!len || r->line[len - 1] != '\n')
		return refuse_word(r, r->line, "not a whole line");
	r->line[len - 1] = 0;
	return 1;
}

static int first_line(struct history_parser *r, size_t *promised)
{
	unsigned int version;
	int err = next_line(r);
	char again[LINE];

	if (err < 0)
		return err;
	if (!err || sscanf(r->line, "mailweir known %u", &version) != 1)
		return refuse(r, "not a history of mailweir");
	if (version != VERSION)
		return refuse(r,
			      "version %u, where this mailweir reads version "
			      "%d",
			      version, VERSION);
	*promised = 0;
	sscanf(r->line, "mailweir known %*u %zu", promised);
	snprintf(again, sizeof(again), "mailweir known %u %zu", version,
		 *promised);
	if (strcmp(r->line, again))
		return refuse_word(r, r->line, "not as mailweir writes it");
	if (*promised > HISTORIES_MOST)
		return refuse(r, "%zu sources, more than %d", *promised,
			      HISTORIES_MOST);
	return 0;
}

static int source_line(struct history_parser *r, struct history_entry *s)
{
	char *rest = r->line, *source = strsep(&rest, " ");
	char *since = strsep(&rest, " "), *last = strsep(&rest, " ");
	const char *why;
	bool masked;

	if (!last || rest)
		return refuse(r, "not a source and two times");
	if (prefix_parse(source, &s->source, &masked, &why))
		return refuse_word(r, source, why);
	if (masked)
		return refuse_word(r, source, "bits behind its length");
	if (!hour_parse(since, &s->since))
		return refuse_word(r, since, "not a time as 2026-11-24T18");
	if (!hour_parse(last, &s->last))
		return refuse_word(r, last, "not a time as 2026-11-24T18");
	why = source_wrong(s);
	return why ? refuse_word(r, source, why) : 0;
}

static int all_lines(struct history_parser *r, struct histories *all,
		     size_t promised)
{
	int err;

	while ((err = next_line(r)) > 0) {
		struct history_entry *s = &all->v[all->n];

		if (all->n == promised)
			return refuse(r,
				      "more than the %zu sources that the "
				      "first line says",
				      promised);
		err = source_line(r, s);
		if (err)
			return err;
		if (all->n && source_compare(s - 1, s) >= 0)
			return refuse(r, "not behind the source before it");
		all->n++;
	}
	if (!err && all->n != promised)
		return refuse(r,
			      "%zu sources where the first line says %zu: "
			      "truncated",
			      all->n, promised);
	return err;
}

int histories_parse(FILE *f, struct histories *all, struct histories_error *e)
{
	struct history_parser r = {.f = f, .e = e};
	size_t promised;
	int err = first_line(&r, &promised);

	memset(all, 0, sizeof(*all));
	if (err)
		return err;
	all->v = calloc(promised + 1, sizeof(*all->v));
	if (!all->v)
		return -ENOMEM;
	err = all_lines(&r, all, promised);
	if (err)
		histories_free(all);
	return err;
}

int histories_read(struct histories *all)
{
	char path[STORE_PATH];
	struct histories_error e;
	FILE *f;
	int err;

	memset(all, 0, sizeof(*all));
	store_path("known", path);
	f = store_read(path);
	if (!f && errno == ENOENT)
		return 0;
	err = f ? histories_parse(f, all, &e) : -errno;
	if (err == -EINVAL)
		log_error("%s:%zu: %s; nothing of it is used", path, e.line,
			  e.text);
	else if (err)
		log_error("%s: cannot be read: %s", path, strerror(-err));
	if (f)
		fclose(f);
	return err;
}

int histories_put_aside(const char *suffix)
{
	char path[STORE_PATH], aside[STORE_PATH + 16];

	store_path("known", path);
	snprintf(aside, sizeof(aside), "%s.%s", path, suffix);
	if (rename(path, aside))
		return errno == ENOENT ? 0 : store_told(aside, -errno);
	log_warning("the file of histories is kept as %s", aside);
	return 0;
}

/* --- writing ------------------------------------------------------------- */

/* One history of one source, of two. */
static void merge(struct history_entry *s, const struct history_entry *other)
{
	s->since = other->since < s->since ? other->since : s->since;
	s->last = other->last > s->last ? other->last : s->last;
}

/* Leaves one history of each source, of the HISTORIES_MOST that connected last,
 * sorted. */
static void tidy(struct histories *all)
{
	size_t n = 0;

	qsort(all->v, all->n, sizeof(*all->v), source_compare);
	for (size_t i = 0; i < all->n; i++)
		if (n && !source_compare(&all->v[n - 1], &all->v[i]))
			merge(&all->v[n - 1], &all->v[i]);
		else
			all->v[n++] = all->v[i];
	all->n = n;
	if (n <= HISTORIES_MOST)
		return;
	qsort(all->v, n, sizeof(*all->v), last_compare);
	all->n = HISTORIES_MOST;
	qsort(all->v, all->n, sizeof(*all->v), source_compare);
	log_warning("%zu of %zu histories are left out, of the sources that "
		    "connected least recently: mailweir keeps %d",
		    n - all->n, n, HISTORIES_MOST);
}

void histories_print(FILE *f, const struct histories *all)
{
	char source[PREFIX_TEXT], since[HOUR_TEXT], last[HOUR_TEXT];

	fprintf(f, "mailweir known %d %zu\n", VERSION, all->n);
	for (size_t i = 0; i < all->n; i++) {
		prefix_text(&all->v[i].source, source);
		hour_text(all->v[i].since, since);
		hour_text(all->v[i].last, last);
		fprintf(f, "%s %s %s\n", source, since, last);
	}
}

static int all_good(const struct histories *all)
{
	char source[PREFIX_TEXT];
	const char *why;

	for (size_t i = 0; i < all->n; i++) {
		why = source_wrong(&all->v[i]);
		if (!why)
			continue;
		prefix_text(&all->v[i].source, source);
		log_error("%s has no history: %s", source, why);
		return -EINVAL;
	}
	return 0;
}

int histories_write(const struct histories *all)
{
	struct histories copy = {malloc((all->n + 1) * sizeof(*all->v)),
				 all->n};
	struct store_file file;
	int err = copy.v ? all_good(all) : -ENOMEM;

	if (err == -ENOMEM)
		log_error("the histories are not kept: %s", strerror(-err));
	if (!err)
		err = store_begin("known", 0600, &file);
	if (!err) {
		if (all->n)
			memcpy(copy.v, all->v, all->n * sizeof(*all->v));
		tidy(&copy);
		histories_print(file.f, &copy);
		err = store_end(&file);
	}
	histories_free(&copy);
	return err;
}

void histories_free(struct histories *all)
{
	free(all->v);
	memset(all, 0, sizeof(*all));
}
