// SPDX-License-Identifier: GPL-2.0
/* What the rules of an nft file do with sets: ip saddr @partners accept. */
#include "feed/format/nft_sets.h"

#include <string.h>

#include "feed/format/words.h"

static void ask(struct nft *nft, const char *table, const char *name,
		const char *before)
{
	char full[NFT_TEXT * 2];
	struct set *set;

	snprintf(full, sizeof(full), "%s %s", table, name);
	set = sets_find(&nft->sets, full);
	if (!set)
		return;
	if (!strcmp(before, "add") || !strcmp(before, "update")) {
		set->filled = true;
		return;
	}
	nft->asked = set;
	nft->negated = !strcmp(before, "!=");
}

static void verdict(struct nft *nft, const char *word)
{
	bool accepts = !strcmp(word, "accept") || !strcmp(word, "return");
	bool drops = !strcmp(word, "drop") || !strcmp(word, "reject");

	if (!nft->asked || (!accepts && !drops))
		return;
	nft->asked->accepted |= accepts != nft->negated;
	nft->asked->dropped |= drops != nft->negated;
}

void nft_rule(struct nft *nft, const char *table, bool end)
{
	char copy[NFT_TEXT], *rest = copy, *word;
	const char *before = "";

	snprintf(copy, sizeof(copy), "%s", nft->text);
	while ((word = words_next(&rest))) {
		if (*word == '@')
			ask(nft, table, word + 1, before);
		else
			verdict(nft, word);
		/* The tokens of != are two. */
		before = *word == '=' && *before == '!' ? "!=" : word;
	}
	if (end)
		nft->asked = NULL;
}
