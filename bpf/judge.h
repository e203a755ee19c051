/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a frame to its verdict: the frame is parsed, and what it asks for is
 * judged and counted. The includer provides two clocks, in ns from one start: a
 * cheap one that may be a tick behind, and an exact one:
 *	__u64 clock_coarse(void);
 *	__u64 clock_fine(void);
 */
#ifndef MAILWEIR_JUDGE_H
#define MAILWEIR_JUDGE_H

#include "answer.h"
#include "charge.h"
#include "packet.h"
#include "state.h"
#include "taker.h"

static __u64 clock_coarse(void);
static __u64 clock_fine(void);

static __always_inline int frame_load(struct xdp_md *ctx, __u32 off, void *to,
				      __u32 len)
{
	return bpf_xdp_load_bytes(ctx, off, to, len);
}

static __always_inline __u32 frame_length(struct xdp_md *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

/* The run-time block of that length refused p. */
static __always_inline void judge_count_block(const struct packet *p, int len)
{
	struct mw_prefix key;
	struct mw_block *block;

	block_key(&key, p->family, p->source, len);
	block = block_get(NULL, &key);
	if (block)
		__sync_fetch_and_add(&block->drops, 1);
}

static __always_inline void judge_decide(const struct mw_settings *s,
					 const struct segment *g,
					 union state_leaf_word leaf, __u64 now,
					 struct verdict *v)
{
	const struct packet *p = &g->from;
	bool charging = s->charge == MW_CHARGE_SYN;
	int block = state_block(p, now);

	if (policy_access(&leaf.leaf, block != BLOCK_NONE, v)) {
		policy_mode(s, v);
		if (v->reason == MW_RUNTIME_BLOCK)
			judge_count_block(p, block);
		return;
	}
	state_rates(p, leaf.word, now,
		    charging ? STATE_TO_CHARGE : STATE_TO_JUDGE, v);
	if (g->paid) {
		policy_paid(s, v);
	} else if (charging) {
		charge_payers_of_attempt(v);
		charge_levels(p, leaf.word, v->charge, now);
	}
	policy_mode(s, v);
}

/* Judges an attempt by the coarse clock, whose time is now, and once more by
 * the fine clock where the coarse one may have decided. That happens with
 * charge = handshake only, and for rates only: the first judgement has then
 * charged and counted nothing. */
static __always_inline int judge(const struct segment *g, __u64 now)
{
	union state_leaf_word leaf = {.word = state_leaf(&g->from, now)};
	struct verdict v = {};

	judge_decide(state_settings(), g, leaf, now, &v);
	if (policy_close(state_settings(), &v)) {
		v = (struct verdict){};
		judge_decide(state_settings(), g, leaf, clock_fine(), &v);
	}
	return count_attempt(&leaf.leaf, &v);
}

/* What is no attempt. */
static __always_inline int judge_other(enum packet_kind kind)
{
	struct verdict v = {
		.reason = kind == PACKET_MALFORMED	  ? MW_MALFORMED
			  : kind == PACKET_LATER_FRAGMENT ? MW_LATER_FRAGMENT
							  : MW_NOT_ATTEMPT,
	};

	policy_mode(state_settings(), &v);
	return count_other(&v);
}

/*
 * What an ACK is. Unless a connection takes it, it may complete a handshake,
 * here or elsewhere on this machine, and is noted. It is an attempt if a
 * listener here takes it for its cookie, or if it was noted before and its
 * connection has ended: it can make another connection only of a cookie.
 */
static __always_inline enum packet_kind judge_ack(struct xdp_md *ctx,
						  struct segment *g)
{
	enum taker taker = taker_of(ctx, g);
	__u64 key, was;

	g->by_ack = true;
	if (taker == TAKER_SOCKET)
		return PACKET_OTHER;
	source_translate(state_settings(), &g->from);
	key = state_flow_key(FLOW_PEER, &g->from, g->tcp.source, 0);
	if (!flow_is(state_flow_note(key), key))
		COUNT(handshakes);
	key = state_flow_key(FLOW_ACK, &g->from, g->tcp.source, g->tcp.ack);
	was = state_flow_note(key);
	g->paid = !flow_is(was, key);
	if (taker != TAKER_COOKIE && was != (key | FLOW_ENDED))
		return PACKET_OTHER;
	COUNT(attempts_ack);
	return PACKET_ATTEMPT;
}

static __always_inline struct frame judge_frame_of(struct xdp_md *ctx)
{
	return (struct frame){
		.data = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
		.ctx = ctx,
	};
}

/* What a frame that was parsed is. From here on an address behind NAT64 is an
 * IPv4 one; sockets know the address of the packet. */
static __always_inline enum packet_kind
judge_parsed(struct xdp_md *ctx, enum packet_kind kind, struct segment *g)
{
	if (kind == PACKET_ACK)
		return judge_ack(ctx, g);
	if (kind == PACKET_ATTEMPT)
		source_translate(state_settings(), &g->from);
	return kind;
}

static __always_inline enum packet_kind judge_parse(struct xdp_md *ctx,
						    struct segment *g)
{
	struct frame f = judge_frame_of(ctx);

	return judge_parsed(ctx, packet_parse(&f, state_settings(), g), g);
}

/* The same of a frame that begins with its IP header. */
static __always_inline enum packet_kind judge_parse_ip(struct xdp_md *ctx,
						       struct segment *g)
{
	struct frame f = judge_frame_of(ctx);

	return judge_parsed(ctx, packet_parse_ip(&f, state_settings(), g), g);
}

/* A SYN may make a Fast Open connection, here or elsewhere on this machine. */
static __always_inline void judge_passed(const struct segment *g)
{
	if (state_settings()->charge == MW_CHARGE_HANDSHAKE)
		state_flow_put(state_flow_key(FLOW_SYN, &g->from, g->tcp.source,
					      g->tcp.seq));
}

static __always_inline int judge_kind(struct xdp_md *ctx, enum packet_kind kind,
				      const struct segment *g,
				      const bool answers)
{
	__u64 now;
	int action;

	if (kind != PACKET_ATTEMPT)
		return judge_other(kind);
	now = clock_coarse();
	action = judge(g, now);
	if (action != XDP_PASS)
		return action;
	if (answers && !g->by_ack)
		action = answer_above(ctx, g, now);
	if (action == XDP_PASS)
		judge_passed(g);
	return action;
}

static __always_inline int judge_frame(struct xdp_md *ctx)
{
	struct segment g = {};

	return judge_kind(ctx, judge_parse(ctx, &g), &g, true);
}

/* A frame without a link header does not say to whom an answer goes. */
static __always_inline int judge_frame_ip(struct xdp_md *ctx)
{
	struct segment g = {};

	return judge_kind(ctx, judge_parse_ip(ctx, &g), &g, false);
}

#endif
