// SPDX-License-Identifier: GPL-2.0
#include "kernel/schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bpf/abi.h"
#include "out/log.h"

static int visit_link(const struct pins *p, const char *name, void *arg)
{
	(void)p;
	(void)name;
	(void)arg;
	return 1;
}

/* pins_each over the root: 1 if it is a schema, not ours, that has links. */
static int visit_schema(const struct pins *root, const char *name, void *arg)
{
	struct pins *other = arg;
	int end = 0;
	__u8 number;

	if (sscanf(name, "v%hhu%n", &number, &end) != 1 || name[end] ||
	    number == MW_SCHEMA)
		return 0;
	snprintf(other->dir, sizeof(other->dir), "%s/v%u", root->root, number);
	return pins_each(other, "link_", visit_link, NULL);
}

int schema_other(const struct pins *p, struct pins *other)
{
	struct pins root = *p;

	snprintf(root.dir, sizeof(root.dir), "%s", p->root);
	*other = *p;
	return pins_each(&root, "v", visit_schema, other);
}

int schema_check(const struct pins *p)
{
	struct pins other;
	int found = schema_other(p, &other);

	if (found != 1)
		return found;
	log_error("%s: another version of mailweir is attached; 'mailweir "
		  "detach' takes that off, and then this one can be attached",
		  other.dir);
	return -EPROTO;
}
