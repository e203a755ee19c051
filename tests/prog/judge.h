/* SPDX-License-Identifier: GPL-2.0 */
/* The production program with its clock in the test's hands: one, where it has
 * a coarse and a fine one. */
#include "../../bpf/mailweir.bpf.c"

static __always_inline int judge_at(const struct packet *p, __u64 now)
{
	union leaf_word leaf = {.word = leaf_of(p, now)};
	struct verdict v = {};

	decide(config(), p, leaf, now, &v);
	return judged(leaf, &v);
}
