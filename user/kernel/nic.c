// SPDX-License-Identifier: GPL-2.0
#include "kernel/nic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>

/* --- reading ------------------------------------------------------------- */

/* command: one of the ethtool structs. */
static bool ask(int fd, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return !ioctl(fd, SIOCETHTOOL, &request);
}

static __u32 read_mtu(int fd, const char *name)
{
	struct ifreq request = {};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCGIFMTU, &request) ? 0 : request.ifr_mtu;
}

static void read_queues(int fd, const char *name, struct nic *nic)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	if (!ask(fd, name, &channels))
		return;
	nic->apart = !channels.max_combined;
	nic->queues = nic->apart ? channels.rx_count : channels.combined_count;
	nic->most = nic->apart ? channels.max_rx : channels.max_combined;
}

void nic_read(const char *name, struct nic *nic)
{
	struct ethtool_drvinfo driver = {.cmd = ETHTOOL_GDRVINFO};
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(nic, 0, sizeof(*nic));
	if (fd < 0)
		return;
	if (ask(fd, name, &driver))
		snprintf(nic->driver, sizeof(nic->driver), "%s", driver.driver);
	nic->lro = ask(fd, name, &flags) && (flags.data & ETH_FLAG_LRO);
	nic->mtu = read_mtu(fd, name);
	read_queues(fd, name, nic);
	close(fd);
}

/* --- the cure ------------------------------------------------------------ */

/* mtu: the most that the driver takes with XDP, or what each kernel's takes.
 * half: it wants as many queues again for XDP. */
static const struct driver {
	const char *name;
	__u32 mtu;
	bool half;
	const char *other; /* what else it may want */
} drivers[] = {
	{"bnxt_en", 1500, true},
	{"bonding", 0, false,
	 "a mode of the bond that has native XDP (round-robin, active-backup, "
	 "802.3ad or balance-xor), and drivers of its interfaces that have"},
	{"ena", 3498, true},
	{"gve", 2032, true,
	 "on an older kernel queues of the format GQI, which the machine type "
	 "decides, on a newer one rx-gro-hw off"},
	{"hv_netvsc", 3506},
	{"i40e", 1500, true},
	{"ice", 1500, true},
	{"igb", 1500},
	{"igc", 1500},
	{"ixgbe", 1500, true, "SR-IOV and DCB off"},
	{"ixgbevf", 1500},
	{"mlx4_en", 1500},
	{"mlx5_core", 1500},
	{"veth", 0, false,
	 "as many receive queues as the other end has transmit queues "
	 "('ethtool -L' or 'ip link add' sets them)"},
	{"vif", 1500},
	{"virtio_net", 1500, true,
	 "a host that lets the guest switch its offloads (in libvirt "
	 "<guest tso4='off' tso6='off' ecn='off' ufo='off' csum='off'/>)"},
	{"vmxnet3", 1500},
};

static const struct driver *find_driver(const struct nic *nic)
{
	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (!strcmp(drivers[i].name, nic->driver))
			return &drivers[i];
	return NULL;
}

bool nic_has_native(const struct nic *nic)
{
	return find_driver(nic);
}

__attribute__((format(printf, 2, 3))) static void add(char text[NIC_WORDS],
						      const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;

	if (n)
		n += snprintf(text + n, NIC_WORDS - n, ", ");
	va_start(args, format);
	vsnprintf(text + n, NIC_WORDS - n, format, args);
	va_end(args);
}

static void add_queues(const struct nic *nic, const char *name,
		       char text[NIC_WORDS])
{
	__u32 half = nic->most / 2;

	if (!half || nic->queues <= half)
		return;
	if (nic->apart)
		add(text, "'ethtool -L %s rx %u tx %u'", name, half, half);
	else
		add(text, "'ethtool -L %s combined %u'", name, half);
}

void nic_cure(const struct nic *nic, const char *name, char text[NIC_WORDS])
{
	static const struct driver any = {"", 1500, true};
	const struct driver *d = find_driver(nic) ?: &any;

	text[0] = 0;
	if (nic->lro)
		add(text, "'ethtool -K %s lro off'", name);
	if (d->mtu && nic->mtu > d->mtu)
		add(text, "'ip link set %s mtu %u'", name, d->mtu);
	if (d->half)
		add_queues(nic, name, text);
	if (d->other)
		add(text, "%s", d->other);
}
