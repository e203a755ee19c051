/* SPDX-License-Identifier: GPL-2.0 */
/* Words that are nearly right. Pure. */
#ifndef MAILWEIR_CONFIG_SPELL_H
#define MAILWEIR_CONFIG_SPELL_H

/* The one of n known words that is nearest to word, within two letters that are
 * changed, added or removed; case does not count. NULL: none is. */
const char *spell_nearest(const char *word, const char *const *known, int n);

#endif
