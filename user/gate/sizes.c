// SPDX-License-Identifier: GPL-2.0
#include "gate/sizes.h"

#include <errno.h>
#include <stdio.h>

#include "bpf/concurrent.h"
#include "kernel/sizes.h"
#include "out/log.h"

bool gate_sizes_keep(struct mw_settings *s, const struct mw_settings *before)
{
	__u32 wanted = s->level[MW_SOURCE].open_sets;
	__u32 there = before->level[MW_SOURCE].open_sets;

	if (!there || before->charge != MW_CHARGE_HANDSHAKE || wanted == there)
		return true;
	for (int i = 0; i < MW_PREFIX_LEVELS; i++)
		s->level[i].open_sets = there;
	log_warning("[tables]: connections stays %u as long as mailweir is "
		    "attached; 'mailweir detach' and 'mailweir attach DEV' "
		    "make it %u",
		    there * MW_CONCURRENT_WAYS, wanted * MW_CONCURRENT_WAYS);
	return false;
}

/* The bytes that the kernel could give; 0: it does not say. */
static __u64 available(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f) &&
	       sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
		;
	if (f)
		fclose(f);
	return kib << 10;
}

int gate_sizes_check(const char *name, const struct mw_settings *s,
		     const struct mw_settings *before)
{
	__u64 bytes = sizes_bytes(s, before->generation ? before : NULL);
	__u64 most = available();

	if (!most || bytes <= most)
		return 0;
	log_error("%s: the tables of [tables] take %.1f MiB, and this machine "
		  "has %.1f MiB left; write smaller numbers",
		  name, bytes / 1048576.0, most / 1048576.0);
	return -EINVAL;
}
