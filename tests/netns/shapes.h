/* SPDX-License-Identifier: GPL-2.0 */
/* The shapes of packets that carry a SYN to the mail port, or seem to. */
#ifndef TESTS_SHAPES_H
#define TESTS_SHAPES_H

#include <stddef.h>

#include "../prog/pkt.h"

enum {
	SILENT = 1,    /* Linux does not answer */
	MALFORMED = 2, /* hides the port: dropped whatever it is */
	SHORT = 4,     /* a piece shows the port, not the flags */
	BAD_IP = 8,    /* wrong checksums */
	BAD_TCP = 16,
	GSO = 32, /* sent whole, for the kernel to cut */
};

/*
 * cut: the packet in pieces, FROM-TO in bytes behind the IP header (IPv4) or
 * the first fragment header (IPv6), in the order sent; no TO: the last one. An
 * ! shows ACK where the SYN flag is.
 */
struct shape {
	const char *name;
	struct pkt p;
	const char *cut;
	int is;
};

#define V6   .from = "::"
#define QINQ .tags = 2, .tag_type = 0x88a8

static const struct shape shapes[] = {
	{"v4", {}},
	{"v4-psh", {.flags = SYN | PSH}},
	{"v4-urg", {.flags = SYN | URG}},
	{"v4-ece", {.flags = SYN | ECE}},
	{"v4-cwr", {.flags = SYN | CWR}},
	{"v4-psh-urg-ece-cwr", {.flags = SYN | PSH | URG | ECE | CWR}},
	{"v4-data", {.payload = 600}},
	{"v4-tcp-options", {.doff = 10, .payload = 20}},
	{"v4-tcp-options-40-data", {.doff = 15, .payload = 140}},
	{"v4-pad", {.pad = 40}},
	{"v4-df", {.frag = 0x4000}},
	{"v4-reserved-bit", {.frag = 0x8000}},
	{"v4-options-4", {.options = 4}},
	{"v4-options-40", {.options = 40}},
	{"v4-nop-4", {.options = 4, .option = 1}},
	{"v4-nop-40", {.options = 40, .option = 1}},
	{"v4-record-route", {.options = 40, .option = 7}},
	{"v4-time-stamp", {.options = 40, .option = 68}},
	{"v4-router-alert", {.options = 4, .option = 148}},
	{"v4-jumbo", {.payload = 8900}},
	{"v4-gso", {.payload = 3000}, NULL, GSO},
	{"v4-gso-length-0", {.payload = 3000, .zero_length = true}, NULL, GSO},

	{"v4-frag-8", {}, "0-8 8-", SHORT},
	{"v4-frag-8-reversed", {}, "8- 0-8", SHORT},
	{"v4-frag-16", {}, "0-16 16-"},
	{"v4-frag-16-reversed", {}, "16- 0-16"},
	{"v4-frag-8-8-4", {}, "0-8 8-16 16-", SHORT},
	{"v4-frag-8-8-4-shuffled", {}, "16- 0-8 8-16", SHORT},
	{"v4-frag-24-data", {.payload = 40}, "0-24 24-"},
	{"v4-frag-24-tcp-options", {.doff = 10, .payload = 20}, "0-24 24-"},
	{"v4-frag-whole-data", {.payload = 12}, "0-24 24-32"},
	{"v4-frag-twice", {}, "0-16 0-16 16-"},
	{"v4-frag-inside", {.payload = 20}, "0-24 8-16 24-"},
	{"v4-frag-options-8", {.options = 40}, "0-8 8-", SHORT},
	{"v4-frag-options-16", {.options = 40}, "0-16 16-"},
	{"v4-frag-20", {}, "0-20 16-"},
	{"v4-tiny-14-ack", {}, "0-14! 8-", SHORT},
	{"v4-tiny-14-ack-reversed", {}, "8- 0-14!", SHORT},
	{"v4-tiny-15-ack", {}, "0-15! 8-", SHORT},
	{"v4-tiny-15-ack-reversed", {}, "8- 0-15!", SHORT},
	{"v4-tiny-9-ack", {}, "0-9! 8-", SHORT},
	{"v4-tiny-15-ack-options", {.options = 24}, "0-15! 8-", SHORT},
	{"v4-tiny-15-ack-tag", {.tags = 1}, "0-15! 8-", SHORT},
	{"v4-tiny-7", {}, "0-7 0-8 8-", SHORT},
	{"v4-overlap-ack-first", {}, "0-16! 8-", SILENT},
	{"v4-overlap-ack-last", {}, "8- 0-16!", SILENT},
	{"v4-overlap-same", {}, "0-16 8-", SILENT},
	{"v4-overlap-ack-then-syn", {}, "0-16! 0-16 16-", SILENT},
	{"v4-overlap-syn-then-ack", {}, "0-16 0-16! 16-"},

	{"v4-tag-1", {.tags = 1}},
	{"v4-tag-2", {.tags = 2}},
	{"v4-tag-3", {.tags = 3}},
	{"v4-tag-8", {.tags = 8}},
	{"v4-tag-9", {.tags = 9}, NULL, MALFORMED},
	{"v4-tag-100", {.tags = 100}, NULL, MALFORMED},
	{"v4-tag-priority", {.tags = 1, .tci = 0xe000}},
	{"v4-tag-vid-5", {.tags = 1, .tci = 5}, NULL, SILENT},
	{"v4-ad-1", {.tags = 1, .tag_type = 0x88a8}},
	{"v4-ad-2", {QINQ}},
	{"v4-ad-2-options", {QINQ, .options = 40}},
	{"v4-tag-2-frag-8", {.tags = 2}, "0-8 8-", SHORT},
	{"v4-tag-8-frag-16-reversed", {.tags = 8}, "16- 0-16"},
	{"v4-tag-3-data-pad", {.tags = 3, .payload = 7, .pad = 9}},

	{"v6", {V6}},
	{"v6-ece-cwr", {V6, .flags = SYN | ECE | CWR}},
	{"v6-psh-data", {V6, .flags = SYN | PSH, .payload = 600}},
	{"v6-pad", {V6, .pad = 40}},
	{"v6-tag-1", {V6, .tags = 1}},
	{"v6-tag-8", {V6, .tags = 8}},
	{"v6-tag-9", {V6, .tags = 9}, NULL, MALFORMED},
	{"v6-ad-2", {V6, QINQ}},
	{"v6-jumbo", {V6, .payload = 8900}},
	{"v6-options-1", {V6, .chain = "d"}},
	{"v6-options-8", {V6, .chain = "8d"}},
	{"v6-options-16", {V6, .chain = "16d"}},
	{"v6-options-17", {V6, .chain = "17d"}, NULL, MALFORMED},
	{"v6-options-170", {V6, .chain = "170d"}, NULL, MALFORMED},
	{"v6-hop", {V6, .chain = "h"}},
	{"v6-hop-options", {V6, .chain = "h3d"}},
	{"v6-hop-2048", {V6, .chain = "H"}},
	{"v6-hop-15-options-tag-8", {V6, .tags = 8, .chain = "h15d"}},
	{"v6-hop-16-options", {V6, .chain = "h16d"}, NULL, MALFORMED},
	{"v6-hop-length-0", {V6, .chain = "h", .zero_length = true}},
	{"v6-hop-options-length-0", {V6, .chain = "h2d", .zero_length = true}},
	{"v6-hop-2048-length-0", {V6, .chain = "H", .zero_length = true}},
	{"v6-hop-routing-length-0", {V6, .chain = "hr", .zero_length = true}},
	{"v6-options-length-0",
	 {V6, .chain = "d", .zero_length = true},
	 NULL,
	 SILENT},
	{"v6-routing", {V6, .chain = "r"}},
	{"v6-options-routing-options", {V6, .chain = "drd"}},
	{"v6-hop-late", {V6, .chain = "dh"}, NULL, SILENT},
	{"v6-atomic", {V6, .chain = "f"}},
	{"v6-atomic-reserved-bits", {V6, .chain = "q"}},
	{"v6-atomic-options", {V6, .chain = "f2d"}},
	{"v6-all", {V6, .chain = "hdrfd"}},
	{"v6-all-tag-3-data", {V6, .tags = 3, .chain = "hdrfd", .payload = 99}},
	{"v6-atomic-17", {V6, .chain = "16df"}, NULL, MALFORMED},
	{"v6-deep-4134", {V6, .chain = "2O"}},
	{"v6-deep-6174", {V6, .chain = "3O"}},
	{"v6-deep-8214", {V6, .chain = "4O"}},
	{"v6-deep-4150-data", {V6, .chain = "2D", .payload = 600}},
	{"v6-deep-8222-hop-atomic", {V6, .chain = "h4Of"}},
	{"v6-deep-8214-length-0", {V6, .chain = "H3O", .zero_length = true}},
	{"v6-deep-6174-tag-8", {V6, .tags = 8, .chain = "3O"}},
	{"v6-deep-tcp-options",
	 {V6, .chain = "2O16d", .doff = 10},
	 NULL,
	 SILENT | MALFORMED},

	{"v6-frag-8", {V6, .chain = "f"}, "0-8 8-", SILENT | SHORT},
	{"v6-frag-16", {V6, .chain = "f"}, "0-16 16-", SILENT},
	{"v6-frag-24", {V6, .chain = "f", .payload = 9}, "0-24 24-"},
	{"v6-frag-24-reversed", {V6, .chain = "f", .payload = 9}, "24- 0-24"},
	{"v6-frag-24-twice", {V6, .chain = "f", .payload = 9}, "0-24 0-24 24-"},
	{"v6-frag-24-options",
	 {V6, .chain = "f", .doff = 10, .payload = 20},
	 "0-24 24-"},
	{"v6-frag-32-hop", {V6, .chain = "hf", .payload = 20}, "0-32 32-"},
	{"v6-frag-inside", {V6, .chain = "fd", .payload = 20}, "0-32 32-"},
	{"v6-frag-inside-hidden",
	 {V6, .chain = "fd", .payload = 20},
	 "0-8 8-",
	 SILENT | MALFORMED},
	{"v6-frag-tag-2",
	 {V6, .tags = 2, .chain = "f", .payload = 9},
	 "0-24 24-"},
	{"v6-frag-deep", {V6, .chain = "f3O", .payload = 60}, "0-6144 6144-"},
	{"v6-frag-deep-reversed",
	 {V6, .chain = "2Of2O", .payload = 60},
	 "4104- 0-4104"},
	{"v6-tiny-15-ack", {V6, .chain = "f"}, "0-15! 8-", SILENT | SHORT},

	{"v4-ack", {.flags = ACK}, NULL, SILENT},
	{"v4-syn-ack", {.flags = SYN | ACK}, NULL, SILENT},
	{"v4-syn-fin", {.flags = SYN | FIN}, NULL, SILENT},
	{"v4-syn-rst", {.flags = SYN | RST}, NULL, SILENT},
	{"v4-no-flags", {.flags = -1}, NULL, SILENT},
	{"v4-all-flags", {.flags = 0xff}, NULL, SILENT},
	{"v6-syn-ack", {V6, .flags = SYN | ACK}, NULL, SILENT},
	{"v6-syn-fin", {V6, .flags = SYN | FIN}, NULL, SILENT},
	{"v6-syn-rst", {V6, .flags = SYN | RST}, NULL, SILENT},
	{"v4-first-fragment-only", {}, "0-16", SILENT},
	{"v4-last-fragment-only", {}, "16-", SILENT},
	{"v4-wrong-tcp-sum", {}, NULL, SILENT | BAD_TCP},
	{"v4-wrong-ip-sum", {}, NULL, SILENT | BAD_IP},
	{"v4-version-5", {.version = 5}, NULL, SILENT},
	{"v4-header-length-4", {.ihl = 4}, NULL, SILENT},
	{"v4-length-beyond-frame", {.lie = 1}, NULL, SILENT},
	{"v4-length-cuts-tcp", {.lie = -1}, NULL, SILENT},
	{"v4-data-offset-4", {.doff = 4}, NULL, SILENT},
	{"v4-data-offset-15", {.doff = 15}, NULL, SILENT},
	{"v6-length-beyond-frame", {V6, .lie = 1}, NULL, SILENT},
	{"v6-length-cuts-chain", {V6, .chain = "d", .lie = -24}, NULL, SILENT},
	{"v6-length-0", {V6, .zero_length = true}, NULL, SILENT},
	{"v6-data-offset-15", {V6, .doff = 15}, NULL, SILENT},
	{"v6-no-next-header", {V6, .chain = "n"}, NULL, SILENT},
};

#endif
