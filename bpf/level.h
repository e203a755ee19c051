/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The levels: what a limit is held against. Each level has a bucket table of
 * its own, so that a /64 source and a /48 netblock with the same 64-bit key
 * never meet.
 */
#ifndef MAILWEIR_LEVEL_H
#define MAILWEIR_LEVEL_H

/*
 * The levels that have prefix lengths of their own and count open connections.
 * ROW(ID, name, ...): from it come enum MW_ID, the maps name_buckets and
 * name_open, reasons, counters, the section [limit name] and all words.
 */
#define MW_EACH_PREFIX_LEVEL(ROW, ...)   \
	ROW(SOURCE, source, __VA_ARGS__) \
	ROW(NETBLOCK, netblock, __VA_ARGS__)

#define MW_LEVEL_ID(ID, name, ...) MW_##ID,

enum mw_level {
	MW_EACH_PREFIX_LEVEL(MW_LEVEL_ID) MW_PREFIX_LEVELS,
	MW_LIST = MW_PREFIX_LEVELS, /* a source on an enforced limit list */
	MW_OBSERVED_LIST,	    /* a source on an observed limit list */
	MW_TOTAL,		    /* all strangers together */
	MW_LEVELS,
};

#endif
