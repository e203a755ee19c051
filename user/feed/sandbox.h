/* SPDX-License-Identifier: GPL-2.0 */
/* A child gives up every right but to compute, and to read and write what is
 * open. */
#ifndef MAILWEIR_SANDBOX_H
#define MAILWEIR_SANDBOX_H

/*
 * For a child of a process with one thread. Afterwards the child is nobody, has
 * no capabilities, no descriptors but in (as 0) and out (as 1), and is killed
 * at any system call that reading, writing and computing do not take: no files,
 * no network, no processes. seconds and bytes bound its CPU time and its
 * memory. 0 or -errno; after an error the child must end.
 */
int sandbox_enter(int in, int out, unsigned int seconds,
		  unsigned long long bytes);

#endif
