/* SPDX-License-Identifier: GPL-2.0 */
/* One prefix and its owners: what each of them blocks, and what that makes in
 * force. 0 or -errno; failures have been told. */
#ifndef MAILWEIR_BLOCK_OWNERS_H
#define MAILWEIR_BLOCK_OWNERS_H

#include "kernel/engine.h"
#include "kernel/owners.h"

/* Whose block an unblock ends. */
enum block_whose {
	BLOCK_WHOSE_OWN,    /* by's alone */
	BLOCK_WHOSE_PERSON, /* by's, and those that no command made */
	BLOCK_WHOSE_ALL,
};

/* Those whose block has not ended; there: what is in force, whose maker is the
 * only one where o has none. */
void block_owners_alive(struct owners *o, const struct mw_block *there,
			__u64 now);

/* fd: of owners_open. 0; 1: by blocks it for longer already, and it stays so;
 * or -errno: -EUSERS, told, where it has too many owners. even: one of by's
 * that ends at the same time stays, too. */
int block_owners_set(const struct engine *e, int fd, const struct mw_prefix *p,
		     const char *by, const struct mw_block *block, bool even,
		     __u64 now);

/* 0: not blocked any more; 1: others still block it, *o; 2: the same, and there
 * was none to end; -ENOENT, an answer: it is not blocked. Lengths in use are to
 * be counted after the last. */
int block_owners_unset(const struct engine *e, int fd,
		       const struct mw_prefix *p, const char *by,
		       enum block_whose whose, struct owners *o, __u64 now);

#endif
