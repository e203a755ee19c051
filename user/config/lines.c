// SPDX-License-Identifier: GPL-2.0
#include "config/lines.h"

#include <string.h>

#include "config/values.h"

enum { MAX_FILE = 1 << 20, DELETE = 0x7f };

/* --- bytes to lines ------------------------------------------------------ */

static bool is_control(int c)
{
	return c != '\t' && (c < ' ' || c == DELETE);
}

/* Is this '\r' part of the line's end? */
static bool ends_line(FILE *f)
{
	int next = getc(f);

	ungetc(next, f);
	return next == '\n' || next == EOF;
}

static void take_byte(struct lines *l, char c)
{
	static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark */

	if (l->length < LINES_LENGTH)
		l->text[l->length] = c;
	l->length++;
	if (l->control == EOF && is_control((unsigned char)c))
		l->control = (unsigned char)c;
	if (l->line == 1 && l->length == 3 && !memcmp(l->text, mark, 3))
		l->length = 0;
}

/* Reads one line, of which LINES_LENGTH bytes are kept and all are counted.
 * false: there is none, or the file is too large. */
static bool read_line(struct lines *l)
{
	int c = getc(l->f);

	if (c == EOF)
		return false;
	l->line++;
	l->bytes++;
	l->length = 0;
	l->control = EOF;
	for (; c != EOF && c != '\n' && l->bytes <= MAX_FILE; c = getc(l->f)) {
		l->bytes++;
		if (c != '\r' || !ends_line(l->f))
			take_byte(l, c);
	}
	l->text[l->length < LINES_LENGTH ? l->length : LINES_LENGTH] = '\0';
	return l->bytes <= MAX_FILE;
}

/* --- what a line may be -------------------------------------------------- */

/* A blank line is a comment; of a longer one than there is room for, what is
 * left may be blank. */
static bool is_comment(const struct lines *l)
{
	const char *text = l->text + strspn(l->text, " \t");

	return *text ? *text == ';' || *text == '#' : l->length <= LINES_LENGTH;
}

static bool is_readable(struct lines *l)
{
	char shown[CONFIG_WORD];

	if (l->control != EOF)
		complain(l->say, l->line,
			 "control character \\x%02x; write plain text",
			 l->control);
	else if (l->length > LINES_LENGTH)
		complain(l->say, l->line, "line of %zu bytes; write %d at most",
			 l->length, LINES_LENGTH);
	else if (value_is_blank(*l->text))
		complain(l->say, l->line,
			 "indented line '%s'; begin it in the first column",
			 complain_word(l->text, strlen(l->text), shown));
	else
		return true;
	return false;
}

static void cut_blanks(char *text, char *end)
{
	while (end > text && value_is_blank(end[-1]))
		end--;
	*end = '\0';
}

/* Takes away a comment that follows a blank, and blanks at the end. */
static void cut_comment(char *text)
{
	char *end = text;

	while (*end &&
	       !(end > text && value_is_blank(end[-1]) && strchr(";#", *end)))
		end++;
	cut_blanks(text, end);
}

/* "[gate]" */
static bool take_section(struct lines *l, struct line *line)
{
	char *end = strchr(l->text, ']');
	char shown[CONFIG_WORD];

	complain_word(l->text, strlen(l->text), shown);
	if (!end) {
		complain(l->say, l->line,
			 "section '%s' is not closed; end it with ]", shown);
		return false;
	}
	if (end[1]) {
		complain(l->say, l->line,
			 "'%s' goes on behind its ]; begin a new line", shown);
		return false;
	}
	*end = '\0';
	*line = (struct line){.name = l->text + 1};
	return true;
}

/* "mode = observe". A colon in front of the = is another program's syntax. */
static bool take_setting(struct lines *l, struct line *line)
{
	char *end = l->text + strcspn(l->text, "=:"), *value = end + 1;
	char shown[CONFIG_WORD];

	if (*end != '=' || end == l->text) {
		complain(l->say, l->line,
			 "'%s' is neither a section nor a setting; write "
			 "[SECTION] or KEY = VALUE",
			 complain_word(l->text, strlen(l->text), shown));
		return false;
	}
	cut_blanks(l->text, end);
	value += strspn(value, " \t");
	*line = (struct line){.name = l->text, .value = value};
	return true;
}

static bool take_line(struct lines *l, struct line *line)
{
	if ((l->control == EOF && is_comment(l)) || !is_readable(l))
		return false;
	cut_comment(l->text);
	return *l->text == '[' ? take_section(l, line) : take_setting(l, line);
}

bool lines_next(struct lines *l, struct line *line)
{
	while (read_line(l))
		if (take_line(l, line))
			return true;
	if (l->bytes > MAX_FILE)
		complain(l->say, 0,
			 "is larger than 1 MiB; give a configuration");
	return false;
}
