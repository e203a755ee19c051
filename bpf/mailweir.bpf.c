// SPDX-License-Identifier: GPL-2.0
/* The XDP program: parse -> decide -> charge -> count. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "packet.h"
#include "source.h"
#include "bucket.h"
#include "policy.h"
#include "maps.h"
#include "block.h"
#include "netblock.h"
#include "count.h"

/* This generation's settings; frozen before the program is attached. */
const volatile struct mw_settings settings = {};

/* The pointer is laundered: the compiler would fold the const initializer. */
static __always_inline const struct mw_settings *config(void)
{
	const struct mw_settings *s = (const struct mw_settings *)&settings;

	asm volatile("" : "+r"(s));
	return s;
}

static __always_inline int frame_load(struct xdp_md *ctx, __u32 off, void *to,
				      __u32 len)
{
	return bpf_xdp_load_bytes(ctx, off, to, len);
}

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

static __always_inline struct mw_block *block_get(const struct mw_prefix *key)
{
	return bpf_map_lookup_elem(&blocks, key);
}

#define AT(map, i) bpf_map_lookup_elem(&(map), &(i))

static __always_inline const void *netblock_at(const void *in,
					       enum mw_part part, __u32 i)
{
	(void)in;
	switch (part) {
	case MW_LEAVES:
		return AT(leaves, i);
	case MW_TOP4:
		return AT(top4, i);
	case MW_WORDS4:
		return AT(words4, i);
	case MW_RUNS4:
		return AT(runs4, i);
	case MW_TOP6:
		return AT(top6, i);
	case MW_TREES6:
		return AT(trees6, i);
	case MW_NODES6:
		return AT(nodes6, i);
	case MW_WORDS6:
		return AT(words6, i);
	case MW_RANGES6:
		return AT(ranges6, i);
	case MW_LOWS6:
		return AT(lows6, i);
	case MW_PARTS:
		break;
	}
	return NULL;
}

/* A leaf as one word: a global function's result is one unknown number to the
 * verifier, whichever way it came about. */
union leaf_word {
	struct mw_leaf leaf;
	__u32 word;
};

__attribute__((noinline)) __u32 leaf_of(const struct packet *p, __u64 now)
{
	union leaf_word none = {}, word;
	const struct mw_leaf *leaf;
	__u32 class;

	if (!p) /* never */
		return none.word;
	if (p->family == 4)
		class = netblock_class4(NULL, source_u64(p->source) >> 32);
	else
		class = netblock_class6(NULL, source_u64(p->source),
					source_u64(p->source + 8));
	leaf = netblock_leaf(NULL, class, now);
	if (!leaf)
		return none.word;
	word.leaf = *leaf;
	return word.word;
}

/* The length of the run-time block on p, or BLOCK_NONE. Global: the verifier
 * walks its loops once, whatever leads here. */
__attribute__((noinline)) int block_of(const struct packet *p, __u64 now)
{
	const struct mw_block_lengths *lengths;
	__u32 zero = 0;

	lengths = bpf_map_lookup_elem(&block_lengths, &zero);
	if (!p || !lengths) /* never */
		return BLOCK_NONE;
	return block_find(lengths, p->family, p->source, now);
}

static __always_inline void count_block(const struct packet *p, int len)
{
	struct mw_prefix key;
	struct mw_block *block;

	block_key(&key, p->family, p->source, len);
	block = block_get(&key);
	if (block)
		__sync_fetch_and_add(&block->drops, 1);
}

/* The set where a level keeps the bucket of p; *key is its name there. */
static __always_inline struct mw_set *set_of(const struct mw_settings *s,
					     const struct packet *p, int level,
					     __u64 *key)
{
	__u32 hash;

	*key = source_level_key(s, level, p->family, p->source);
	hash = source_hash(*key, s->seed);
	if (level == MW_SOURCE) {
		hash %= MW_SOURCE_SETS;
		return bpf_map_lookup_elem(&source_buckets, &hash);
	}
	if (level == MW_NETBLOCK) {
		hash %= MW_NETBLOCK_SETS;
		return bpf_map_lookup_elem(&netblock_buckets, &hash);
	}
	hash %= MW_LIST_SETS;
	if (level == MW_LIST)
		return bpf_map_lookup_elem(&list_buckets, &hash);
	return bpf_map_lookup_elem(&observed_buckets, &hash);
}

static __always_inline __u64 tat_of(const struct packet *p, int level)
{
	__u64 key;
	struct mw_set *set = set_of(config(), p, level, &key);
	int way = set ? bucket_find(set, key) : BUCKET_NONE;

	return way == BUCKET_NONE ? 0 : set->way[way & 3].tat;
}

/* Global: the verifier takes its branches once, not for every way that leads
 * to them. p is never NULL. */
__attribute__((noinline)) int charge(const struct packet *p, __u32 word,
				     int level, __u64 now)
{
	union leaf_word leaf = {.word = word};
	const struct mw_limit *limit =
		policy_limit(config(), &leaf.leaf, level);
	bool evicted = false;
	__u64 key;
	struct mw_set *set = p ? set_of(config(), p, level, &key) : NULL;
	__u32 luck;
	int way;

	if (!set || !limit)
		return 0;
	way = bucket_find(set, key);
	if (way == BUCKET_NONE) {
		/* As good as a die to who does not know the seed, without
		 * the 17 ns that a helper call takes. */
		luck = source_hash(key ^ now, config()->seed) >> 32;
		way = bucket_victim(set, now, luck);
		if (way == BUCKET_NONE) {
			count_table(level, false);
			return 0;
		}
		/* The CPU that was faster may have brought in this very key;
		 * if not, this one event is not charged. */
		if (!bucket_claim(&set->way[way & 3], key, now, &evicted))
			way = bucket_find(set, key);
		if (way == BUCKET_NONE)
			return 0;
		if (evicted)
			count_table(level, true);
	}
	bucket_charge(&set->way[way & 3].tat, now, limit);
	return 0;
}

static __always_inline void decide(const struct mw_settings *s,
				   const struct packet *p, union leaf_word leaf,
				   __u64 now, struct verdict *v)
{
	int block = block_of(p, now);
	__u64 tat[MW_LEVELS] = {};

	if (policy_access(&leaf.leaf, block != BLOCK_NONE, v)) {
		policy_mode(s, v);
		if (v->reason == MW_RUNTIME_BLOCK)
			count_block(p, block);
		return;
	}
	for (int i = 0; i < MW_LEVELS; i++)
		if (policy_limit(s, &leaf.leaf, i))
			tat[i] = tat_of(p, i);
	policy_rates(s, &leaf.leaf, tat, now, v);
	for (int i = 0; i < MW_LEVELS; i++)
		if (v->charge & 1 << i)
			charge(p, leaf.word, i, now);
	policy_mode(s, v);
}

static __always_inline int judge(const struct packet *p, __u64 now)
{
	union leaf_word leaf = {.word = leaf_of(p, now)};
	struct verdict v = {};

	decide(config(), p, leaf, now, &v);
	count_lists(&leaf.leaf, &v);
	return count(&v, true);
}

static __always_inline int pass_by(enum packet_kind kind)
{
	struct verdict v = {
		.reason = kind == PACKET_MALFORMED	  ? MW_MALFORMED
			  : kind == PACKET_LATER_FRAGMENT ? MW_LATER_FRAGMENT
							  : MW_NOT_ATTEMPT,
	};

	policy_mode(config(), &v);
	return count(&v, false);
}

static __always_inline enum packet_kind parse(struct xdp_md *ctx,
					      struct packet *p)
{
	struct frame f = {
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.ctx = ctx,
	};

	return packet_parse(&f, config(), p);
}

SEC("xdp.frags")
int mailweir(struct xdp_md *ctx)
{
	struct packet p = {};
	enum packet_kind kind = parse(ctx, &p);

	if (kind != PACKET_ATTEMPT)
		return pass_by(kind);
	return judge(&p, bpf_ktime_get_coarse_ns());
}

char LICENSE[] SEC("license") = "GPL";
