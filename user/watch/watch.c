// SPDX-License-Identifier: GPL-2.0
#include "watch/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "gate/clock.h"
#include "gate/swap.h"
#include "kernel/table.h"
#include "out/log.h"
#include "state/guarded.h"
#include "watch/files.h"
#include "watch/job.h"
#include "watch/keep.h"
#include "watch/netlink.h"
#include "watch/report.h"

/* What a child does. */
enum work { WORK_NONE, WORK_RELOAD, WORK_LIST, WORK_SAME, WORK_KEEP };

struct watch {
	const char *path;
	sd_event *event;
	struct interfaces in;
	struct config *cfg;  /* in force; NULL: it was refused so far */
	struct files files;  /* of cfg */
	struct config *next; /* of the reload at work, and its files */
	struct files next_files;
	struct job job;
	enum work work;
	int due, list; /* lists of cfg: to be read, or -1; at work */
	bool reload;   /* is asked for */
	bool own;      /* the last generation is of this service's making */
	__u32 generation;
	__u64 retry, wait; /* after a failure, as in struct interface */
	struct keep keep;
	struct report report;
	int netlink, lead; /* descriptors; lead -1: another service leads */
};

static const __u64 first_wait = MW_SECOND, last_wait = MW_MINUTE;

/* --- the configuration --------------------------------------------------- */

static void config_drop(struct config **cfg)
{
	if (*cfg)
		config_free(*cfg);
	free(*cfg);
	*cfg = NULL;
}

/* Reads w->next. */
static int read_next(struct watch *w)
{
	int err = -ENOMEM;

	config_drop(&w->next);
	w->next = calloc(1, sizeof(*w->next));
	if (w->next)
		err = config_load(w->path, w->next);
	else
		log_error("no memory for the configuration");
	if (err) {
		free(w->next);
		w->next = NULL;
		return err;
	}
	memset(&w->next_files, 0, sizeof(w->next_files));
	files_taken(&w->next_files, w->next);
	return 0;
}

/* w->next is in force. */
static void take_next(struct watch *w)
{
	config_drop(&w->cfg);
	w->cfg = w->next;
	w->next = NULL;
	w->files = w->next_files;
	w->due = -1;
}

static void mark_unread(struct watch *w)
{
	struct mw_list_info *info = calloc(MW_LIST_SLOTS, sizeof(*info));
	struct engine e;

	if (info && !engine_open(&e, ENGINE_READ)) {
		if (!table_lists(&e, info))
			files_unread(&w->files, w->cfg, info);
		engine_close(&e);
	}
	free(info);
}

/* Somebody else's reload: what it read is watched from now on. */
static void follow(struct watch *w)
{
	if (read_next(w))
		return;
	take_next(w);
	mark_unread(w);
}

/* --- what a child does --------------------------------------------------- */

/* Where something is in force its interfaces are those that there are: one that
 * cannot be attached does not hold up the others. */
static int swap_config(struct watch *w, bool attach)
{
	int n = 0, err;
	char *devs[INTERFACES_MOST];
	struct gate_swap swap;
	struct engine e;

	if (attach)
		n = interfaces_there(&w->in, devs);
	err = gate_swap_config(&e, w->next, false, devs, n, &swap);
	if (!err)
		engine_close(&e);
	return err;
}

static int work_reload(void *arg)
{
	struct watch *w = arg;

	return swap_config(w, !w->in.view.generation);
}

static int work_list(void *arg)
{
	const struct watch *w = arg;
	const struct config_list *list = &w->cfg->list[w->list];
	struct gate_swap swap;
	struct engine e;
	int err = gate_swap_list(&e, w->cfg, list, list->file, false, &swap);

	if (!err)
		engine_close(&e);
	return err;
}

static int work_same(void *arg)
{
	struct gate_swap swap;
	struct engine e;
	int err = gate_swap_same(&e, SAME_MODE, &swap);

	(void)arg;
	if (!err)
		engine_close(&e);
	return err;
}

static int work_keep(void *arg)
{
	const struct watch *w = arg;

	return keep_write(&w->keep);
}

static void begin(struct watch *w, enum work work)
{
	static int (*const works[])(void *arg) = {
		[WORK_RELOAD] = work_reload,
		[WORK_LIST] = work_list,
		[WORK_SAME] = work_same,
		[WORK_KEEP] = work_keep,
	};

	w->work = work;
	if (job_start(&w->job, works[work], w))
		w->job.ended(&w->job, -EAGAIN);
}

/* --- what it came to ----------------------------------------------------- */

static void ended_reload(struct watch *w, int err)
{
	if (!err) {
		take_next(w);
		log_info("%s is in force", w->path);
	} else {
		config_drop(&w->next);
		log_error("%s: cannot be put in force; what was in force stays",
			  w->path);
		if (err == -EINVAL)
			gate_note_refused();
	}
	report_ready();
}

/* A list that was refused is read again when its file is another; what failed
 * for another reason is tried again. */
static void ended_list(struct watch *w, int err)
{
	if (err && err != -EINVAL)
		w->files.list[w->list].taken = 0;
	if (err)
		log_error("list %s: what was in force of it stays",
			  w->cfg->list[w->list].name);
	else
		log_info("list %s: its file has changed, and is in force",
			 w->cfg->list[w->list].name);
}

static void back_off(struct watch *w, int err)
{
	if (!err) {
		w->wait = first_wait;
		return;
	}
	w->retry = clock_now() + w->wait;
	w->wait = w->wait * 2 > last_wait ? last_wait : w->wait * 2;
}

static void look(struct watch *w);

static void ended(struct job *job, int err)
{
	struct watch *w = (void *)((char *)job - offsetof(struct watch, job));

	if (w->work == WORK_RELOAD)
		ended_reload(w, err);
	else if (w->work == WORK_LIST)
		ended_list(w, err);
	else if (w->work == WORK_KEEP)
		keep_written(&w->keep, err);
	else if (!err)
		log_warning("connections were not charged any more; they are "
			    "again");
	back_off(w, w->work == WORK_KEEP ? 0 : err);
	w->own |= w->work != WORK_KEEP;
	w->work = WORK_NONE;
	look(w);
}

/* --- what is to be done -------------------------------------------------- */

static void begin_reload(struct watch *w)
{
	w->reload = false;
	report_reloading();
	if (!read_next(w)) {
		begin(w, WORK_RELOAD);
		return;
	}
	gate_note_refused();
	back_off(w, -EINVAL);
	report_ready();
}

/* Of several services that watch one gate the first does what is for all. */
static bool leads(struct watch *w)
{
	if (w->lead < 0)
		w->lead = guarded_lead();
	return w->lead >= 0;
}

static void begin_list(struct watch *w)
{
	w->list = w->due;
	w->due = -1;
	files_taken_one(&w->files, w->cfg, w->list);
	begin(w, WORK_LIST);
}

static void begin_next(struct watch *w)
{
	char *devs[INTERFACES_MOST];
	bool off = !w->in.view.generation && interfaces_there(&w->in, devs) > 0;

	if (job_works(&w->job) || (!w->reload && clock_now() < w->retry))
		return;
	if (w->reload || off)
		begin_reload(w);
	else if (!w->in.view.generation || !leads(w))
		return;
	else if (!w->in.view.charges)
		begin(w, WORK_SAME);
	else if (w->due >= 0)
		begin_list(w);
	else if (keep_due(&w->keep))
		begin(w, WORK_KEEP);
}

/* Something is mended by interfaces_look at once, the rest by a child. */
static void look(struct watch *w)
{
	__u32 generation;

	if (interfaces_look(&w->in))
		return;
	generation = w->in.view.generation;
	if (!interfaces_left(&w->in)) {
		log_info("nothing is left to watch");
		sd_event_exit(w->event, 0);
	}
	if (!job_works(&w->job)) {
		if (generation && generation != w->generation && !w->own)
			follow(w);
		w->generation = generation;
		w->own = false;
	}
	report_look(&w->report, &w->in);
}

/* --- events -------------------------------------------------------------- */

enum { TICK_USEC = 1000000 };

static int ticked(sd_event_source *source, uint64_t usec, void *arg)
{
	struct watch *w = arg;
	int due = w->cfg ? files_look(&w->files, w->cfg) : -1;

	(void)usec;
	if (due >= 0)
		w->due = due;
	look(w);
	begin_next(w);
	sd_event_source_set_time_relative(source, TICK_USEC);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int heard(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct watch *w = arg;

	(void)source;
	(void)events;
	if (!netlink_heard(fd, &w->in))
		return 0;
	look(w);
	begin_next(w);
	return 0;
}

static int signalled(sd_event_source *source, const struct signalfd_siginfo *si,
		     void *arg)
{
	struct watch *w = arg;

	(void)source;
	if (si->ssi_signo != SIGHUP)
		return sd_event_exit(w->event, 0);
	w->reload = true;
	begin_next(w);
	return 0;
}

static int listen_to(struct watch *w)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
	sigset_t set;
	int err;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	w->netlink = netlink_open();
	if (w->netlink < 0)
		return w->netlink;
	err = sd_event_new(&w->event);
	for (int i = 0; i < 3 && err >= 0; i++)
		err = sd_event_add_signal(w->event, NULL, signals[i], signalled,
					  w);
	if (err >= 0)
		err = sd_event_add_io(w->event, NULL, w->netlink, EPOLLIN,
				      heard, w);
	if (err >= 0)
		err = sd_event_add_time_relative(w->event, NULL,
						 CLOCK_MONOTONIC, TICK_USEC, 0,
						 ticked, w);
	if (err >= 0)
		err = sd_event_set_watchdog(w->event, true);
	if (err < 0)
		log_error("nothing can be waited for: %s", strerror(-err));
	w->job.event = w->event;
	return err < 0 ? err : 0;
}

/* --- the whole ----------------------------------------------------------- */

/* Attaches, or where that fails and something is attached, adopts it. */
static int start(struct watch *w)
{
	int err = interfaces_view(&w->in);

	if (err)
		return err;
	err = read_next(w);
	if (!err)
		err = swap_config(w, true);
	if (!err) {
		take_next(w);
	} else if (err == -ENOTCONN) {
		log_warning("none of the interfaces is there yet");
		take_next(w);
		err = 0;
	} else if (w->in.view.generation) {
		config_drop(&w->next);
		gate_note_refused();
		log_error("what is in force already is watched, and stays as "
			  "it is");
		err = 0;
	}
	w->own = true;
	return err;
}

/* The filter works on. */
static void stop(struct watch *w)
{
	report_stopping();
	w->keep.with_histories = true;
	if (w->in.view.generation && leads(w) && interfaces_left(&w->in))
		keep_write(&w->keep);
	log_info("not watched any more; what is attached stays");
}

static int run(struct watch *w)
{
	int err = start(w);

	if (!err)
		err = listen_to(w);
	if (err)
		return err;
	look(w);
	report_ready();
	err = sd_event_loop(w->event);
	if (err < 0)
		log_error("nothing can be waited for: %s", strerror(-err));
	stop(w);
	return err < 0 ? err : 0;
}

int watch_run(const char *config, char *const *devs, int ndevs)
{
	struct watch *w = calloc(1, sizeof(*w));
	int err;

	if (!w) {
		log_error("no memory");
		return -ENOMEM;
	}
	w->path = config;
	w->job.ended = ended;
	w->due = w->netlink = w->lead = -1;
	w->wait = first_wait;
	err = interfaces_watch(&w->in, devs, ndevs);
	if (!err)
		err = run(w);
	interfaces_leave(&w->in);
	sd_event_unref(w->event);
	if (w->netlink >= 0)
		close(w->netlink);
	if (w->lead >= 0)
		close(w->lead);
	config_drop(&w->cfg);
	free(w);
	return err;
}
