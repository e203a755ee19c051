// SPDX-License-Identifier: GPL-2.0
/* mailweir enforce and observe: the mode of the gate, and nothing else */
#include <stdlib.h>

#include "cmd/cmd.h"
#include "gate/clock.h"
#include "kernel/table.h"
#include "out/json.h"
#include "out/log.h"
#include "out/names.h"

/* table_blocks */
static int count_block(const struct mw_prefix *p, const struct mw_block *block,
		       void *n)
{
	(void)p;
	*(size_t *)n += !table_block_is_over(block->expires, clock_now());
	return 0;
}

static bool has_observed(const struct mw_settings *s)
{
	bool observed = false;

	for (int i = 0; i < MW_LEVELS; i++)
		observed |= (s->level[i].limit.interval || s->level[i].open) &&
			    s->level[i].limit.mode == MW_OBSERVE;
	for (int i = 0; i < MW_LIST_SLOTS; i++)
		observed |=
			s->rules[i].action && s->rules[i].mode == MW_OBSERVE;
	return observed;
}

/* What drops from now on, that did not. */
static void say_enforced(const struct engine *e, const struct mw_settings *s)
{
	size_t blocks = 0;

	if (!table_blocks(e, count_block, &blocks) && blocks)
		log_info("%zu run-time blocks drop from now on, also those "
			 "that were made while observing; 'mailweir blocks' "
			 "lists them",
			 blocks);
	if (has_observed(s))
		log_info("what has mode = observe of its own still drops "
			 "nothing");
}

static void say_file(const struct options *o, enum mw_mode mode)
{
	const char *differs = cmd_mode_differs(o, mode);

	if (differs)
		log_warning("%s %s: the next reload, and the next boot, do as "
			    "it says; 'mode = %s' in its [gate] keeps this",
			    o->config, differs, name_mode(mode));
}

static int switched(const struct options *o, const struct engine *e,
		    enum mw_mode was, enum mw_mode mode)
{
	struct mw_settings s;

	if (table_settings(e, &s))
		return EXIT_DEGRADED;
	if (was == mode)
		log_info("the mode is %s, as before; generation %u",
			 name_mode(mode), e->generation);
	else
		log_info("the mode is %s now, and was %s; nothing else was "
			 "changed; generation %u",
			 name_mode(mode), name_mode(was), e->generation);
	if (mode == MW_ENFORCE && was != mode)
		say_enforced(e, &s);
	say_file(o, mode);
	if (o->json) {
		json_add_text(o->document, "mode", name_mode(mode));
		json_add_text(o->document, "was", name_mode(was));
		json_add_u64(o->document, "generation", e->generation);
	}
	return EXIT_DONE;
}

/* The mode as it was, for what is told. */
static int mode_now(enum mw_mode *mode)
{
	struct mw_settings s;
	struct engine e;
	int code = cmd_open(&e, ENGINE_READ);

	if (code)
		return code;
	code = cmd_failed(table_settings(&e, &s));
	*mode = s.mode;
	engine_close(&e);
	return code;
}

static int switch_to(const struct options *o, enum mw_mode mode)
{
	struct gate_swap swap;
	struct engine e;
	enum mw_mode was;
	int code = mode_now(&was), err, said;

	if (code)
		return code;
	err = gate_swap_same(&e, mode, &swap);
	code = cmd_swapped(&e, err, &swap);
	if (err)
		return code;
	said = switched(o, &e, was, mode);
	engine_close(&e);
	return code ? code : said;
}

int cmd_enforce(const struct options *o)
{
	return switch_to(o, MW_ENFORCE);
}

int cmd_observe(const struct options *o)
{
	return switch_to(o, MW_OBSERVE);
}
