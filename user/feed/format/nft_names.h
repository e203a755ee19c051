/* SPDX-License-Identifier: GPL-2.0 */
/* What nft's words say of a set, shared by its text and its JSON. Pure. */
#ifndef MAILWEIR_NFT_NAMES_H
#define MAILWEIR_NFT_NAMES_H

extern const char nft_is_map[], nft_is_dynamic[];

/* Why a set of that type ("ipv4_addr", "ip saddr") never holds entries; NULL:
 * it holds addresses. */
const char *nft_never(const char *type);

/* A time of nft's, "9m59s996ms", or seconds without a unit. false: another
 * text. */
_Bool nft_seconds(const char *text, double *seconds);

#endif
