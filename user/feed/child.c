// SPDX-License-Identifier: GPL-2.0
#include "feed/child.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json_object.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feed/sandbox.h"
#include "lists/grow.h"
#include "out/streams.h"
#include "out/text.h"

enum {
	CHILD_SECONDS = 60,
	CHILD_MOST = 50000000, /* prefixes in a file: 1 GB */
};

static const unsigned long long child_bytes = 4ULL << 30;

/* What a child is to do: parse what in holds, or finish what was parsed. */
struct job {
	int in;
	const struct feed_guard *guard;
	struct feed *parsed; /* NULL: nothing is parsed yet */
	const struct asn_table *table;
	int seconds; /* the parent waits no longer; 0: it waits for ever */
};

/* What the child sends first; the sets' elements follow. */
struct answer {
	__u64 set, except, asns; /* elements */
	__s64 err;
	__u64 finished;
	struct feed_report report;
};

/* --- the child ----------------------------------------------------------- */

static bool send_all(int out, const void *data, size_t size)
{
	const char *at = data;

	while (size) {
		ssize_t n = write(out, at, size);

		if (n < 0)
			return false;
		at += n;
		size -= n;
	}
	return true;
}

static bool send_answer(int out, const struct feed *feed, int err)
{
	const struct answer a = {
		.set = feed->set.n,
		.except = feed->except.n,
		.asns = feed->asns.n,
		.err = err,
		.finished = feed->finished,
		.report = feed->report,
	};

	return send_all(out, &a, sizeof(a)) &&
	       send_all(out, feed->set.v, a.set * sizeof(*feed->set.v)) &&
	       send_all(out, feed->except.v,
			a.except * sizeof(*feed->except.v)) &&
	       send_all(out, feed->asns.v, a.asns * sizeof(*feed->asns.v));
}

/* json-c opens /dev/urandom at its first object, which the sandbox does not
 * allow. */
static void warm_up(void)
{
	static char buffer[65536];
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "a", NULL);
	json_object_put(o);
	setvbuf(stdin, buffer, _IOFBF, sizeof(buffer));
}

/* What is sent once more, to be finished, costs as much as reading does: so
 * what needs no table of AS numbers is finished here. */
static int parse(const struct feed_guard *guard, struct feed *feed)
{
	int err = feed_parse(stdin, guard, feed);

	if (err || guard->goes_on || feed->asns.n)
		return err;
	return feed_finish(feed, guard, NULL);
}

static void child(const struct job *job, int out)
{
	int in = job->parsed ? out : job->in; /* finishing reads nothing */
	struct feed feed = {};
	int err;

	warm_up();
	err = sandbox_enter(in, out, CHILD_SECONDS, child_bytes);
	if (err)
		_exit(!send_answer(out, &feed, err));
	if (job->parsed) {
		feed = *job->parsed;
		err = feed_finish(&feed, job->guard, job->table);
	} else {
		err = parse(job->guard, &feed); /* job->in */
	}
	_exit(!send_answer(STDOUT_FILENO, &feed, err));
}

/* --- the parent ---------------------------------------------------------- */

struct pipe_end {
	int fd;
	struct timespec until; /* zero: no limit */
};

/* The timeout for poll(2) that is left. */
static int milliseconds_left(const struct timespec *until)
{
	struct timespec now;
	long long ms;

	if (!until->tv_sec)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (until->tv_sec - now.tv_sec) * 1000LL +
	     (until->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? ms : 0;
}

/* 0, -ETIMEDOUT, or -EPIPE: the child ended before it had sent all. */
static int receive(const struct pipe_end *from, void *data, size_t size)
{
	char *at = data;

	while (size) {
		struct pollfd p = {.fd = from->fd, .events = POLLIN};
		int ready = poll(&p, 1, milliseconds_left(&from->until));
		ssize_t n = ready > 0 ? read(from->fd, at, size) : -1;

		if (!ready)
			return -ETIMEDOUT;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -EPIPE;
		at += n;
		size -= n;
	}
	return 0;
}

/* Is each a prefix, and where they are sorted, after the one before? A child
 * that was taken over could send anything. */
static bool are_good(const struct prefix_set *set, bool sorted)
{
	for (size_t i = 0; i < set->n; i++)
		if (!prefix_is_good(&set->v[i]) ||
		    (sorted && i &&
		     prefix_compare(&set->v[i - 1], &set->v[i]) >= 0))
			return false;
	return true;
}

/* Receives n prefixes. */
static int receive_prefixes(const struct pipe_end *from, __u64 n, bool sorted,
			    struct prefix_set *set)
{
	int err;

	if (n > CHILD_MOST)
		return -E2BIG;
	set->v = grow_new(n + 1, sizeof(*set->v));
	if (!set->v)
		return -ENOMEM;
	set->room = n + 1;
	err = receive(from, set->v, n * sizeof(*set->v));
	set->n = err ? 0 : n;
	return err || are_good(set, sorted) ? err : -EPROTO;
}

static int receive_asns(const struct pipe_end *from, __u64 n,
			struct asn_set *set)
{
	int err;

	if (n > CHILD_MOST)
		return -E2BIG;
	set->v = grow_new(n + 1, sizeof(*set->v));
	if (!set->v)
		return -ENOMEM;
	set->room = n + 1;
	err = receive(from, set->v, n * sizeof(*set->v));
	set->n = err ? 0 : n;
	return err;
}

/* Makes the child's words fit for a terminal again, whatever it sent. */
static void clean_text(char text[FEED_ERROR])
{
	char clean[FEED_ERROR];

	text[FEED_ERROR - 1] = 0;
	text_escape(text, strlen(text), clean, sizeof(clean));
	memcpy(text, clean, sizeof(clean));
}

static void clean_report(struct feed_report *r)
{
	for (size_t i = 0; i < FEED_SHOWN; i++)
		clean_text(r->error[i].text);
	for (size_t i = 0; i < FEED_NOTES; i++)
		clean_text(r->note[i].text);
}

/* Did only addresses without an end come? Clients are nothing else. */
static bool all_addresses(const struct feed *feed)
{
	for (size_t i = 0; i < feed->set.n; i++)
		if (feed->set.v[i].len != prefix_width(&feed->set.v[i]) ||
		    feed->set.v[i].ends)
			return false;
	return !feed->except.n && !feed->asns.n;
}

static int receive_answer(const struct pipe_end *from,
			  const struct feed_guard *guard, struct feed *feed)
{
	struct answer a;
	int err = receive(from, &a, sizeof(a));

	if (!err)
		err = receive_prefixes(from, a.set, a.finished, &feed->set);
	if (!err)
		err = receive_prefixes(from, a.except, false, &feed->except);
	if (!err)
		err = receive_asns(from, a.asns, &feed->asns);
	if (!err && guard->kind == FEED_ORIGINS && a.asns != a.set)
		err = -EPROTO;
	if (!err && guard->kind == FEED_CLIENTS && !all_addresses(feed))
		err = -EPROTO;
	if (!err && a.err == -EINVAL && !a.report.errors)
		err = -EPROTO;
	if (err)
		return err;
	clean_report(&a.report);
	feed->report = a.report;
	feed->finished = a.finished;
	return a.err;
}

__attribute__((format(printf, 2, 3))) static int
refused(struct feed *feed, const char *format, ...)
{
	char text[FEED_ERROR];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	feed_free(feed);
	memset(feed, 0, sizeof(*feed));
	report_fatal(&feed->report, 0, "%s", text);
	return -EINVAL;
}

/* Makes a refusal of the signal that ended the child. */
static int died(struct feed *feed, int signal)
{
	if (signal == SIGSYS)
		return refused(feed, "the child that reads the file made a "
				     "system call that reading does not take, "
				     "and was killed: the file was made to "
				     "attack mailweir, or mailweir is wrong");
	if (signal == SIGKILL || signal == SIGXCPU)
		return refused(feed,
			       "the child that reads the file was killed: it "
			       "computed for more than %d s, or somebody "
			       "killed it",
			       CHILD_SECONDS);
	return refused(feed,
		       "the child that reads the file crashed (%s): the file "
		       "was made to attack mailweir, or mailweir is wrong",
		       strsignal(signal));
}

/* Makes a refusal in the user's words of what went wrong. status is the
 * child's. */
static int verdict(struct feed *feed, int err, int status)
{
	bool broke = err == -EPIPE || err == -EPROTO;

	if (err == -ETIMEDOUT)
		return refused(feed, "not read within %d s; this is no list",
			       CHILD_SECONDS);
	if (err == -E2BIG)
		return refused(feed, "more than %d entries; this is no list",
			       CHILD_MOST);
	if (broke && WIFSIGNALED(status))
		return died(feed, WTERMSIG(status));
	if (broke)
		return refused(feed, "the child that reads the file failed");
	if (err == -EPERM)
		return refused(feed, "the child that would read the file "
				     "cannot give up its rights");
	if (err == -ENOMEM)
		return refused(feed, "takes more memory than there is");
	return err;
}

static int spawn(const struct job *job, int *from, pid_t *pid)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*pid = fork();
	if (!*pid)
		child(job, fds[1]);
	close(fds[1]);
	if (*pid < 0) {
		close(fds[0]);
		return -errno;
	}
	*from = fds[0];
	return 0;
}

/* Has the job done by a child. What was parsed is freed, and what the child
 * found takes its place in feed. */
static int run(const struct job *job, struct feed *feed)
{
	struct pipe_end from = {};
	int err, status = 0;
	pid_t pid = 0;

	err = spawn(job, &from.fd, &pid);
	if (job->parsed)
		feed_free(job->parsed);
	if (err)
		return err;
	if (job->seconds) {
		clock_gettime(CLOCK_MONOTONIC, &from.until);
		from.until.tv_sec += job->seconds;
	}
	err = receive_answer(&from, job->guard, feed);
	close(from.fd);
	/* A child that has answered ends by itself. */
	if (err == -ETIMEDOUT || err == -E2BIG || err == -EPROTO)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return verdict(feed, err, status);
}

/* Why a file of that kind cannot be read; NULL: it can. A pipe can: it ends, or
 * the time to read it does. */
static const char *wrong_kind(const struct stat *st)
{
	if (S_ISDIR(st->st_mode))
		return "a directory, not a file";
	return S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode) ||
			       S_ISSOCK(st->st_mode)
		       ? NULL
		       : "a device, not a file";
}

/* Was the file written to between the two looks at it? A log may grow. */
static bool changed(const struct stat *before, const struct stat *after,
		    enum feed_kind kind)
{
	return S_ISREG(before->st_mode) && kind != FEED_CLIENTS &&
	       (before->st_size != after->st_size ||
		before->st_mtim.tv_sec != after->st_mtim.tv_sec ||
		before->st_mtim.tv_nsec != after->st_mtim.tv_nsec);
}

static int read_file(int fd, const struct feed_guard *guard, struct feed *feed)
{
	struct feed_guard aged = *guard;
	const struct job job = {fd, &aged, .seconds = CHILD_SECONDS};
	struct stat st, after;
	const char *why;
	int err;

	aged.now = time(NULL);
	if (fstat(fd, &st))
		return -errno;
	why = wrong_kind(&st);
	if (why)
		return refused(feed, "%s", why);
	fcntl(fd, F_SETFL, 0);
	if (S_ISREG(st.st_mode) && aged.now > st.st_mtime)
		aged.age = aged.now - st.st_mtime;
	err = run(&job, feed);
	if (!fstat(fd, &after) && changed(&st, &after, guard->kind))
		return refused(feed, "the file was written to while it was "
				     "read; load it again when it is whole, "
				     "and put a new one in its place by mv");
	feed->set.since = aged.now;
	if (S_ISREG(st.st_mode) && !feed->report.modified)
		feed->report.modified = st.st_mtime;
	return err;
}

int feed_child_read(const char *path, const struct feed_guard *guard,
		    struct feed *feed)
{
	/* Without O_NONBLOCK a FIFO that nobody writes to would keep open(2)
	 * waiting; so it is an empty file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

	memset(feed, 0, sizeof(*feed));
	if (fd < 0)
		return refused(feed, "cannot be read: %s", strerror(errno));
	err = read_file(fd, guard, feed);
	close(fd);
	return err;
}

int feed_child_input(const struct feed_guard *guard, struct feed *feed)
{
	struct feed_guard now = *guard;
	const struct job job = {STDIN_FILENO, &now};
	int err;

	memset(feed, 0, sizeof(*feed));
	if (streams_no_input())
		return refused(feed, "is closed");
	now.now = time(NULL);
	err = run(&job, feed);
	feed->set.since = now.now;
	return err;
}

int feed_child_finish(struct feed *feed, const struct feed_guard *guard,
		      const struct asn_table *table)
{
	struct feed parsed = *feed;
	const __s64 since = parsed.set.since;
	const struct job job = {-1, guard, &parsed, table, CHILD_SECONDS};
	int err;

	if (feed->finished)
		return 0;
	memset(feed, 0, sizeof(*feed));
	err = run(&job, feed);
	feed->set.since = since;
	return err;
}
