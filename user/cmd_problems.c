// SPDX-License-Identifier: GPL-2.0
/* What is red: in status, and after attach and reload. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "cmd.h"
#include "generation.h"
#include "sockets.h"
#include "table.h"
#include "units.h"

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
	char age[UNITS_TEXT], most[UNITS_TEXT];

	if (!cmd_list_expired(l))
		return;
	units_duration((now - l->modified) * UNITS_SECOND, age);
	units_duration(l->expires * UNITS_SECOND, most);
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

/* Attempts let by and no connection: where nobody listens, and where somebody
 * does but a flood of forged ones may have been all there was. */
enum { UNHEARD = 100, UNANSWERED = 100000 };

static void forward_problem(const struct engine *e, const struct mw_settings *s,
			    struct problems *p)
{
	struct mw_counters c;
	__u64 admitted;

	if (table_counters(e, &c) || c.connections)
		return;
	admitted = c.pass_conforms + c.pass_allow_list + c.pass_observed;
	if (admitted < UNHEARD ||
	    (admitted < UNANSWERED && sockets_listening(s->ports)))
		return;
	problem(p,
		"%llu attempts were let by and none became a connection here, "
		"so nobody is charged: either all were forged, or this gateway "
		"forwards them to another host and needs charge = syn",
		admitted);
}

static void charge_problems(const struct engine *e, const struct mw_settings *s,
			    struct problems *p)
{
	if (s->charge != MW_CHARGE_HANDSHAKE)
		return;
	if (!engine_charges(e))
		problem(p, "connections are not charged; 'mailweir reload' "
			   "puts that right");
	if (!syncookies())
		problem(p,
			"net.ipv4.tcp_syncookies is 0: forged SYNs fill the "
			"server's queue and keep everybody out; set it to 1");
	forward_problem(e, s, p);
}

static void table_problems(const struct occupancy occupancy[OCCUPANCY_TABLES],
			   struct problems *p)
{
	for (int i = 0; i < OCCUPANCY_TABLES; i++)
		if (occupancy[i].used &&
		    occupancy[i].used >= occupancy[i].room / 10 * 9)
			problem(p, "%llu %s, room is for %llu: %s",
				occupancy[i].used, occupancy_words(i),
				occupancy[i].room, occupancy_meaning(i));
}

/* The program counts days by what the clock was at its last reload. */
static void clock_problems(const struct mw_settings *s, struct problems *p)
{
	const __s64 most = 3600 * (__s64)UNITS_SECOND;
	__s64 off = (__s64)(clock_wall() - s->wall);

	if (off > most || off < -most)
		problem(p, "the clock was set by more than an hour since the "
			   "last reload; 'mailweir reload' tells the program");
}

int cmd_problems(const struct engine *e, const struct mw_settings *s,
		 const struct occupancy occupancy[OCCUPANCY_TABLES],
		 void (*say)(const char *text, void *), void *arg)
{
	struct problems p = {.say = say, .arg = arg};

	link_problems(e, &p);
	list_problems(e, &p);
	charge_problems(e, s, &p);
	table_problems(occupancy, &p);
	clock_problems(s, &p);
	return p.n;
}
