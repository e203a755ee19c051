/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up every right but to compute, read and write what is open. */
#ifndef MAILWEIR_SANDBOX_H
#define MAILWEIR_SANDBOX_H

/*
 * For a child of a process with one thread. Afterwards it is nobody, has no
 * capabilities, no descriptors but in (as 0) and out (as 1), and is killed at
 * any system call but those of reading, writing and memory: no files, no
 * network, no processes. seconds and bytes bound its CPU time and memory.
 * 0 or -errno; on an error nothing may be trusted to it.
 */
int sandbox_enter(int in, int out, unsigned int seconds,
		  unsigned long long bytes);

#endif
