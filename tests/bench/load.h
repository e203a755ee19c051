/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of the bench, each with its settings, list and sources; and running
 * the bench's programs over a row. */
#ifndef MAILWEIR_BENCH_LOAD_H
#define MAILWEIR_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "bpf/abi.h"

struct bench_bpf;

/* Every row runs those up to OBVIOUS, one row all of them. */
enum program {
	NOTHING,
	WEIR,
	OBVIOUS,
	PARSED,
	LISTED,
	DECIDED,
	CHARGED,
	CHASE,
	PROGRAMS
};

/* Where a row's sources come from. */
enum sources { RANDOM, LISTED_ONES, FEW };

enum {
	KNOWN,
	NEW,
	NEW_PEACE,
	NEW_MANY,
	NEW_SYN,
	NEW_BOTH,
	BLOCKED,
	BLOCKED_SOME,
	BLOCKED_MANY,
	ELSEWHERE,
	CONNECTED, /* load_connections() makes them */
	FORGED_ACK,
	ROWS
};

struct row {
	const char *what;
	size_t prefixes; /* on the list */
	enum sources sources;
	int port;
	enum mw_charge charge;
	bool netblock; /* a limit of that, too */
	bool ack;      /* ACKs, else SYNs */
	bool answers;  /* above a rate that is never reached */
};

extern const struct row load_rows[ROWS];

/* The program's object with the row's settings, list and sources, loaded. Ends
 * the process where the kernel refuses one. */
struct bench_bpf *load_row(const struct row *row);

/* Bytes that an attempt of the row may touch: the list and the buckets. */
size_t load_bytes(const struct row *row);

/* Cache lines of the list that an attempt of the row reads, on average. */
double load_lines_read(const struct row *row, const struct bench_bpf *skel);

struct load_result {
	double ns;     /* of one run */
	__u32 verdict; /* of the last run: enum xdp_action */
};

/* Ends the process where the kernel does not run the program, or where the
 * program takes the packet for no attempt. */
struct load_result load_run(const struct bench_bpf *skel, const struct row *row,
			    enum program program, int repeat);

/* Listens on port 25 and connects to it from all sources of CONNECTED; the
 * connections last as long as the process. Both ends' addresses are to be this
 * host's. Ends the process where that fails. */
void load_connections(void);

#endif
