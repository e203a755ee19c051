// SPDX-License-Identifier: GPL-2.0
/* What may let a driver take a program natively. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/nic.h"

struct row {
	const char *what;
	struct nic nic;
	const char *cure;
	bool native; /* the driver has it */
};

/* clang-format off */
static const struct row rows[] = {
	{"nothing is in the way of ena",
	 {"ena", 1500, .queues = 4, .most = 8}, "", true},
	{"ena wants half its queues, and a page for a packet",
	 {"ena", 9001, .queues = 8, .most = 8},
	 "'ip link set eth0 mtu 3498', 'ethtool -L eth0 combined 4'", true},
	{"gve counts receive and transmit queues apart",
	 {"gve", 1460, .apart = true, .queues = 16, .most = 16},
	 "'ethtool -L eth0 rx 8 tx 8', on an older kernel queues of the format "
	 "GQI, which the machine type decides, on a newer one rx-gro-hw off",
	 true},
	{"ixgbevf, LRO and a large MTU",
	 {"ixgbevf", 9000, .lro = true, .queues = 2, .most = 2},
	 "'ethtool -K eth0 lro off', 'ip link set eth0 mtu 1500'", true},
	{"hv_netvsc, LRO",
	 {"hv_netvsc", 1500, .lro = true, .queues = 8, .most = 8},
	 "'ethtool -K eth0 lro off'", true},
	{"one queue has no half",
	 {"ena", 1500, .queues = 1, .most = 1}, "", true},
	{"an odd number of queues",
	 {"ena", 1500, .queues = 3, .most = 5},
	 "'ethtool -L eth0 combined 2'", true},
	{"a driver that is not known",
	 {"other", 9000, .lro = true, .queues = 8, .most = 8},
	 "'ethtool -K eth0 lro off', 'ip link set eth0 mtu 1500', "
	 "'ethtool -L eth0 combined 4'", false},
	{"the kernel says nothing of it", {""}, "", false},
};
/* clang-format on */

static void test_cure(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[NIC_WORDS];

		nic_cure(&rows[i].nic, "eth0", text);
		print_message("%s\n", rows[i].what);
		assert_string_equal(text, rows[i].cure);
		assert_int_equal(nic_has_native(&rows[i].nic), rows[i].native);
	}
}

static void test_virtio(void **state)
{
	const struct nic nic = {"virtio_net", 9000, .queues = 4, .most = 4};
	char text[NIC_WORDS];

	(void)state;
	nic_cure(&nic, "eth0", text);
	assert_non_null(strstr(text, "'ip link set eth0 mtu 1500'"));
	assert_non_null(strstr(text, "'ethtool -L eth0 combined 2'"));
	assert_non_null(strstr(text, "<guest tso4='off'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cure),
		cmocka_unit_test(test_virtio),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
