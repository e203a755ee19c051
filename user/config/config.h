/* SPDX-License-Identifier: GPL-2.0 */
/* The configuration file to struct config. Strict. */
#ifndef MAILWEIR_CONFIG_H
#define MAILWEIR_CONFIG_H

#include <stdio.h>

#include "config/errors.h"
#include "config/values.h"
#include "feed/feed.h"

#define CONFIG_DEFAULT "/etc/mailweir/mailweir.conf"

struct config_list {
	char name[MW_NAME]; /* [a-z0-9_-]+ , starts with a letter or digit */
	struct mw_rule rule;
	/* A relative one has the config's directory in front; NULL: the list
	 * is asns alone. */
	char *file;
	char *except;	     /* the same, of a list to subtract; NULL: none */
	char *set;	     /* of set =: names, as guard.set; NULL: none */
	struct asn_set asns; /* of asn = */
	struct feed_guard guard;
	__u64 expires;	/* seconds after its file was written; 0: never */
	int max_shrink; /* percent below what is in force */
	int line;	/* of its section */
	int file_line;	/* of file = */
};

struct config {
	/* Of it generation_compile fills in seed, generation, rules and what
	 * the limits can owe: they are zero. */
	struct mw_settings settings;
	const char *name; /* as config_read was given it */
	struct config_list list[MW_LISTS];
	int lists;
	char *asn_table;   /* path; NULL: none */
	int asn_line;	   /* of table = */
	__u64 list_memory; /* bytes that the compiled lists may take */
};

/* 0, or -EINVAL with *errors filled (every error of the file, not only the
 * first), -ENOMEM. cfg is empty on failure. */
int config_read(FILE *f, const char *name, struct config *cfg,
		struct config_errors *errors);
int config_read_file(const char *path, struct config *cfg,
		     struct config_errors *errors);

/* config_read_file, and tells of what is wrong. */
int config_load(const char *path, struct config *cfg);

/* Is it a name of a list: of a-z, 0-9, - and _, beginning with a letter or
 * digit, and not too long? */
bool config_is_list_name(const char *name);

/* The list of that name; NULL: there is none. */
const struct config_list *config_find_list(const struct config *cfg,
					   const char *name);

void config_free(struct config *cfg);

enum { CONFIG_WANT = 256 };

/* One key of the file, in words. */
struct config_key {
	const char *section; /* "gate", "list NAME" */
	const char *name;
	const char *example;	/* a value */
	const char *initial;	/* the value without the key; NULL: none */
	char want[CONFIG_WANT]; /* what may be written */
	bool required;		/* in its section */
};

/* Key i, in the order of their sections; false: there are i. */
bool config_key(int i, struct config_key *key);

#endif
