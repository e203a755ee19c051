/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Putting a configuration or a list in force: read, compile, keep the lists'
 * copies, replace what the kernel runs, settle what comes after. 0 or -errno;
 * failures have been told.
 */
#ifndef MAILWEIR_GATE_SWAP_H
#define MAILWEIR_GATE_SWAP_H

#include "config/config.h"
#include "gate/generation.h"
#include "kernel/engine.h"

/* Opens the engine for writing, and completes or removes the files that a
 * killed command left. *e is to be closed by engine_close. */
int gate_open(struct engine *e);

/* Where nothing is attached: removes what a killed command left. */
void gate_sweep(void);

struct gate_swap {
	int late; /* 0, or what failed when the new was in force already */
};

/*
 * Puts the configuration in force on every interface that has a program of
 * ours, and on devs. The last accepted copy takes the place of a refused list.
 * force: lists may shrink by more than their max_shrink.
 *
 * Files are read and compiled before the lock is taken, so that others are
 * served meanwhile. On success *e is open for writing. -EINVAL: the lists take
 * more than the configuration allows; -ENOTCONN is an answer: nothing is
 * attached, and devs names nothing.
 */
int gate_swap_config(struct engine *e, const struct config *cfg, bool force,
		     char *const *devs, int ndevs, struct gate_swap *swap);

/*
 * Puts what is in force in force once more, in another mode (enum mw_mode) of
 * the gate, or SAME_MODE: no file is read, and lists are looked up in what is
 * in the kernel. It makes a hook anew that somebody took away. *e and errors as
 * above.
 */
enum { SAME_MODE = -1 };
int gate_swap_same(struct engine *e, int mode, struct gate_swap *swap);

/* What is in force, to be put in force again later: what others load meanwhile
 * does not take it away. */
struct gate_kept {
	bool attached; /* false: nothing is */
	struct in_force was;
	int parts[MW_PARTS]; /* descriptors */
};

/* To be closed by gate_kept_close. */
int gate_keep(struct gate_kept *k);
void gate_kept_close(struct gate_kept *k);
/* Of an open gate. What is attached runs what was kept. */
int gate_swap_back(struct engine *e, const struct gate_kept *k,
		   struct gate_swap *swap);

/* Notes that a configuration was refused that is to be in force: status is red
 * until one gets in force. */
void gate_note_refused(void);

/* Puts one list of cfg, which is in force, in force anew from file; all else
 * stays as it is. *e and errors as above; -EINVAL: the file is refused. */
int gate_swap_list(struct engine *e, const struct config *cfg,
		   const struct config_list *list, const char *file, bool force,
		   struct gate_swap *swap);

#endif
