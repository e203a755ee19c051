/* SPDX-License-Identifier: GPL-2.0 */
/* The production program with its clock in the test's hands: one, where it has
 * a coarse and a fine one. */
#include "bpf/mailweir.bpf.c"

static __always_inline int judge_at(const struct packet *p, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(p, now)};
	struct verdict v = {};

	judge_decide(state_settings(), p, leaf, now, &v);
	return count_attempt(&leaf.leaf, &v);
}
