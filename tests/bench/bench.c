// SPDX-License-Identifier: GPL-2.0
/*
 * What an attempt costs: bench [--json]. mailweir's program and the obvious
 * one by BPF_PROG_TEST_RUN, every row and program in turn in each of ROUNDS,
 * another source in every packet; the harness's own cost is measured beside
 * them and taken off. Medians of the rounds, with the spread from the second
 * to the last but one. Compare the ratios; the nanoseconds are this machine's.
 *
 * Below the rows, what an attempt from a new source consists of, in ns and in
 * dependent misses: reads, each of which says where the next one is, in memory
 * as large as the tables.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tests/bench/bench.h"
#include "tests/bench/load.h"

enum { ROUNDS = 11, REPEAT = 200000, WARM = REPEAT / 4 };

struct spread {
	double median, low, high;
};

static struct bench_bpf *skels[ROWS];
static double times[ROWS][PROGRAMS][ROUNDS];
static double lines[ROWS]; /* of the list, an attempt reads */

static double run(int row, enum program program, int repeat)
{
	return load_run(skels[row], &load_rows[row], program, repeat).ns;
}

static void measure_row(int row, int round)
{
	int programs = row == NEW_MANY ? PROGRAMS : OBVIOUS + 1;

	for (int i = 0; i < programs; i++) {
		run(row, i, WARM);
		times[row][i][round] = run(row, i, REPEAT);
	}
}

static void measure(void)
{
	for (int row = 0; row < ROWS; row++) {
		skels[row] = load_row(&load_rows[row]);
		/* So that tables are as full as they become. */
		if (row < ELSEWHERE)
			run(row, CHARGED, SOURCES);
	}
	for (int round = 0; round < ROUNDS; round++)
		for (int row = 0; row < ROWS; row++)
			measure_row(row, round);
}

static int double_compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct spread spread_of(const double t[ROUNDS])
{
	double v[ROUNDS];

	memcpy(v, t, sizeof(v));
	qsort(v, ROUNDS, sizeof(*v), double_compare);
	return (struct spread){v[ROUNDS / 2], v[1], v[ROUNDS - 2]};
}

/* What a program takes beyond another one, round by round. */
static double beyond(int row, enum program p, enum program less, int round)
{
	return times[row][p][round] - times[row][less][round];
}

static struct spread spread_beyond(int row, enum program p, enum program less)
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = beyond(row, p, less, i);
	return spread_of(t);
}

/* How many times as much the first takes as the second. */
static struct spread spread_ratio(int row, enum program p, int than_row,
				  enum program than)
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = beyond(row, p, NOTHING, i) /
		       beyond(than_row, than, NOTHING, i);
	return spread_of(t);
}

/* --- what is printed ----------------------------------------------------- */

static struct json_object *json; /* NULL: a table for people */

static struct json_object *json_spread(struct spread s)
{
	struct json_object *o = json_object_new_array();

	json_object_array_add(o, json_object_new_double(s.median));
	json_object_array_add(o, json_object_new_double(s.low));
	json_object_array_add(o, json_object_new_double(s.high));
	return o;
}

/* Into the array of that name. */
static void json_add(const char *name, struct json_object *o)
{
	struct json_object *to;

	if (!json_object_object_get_ex(json, name, &to)) {
		to = json_object_new_array();
		json_object_object_add(json, name, to);
	}
	json_object_array_add(to, o);
}

static void json_row(const char *what, const struct spread t[OBVIOUS + 1],
		     struct spread cheaper)
{
	static const char *const names[] = {"nothing", "mailweir", "obvious"};
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "row", json_object_new_string(what));
	for (int i = 0; i <= OBVIOUS; i++)
		json_object_object_add(o, names[i], json_spread(t[i]));
	json_object_object_add(o, "times", json_spread(cheaper));
	json_add("attempts", o);
}

static void show_row(int row)
{
	struct spread cheaper = spread_ratio(row, OBVIOUS, row, WEIR);
	struct spread t[OBVIOUS + 1];

	t[WEIR] = spread_beyond(row, WEIR, NOTHING);
	t[OBVIOUS] = spread_beyond(row, OBVIOUS, NOTHING);
	t[NOTHING] = spread_of(times[row][NOTHING]);
	if (json) {
		json_row(load_rows[row].what, t, cheaper);
		return;
	}
	printf("%-27s", load_rows[row].what);
	for (int i = WEIR; i <= OBVIOUS; i++)
		printf(" %6.0f (%.0f..%.0f)", t[i].median, t[i].low, t[i].high);
	printf(" %6.1f times (%.1f..%.1f) %4.0f\n", cheaper.median, cheaper.low,
	       cheaper.high, t[NOTHING].median);
}

static void show_rows(void)
{
	if (!json)
		printf("%-27s %16s %18s %20s %7s\n", "ns an attempt",
		       "mailweir", "obvious program", "cheaper", "null");
	for (int row = 0; row < ROWS; row++)
		show_row(row);
}

static void show(const char *what, const char *unit, struct spread s)
{
	struct json_object *o;

	if (!json) {
		printf("%-52s %6.3g %-6s (%.3g..%.3g)\n", what, s.median, unit,
		       s.low, s.high);
		return;
	}
	o = json_object_new_object();
	json_object_object_add(o, "row", json_object_new_string(what));
	json_object_object_add(o, "unit", json_object_new_string(unit));
	json_object_object_add(o, "median", json_object_new_double(s.median));
	json_object_object_add(o, "spread", json_spread(s));
	json_add("parts", o);
}

static void show_exact(const char *what, const char *unit, double v)
{
	show(what, unit, (struct spread){v, v, v});
}

/* --- what a new source's attempt consists of ----------------------------- */

/* Of a read that says where the next one is. */
static double miss(int round)
{
	return beyond(NEW_MANY, CHASE, NOTHING, round) / RING_STEPS;
}

static double whole(int row, int round)
{
	return beyond(row, WEIR, NOTHING, round);
}

static double misses(int round)
{
	return whole(NEW_MANY, round) / miss(round);
}

static double blocked_misses(int round)
{
	return whole(BLOCKED_MANY, round) / miss(round);
}

/* A known source's, and the lines that are to be read one after the other. */
static double in_turn(int round)
{
	return whole(KNOWN, round) + (lines[NEW_MANY] + 1) * miss(round);
}

static double over_in_turn(int round)
{
	return whole(NEW_MANY, round) / in_turn(round);
}

/* A known source's, and one wait for all lines at once. */
static double least(int round)
{
	return whole(KNOWN, round) + miss(round);
}

static double over_least(int round)
{
	return whole(NEW_MANY, round) / least(round);
}

static double obvious_over_least(int round)
{
	return beyond(NEW_MANY, OBVIOUS, NOTHING, round) / least(round);
}

static struct spread spread_rounds(double (*value)(int round))
{
	double t[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		t[i] = value(i);
	return spread_of(t);
}

static void show_steps(void)
{
	static const struct {
		const char *what;
		enum program upto, less;
	} steps[] = {
		{"parsed", PARSED, NOTHING},
		{"+ what the lists say", LISTED, PARSED},
		{"+ run-time blocks, the bucket, the decision", DECIDED,
		 LISTED},
		{"+ counted", WEIR, DECIDED},
		{"the whole", WEIR, NOTHING},
		{"besides, when a handshake is completed: charged", CHARGED,
		 PARSED},
	};

	if (!json)
		printf("\n%s: what it consists of\n", load_rows[NEW_MANY].what);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		show(steps[i].what, "ns",
		     spread_beyond(NEW_MANY, steps[i].upto, steps[i].less));
}

static void show_misses(void)
{
	show_exact("the list and the sources' buckets occupy", "MiB",
		   load_bytes(&load_rows[NEW_MANY]) / 1048576.0);
	show("a dependent miss in as much memory", "ns", spread_rounds(miss));
	show("the whole, in dependent misses", "misses", spread_rounds(misses));
	show_exact("cache lines it reads of the list, on average", "lines",
		   lines[NEW_MANY]);
	show_exact("and of the buckets", "lines", 1);
	show("a known source, and those lines in turn", "ns",
	     spread_rounds(in_turn));
	show("the whole, to that", "times", spread_rounds(over_in_turn));
	show("a known source and one wait for all lines: the least", "ns",
	     spread_rounds(least));
	show("the whole, to that least", "times", spread_rounds(over_least));
	show("the obvious program, to that least", "times",
	     spread_rounds(obvious_over_least));
}

static void show_blocked(void)
{
	show_exact("blocked, list of 1 M: cache lines of the list", "lines",
		   lines[BLOCKED_MANY]);
	show("the whole of that, in dependent misses", "misses",
	     spread_rounds(blocked_misses));
}

static void show_flatness(void)
{
	show("1 M prefixes to 1 k, mailweir", "times",
	     spread_ratio(NEW_MANY, WEIR, NEW, WEIR));
	show("1 M prefixes to 1 k, obvious program", "times",
	     spread_ratio(NEW_MANY, OBVIOUS, NEW, OBVIOUS));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--json"))
		json = json_object_new_object();
	load_connections();
	measure();
	lines[NEW_MANY] =
		load_lines_read(&load_rows[NEW_MANY], skels[NEW_MANY]);
	lines[BLOCKED_MANY] =
		load_lines_read(&load_rows[BLOCKED_MANY], skels[BLOCKED_MANY]);
	show_rows();
	show_steps();
	show_misses();
	show_blocked();
	show_flatness();
	if (json)
		puts(json_object_to_json_string_ext(json,
						    JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return 0;
}
