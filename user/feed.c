// SPDX-License-Identifier: GPL-2.0
#include "feed.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "text.h"

enum { WORD_SHOWN = 60 };

/* One file being read. */
struct reader {
	FILE *f;
	const char *name;
	const struct feed_guard *guard;
	struct prefix_set *set;
	struct prefix_set except; /* of ! lines */
	struct feed_report *report;
	char line[FEED_LINE + 2];
	size_t len;	/* of line, without its end */
	size_t before;	/* bytes of the file before line */
	size_t bytes;	/* and up to its end */
	size_t records; /* JSON lines with "cidr", refused ones too */
	bool json;
	bool metadata; /* its line has been seen */
	int err;       /* -ENOMEM, -EIO: no refusal */
};

/* --- errors -------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static void
refuse(struct reader *r, const char *format, ...)
{
	char text[512];
	va_list args;

	if (r->report->errors++ >= FEED_SHOWN)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (asprintf(&r->report->error[r->report->errors - 1], "%s:%zu: %s",
		     r->name, r->report->lines, text) < 0) {
		r->report->error[--r->report->errors] = NULL;
		r->err = -ENOMEM;
	}
}

static void refuse_word(struct reader *r, const char *word, const char *why)
{
	char shown[WORD_SHOWN + sizeof("...")];

	text_escape(word, strlen(word), shown, sizeof(shown));
	refuse(r, "'%s': %s", shown, why);
}

/* --- lines --------------------------------------------------------------- */

static const char web_page[] = "looks like a web page, not like a list";

/* Files that are no lists at all, by how they begin. */
static const struct {
	const char *bytes;
	size_t len;
	const char *why;
} foreign[] = {
	{"\x1f\x8b", 2, "compressed (gzip); unpack it first"},
	{"BZh", 3, "compressed (bzip2); unpack it first"},
	{"\xfd"
	 "7zXZ",
	 5, "compressed (xz); unpack it first"},
	{"PK\x03\x04", 4, "compressed (zip); unpack it first"},
	{"\xff\xfe", 2, "UTF-16 text; save it as UTF-8"},
	{"\xfe\xff", 2, "UTF-16 text; save it as UTF-8"},
};

/* 1: a line; 0: the end, or nothing further makes sense. */
static int line_read(struct reader *r)
{
	int c = 0;

	r->len = 0;
	r->before = r->bytes;
	while (r->len <= FEED_LINE && (c = getc_unlocked(r->f)) != EOF &&
	       c != '\n')
		r->line[r->len++] = c;
	r->bytes += r->len + (c == '\n');
	if (ferror(r->f))
		r->err = -EIO;
	if (r->err || (!r->len && c == EOF))
		return 0;
	r->report->lines++;
	r->line[r->len] = 0;
	return 1;
}

/* What runs past FEED_LINE is not read to its end. */
static bool line_too_long(struct reader *r)
{
	if (r->len <= FEED_LINE)
		return false;
	if (*r->line == '<')
		refuse_word(r, r->line, web_page);
	else
		refuse(r, "a line longer than %d bytes; this is no list",
		       FEED_LINE);
	return true;
}

/* Other files than lists are told by the first line, however long. */
static bool line_foreign(struct reader *r)
{
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++) {
		if (r->len < foreign[i].len ||
		    memcmp(r->line, foreign[i].bytes, foreign[i].len))
			continue;
		refuse(r, "%s", foreign[i].why);
		return true;
	}
	return false;
}

static void line_drop_bom(struct reader *r)
{
	if (r->len < 3 || memcmp(r->line, "\xef\xbb\xbf", 3))
		return;
	r->len -= 3;
	memmove(r->line, r->line + 3, r->len + 1);
}

/* What is left of a line without comment and blanks around. */
static char *line_trim(char *line, bool comments)
{
	char *end;

	while (isspace((unsigned char)*line))
		line++;
	if (comments)
		line[strcspn(line, "#;")] = 0;
	end = line + strlen(line);
	while (end > line && isspace((unsigned char)end[-1]))
		*--end = 0;
	return line;
}

/* --- entries ------------------------------------------------------------- */

static void entry_counted(struct reader *r, bool masked)
{
	r->report->entries++;
	r->report->masked += masked;
}

static bool too_wide(struct reader *r, const struct mw_prefix *p,
		     const char *word)
{
	int shortest =
		p->family == 4 ? r->guard->max_prefix4 : r->guard->max_prefix6;
	char text[PREFIX_TEXT], why[160];

	if (p->len >= shortest)
		return false;
	prefix_text(p, text);
	snprintf(why, sizeof(why),
		 "%s is wider than /%d; max_prefix in a list's section "
		 "allows it where it is meant",
		 text, shortest);
	refuse_word(r, word, why);
	return true;
}

static void entry_prefix(struct reader *r, const char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		refuse_word(r, word, why);
		return;
	}
	if (too_wide(r, &p, word))
		return;
	entry_counted(r, masked);
	r->err = prefix_add(r->set, &p);
}

static bool range_end(struct reader *r, const char *word, struct mw_prefix *p)
{
	const char *why;

	if (strchr(word, '/')) {
		refuse_word(r, word, "a range goes from address to address");
		return false;
	}
	if (prefix_parse(word, p, NULL, &why)) {
		refuse_word(r, word, why);
		return false;
	}
	return true;
}

static void entry_range(struct reader *r, char *from, char *dash)
{
	struct mw_prefix first, last;
	size_t before = r->set->n;
	int err;

	*dash = 0;
	from = line_trim(from, false);
	dash = line_trim(dash + 1, false);
	if (!range_end(r, from, &first) || !range_end(r, dash, &last))
		return;
	err = prefix_add_range(r->set, &first, &last);
	if (err == -EINVAL) {
		refuse_word(r, from,
			    first.family != last.family
				    ? "the range ends in the other family"
				    : "the range ends before it begins");
		return;
	}
	r->err = err;
	for (size_t i = before; i < r->set->n; i++)
		if (too_wide(r, &r->set->v[i], from))
			return;
	entry_counted(r, false);
}

/* !PREFIX: taken out of what the other lines put in, wherever it stands. */
static void line_exclusion(struct reader *r, char *word)
{
	struct mw_prefix p;
	const char *why;
	bool masked;

	if (prefix_parse(word, &p, &masked, &why)) {
		refuse_word(r, word, why);
		return;
	}
	r->report->excluded++;
	r->report->masked += masked;
	r->err = prefix_add(&r->except, &p);
}

static void line_plain(struct reader *r)
{
	char *word = line_trim(r->line, true);
	char *dash = strchr(word, '-');

	if (!*word)
		return;
	if (*word == '!') {
		line_exclusion(r, line_trim(word + 1, false));
		return;
	}
	if (*word == '<')
		refuse_word(r, word, web_page);
	else if (dash)
		entry_range(r, word, dash);
	else if (word[strcspn(word, " \t\v\f\r")])
		refuse_word(r, word,
			    "more than one word; one entry a line, and "
			    "comments begin with # or ;");
	else
		entry_prefix(r, word);
}

/* --- Spamhaus DROP, JSON lines ------------------------------------------- */

static bool json_number(struct json_object *o, const char *key, size_t *value)
{
	struct json_object *member;

	if (!json_object_object_get_ex(o, key, &member) ||
	    !json_object_is_type(member, json_type_int) ||
	    json_object_get_int64(member) < 0)
		return false;
	*value = json_object_get_int64(member);
	return true;
}

/* The last line says how much there must be: the check against truncation. */
static void json_metadata(struct reader *r, struct json_object *o)
{
	size_t records, size;

	r->metadata = true;
	if (!json_number(o, "records", &records) ||
	    !json_number(o, "size", &size))
		refuse(r, "metadata without records and size; fetch the file "
			  "again");
	else if (records != r->records)
		refuse(r,
		       "metadata says %zu records, the file has %zu: truncated "
		       "or altered; fetch it again",
		       records, r->records);
	else if (size != r->before)
		refuse(r,
		       "metadata says %zu bytes, the file has %zu: truncated "
		       "or altered; fetch it again",
		       size, r->before);
}

static void json_entry(struct reader *r, struct json_object *cidr)
{
	const char *word = json_object_get_string(cidr);

	r->records++;
	if (strlen(word) != (size_t)json_object_get_string_len(cidr))
		refuse(r, "a NUL byte in \"cidr\"; fetch the file again");
	else
		entry_prefix(r, word);
}

static void json_object_line(struct reader *r, struct json_object *o)
{
	struct json_object *member;

	if (r->metadata)
		refuse(r, "a line behind the metadata; fetch the file again");
	else if (json_object_object_get_ex(o, "type", &member) &&
		 !strcmp(json_object_get_string(member) ?: "", "metadata"))
		json_metadata(r, o);
	else if (json_object_object_get_ex(o, "cidr", &member) &&
		 json_object_is_type(member, json_type_string))
		json_entry(r, member);
	else
		refuse(r, "neither an entry with \"cidr\" nor metadata");
}

static void line_json(struct reader *r)
{
	struct json_tokener *t = json_tokener_new();
	char *text = line_trim(r->line, false);
	struct json_object *o;

	if (!t) {
		r->err = -ENOMEM;
		return;
	}
	json_tokener_set_flags(t, JSON_TOKENER_STRICT);
	o = *text ? json_tokener_parse_ex(t, text, strlen(text) + 1) : NULL;
	if (json_object_is_type(o, json_type_object))
		json_object_line(r, o);
	else if (*text)
		refuse_word(r, text,
			    "not a line of JSON; fetch the file again");
	json_object_put(o);
	json_tokener_free(t);
}

/* --- the whole ----------------------------------------------------------- */

static void line_any(struct reader *r)
{
	if (r->json)
		line_json(r);
	else
		line_plain(r);
}

/* Sorted, duplicates out, nested ones counted. */
static void set_finish(struct reader *r)
{
	struct prefix_set *set = r->set;
	struct mw_prefix outer;
	size_t n = 0;

	qsort(set->v, set->n, sizeof(*set->v), prefix_compare);
	for (size_t i = 0; i < set->n; i++) {
		if (n && !prefix_compare(&set->v[i], &set->v[n - 1])) {
			r->report->duplicates++;
			continue;
		}
		if (n && prefix_covers(&outer, &set->v[i]))
			r->report->nested++;
		else
			outer = set->v[i];
		set->v[n++] = set->v[i];
	}
	set->n = n;
}

static void read_lines(struct reader *r)
{
	bool started = false;

	while (!r->err && line_read(r)) {
		bool first = r->report->lines == 1;

		if ((first && line_foreign(r)) || line_too_long(r))
			return;
		if (first)
			line_drop_bom(r);
		if (memchr(r->line, 0, r->len)) {
			refuse(r, "a NUL byte; this is no text");
			continue;
		}
		if (!started && line_trim(r->line, false)[0]) {
			started = true;
			r->json = *line_trim(r->line, false) == '{';
		}
		line_any(r);
	}
	if (r->err || r->report->errors)
		return;
	if (r->json && !r->metadata)
		refuse(r, "no metadata in the last line: truncated; fetch the "
			  "file again");
	else if (!r->set->n)
		refuse(r, "no entries; an empty list is taken for a broken "
			  "one");
}

/* What is excluded, in the file or by the configuration, goes out; what is
 * left must be enough. */
static void set_guard(struct reader *r)
{
	const struct prefix_set *outside = r->guard->except;

	if (!r->err && r->except.n)
		r->err = prefix_subtract(r->set, &r->except);
	if (!r->err && outside)
		r->err = prefix_subtract(r->set, outside);
	if (r->err)
		return;
	for (size_t i = 0; i < r->set->n; i++)
		r->set->v[i].family == 4 ? r->report->entries4++
					 : r->report->entries6++;
	if (!r->set->n)
		refuse(r, "everything in it is excluded; nothing is left");
	else if (r->set->n < r->guard->min_entries)
		refuse(r, "%zu prefixes, fewer than min_entries = %zu",
		       r->set->n, r->guard->min_entries);
}

int feed_read(FILE *f, const char *name, const struct feed_guard *guard,
	      struct prefix_set *set, struct feed_report *report)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err;

	memset(set, 0, sizeof(*set));
	memset(report, 0, sizeof(*report));
	if (!r)
		return -ENOMEM;
	*r = (struct reader){.f = f,
			     .name = name,
			     .guard = guard,
			     .set = set,
			     .report = report};
	read_lines(r);
	if (!r->err && !report->errors) {
		set_finish(r);
		set_guard(r);
	}
	err = r->err ? r->err : report->errors ? -EINVAL : 0;
	if (err)
		prefix_free(set);
	prefix_free(&r->except);
	free(r);
	return err;
}

static int refuse_file(struct feed_report *report, const char *path,
		       const char *why)
{
	memset(report, 0, sizeof(*report));
	if (asprintf(&report->error[0], "%s: %s", path, why) < 0)
		return -ENOMEM;
	report->errors = 1;
	return -EINVAL;
}

int feed_read_file(const char *path, const struct feed_guard *guard,
		   struct prefix_set *set, struct feed_report *report)
{
	char why[128];
	struct stat st;
	FILE *f = fopen(path, "re");
	int err;

	memset(set, 0, sizeof(*set));
	if (!f) {
		snprintf(why, sizeof(why), "cannot be read: %s",
			 strerror(errno));
		return refuse_file(report, path, why);
	}
	if (!fstat(fileno(f), &st) && S_ISDIR(st.st_mode))
		err = refuse_file(report, path, "a directory, not a file");
	else
		err = feed_read(f, path, guard, set, report);
	report->modified = st.st_mtime;
	fclose(f);
	return err;
}

void feed_report_free(struct feed_report *report)
{
	for (int i = 0; i < FEED_SHOWN; i++)
		free(report->error[i]);
	memset(report, 0, sizeof(*report));
}
