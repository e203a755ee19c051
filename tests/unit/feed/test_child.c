// SPDX-License-Identifier: GPL-2.0
/* Files read by a child without rights: kinds of files, and its death. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "feed/child.h"
#include "feed/sandbox.h"
#include "file.h"

static const struct feed_guard usual = {8, 19};
static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void a_file(void **state)
{
	struct feed feed;
	struct stat st;

	(void)state;
	write_file("192.0.2.0/24\n!192.0.2.1\nAS64500\n2001:db8::\n");
	stat(path, &st);
	assert_int_equal(feed_child_read(path, &usual, &feed), 0);
	assert_int_equal(feed.set.n, 2);
	assert_int_equal(feed.set.v[0].len, 24);
	assert_int_equal(feed.set.v[1].family, 6);
	assert_int_equal(feed.except.n, 1);
	assert_int_equal(feed.asns.n, 1);
	assert_int_equal(feed.asns.v[0].asn, 64500);
	assert_int_equal(feed.asns.v[0].line, 3);
	assert_int_equal(feed.report.lines, 4);
	assert_int_equal(feed.report.modified, st.st_mtime);
	feed_free(&feed);
}

/* Unless AS numbers are looked up first, of the file or of who reads. */
static void one_child_finishes(void **state)
{
	static const struct {
		const char *text;
		bool goes_on, finished;
		size_t n;
	} rows[] = {
		{"192.0.2.9\n192.0.2.0/24\n192.0.2.9\n", false, true, 2},
		{"192.0.2.9\n192.0.2.0/24\n192.0.2.9\n", true, false, 3},
		{"192.0.2.9\n192.0.2.0/24\nAS64500\n", false, false, 2},
	};
	struct feed_guard guard = usual;
	struct feed feed;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		write_file(rows[i].text);
		guard.goes_on = rows[i].goes_on;
		assert_int_equal(feed_child_read(path, &guard, &feed), 0);
		assert_int_equal(feed.finished, rows[i].finished);
		assert_int_equal(feed.set.n, rows[i].n);
		assert_int_equal(feed.set.v[0].len, feed.finished ? 24 : 32);
		feed_free(&feed);
	}
}

static void a_refused_file(void **state)
{
	struct feed feed;

	(void)state;
	write_file("192.0.2.0/24\n\033[2J\n");
	assert_int_equal(feed_child_read(path, &usual, &feed), -EINVAL);
	assert_int_equal(feed.report.errors, 1);
	assert_int_equal(feed.report.error[0].line, 2);
	assert_string_equal(feed.report.error[0].text,
			    "'\\x1b[2J': not an address; 192.0.2.1 or "
			    "2001:db8::1 is one");
	feed_free(&feed);
}

static void no_files(void **state)
{
	static const struct {
		const char *path, *error;
	} rows[] = {
		{"/nonexistent", "cannot be read: No such file or directory"},
		{"/", "a directory, not a file"},
		{"/dev/zero", "a device, not a file"},
		{"/dev/null", "a device, not a file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct feed feed;

		assert_int_equal(feed_child_read(rows[i].path, &usual, &feed),
				 -EINVAL);
		assert_int_equal(feed.report.errors, 1);
		assert_string_equal(feed.report.error[0].text, rows[i].error);
	}
}

/* Nobody writes to it, and nobody waits. */
static void a_fifo(void **state)
{
	struct feed feed;

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(feed_child_read(path, &usual, &feed), -EINVAL);
	assert_string_equal(feed.report.error[0].text,
			    "no entries; an empty list is taken for a broken "
			    "one, unless min_entries = 0 in its section says "
			    "that it may be empty");
	unlink(path);
}

static void open_a_file(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void make_a_socket(void)
{
	socket(AF_INET, SOCK_STREAM, 0);
}

static void make_a_child(void)
{
	fork();
}

static void kill_the_parent(void)
{
	kill(getppid(), 0);
}

static void run_code(void)
{
	static const char path_of_a_program[] = "/bin/true";

	execl(path_of_a_program, path_of_a_program, NULL);
}

static void map_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0);
}

/* How a process ends that does the deed as the child does its own: by exit
 * code 0 if nothing stops it. */
static int done_inside(void (*deed)(void))
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		if (sandbox_enter(0, 1, 10, 1ULL << 30))
			_exit(2);
		deed();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* What hostile bytes might make the child do. */
static void rights_are_gone(void **state)
{
	static void (*const deeds[])(void) = {open_a_file,  make_a_socket,
					      make_a_child, kill_the_parent,
					      run_code,	    map_code};

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		int status = done_inside(deeds[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

/* What libc may do by itself, depending on size. */
static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void sort_much(void)
{
	enum { MANY = 1 << 20 };
	int *v = malloc(MANY * sizeof(*v));

	for (int i = 0; i < MANY; i++)
		v[i] = i * 1103515245U % MANY;
	qsort(v, MANY, sizeof(*v), compare);
	free(v);
}

static void use_memory(void)
{
	char *v = NULL;

	for (size_t size = 16; size <= 64 << 20; size *= 2) {
		v = realloc(v, size);
		memset(v, 1, size);
	}
	free(v);
	for (int i = 0; i < 1000; i++)
		free(malloc(1000 * i));
}

static void print_numbers(void)
{
	static char text[4096];
	double number = 0;
	FILE *f = open_memstream(&(char *){NULL}, &(size_t){0});

	snprintf(text, sizeof(text), "%.1000f", 1e300);
	number += strtod(text, NULL);
	fprintf(f, "%f", number);
	fclose(f);
}

static void ask_for_memory(void)
{
	sysconf(_SC_PHYS_PAGES);
	sysconf(_SC_OPEN_MAX);
	time(NULL);
}

static void libc_may_do_what_it_does(void **state)
{
	static void (*const deeds[])(void) = {sort_much, use_memory,
					      print_numbers, ask_for_memory};

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		int status = done_inside(deeds[i]);

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* An assertion that fails is told from an attack. */
static void an_abort_is_one(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		if (sandbox_enter(0, 1, 10, 1ULL << 30))
			_exit(2);
		abort();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

/* The rest still works: memory, reading and writing what was open. */
static void and_the_rest_works(void **state)
{
	int in[2], out[2], status;
	char *memory, c = 'x';
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(in) | pipe(out), 0);
	pid = fork();
	if (!pid) {
		if (sandbox_enter(in[0], out[1], 10, 1ULL << 30))
			_exit(2);
		memory = malloc(64 << 20);
		if (!memory || read(0, memory, 1) != 1 ||
		    write(1, memory, 1) != 1)
			_exit(3);
		_exit(getuid() == 0 || write(out[0], "n", 1) == 1 ? 4 : 0);
	}
	assert_int_equal(write(in[1], &c, 1), 1);
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status)); /* at getuid() */
	for (int i = 0; i < 2; i++) {
		close(in[i]);
		close(out[i]);
	}
}

/* Has /proc/PID/status this line? */
static bool status_has(pid_t pid, const char *name, const char *value)
{
	char file[64], line[256], *at;
	bool has = false;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%d/status", pid);
	f = fopen(file, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name))) {
			at = line + strlen(name);
			at += strspn(at, "\t ");
			has = !strncmp(at, value, strlen(value));
		}
	fclose(f);
	return has;
}

static void it_is_nobody(void **state)
{
	int in[2], out[2];
	pid_t pid;
	char c;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(pipe(in) | pipe(out), 0);
	pid = fork();
	if (!pid) {
		if (sandbox_enter(in[0], out[1], 10, 1ULL << 30) ||
		    write(1, "x", 1) != 1)
			_exit(2);
		_exit(read(0, &c, 1) != 1);
	}
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_true(status_has(pid, "Uid:", "65534\t65534\t65534\t65534"));
	assert_true(status_has(pid, "Gid:", "65534\t65534\t65534\t65534"));
	assert_true(status_has(pid, "Groups:", "\n"));
	assert_true(status_has(pid, "CapEff:", "0000000000000000"));
	assert_true(status_has(pid, "CapPrm:", "0000000000000000"));
	assert_true(status_has(pid, "CapBnd:", "0000000000000000"));
	assert_true(status_has(pid, "NoNewPrivs:", "1"));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Kills the newest child of that process, once it has one besides us. */
static void kill_child_of(pid_t parent)
{
	char file[64], line[256] = "";
	pid_t newest = 0;
	FILE *f;

	snprintf(file, sizeof(file), "/proc/%d/task/%d/children", parent,
		 parent);
	for (int tries = 0; tries < 500 && !newest; tries++) {
		usleep(10000);
		f = fopen(file, "r");
		if (f && fgets(line, sizeof(line), f)) {
			char *next = line;

			for (pid_t pid; (pid = strtol(next, &next, 10));)
				newest = pid == getpid() ? newest : pid;
		}
		if (f)
			fclose(f);
	}
	usleep(200000);
	if (newest)
		kill(newest, SIGKILL);
	_exit(!newest);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* Reads a pipe that nobody writes to, with a handler for the signals that a
 * timer sends, until somebody kills the child. */
static void read_with_signals(const char *fifo)
{
	const struct sigaction handler = {.sa_handler = on_alarm};
	const struct itimerval often = {{0, 20000}, {0, 20000}};
	int writer = open(fifo, O_RDWR);
	pid_t self = getpid(), killer = fork();
	struct feed feed;
	int err;

	if (!killer)
		kill_child_of(self);
	sigaction(SIGALRM, &handler, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	err = feed_child_read(fifo, &usual, &feed);
	close(writer);
	_exit(err != -EINVAL || !strstr(feed.report.error[0].text, "killed"));
}

/* A signal is no answer, and the end of the pipe is one. */
static void a_child_is_killed_while_signals_come(void **state)
{
	int status, ended = 0;
	pid_t pid;

	(void)state;
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	pid = fork();
	if (!pid)
		read_with_signals(path);
	for (int i = 0; i < 1000 && !ended; i++) {
		usleep(10000);
		ended = waitpid(pid, &status, WNOHANG);
	}
	if (!ended) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	assert_int_equal(ended, pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file),
		cmocka_unit_test(one_child_finishes),
		cmocka_unit_test(a_refused_file),
		cmocka_unit_test(no_files),
		cmocka_unit_test(a_fifo),
		cmocka_unit_test(a_child_is_killed_while_signals_come),
		cmocka_unit_test(rights_are_gone),
		cmocka_unit_test(libc_may_do_what_it_does),
		cmocka_unit_test(an_abort_is_one),
		cmocka_unit_test(and_the_rest_works),
		cmocka_unit_test(it_is_nobody),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
