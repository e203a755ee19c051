// SPDX-License-Identifier: GPL-2.0
#include "gate/health.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gate/clock.h"
#include "gate/sockets.h"
#include "gate/traffic.h"
#include "kernel/owed.h"
#include "kernel/table.h"
#include "out/log.h"
#include "out/units.h"
#include "state/list_copies.h"
#include "state/store.h"

__attribute__((format(printf, 2, 3))) static void
problem(struct health *h, const char *format, ...)
{
	va_list args;
	char **v = reallocarray(h->problem, h->n + 1, sizeof(*v));

	if (!v) {
		h->err = -ENOMEM;
		return;
	}
	h->problem = v;
	va_start(args, format);
	if (vasprintf(&v[h->n], format, args) < 0)
		h->err = -ENOMEM;
	else
		h->n++;
	va_end(args);
}

/* Something that cannot be read may be red. Why it cannot has been told. */
static void unread(struct health *h, const char *what)
{
	problem(h, "it is not known how it is with %s", what);
}

/* --- interfaces and lists ------------------------------------------------ */

/* A link without an interface was detached by hand, or its interface is gone;
 * another interface can have that name by now. */
static void gone_problem(const struct link *l, struct health *h)
{
	if (if_nametoindex(l->name))
		problem(h,
			"%s: its program was detached, by hand or with an "
			"interface of that name before, and nothing guards it; "
			"'mailweir attach %s'",
			l->name, l->name);
	else
		problem(h,
			"%s: the interface is gone and nothing guards its "
			"successor; 'mailweir attach %s' when it is back, or "
			"'mailweir detach %s'",
			l->name, l->name, l->name);
}

/* Generic mode that was not asked for. */
static void generic_problem(const struct link *l, enum mw_native want,
			    struct health *h)
{
	char why[NIC_WORDS * 2];

	native_lacks(l->current, why);
	if (want == MW_NATIVE_REQUIRE)
		problem(h, "%s: generic mode, slower, and native = require: %s",
			l->current, why);
	else
		problem(h,
			"%s: generic mode, slower: %s; native = no in [gate] "
			"says that it is meant",
			l->current, why);
}

static void link_problem(const struct link *l, enum mw_native want,
			 struct health *h)
{
	if (l->place == LINK_GONE)
		gone_problem(l, h);
	else if (l->place == LINK_ELSEWHERE)
		problem(h,
			"%s: the interface is gone to another network "
			"namespace; move it back, or 'mailweir detach %s' and "
			"attach it there",
			l->name, l->name);
	else if (l->refusal)
		problem(h, "%s: nothing is judged here: %s", l->current,
			l->refusal);
	else if (!l->native && want != MW_NATIVE_NO)
		generic_problem(l, want, h);
}

/* Nothing is known of interfaces in another namespace than this one. */
static void link_problems(const struct engine *e, const struct mw_settings *s,
			  struct health *h)
{
	__u64 here;

	if (sockets_netns(&here)) {
		unread(h, "the interfaces");
		return;
	}
	if (s->netns && s->netns != here) {
		problem(h,
			"%s is in another network namespace than this one; "
			"'nsenter --net' to that one shows how it is",
			e->links.v[0].name);
		return;
	}
	for (size_t i = 0; i < e->links.n; i++)
		link_problem(&e->links.v[i], s->native, h);
}

/* When the file of a list was written. A clock may say that it was not written
 * yet when it was loaded: then it is as old as its load. */
static __u64 written(const struct mw_list_info *l)
{
	return l->modified < l->loaded ? l->modified : l->loaded;
}

bool health_list_expired(const struct mw_list_info *l)
{
	return l->expires && l->modified &&
	       (__u64)time(NULL) >= written(l) + l->expires;
}

const char *health_list_state(const struct engine *e,
			      const struct mw_list_info *l)
{
	__u64 since;

	if (strcmp(l->state, "ok"))
		return l->state;
	if (owed_list_is(&e->pins, l->name, &since))
		return "last load refused";
	return health_list_expired(l) ? "expired" : l->state;
}

/* What is in force stays there when its successor is refused. */
static void load_problem(const struct engine *e, struct health *h,
			 const struct mw_list_info *l)
{
	char ago[UNITS_TEXT];
	__u64 since;
	int refused = owed_list_is(&e->pins, l->name, &since);

	if (refused < 0)
		unread(h, l->name);
	if (refused != 1)
		return;
	units_ago(since, time(NULL), ago);
	problem(h,
		"list %s: its last load was refused, %s, and what was loaded "
		"before is in force; 'mailweir lists load %s' says why",
		l->name, ago, l->name);
}

/* A list whose file is too old is enforced and red. */
static void age_problem(struct health *h, const struct mw_list_info *l)
{
	__u64 now = time(NULL);
	char age[UNITS_TEXT], most[UNITS_TEXT];

	if (!health_list_expired(l))
		return;
	units_duration((now - written(l)) * UNITS_SECOND, age);
	units_duration(l->expires * UNITS_SECOND, most);
	problem(h,
		"list %s: %s is %s old and expires after %s; it is still "
		"enforced: fetch it anew and load it",
		l->name, l->file, age, most);
}

const char *health_copy_wrong(const struct mw_list_info *l)
{
	struct list_copy about;
	int err;

	if (!strcmp(l->state, "not kept"))
		return "could not be written";
	err = list_copies_about(l->name, &about);
	if (!err && (!about.loaded || about.loaded == l->loaded))
		return NULL;
	if (err == -EINVAL)
		return "is no copy of a list";
	return err == -ENOENT ? "is not there"
	       : err	      ? strerror(-err)
			      : "is of another time than what is in force";
}

/* The next boot may find what is in force nowhere but in the copy. */
static void copy_problem(struct health *h, const struct mw_list_info *l)
{
	const char *why = health_copy_wrong(l);
	char path[PATH_MAX];

	if (!why)
		return;
	list_copies_path(l->name, path, sizeof(path));
	problem(h,
		"list %s: its copy for the next boot %s: %s; 'mailweir reload' "
		"writes it",
		l->name, why, path);
}

static bool is_refused(const struct mw_list_info *l)
{
	return strcmp(l->state, "ok") && strcmp(l->state, "not kept");
}

static void list_problems(const struct engine *e, struct health *h)
{
	struct mw_list_info *info = calloc(MW_LIST_SLOTS, sizeof(*info));
	bool is_read = info && !table_lists(e, info);

	if (!is_read)
		unread(h, "the lists");
	for (int i = 0; i < MW_LIST_SLOTS && is_read; i++) {
		if (!info[i].name[0])
			continue;
		if (is_refused(&info[i]))
			problem(h,
				"list %s: %s: what it was to be was refused; "
				"'mailweir lists load %s' says why",
				info[i].name, info[i].state, info[i].name);
		else
			copy_problem(h, &info[i]);
		if (!is_refused(&info[i]))
			load_problem(e, h, &info[i]);
		age_problem(h, &info[i]);
	}
	free(info);
}

/* 1 where it cannot be read, as a kernel without these sysctls behaves so. */
static int sysctl(const char *path)
{
	FILE *f = fopen(path, "re");
	int value = 1;

	if (f && fscanf(f, "%d", &value) != 1)
		value = 1;
	if (f)
		fclose(f);
	return value;
}

/* net.ipv4.tcp_fastopen: for servers, without a cookie. */
enum { FAST_OPEN_FORGED = 0x202 };

static void sysctl_problems(struct health *h)
{
	int fast = sysctl("/proc/sys/net/ipv4/tcp_fastopen");

	if (!sysctl("/proc/sys/net/ipv4/tcp_syncookies"))
		problem(h,
			"net.ipv4.tcp_syncookies is 0: forged SYNs fill the "
			"server's queue and keep everybody out; set it to 1");
	if ((fast & FAST_OPEN_FORGED) == FAST_OPEN_FORGED)
		problem(h,
			"net.ipv4.tcp_fastopen is 0x%x: by 0x200 forged SYNs "
			"make connections, which are charged to nobody; set "
			"it to 0x%x",
			fast, fast & ~0x200);
}

static void traffic_problems(const struct engine *e,
			     const struct mw_settings *s, struct health *h)
{
	struct traffic t = {.before = s->before};
	char text[TRAFFIC_WRONG][TRAFFIC_TEXT];
	int n;

	if (table_counters(e, &t.all)) {
		unread(h, "the counters");
		return;
	}
	t.listening = sockets_listening(s->ports);
	n = traffic_wrong(&t, text);
	for (int i = 0; i < n; i++)
		problem(h, "%s", text[i]);
}

static void charge_problems(const struct engine *e, const struct mw_settings *s,
			    struct health *h)
{
	int charges;

	if (s->charge != MW_CHARGE_HANDSHAKE)
		return;
	charges = engine_charges(e);
	if (charges < 0)
		unread(h, "the charging of connections");
	if (!charges)
		problem(h, "connections are not charged; 'mailweir reload' "
			   "puts that right");
	sysctl_problems(h);
	traffic_problems(e, s, h);
}

/* A gate that charges at the SYN has no tables of open connections. */
static void table_problems(const struct occupancy occupancy[OCCUPANCY_TABLES],
			   struct health *h)
{
	for (int i = 0; i < OCCUPANCY_TABLES; i++) {
		const struct occupancy *o = &occupancy[i];

		if (o->err && o->err != -ENOENT)
			unread(h, occupancy_words(i));
		else if (o->used && o->used >= o->room / 10 * 9)
			problem(h, "%llu %s, room is for %llu: %s", o->used,
				occupancy_words(i), o->room,
				occupancy_meaning(i));
	}
}

/* The program counts days by what the clock was at its last reload. */
static void clock_problems(const struct mw_settings *s, struct health *h)
{
	const __s64 most = 3600 * (__s64)UNITS_SECOND;
	__s64 off = (__s64)(clock_wall() - s->wall);

	if (off > most || off < -most)
		problem(h, "the clock was set by more than an hour since the "
			   "last reload; 'mailweir reload' tells the program");
}

/* One that waits is a line of status; one that nobody undid is red. */
static void confirm_problem(const struct engine *e, struct health *h)
{
	enum { LATE = 90 }; /* seconds that the undoing may take */
	__u64 until;
	int waits = owed_confirm_is(&e->pins, &until);
	int undone = owed_is(&e->pins, OWED_UNDONE);

	if (waits < 0 || undone < 0)
		unread(h, "the confirmation of a change");
	if (waits == 1 && (__u64)time(NULL) > until + LATE)
		problem(h, "the last change was to be undone unless it was "
			   "confirmed, and nobody did either; 'mailweir "
			   "confirm' keeps it, 'mailweir reload' loads what "
			   "the configuration says");
	if (undone == 1)
		problem(h, "nobody confirmed the last change, so it was "
			   "undone, and the configuration on the disk is "
			   "another one than what is in force; mend it and "
			   "run 'mailweir reload'");
}

static void config_problem(const struct engine *e, struct health *h)
{
	int owed = owed_is(&e->pins, OWED_CONFIG);

	if (owed < 0)
		unread(h, "the configuration");
	if (owed == 1)
		problem(h, "the configuration was refused when 'mailweir run' "
			   "read it, and what it said before is in force; "
			   "'mailweir check' says why, 'mailweir reload' tries "
			   "again");
}

/* What is owed to the files that survive a reboot, or by them. */
static void owed_problems(const struct engine *e, struct health *h)
{
	static const struct {
		enum owed owed;
		const char *file, *words;
	} rows[] = {
		{OWED_BLOCKS_READ, "blocks",
		 "holds run-time blocks that are not in force; 'mailweir "
		 "reload' tries again and says why"},
		{OWED_BLOCKS_WRITE, "blocks",
		 "has not the run-time blocks that are in force: a reboot will "
		 "not know them; 'mailweir reload' writes it"},
		{OWED_HISTORIES_READ, "known",
		 "holds histories that are not in use; 'mailweir reload' tries "
		 "again and says why"},
		{OWED_HISTORIES, "known.refused",
		 "was refused, so that no source had a history; mend it, or "
		 "'mailweir known import' a mail log"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int owed = owed_is(&e->pins, rows[i].owed);
		char path[STORE_PATH];

		if (owed < 0)
			unread(h, "what survives a reboot");
		if (owed != 1)
			continue;
		store_path(rows[i].file, path);
		problem(h, "%s: %s", path, rows[i].words);
	}
}

int health_read(const struct engine *e, const struct mw_settings *s,
		const struct occupancy occupancy[OCCUPANCY_TABLES],
		struct health *h)
{
	memset(h, 0, sizeof(*h));
	link_problems(e, s, h);
	list_problems(e, h);
	charge_problems(e, s, h);
	table_problems(occupancy, h);
	config_problem(e, h);
	confirm_problem(e, h);
	owed_problems(e, h);
	clock_problems(s, h);
	return h->err;
}

int health_look(const struct engine *e, struct health *h)
{
	struct occupancy occupancy[OCCUPANCY_TABLES];
	struct mw_settings s;
	int err = table_settings(e, &s);

	memset(h, 0, sizeof(*h));
	if (err)
		return err;
	occupancy_read(e, &s, clock_now(), occupancy);
	return health_read(e, &s, occupancy, h);
}

bool health_warn(const struct engine *e)
{
	struct health h;
	bool red = health_look(e, &h) || h.n;

	for (size_t i = 0; i < h.n; i++)
		log_warning("%s", h.problem[i]);
	health_free(&h);
	return red;
}

void health_free(struct health *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->problem[i]);
	free(h->problem);
	memset(h, 0, sizeof(*h));
}
