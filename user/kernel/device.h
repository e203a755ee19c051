/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kind of interface it is: with which header its frames begin, and
 * whether the kernel would run an XDP program on it at all.
 */
#ifndef MAILWEIR_DEVICE_H
#define MAILWEIR_DEVICE_H

#include <stdbool.h>

#include <linux/types.h>

enum { DEVICE_KIND = 16, DEVICE_ADDRESS = 32 };

/* The program that fits. */
enum device_entry {
	DEVICE_ETHERNET, /* frames begin with an Ethernet header */
	DEVICE_IP,	 /* frames begin with an IP header */
	DEVICE_ENTRIES,
};

struct device {
	__u16 type;		   /* ARPHRD_ of linux/if_arp.h */
	char kind[DEVICE_KIND];	   /* as 'ip -d link' names it, or "" */
	__u16 ipvlan_mode;	   /* IPVLAN_MODE_, of an ipvlan only */
	__u8 peer[DEVICE_ADDRESS]; /* its broadcast address; of a tunnel: */
	__u32 peer_len;		   /* the other end; bytes */
};

/* Of this network namespace. 0, or -errno untold; -ENODEV: there is none. */
int device_read(int ifindex, struct device *d);

/* NULL, and *entry; or, *entry untouched, why no program can judge what the
 * interface receives, and what to do. */
const char *device_refusal(const struct device *d, enum device_entry *entry);

#endif
