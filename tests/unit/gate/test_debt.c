// SPDX-License-Identifier: GPL-2.0
/* How much the buckets of each limit may owe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bpf/bucket.h"
#include "gate/debt.h"

#define NSEC   1000000000ULL
#define DAY    (24 * 3600 * NSEC)
#define MINUTE (60 * NSEC)

/* One in a second, so many at once; 0: no limit. */
static struct mw_limit limit(__u64 burst, enum mw_mode mode)
{
	struct mw_limit l = {.mode = mode};

	if (burst) {
		l.interval = NSEC;
		l.window = (burst - 1) * NSEC;
	}
	return l;
}

struct row {
	const char *what;
	int source, netblock, total, list; /* bursts */
	enum mw_mode mode;		   /* of the source's */
	enum mw_charge charge;
	__u64 source_most, netblock_most, total_most, list_most;
};

/* clang-format off */
static const struct row rows[] = {
	{"a source owes a day, what many share a minute", 3, 3, 9, 3,
	 MW_ENFORCE, MW_CHARGE_HANDSHAKE,
	 2 * NSEC + DAY, 2 * NSEC + MINUTE, 8 * NSEC + MINUTE, 2 * NSEC + DAY},
	{"one source could take all of them: their bursts", 3, 3, 9, 0,
	 MW_OBSERVE, MW_CHARGE_HANDSHAKE,
	 2 * NSEC + DAY, 3 * NSEC, 9 * NSEC, 0},
	{"one source could take all of the netblock's", 4, 3, 9, 0,
	 MW_ENFORCE, MW_CHARGE_HANDSHAKE,
	 3 * NSEC + DAY, 3 * NSEC, 8 * NSEC + MINUTE, 0},
	{"so could one in a list", 3, 3, 9, 5,
	 MW_ENFORCE, MW_CHARGE_HANDSHAKE,
	 2 * NSEC + DAY, 3 * NSEC, 8 * NSEC + MINUTE, 4 * NSEC + DAY},
	{"without a limit of sources anyone could", 0, 3, 9, 0,
	 MW_ENFORCE, MW_CHARGE_HANDSHAKE, 0, 3 * NSEC, 9 * NSEC, 0},
	{"at the SYN only what conforms is charged", 3, 3, 0, 3,
	 MW_ENFORCE, MW_CHARGE_SYN,
	 1026 * NSEC, 1026 * NSEC, 0, 1026 * NSEC},
};
/* clang-format on */

static void debt_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		struct mw_settings s = {.charge = r->charge};

		print_message("# %s\n", r->what);
		s.level[MW_SOURCE].limit = limit(r->source, r->mode);
		s.level[MW_NETBLOCK].limit = limit(r->netblock, MW_ENFORCE);
		s.level[MW_TOTAL].limit = limit(r->total, MW_ENFORCE);
		s.rules[7].limit = limit(r->list, MW_ENFORCE);
		debt_set(&s);
		assert_true(s.level[MW_SOURCE].limit.most == r->source_most);
		assert_true(s.level[MW_NETBLOCK].limit.most ==
			    r->netblock_most);
		assert_true(s.level[MW_TOTAL].limit.most == r->total_most);
		assert_true(s.rules[7].limit.most == r->list_most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debt_rows),
	};

	return cmocka_run_group_tests_name("debt", tests, NULL, NULL);
}
