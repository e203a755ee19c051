/* SPDX-License-Identifier: GPL-2.0 */
/* The state of reading one configuration file. For the files of config. */
#ifndef MAILWEIR_CONFIG_PARSER_H
#define MAILWEIR_CONFIG_PARSER_H

#include "config/config.h"

enum config_section {
	SECTION_GATE,
	SECTION_LEVELS, /* of each level with prefix lengths, in their order */
	SECTION_LAST_LEVEL = SECTION_LEVELS + MW_PREFIX_LEVELS - 1,
	SECTION_TOTAL,
	SECTION_ESCALATION,
	SECTION_TABLES,
	SECTION_ASN,
	SECTION_LIST, /* last: it has a name, and may be given often */
	SECTIONS,
};

enum { CONFIG_KEYS = 64 }; /* more than there are rows of keys */

struct config_parser {
	struct config *cfg;
	struct complaints say;
	int line; /* that is read now */

	/* The open section; SECTIONS: none yet, or one that was refused. */
	enum config_section section;
	int opened;		  /* line of its header; 0: none yet */
	char title[CONFIG_WORD];  /* the header, "[list drop]" */
	struct config_list *list; /* of a SECTION_LIST */
	int first[SECTIONS];	  /* line of each, or 0; of a list unused */
	int given[CONFIG_KEYS];	  /* line of each row's key, or 0 */
	int burst_one;		  /* line of a burst = 1, or 0 */
};

#endif
