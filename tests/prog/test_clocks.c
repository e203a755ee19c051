// SPDX-License-Identifier: GPL-2.0
/*
 * Attempts are judged by a clock that moves every 4, 10 or 50 ms, connections
 * charged by one that does not. One source tries ten times as often as its
 * limit allows, for 20 s of virtual time: rate x time + burst are admitted all
 * the same, and the whole burst at once, whether the limit enforces or
 * observes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/bucket.h"
#include "clocks.skel.h"
#include "pkt.h"
#include "unpinned.h"

#define S     MW_SECOND
#define BEGUN (50 * S + 9 * S / 1000) /* between two ticks */

enum { SECONDS = 20, BURST = 20, OFTEN = 10, BATCH = 1000 };

static const __u64 rates[] = {1, 10, 99, 101, 200, 1000, 5000}; /* a second */
static const __u64 ticks[] = {S / 250, S / 100, S / 20};
static const enum mw_mode modes[] = {MW_ENFORCE, MW_OBSERVE};

enum {
	RATES = sizeof(rates) / sizeof(*rates),
	TICKS = sizeof(ticks) / sizeof(*ticks),
	MODES = sizeof(modes) / sizeof(*modes),
	ROWS = RATES * TICKS * MODES,
};

static void settings_of(__u64 interval, enum mw_mode mode,
			struct mw_settings *s)
{
	__u64 window = (BURST - 1) * interval;

	*s = (struct mw_settings){
		.seed = 1,
		.ports = {25},
		.mode = MW_ENFORCE,
		.charge = MW_CHARGE_HANDSHAKE,
		.level[MW_SOURCE] = {.len4 = 32, .len6 = 64},
		.level[MW_NETBLOCK] = {.len4 = 24, .len6 = 48},
		.level[MW_SOURCE].limit = {interval, window,
					   bucket_most(interval, window,
						       MW_CHARGE_HANDSHAKE, 0),
					   mode},
	};
}

static struct clocks_bpf *gate_open(__u64 interval, enum mw_mode mode)
{
	struct clocks_bpf *skel = clocks_bpf__open();
	struct mw_settings s;

	if (!skel)
		return NULL;
	unpinned(skel->obj);
	settings_of(interval, mode, &s);
	sizes_of(skel->obj, &s);
	memcpy((void *)&skel->rodata->settings, &s, sizeof(s));
	if (clocks_bpf__load(skel)) {
		clocks_bpf__destroy(skel);
		return NULL;
	}
	return skel;
}

/* false: the kernel did not run it. */
static bool attempt(struct clocks_bpf *skel, __u64 interval, __u64 tick)
{
	__u64 attempts = SECONDS * OFTEN * S / interval;
	struct pkt p = {};
	struct pkt_frame f;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .repeat = attempts / BATCH + 1);

	skel->data->test_now = BEGUN;
	skel->data->test_tick = tick;
	skel->data->test_step = interval / OFTEN;
	skel->data->test_first_until = BEGUN + BURST * (interval / OFTEN);
	skel->data->test_until = BEGUN + SECONDS * S;
	pkt_build(&f, &p);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	return !bpf_prog_test_run_opts(bpf_program__fd(skel->progs.clocks),
				       &opts);
}

static bool check(int i)
{
	__u64 rate = rates[i / (TICKS * MODES)],
	      tick = ticks[i / MODES % TICKS];
	enum mw_mode mode = modes[i % MODES];
	struct clocks_bpf *skel = gate_open(S / rate, mode);
	__u64 all = 0, first = 0, most = rate * SECONDS + BURST;
	bool ok = skel && attempt(skel, S / rate, tick);

	if (ok) {
		all = skel->bss->test_admitted;
		first = skel->bss->test_first_admitted;
		ok = first >= BURST && first <= BURST + 2 && all >= most - 2 &&
		     all <= most + 1;
	}
	printf("%sok %d - %s, %llu a second, a tick of %llu ms: %llu admitted, "
	       "%llu of them at once\n",
	       ok ? "" : "not ", i + 1,
	       mode == MW_ENFORCE ? "enforced" : "observed", rate,
	       tick / (S / 1000), all, first);
	clocks_bpf__destroy(skel);
	return ok;
}

int main(void)
{
	int failed = 0;

	libbpf_set_print(NULL);
	if (!libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_XDP, NULL)) {
		puts("1..0 # SKIP no BPF here");
		return 0;
	}
	printf("1..%d\n", ROWS);
	for (int i = 0; i < ROWS; i++)
		failed += !check(i);
	return failed != 0;
}
