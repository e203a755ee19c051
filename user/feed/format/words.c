// SPDX-License-Identifier: GPL-2.0
#include "feed/format/words.h"

#include <ctype.h>
#include <string.h>

const char words_blanks[] = " \t\v\f\r";

char *words_trim(char *line, bool comments)
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

char *words_next(char **rest)
{
	char *word = *rest + strspn(*rest, words_blanks);
	size_t len = strcspn(word, words_blanks);

	if (!len)
		return NULL;
	*rest = word + len + (word[len] != 0);
	word[len] = 0;
	return word;
}

char *words_entry(char **rest)
{
	char *word = *rest + strspn(*rest, words_blanks);
	char *end = word + strcspn(word, words_blanks);
	char *next = end + strspn(end, words_blanks);

	if (end > word && *next == '-')
		end = next + 1 + strspn(next + 1, words_blanks);
	else if (end > word && end[-1] == '-')
		end = next;
	end += strcspn(end, words_blanks);
	if (end == word)
		return NULL;
	*rest = end + (*end != 0);
	*end = 0;
	return word;
}

bool words_begin(const char *line, const char *with)
{
	return !strncmp(line, with, strlen(with));
}

bool words_many(const char *line)
{
	return line[strcspn(line, words_blanks)];
}

bool words_is_number(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

void words_blank_quotes(char *line)
{
	bool inside = false;

	for (; *line; line++) {
		if (*line == '"') {
			inside = !inside;
			*line = ' ';
		} else if (inside) {
			*line = ' ';
		}
	}
}

bool words_end(const char *text, const char *with)
{
	size_t len = strlen(text), n = strlen(with);

	return len >= n && !strcmp(text + len - n, with);
}
