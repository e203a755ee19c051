// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd.h"
#include "generation.h"
#include "keep.h"
#include "log.h"
#include "print.h"
#include "table.h"

int cmd_usage(const char *what, const char *word)
{
	log_error("%s%s%s%s; see 'mailweir --help'", what, word ? " '" : "",
		  word ? word : "", word ? "'" : "");
	return EXIT_USAGE;
}

int cmd_failed(int err)
{
	return err ? EXIT_NO : EXIT_DONE;
}

int cmd_config(const struct options *o, struct config *cfg)
{
	struct config_errors errors = {};
	int err = config_read_file(o->config, cfg, &errors);

	for (size_t i = 0; i < errors.errors && i < CONFIG_SHOWN; i++)
		log_error("%s", errors.error[i]);
	if (errors.errors > CONFIG_SHOWN)
		log_error("%s: %zu errors, the first %d shown", o->config,
			  errors.errors, CONFIG_SHOWN);
	if (err && !errors.errors)
		log_error("%s: %s", o->config, strerror(-err));
	config_errors_free(&errors);
	return err ? EXIT_CONFIG : EXIT_DONE;
}

/* Read only, to look before a lock makes directories. */
static bool nothing_attached(void)
{
	struct engine e;

	if (engine_open(&e, false))
		return true;
	engine_close(&e);
	return !e.generation;
}

int cmd_open(struct engine *e, bool write)
{
	int err;

	if (nothing_attached()) {
		log_error("not attached; 'mailweir attach DEV' does that");
		return EXIT_NOT_ATTACHED;
	}
	err = engine_open(e, write);
	if (err)
		return EXIT_NO;
	if (write)
		keep_settle(e->generation);
	return EXIT_DONE;
}

/* Blocks without expiry, from the last boot; those of this one stay. */
static int restore_blocks(const struct engine *e)
{
	struct keep_blocks kept;
	int err = keep_blocks_read(&kept);
	__u64 now = table_now();

	for (size_t i = 0; i < kept.n && !err; i++) {
		struct mw_block block = {.created = kept.v[i].created};

		if (!table_block_get(e, &kept.v[i].prefix, &block))
			continue;
		memcpy(block.why, kept.v[i].why, sizeof(block.why));
		err = table_block_set(e, &kept.v[i].prefix, &block, now);
	}
	if (err)
		log_error("the kept run-time blocks cannot be restored: %s",
			  strerror(-err));
	keep_blocks_free(&kept);
	return err;
}

static void say_warning(const char *text, void *arg)
{
	(void)arg;
	log_warning("%s", text);
}

int cmd_swap(struct engine *e, struct generation *g,
	     const struct mw_settings *settings, char *const *devs, int ndevs)
{
	struct mw_list_info running[MW_LIST_SLOTS];
	struct mw_settings previous = {};
	int generic, err = table_lists(e, running);

	if (!err && e->generation)
		err = table_settings(e, &previous);
	if (err)
		log_error("the generation in force cannot be read: %s",
			  strerror(-err));
	else
		err = generation_compile(g, settings, running, &previous);
	if (err)
		return err == -EINVAL ? EXIT_CONFIG : EXIT_NO;
	err = generation_keep(g);
	if (!err)
		err = engine_replace(e, &g->in, devs, ndevs, restore_blocks,
				     &generic);
	keep_settle(e->generation);
	if (err)
		return EXIT_NO;
	return cmd_problems(e, say_warning, NULL) ? EXIT_DEGRADED : EXIT_DONE;
}

/* --- what is red --------------------------------------------------------- */

struct problems {
	void (*say)(const char *text, void *arg);
	void *arg;
	int n;
};

__attribute__((format(printf, 2, 3))) static void
problem(struct problems *p, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->say(text, p->arg);
	p->n++;
}

static void link_problems(const struct engine *e, struct problems *p)
{
	struct engine_link links[ENGINE_DEVS];
	int n = engine_links(e, links);

	for (int i = 0; i < n; i++) {
		if (!links[i].ifindex)
			problem(p,
				"%s: the interface is gone and nothing guards "
				"its successor; 'mailweir attach %s' when it "
				"is back, or 'mailweir detach %s'",
				links[i].name, links[i].name, links[i].name);
		else if (!links[i].native)
			problem(p,
				"%s: generic mode, slower: its driver has no "
				"native XDP",
				links[i].name);
	}
	engine_links_close(links, n > 0 ? n : 0);
}

/* A list that is too old is enforced and red. */
static void age_problem(struct problems *p, const struct mw_list_info *l)
{
	__u64 now = time(NULL);
	char age[PRINT_TEXT], most[PRINT_TEXT];

	if (!l->expires || !l->modified || now < l->modified + l->expires)
		return;
	print_duration((now - l->modified) * 1000000000ULL, age);
	print_duration(l->expires * 1000000000ULL, most);
	problem(p,
		"list %s: %s is %s old and expires after %s; it is still "
		"enforced: fetch it anew and load it",
		l->name, l->file, age, most);
}

static void list_problems(const struct engine *e, struct problems *p)
{
	struct mw_list_info info[MW_LIST_SLOTS];

	if (table_lists(e, info))
		return;
	for (int i = 0; i < MW_LIST_SLOTS; i++) {
		if (info[i].name[0] && strcmp(info[i].state, "ok"))
			problem(p,
				"list %s: %s: %s was refused; 'mailweir lists "
				"load %s' says why",
				info[i].name, info[i].state, info[i].file,
				info[i].name);
		age_problem(p, &info[i]);
	}
}

/* 1 where it cannot be read: a kernel without it answers as if it were. */
static int syncookies(void)
{
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_syncookies", "re");
	int value = 1;

	if (f && fscanf(f, "%d", &value) != 1)
		value = 1;
	if (f)
		fclose(f);
	return value;
}

enum { UNANSWERED = 100 }; /* attempts let by, and no connection: tell */

static void charge_problems(const struct engine *e, struct problems *p)
{
	struct mw_settings s;
	struct mw_counters c;
	__u64 admitted;

	if (table_settings(e, &s) || s.charge != MW_CHARGE_HANDSHAKE)
		return;
	if (hook_kind(e->dir) == HOOK_NONE)
		problem(p, "no connection is noticed, so none is charged; "
			   "'mailweir reload' puts that right");
	if (!syncookies())
		problem(p, "net.ipv4.tcp_syncookies is 0: forged SYNs fill the "
			   "server's queue and keep everybody out; set it to 1");
	if (table_counters(e, &c))
		return;
	admitted = c.pass_conforms + c.pass_allow_list + c.pass_observed;
	if (!c.connections && admitted >= UNANSWERED)
		problem(p,
			"%llu attempts were let by and none became a "
			"connection here, so nobody is charged; a gateway that "
			"forwards them to another host needs charge = syn",
			admitted);
}

static void table_problems(const struct engine *e, struct problems *p)
{
	for (int level = 0; level < MW_LEVELS; level++) {
		__u64 live, room;

		table_in_debt(e, level, table_now(), &live, &room);
		if (live && live >= room / 10 * 9)
			problem(p,
				"the table of %s buckets is nearly full (%llu "
				"of %llu): newcomers are judged without; the "
				"counters %s_evicted and %s_no_room say how "
				"often",
				print_level(level), live, room,
				level < MW_LIST ? print_level(level) : "list",
				level < MW_LIST ? print_level(level) : "list");
	}
}

int cmd_problems(const struct engine *e, void (*say)(const char *text, void *),
		 void *arg)
{
	struct problems p = {.say = say, .arg = arg};

	link_problems(e, &p);
	list_problems(e, &p);
	charge_problems(e, &p);
	table_problems(e, &p);
	return p.n;
}
