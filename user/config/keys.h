/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every section and every key of the configuration. The table in config_keys.c
 * has one row a key: how it is written, its default, where its value goes. For
 * the files of config.
 */
#ifndef MAILWEIR_CONFIG_KEYS_H
#define MAILWEIR_CONFIG_KEYS_H

#include "config/parser.h"

/* The name between the brackets: "limit source". */
const char *keys_section(enum config_section section);

/* Sets the defaults that hold even where their section is not given. */
void keys_begin(struct config_parser *p);

/* Sets the defaults of the section that was opened. */
void keys_open(struct config_parser *p);

/* Takes a setting of the open section, or complains about it. */
void keys_take(struct config_parser *p, const char *name, const char *value);

/* Complains about the required keys that the open section does not have. */
void keys_close(struct config_parser *p);

/* The line of a key, in a list of the one that is or was open last; 0: it is
 * not given. The key exists. */
int keys_line(const struct config_parser *p, enum config_section section,
	      const char *name);

/* The word of action, as it is written. */
const char *keys_action(enum mw_action action);

/* A value that a key could have. The key exists. */
const char *keys_example(enum config_section section, const char *name);

/* Complains that the open section lacks a key: "TITLE WHAT no NAME". */
void keys_missing(struct config_parser *p, const char *what, const char *name);

#endif
