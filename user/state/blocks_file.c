// SPDX-License-Identifier: GPL-2.0
#include "state/blocks_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lists/grow.h"
#include "out/log.h"
#include "state/store.h"

int kept_blocks_add(struct kept_blocks *blocks, const struct kept_block *block)
{
	struct kept_block *v =
		grow(blocks->v, &blocks->room, blocks->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	blocks->v = v;
	v[blocks->n++] = *block;
	return 0;
}

enum { FIELDS_OLD = 3, FIELDS = 5 };

/* Splits a line at its tabs, of which the last field may have some; returns how
 * many fields there are. */
static int split(char *line, char *field[FIELDS])
{
	int n = 0;

	line[strcspn(line, "\n")] = 0;
	while (line && n < FIELDS)
		field[n++] = strsep(&line, "\t");
	return n;
}

static bool is_number(const char *text, __u64 *number)
{
	char *end;

	*number = strtoull(text, &end, 10);
	return *text && !*end;
}

static int block_line(struct kept_blocks *blocks, char *line)
{
	struct kept_block b = {};
	char *field[FIELDS];
	int n = split(line, field);
	const char *reason;
	bool masked;

	if ((n != FIELDS && n != FIELDS_OLD) ||
	    prefix_parse(field[0], &b.prefix, &masked, &reason) ||
	    !is_number(field[1], &b.created))
		return -EINVAL;
	snprintf(b.why, sizeof(b.why), "%s", field[n - 1]);
	if (n == FIELDS) {
		if (!is_number(field[2], &b.ends))
			return -EINVAL;
		snprintf(b.by, sizeof(b.by), "%s", field[3]);
	}
	return kept_blocks_add(blocks, &b);
}

/* The first line says how many follow; files of older versions have none. A
 * comment takes the place of a block that an operator does not want. */
static const char counts[] = "# mailweir run-time blocks: ";

/* Every line; one that is no block is left out and told. */
static int all_lines(FILE *f, const char *path, struct kept_blocks *blocks)
{
	size_t number = 0, promised = 0;
	int err = 0;
	char line[256];

	errno = 0;
	while (!err && fgets(line, sizeof(line), f)) {
		if (!number++ && !strncmp(line, counts, strlen(counts)))
			promised =
				strtoull(line + strlen(counts), NULL, 10) + 1;
		if (*line == '#')
			continue;
		err = block_line(blocks, line);
		if (err != -EINVAL)
			continue;
		log_error("%s:%zu: not a block, and left out; correct the line "
			  "or put a # in front, and run 'mailweir reload'",
			  path, number);
		blocks->wrong++;
		err = 0;
	}
	if (!err && ferror(f))
		err = errno ? -errno : -EIO;
	if (!err && number < promised) {
		log_error("%s: has %zu of %zu blocks: truncated; restore it "
			  "from a backup, or take its first line out to go on "
			  "with these, and run 'mailweir reload'",
			  path, number - 1, promised - 1);
		blocks->wrong++;
	}
	return err;
}

int blocks_file_read(struct kept_blocks *blocks)
{
	char path[STORE_PATH];
	FILE *f;
	int err;

	memset(blocks, 0, sizeof(*blocks));
	store_path("blocks", path);
	f = store_read(path);
	if (!f && errno == ENOENT)
		return 0;
	err = f ? all_lines(f, path, blocks) : -errno;
	if (f)
		fclose(f);
	if (err)
		log_error("%s: cannot be read: %s", path, strerror(-err));
	return err;
}

int blocks_file_write(const struct kept_blocks *blocks)
{
	char text[PREFIX_TEXT];
	struct store_file file;
	int err = store_begin("blocks", 0644, &file);

	if (err)
		return err;
	fprintf(file.f, "%s%zu\n", counts, blocks->n);
	for (size_t i = 0; i < blocks->n; i++) {
		const struct kept_block *b = &blocks->v[i];

		prefix_text(&b->prefix, text);
		fprintf(file.f, "%s\t%llu\t%llu\t%s\t%s\n", text, b->created,
			b->ends, b->by, b->why);
	}
	return store_end(&file);
}

void kept_blocks_free(struct kept_blocks *blocks)
{
	free(blocks->v);
	memset(blocks, 0, sizeof(*blocks));
}
