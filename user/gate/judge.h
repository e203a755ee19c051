/* SPDX-License-Identifier: GPL-2.0 */
/* How an attempt from an address would be judged now. The tables are read and
 * policy.h judges; nothing is charged or counted. */
#ifndef MAILWEIR_JUDGE_H
#define MAILWEIR_JUDGE_H

#include "bpf/history.h"
#include "bpf/policy.h"
#include "kernel/engine.h"

/* A judgement, and all that it came from. */
struct judgement {
	struct mw_settings settings;
	struct mw_list_info lists[MW_LIST_SLOTS];
	struct mw_prefix asked;	  /* full length */
	struct mw_prefix address; /* the same, or who stands behind NAT64 */
	struct mw_leaf leaf;	  /* what the lists say of it */
	__u64 now;		  /* clock_now() */
	bool blocked;		  /* by this run-time block: */
	struct mw_prefix block_prefix;
	struct mw_block block;
	struct standing from;
	struct mw_history history;
	__u32 hour;		 /* now, in hours since 1970 */
	bool rates;		 /* the limits had a say */
	struct verdict enforced; /* before the gate's mode */
	struct verdict verdict;	 /* behind it */
};

/* Judges an address, a full-length prefix. 0; or -errno, told: nothing of *j is
 * to be used. */
int judge(const struct engine *e, const struct mw_prefix *address,
	  struct judgement *j);

/* The name of the address in the tables of a level (enum mw_level). */
__u64 judge_key(const struct judgement *j, int level);

/*
 * The entry of the kept copy of a list that decides for the address: of those
 * that do not end the longest, else the one that ends last. *end: seconds
 * since 1970, 0 for never. false: there is none.
 */
bool judge_entry(const char *list, const struct mw_prefix *address,
		 struct mw_prefix *found, __s64 *end);

#endif
