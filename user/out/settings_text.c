// SPDX-License-Identifier: GPL-2.0
#include "out/settings_text.h"

#include <stdio.h>
#include <string.h>

#include "bpf/bucket.h"
#include "lists/prefix.h"
#include "out/names.h"
#include "out/units.h"

/* As one would write it: 60/1m; where no unit fits, 1 in so long. */
void settings_rate(__u64 interval, char text[UNITS_TEXT])
{
	static const struct {
		__u64 ns;
		const char *name;
	} units[] = {{60 * UNITS_SECOND, "1m"},
		     {3600 * UNITS_SECOND, "1h"},
		     {86400 * UNITS_SECOND, "1d"}};
	char duration[UNITS_TEXT];

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].ns % interval)
			continue;
		snprintf(text, UNITS_TEXT, "%llu/%s", units[i].ns / interval,
			 units[i].name);
		return;
	}
	units_duration(interval, duration);
	snprintf(text, UNITS_TEXT, "1 in %.20s", duration);
}

void settings_limit(const struct mw_limit *limit, char text[UNITS_TEXT])
{
	char rate[UNITS_TEXT];

	if (!limit->interval) {
		snprintf(text, UNITS_TEXT, "none");
		return;
	}
	settings_rate(limit->interval, rate);
	snprintf(text, UNITS_TEXT, "%.30s, burst %llu%s", rate,
		 bucket_burst(limit),
		 limit->mode == MW_OBSERVE ? ", observed" : "");
}

static void level_text(const char *name, const struct mw_level_settings *level,
		       void (*say)(const char *name, const char *words))
{
	char rate[UNITS_TEXT], words[UNITS_TEXT * 2], at_once[48] = "";

	settings_limit(&level->limit, rate);
	if (level->open)
		snprintf(at_once, sizeof(at_once), ", %u connections%s",
			 level->open,
			 level->limit.mode == MW_OBSERVE ? ", observed" : "");
	snprintf(words, sizeof(words), "/%u, /%u: %s%s", level->len4,
		 level->len6, rate, at_once);
	say(name, words);
}

static void escalation_text(const struct mw_escalation *e,
			    void (*say)(const char *name, const char *words))
{
	char base[UNITS_TEXT], max[UNITS_TEXT], words[UNITS_TEXT * 4];

	units_duration(e->base, base);
	units_duration(e->max, max);
	snprintf(words, sizeof(words),
		 "%s: for %s, then %u times as long each time, %s at most",
		 e->why, base, e->growing, max);
	if (e->growing == 1)
		snprintf(words, sizeof(words), "%s: for %s", e->why, base);
	say("block", words);
}

static void nat64_text(const struct mw_nat64 *nat64,
		       void (*say)(const char *name, const char *words))
{
	struct mw_prefix p;
	char words[MW_NAT64 * (PREFIX_TEXT + 2)] = "", prefix[PREFIX_TEXT];

	for (__u32 i = 0; i < nat64->n; i++) {
		size_t used = strlen(words);

		prefix_of_nat64(nat64->prefix[i], &p);
		prefix_text(&p, prefix);
		snprintf(words + used, sizeof(words) - used, "%s%s",
			 i ? ", " : "", prefix);
	}
	say("nat64", words);
}

void settings_limits(const struct mw_settings *s,
		     void (*say)(const char *name, const char *words))
{
	const struct mw_limit *total = &s->level[MW_TOTAL].limit;
	char rate[UNITS_TEXT], words[UNITS_TEXT * 2];

	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		level_text(name_level(i), &s->level[i], say);
	settings_limit(total, rate);
	snprintf(words, sizeof(words), "%s, of sources that are not regular",
		 rate);
	if (total->interval)
		say(name_level(MW_TOTAL), words);
	if (s->escalation.after)
		escalation_text(&s->escalation, say);
	if (s->nat64.n > 1)
		nat64_text(&s->nat64, say);
}
