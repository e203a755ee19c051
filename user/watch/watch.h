/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The service: attaches, then sees to it that what is guarded stays so. One
 * thread; what takes its time (a reload, a list, a save) is done by a child.
 */
#ifndef MAILWEIR_WATCH_H
#define MAILWEIR_WATCH_H

/*
 * Attaches to devs, or adopts what is attached, and watches until SIGTERM or
 * SIGINT, which leave the filter as it is, or until nothing is left to watch.
 * 0 or -errno; failures have been told. -EINVAL: the configuration is refused,
 * and nothing is attached.
 */
int watch_run(const char *config, char *const *devs, int ndevs);

#endif
