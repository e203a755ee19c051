// SPDX-License-Identifier: GPL-2.0
#include "lists/parts.h"

const char *const pack_names[MW_PARTS] = {
	[MW_LEAVES] = "leaves",	  [MW_TOP4] = "top4",
	[MW_WORDS4] = "words4",	  [MW_RUNS4] = "runs4",
	[MW_TOP6] = "top6",	  [MW_TREES6] = "trees6",
	[MW_NODES6] = "nodes6",	  [MW_WORDS6] = "words6",
	[MW_RANGES6] = "ranges6", [MW_LOWS6] = "lows6",
};
