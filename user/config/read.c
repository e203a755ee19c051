// SPDX-License-Identifier: GPL-2.0
#include "config/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/check.h"
#include "config/keys.h"
#include "config/lines.h"
#include "config/spell.h"

/* --- sections ------------------------------------------------------------ */

static void unknown_section(struct config_parser *p, const char *name)
{
	const char *known[SECTIONS], *near;
	char all[CONFIG_WANT];
	int used = 0;

	for (int i = 0; i < SECTIONS; i++) {
		known[i] = keys_section(i);
		used += snprintf(all + used, sizeof(all) - used, "%s[%s]",
				 i ? ", " : "", known[i]);
	}
	near = spell_nearest(name, known, SECTION_LIST);
	complain(&p->say, p->line, "unknown section %s; %s%s%ssections are %s",
		 p->title, near ? "did you mean [" : "", near ? near : "",
		 near ? "]? " : "", all);
}

/* line: of the section's first header; 0: this is the first. */
static bool section_is_new(struct config_parser *p, int line)
{
	if (line)
		complain(&p->say, p->line,
			 "%s is given twice, first on line %d; put all its "
			 "lines there",
			 p->title, line);
	return !line;
}

bool config_is_list_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len < MW_NAME && !name[len] && *name != '_' &&
	       *name != '-';
}

/* The line of the list of that name; 0: there is none yet. */
static int list_line(const struct config *cfg, const char *name)
{
	for (int i = 0; i < cfg->lists; i++)
		if (!strcmp(cfg->list[i].name, name))
			return cfg->list[i].line;
	return 0;
}

static enum config_section open_list(struct config_parser *p, const char *name)
{
	struct config *cfg = p->cfg;

	if (!config_is_list_name(name)) {
		complain(&p->say, p->line,
			 "%s is not a good name; write 1 to %d of a-z, 0-9, - "
			 "and _, beginning with a letter or digit",
			 p->title, MW_NAME - 1);
		return SECTIONS;
	}
	if (!section_is_new(p, list_line(cfg, name)))
		return SECTIONS;
	if (cfg->lists == MW_LISTS) {
		complain(&p->say, p->line,
			 "%s is one list too many; write %d at most", p->title,
			 MW_LISTS);
		return SECTIONS;
	}
	p->list = &cfg->list[cfg->lists++];
	memcpy(p->list->name, name, strlen(name) + 1);
	p->list->line = p->line;
	return SECTION_LIST;
}

/* SECTIONS: there is no such section, or there is one already. */
static enum config_section find_section(struct config_parser *p,
					const char *name)
{
	if (!strcmp(name, "list")) {
		complain(&p->say, p->line,
			 "[list] has no name; write [list NAME]");
		return SECTIONS;
	}
	if (!strncmp(name, "list ", strlen("list ")))
		return open_list(p, name + strlen("list "));
	for (int i = 0; i < SECTION_LIST; i++) {
		if (strcmp(name, keys_section(i)))
			continue;
		if (!section_is_new(p, p->first[i]))
			return SECTIONS;
		p->first[i] = p->line;
		return i;
	}
	unknown_section(p, name);
	return SECTIONS;
}

static void close_section(struct config_parser *p)
{
	if (p->section == SECTIONS)
		return;
	keys_close(p);
	check_section(p);
	p->section = SECTIONS;
}

static void open_section(struct config_parser *p, const char *name)
{
	char header[LINES_LENGTH + 1];
	int len = snprintf(header, sizeof(header), "[%s]", name);

	close_section(p);
	complain_word(header, len, p->title);
	p->opened = p->line;
	p->section = find_section(p, name);
	keys_open(p);
}

/* --- the file ------------------------------------------------------------ */

static void take_setting(struct config_parser *p, const char *name,
			 const char *value)
{
	char shown[CONFIG_WORD];

	if (p->section != SECTIONS)
		keys_take(p, name, value);
	else if (!p->opened)
		complain(&p->say, p->line,
			 "%s stands before any section; begin with [gate]",
			 complain_word(name, strlen(name), shown));
}

static void complain_unreadable(struct complaints *say, int error)
{
	complain(say, 0,
		 "cannot be read: %s; give -c FILE or create it from the "
		 "example mailweir.conf",
		 strerror(error));
}

static void read_lines(struct config_parser *p, FILE *f)
{
	struct lines lines = {.f = f, .say = &p->say};
	struct line line;

	while (lines_next(&lines, &line)) {
		p->line = lines.line;
		if (line.value)
			take_setting(p, line.name, line.value);
		else
			open_section(p, line.name);
	}
	if (ferror(f))
		complain_unreadable(&p->say, errno);
	close_section(p);
}

int config_read(FILE *f, const char *name, struct config *cfg,
		struct config_errors *errors)
{
	struct config_parser p = {
		.cfg = cfg,
		.say = {.name = name, .to = errors},
		.section = SECTIONS,
	};
	int err = 0;

	memset(cfg, 0, sizeof(*cfg));
	memset(errors, 0, sizeof(*errors));
	cfg->name = name;
	keys_begin(&p);
	read_lines(&p, f);
	check_file(&p);
	if (p.say.no_memory)
		err = -ENOMEM;
	else if (errors->errors)
		err = -EINVAL;
	if (err)
		config_free(cfg);
	return err;
}

int config_read_file(const char *path, struct config *cfg,
		     struct config_errors *errors)
{
	struct complaints say = {.name = path, .to = errors};
	FILE *f = fopen(path, "re");
	int err;

	if (f) {
		err = config_read(f, path, cfg, errors);
		fclose(f);
		return err;
	}
	err = errno;
	memset(cfg, 0, sizeof(*cfg));
	memset(errors, 0, sizeof(*errors));
	complain_unreadable(&say, err);
	return say.no_memory ? -ENOMEM : -EINVAL;
}

const struct config_list *config_find_list(const struct config *cfg,
					   const char *name)
{
	for (int i = 0; i < cfg->lists; i++)
		if (!strcmp(cfg->list[i].name, name))
			return &cfg->list[i];
	return NULL;
}

void config_free(struct config *cfg)
{
	for (int i = 0; i < cfg->lists; i++) {
		free(cfg->list[i].file);
		free(cfg->list[i].except);
		free(cfg->list[i].set);
		asn_free(&cfg->list[i].asns);
	}
	free(cfg->asn_table);
	memset(cfg, 0, sizeof(*cfg));
}
