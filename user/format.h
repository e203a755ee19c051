/* SPDX-License-Identifier: GPL-2.0 */
/* What the lines of each format mean. */
#ifndef MAILWEIR_FORMAT_H
#define MAILWEIR_FORMAT_H

#include "reader.h"

/* format_text.c */
extern const struct format format_plain, format_ipsum, format_ipset, format_nft,
	format_postfix, format_kept;
/* format_rbldnsd.c */
extern const struct format format_rbldnsd;
/* format_json.c */
extern const struct format format_drop_json, format_crowdsec;
/* format_origin.c: tables of prefixes and their ASNs */
extern const struct format format_iptoasn, format_pyasn, format_bgpdump;
/* format_client.c: clients whose mail was accepted */
extern const struct format format_addresses, format_postfix_log,
	format_rspamd_log;

/* By what the first line with content begins with, or by its name. NULL: no
 * line has told it yet, or no such name. */
const struct format *format_detect(const char *line, enum feed_kind kind);
const struct format *format_named(const char *name, enum feed_kind kind);

/* The name of the kind's format i; NULL: there are i. */
const char *format_name(enum feed_kind kind, int i);

#endif
