// SPDX-License-Identifier: GPL-2.0
#include "config/check.h"

#include <string.h>

/* --- a section ----------------------------------------------------------- */

/* The line of a key of the open section. */
static int line_of(const struct config_parser *p, const char *name)
{
	return keys_line(p, p->section, name);
}

/* A limit needs a rate and a burst, unless it counts connections alone. */
static void check_pair(struct config_parser *p)
{
	int rate = line_of(p, "rate"), burst = line_of(p, "burst");
	bool alone = line_of(p, "connections") && !rate && !burst;

	if (!rate && !alone)
		keys_missing(p, "has", "rate");
	if (!burst && !alone)
		keys_missing(p, "has", "burst");
}

/* window holds the burst, and becomes the window. */
static void finish_limit(struct config_parser *p, struct mw_limit *limit)
{
	__u64 burst = limit->window, most;

	if (!limit->interval || !burst)
		return;
	most = VALUE_WINDOW / limit->interval + 1;
	if (burst > most)
		complain(&p->say, line_of(p, "burst"),
			 "burst is %llu, which this rate refills in more than "
			 "30 days; write %llu at most",
			 burst, most);
	limit->window = (burst - 1) * limit->interval;
}

/* Notes a burst of 1 for check_escalated(), which may come first. */
static void note_burst(struct config_parser *p, const struct mw_limit *limit)
{
	if (limit->window == 1 && !p->burst_one)
		p->burst_one = line_of(p, "burst");
}

static void check_level(struct config_parser *p, enum mw_level level)
{
	struct mw_limit *limit = &p->cfg->settings.level[level].limit;

	if (level == MW_SOURCE)
		note_burst(p, limit);
	check_pair(p);
	finish_limit(p, limit);
}

static void check_escalation(struct config_parser *p)
{
	const struct mw_escalation *e = &p->cfg->settings.escalation;
	int max = line_of(p, "max");

	if (e->max < e->base)
		complain(&p->say, max ? max : line_of(p, "for"),
			 "max is shorter than for; write a longer max");
}

/* rate and burst belong to the lists that limit, and those need them. */
static void check_list_rate(struct config_parser *p, const char *name)
{
	enum mw_action action = p->list->rule.action;
	int line = line_of(p, name);

	if (action == MW_LIMIT && !line)
		keys_missing(p, "limits and has", name);
	if (action != MW_LIMIT && line)
		complain(&p->say, line,
			 "%s belongs to action = limit and %s has action = %s; "
			 "remove the line",
			 name, p->title, keys_action(action));
}

static void check_list(struct config_parser *p)
{
	struct config_list *list = p->list;
	struct mw_rule *rule = &list->rule;

	if (!line_of(p, "file") && !line_of(p, "asn"))
		complain(&p->say, p->opened,
			 "%s has neither file nor asn; add a line such as "
			 "file = %s or asn = %s",
			 p->title, keys_example(SECTION_LIST, "file"),
			 keys_example(SECTION_LIST, "asn"));
	if (rule->action == MW_NONE)
		return;
	check_list_rate(p, "rate");
	check_list_rate(p, "burst");
	list->guard.allow = rule->action == MW_ALLOW;
	list->guard.set = list->set;
	list->guard.may_be_empty =
		line_of(p, "min_entries") && !list->guard.min_entries;
	if (rule->action == MW_LIMIT) {
		rule->limit.mode = rule->mode;
		note_burst(p, &rule->limit);
		finish_limit(p, &rule->limit);
	}
	if (rule->action == MW_ALLOW && rule->mode == MW_OBSERVE)
		complain(&p->say, line_of(p, "mode"),
			 "an allow list drops nothing to observe; remove "
			 "mode = observe");
}

void check_section(struct config_parser *p)
{
	struct mw_settings *s = &p->cfg->settings;

	switch (p->section) {
	case SECTION_LEVELS ... SECTION_LAST_LEVEL:
		check_level(p, p->section - SECTION_LEVELS);
		break;
	case SECTION_TOTAL:
		finish_limit(p, &s->level[MW_TOTAL].limit);
		break;
	case SECTION_ESCALATION:
		check_escalation(p);
		break;
	case SECTION_LIST:
		check_list(p);
		break;
	default:
		break;
	}
}

/* --- the file ------------------------------------------------------------ */

static void check_syn(struct config_parser *p)
{
	if (p->cfg->settings.charge != MW_CHARGE_SYN)
		return;
	for (int i = 0; i < MW_PREFIX_LEVELS; i++) {
		int line = keys_line(p, SECTION_LEVELS + i, "connections");

		if (line)
			complain(&p->say, line,
				 "connections are counted when handshakes "
				 "complete here, which charge = syn does not "
				 "look at; remove the line");
	}
	if (p->first[SECTION_TOTAL])
		complain(&p->say, p->first[SECTION_TOTAL],
			 "[limit total] is for sources that are not regular, "
			 "and with charge = syn no source becomes regular; "
			 "remove the section");
	if (p->first[SECTION_ESCALATION])
		complain(&p->say, p->first[SECTION_ESCALATION],
			 "[block] counts completed handshakes, which "
			 "charge = syn does not look at; remove the section");
}

static bool anyone_limited(const struct config *cfg)
{
	bool any = cfg->settings.level[MW_SOURCE].limit.interval;

	for (int i = 0; i < cfg->lists; i++)
		any |= cfg->list[i].rule.limit.interval != 0;
	return any;
}

static void check_escalated(struct config_parser *p)
{
	int section = p->first[SECTION_ESCALATION];

	if (section && !anyone_limited(p->cfg))
		complain(&p->say, section,
			 "[block] blocks sources that are over a limit of "
			 "their own, and there is none; add [limit source]");
	if (section && p->burst_one)
		complain(&p->say, p->burst_one,
			 "with burst = 1 each connection of a source uses up "
			 "its burst, and [block] counts that; write burst = 2 "
			 "or more");
}

/* Nothing that many sources share can be smaller than a source. A level whose
 * section is not given has lengths that follow those of sources. */
static void check_length(struct config_parser *p, enum mw_level level,
			 const char *name, __u8 source, __u8 *length)
{
	int section = p->first[SECTION_LEVELS + level];
	int line = keys_line(p, SECTION_LEVELS + level, name);

	if (*length <= source)
		return;
	if (!section)
		*length = source;
	else
		complain(&p->say, line ? line : section,
			 "%s of [%s] is %d and that of [limit source] %d; "
			 "write %d or less",
			 name, keys_section(SECTION_LEVELS + level), *length,
			 source, source);
}

static void check_lengths(struct config_parser *p)
{
	struct mw_level_settings *level = p->cfg->settings.level;

	for (int i = 0; i < MW_PREFIX_LEVELS; i++) {
		check_length(p, i, "ipv4_prefix_length", level[MW_SOURCE].len4,
			     &level[i].len4);
		check_length(p, i, "ipv6_prefix_length", level[MW_SOURCE].len6,
			     &level[i].len6);
	}
}

/* Limit lists are for fewer sources than there are. */
static void set_table_sizes(struct mw_settings *s)
{
	const struct mw_level_settings *source = &s->level[MW_SOURCE];

	for (int level = 0; level < MW_PREFIX_LEVELS; level++)
		s->level[level].open_sets = source->open_sets;
	s->level[MW_LIST].sets = source->sets / 4;
	s->level[MW_OBSERVED_LIST].sets = source->sets / 4;
	s->level[MW_TOTAL].sets = 1;
}

/* Lists are held against sources. */
static void set_list_lengths(struct mw_settings *s)
{
	for (int level = MW_LIST; level <= MW_OBSERVED_LIST; level++) {
		s->level[level].len4 = s->level[MW_SOURCE].len4;
		s->level[level].len6 = s->level[MW_SOURCE].len6;
	}
}

void check_file(struct config_parser *p)
{
	struct mw_settings *s = &p->cfg->settings;

	check_syn(p);
	check_escalated(p);
	check_lengths(p);
	set_list_lengths(s);
	set_table_sizes(s);
}
