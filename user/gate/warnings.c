// SPDX-License-Identifier: GPL-2.0
#include "gate/warnings.h"

#include "gate/own_addresses.h"
#include "out/log.h"

static void warn_own(const struct list *l, const struct own_addresses *own)
{
	char holder[PREFIX_TEXT], address[PREFIX_TEXT];

	for (size_t i = 0; i < own->n; i++) {
		const struct mw_prefix *p =
			prefix_around(&l->set, &own->v[i].address);

		if (!p)
			continue;
		prefix_text(p, holder);
		prefix_text(&own->v[i].address, address);
		log_warning("list %s: %s holds %s, %s; an except = FILE or an "
			    "allow list keeps it out",
			    l->name, holder, address, own->v[i].what);
	}
}

static void warn_allowed(const struct list *l, const struct list *allow)
{
	char holder[PREFIX_TEXT], inner[PREFIX_TEXT];
	struct mw_prefix first[2];
	size_t n = prefix_overlap(&l->set, &allow->set, first);

	if (!n)
		return;
	prefix_text(&first[0], holder);
	prefix_text(&first[1], inner);
	log_warning("list %s: %s holds %s of allow list %s, which wins%s",
		    l->name, holder, inner, allow->name,
		    n > 1 ? "; and more of it" : "");
}

void warnings_tell(const struct list *lists, int n)
{
	struct own_addresses own;

	own_addresses_find(&own);
	for (int i = 0; i < n; i++) {
		const struct list *l = &lists[i];

		if (l->rule.action != MW_BLOCK)
			continue;
		warn_own(l, &own);
		for (int j = 0; j < n; j++)
			if (lists[j].rule.action == MW_ALLOW)
				warn_allowed(l, &lists[j]);
	}
	own_addresses_free(&own);
}
