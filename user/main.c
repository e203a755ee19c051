// SPDX-License-Identifier: GPL-2.0
/* Commands and options as rows; help is made from them. */
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "feed/feed.h"
#include "out/json.h"
#include "out/log.h"
#include "out/streams.h"

#define VERSION "0.1.0"

enum { ANY_NUMBER = -1, CHANGES = 2 };

struct command {
	const char *name;
	int (*run)(const struct options *o);
	const char *args;  /* in the usage */
	int least, most;   /* arguments */
	const char *needs; /* what is missing where there are too few */
	const char *words;
	/* With which first arguments it changes something; ALWAYS: with any. */
	const char *changes[CHANGES];
};

/* clang-format off */
#define ALWAYS {""}
/* clang-format on */
#define NEEDS_PREFIX "a PREFIX, such as 192.0.2.0/24, or - for standard input"

/* X(NAME, arguments, ...): what struct command has, for cmd/NAME.c. */
/* clang-format off */
#define EACH_COMMAND(X)                                                 \
	X(check, "", 0, 0, NULL,                                        \
	 "read the configuration and every list; no kernel, no root")   \
	X(attach, " DEV...", 1, ANY_NUMBER,                             \
	 "an interface, such as eth0",                                  \
	 "load and attach, native where the driver can", ALWAYS)        \
	X(reload, "", 0, 0, NULL,                                       \
	 "put the configuration and the lists as they are now in force", \
	 ALWAYS)                                                        \
	X(confirm, "", 0, 0, NULL,                                      \
	 "keep what attach or reload --confirm put in force", ALWAYS)   \
	X(enforce, "", 0, 0, NULL,                                      \
	 "drop from now on; reads no list, changes nothing else", ALWAYS) \
	X(observe, "", 0, 0, NULL,                                      \
	 "only count from now on; reads no list", ALWAYS)               \
	X(detach, " [DEV...]", 0, ANY_NUMBER, NULL,                     \
	 "detach from these interfaces, or from all", ALWAYS)           \
	X(run, " DEV...", 1, ANY_NUMBER,                                \
	 "an interface, such as eth0",                                  \
	 "attach, then watch interfaces and lists; SIGHUP reloads", ALWAYS) \
	X(status, "", 0, 0, NULL,                                       \
	 "what is attached and how, tables, lists, what is red")        \
	X(stats, "", 0, 0, NULL, "the counters")                        \
	X(lists, " [load NAME [FILE|-] | export NAME]", 0, 3, NULL,     \
	 "show every list; read one anew and put it in force; print one", \
	 {"load"})                                                      \
	X(sources, "", 0, 0, NULL,                                      \
	 "who is over or near a rate, and when that is clear again")    \
	X(test, " ADDR", 1, 1, "an address, such as 192.0.2.1",         \
	 "how an attempt would be judged now; exit 0 pass, 1 drop")     \
	X(block, " PREFIX|-", 1, 1, NEEDS_PREFIX,                       \
	 "drop attempts from a prefix, or from those on standard input", \
	 ALWAYS)                                                        \
	X(unblock, " PREFIX|-", 1, 1, NEEDS_PREFIX,                     \
	 "end what block began", ALWAYS)                                \
	X(blocks, "", 0, 0, NULL,                                       \
	 "list what block and [block] have blocked")                    \
	X(known, " [import [FILE|-] | save]", 0, 2, NULL,               \
	 "list who has a history; make clients of a log regular; save all", \
	 {"import", "save"})                                            \
	X(asn, " NUMBER|ADDRESS", 1, 1,                                 \
	 "an AS number or an address, such as 64500 or 192.0.2.1",      \
	 "the prefixes of an AS, or who originates an address")
/* clang-format on */

#define COMMAND(name, ...) int cmd_##name(const struct options *o);
EACH_COMMAND(COMMAND)

#define COMMAND_ROW(name, ...) {#name, cmd_##name, __VA_ARGS__},
static const struct command commands[] = {EACH_COMMAND(COMMAND_ROW)};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

struct parsed {
	struct options options;
	bool help, version;
	char wrong[64]; /* the option that is unknown or lacks its value */
};

/* Which commands take an option: "block", or one with its first word, as
 * "lists load". None are named: all take it. */
enum { TAKERS = 2 };

struct option_row {
	const char *name;
	char letter;	      /* of the short form, or 0 */
	const char *argument; /* NULL: takes none and is true */
	const char *takers[TAKERS];
	const char *words;
	size_t at; /* in struct parsed: const char *, or bool */
};

#define AT(field) offsetof(struct parsed, field)

/* clang-format off */
static const struct option_row rows[] = {
	{"config", 'c', "FILE", {}, "default " CONFIG_DEFAULT,
	 AT(options.config)},
	{"json", 0, NULL, {}, "one JSON document, errors too",
	 AT(options.json)},
	{"quiet", 'q', NULL, {}, "only errors and warnings",
	 AT(options.quiet)},
	{"verbose", 'v', NULL, {}, "what libbpf and the kernel say, too",
	 AT(options.verbose)},
	{"help", 'h', NULL, {}, "this, or of one command", AT(help)},
	{"version", 0, NULL, {}, "which mailweir this is", AT(version)},
	{"for", 0, "DURATION", {"block"},
	 "end the block after 10m, 1h or 7d; without, it stays",
	 AT(options.duration)},
	{"why", 0, "TEXT", {"block"},
	 "the reason, which blocks and test show", AT(options.why)},
	{"by", 0, "NAME", {"block", "unblock"},
	 "whose block it is, of several owners; default: who calls",
	 AT(options.by)},
	{"all", 0, NULL, {"unblock"},
	 "end everybody's blocks, not one's own alone", AT(options.all)},
	{"confirm", 0, "SECONDS", {"attach", "reload"},
	 "undo it by itself unless 'mailweir confirm' comes before",
	 AT(options.confirm)},
	{"force", 0, NULL, {"reload", "lists load"},
	 "accept a list that shrank by more than its max_shrink",
	 AT(options.force)},
	{"format", 0, "NAME", {"lists export", "known import"},
	 "of the export: plain, ipset or nft; of what is imported",
	 AT(options.format)},
};
/* clang-format on */

enum {
	ROWS = sizeof(rows) / sizeof(*rows),
	LONG_ONLY = 256, /* what getopt calls the first row without letter */
};

/* --- which option goes with which command -------------------------------- */

/* first NULL: whatever the command's first word is. */
static bool takes(const struct option_row *row, const char *command,
		  const char *first)
{
	for (int i = 0; i < TAKERS && row->takers[i]; i++) {
		const char *taker = row->takers[i];
		size_t n = strcspn(taker, " ");

		if (strncmp(taker, command, n) || command[n])
			continue;
		if (!taker[n] || !first || !strcmp(taker + n + 1, first))
			return true;
	}
	return !row->takers[0];
}

static bool is_given(const struct parsed *p, const struct option_row *row)
{
	const char *at = (const char *)p + row->at;

	return row->argument ? *(const char *const *)at != NULL : *at;
}

/* --- help ---------------------------------------------------------------- */

static int option_usage(const struct option_row *row, char *text, size_t size)
{
	return snprintf(text, size, "--%s%s%s", row->name,
			row->argument ? " " : "",
			row->argument ? row->argument : "");
}

/* "block PREFIX|- [--for DURATION] [--why TEXT]" */
static void usage(const struct command *c, char *text, size_t size)
{
	int n = snprintf(text, size, "%s%s", c->name, c->args);
	char option[32];

	for (int i = 0; i < ROWS; i++) {
		if (!rows[i].takers[0] || !takes(&rows[i], c->name, NULL))
			continue;
		option_usage(&rows[i], option, sizeof(option));
		n += snprintf(text + n, size - n, " [%s]", option);
	}
}

static void help_options(FILE *f, const struct command *c)
{
	char option[32];

	for (int i = 0; i < ROWS; i++) {
		if (rows[i].takers[0] && !(c && takes(&rows[i], c->name, NULL)))
			continue;
		option_usage(&rows[i], option, sizeof(option));
		fprintf(f, "  %c%c%c %-20s %s\n", rows[i].letter ? '-' : ' ',
			rows[i].letter ?: ' ', rows[i].letter ? ',' : ' ',
			option, rows[i].words);
	}
}

static void help_commands(FILE *f)
{
	char text[64];

	fputs("mailweir limits the connections that arrive at a mail gateway."
	      "\n\nmailweir [COMMAND] [OPTIONS]\n",
	      f);
	for (int i = 0; i < COMMANDS; i++) {
		snprintf(text, sizeof(text), "%s%s", commands[i].name,
			 commands[i].args);
		fprintf(f, "  %-40s %s\n", text, commands[i].words);
	}
	fputs("\n'mailweir COMMAND --help' shows a command's own options, "
	      "too.\n",
	      f);
}

/* c NULL: of all. */
static void help(FILE *f, const struct command *c)
{
	char text[128], formats[FEED_FORMATS];

	if (c) {
		usage(c, text, sizeof(text));
		fprintf(f, "mailweir %s\n\t%s\n", text, c->words);
		feed_formats(FEED_CLIENTS, formats);
		if (c->run == cmd_known)
			fprintf(f, "\tlogs to import: %s\n", formats);
	} else {
		help_commands(f);
	}
	fputc('\n', f);
	help_options(f, c);
	fputs("\n"
	      "Exit: 0 done, 1 no (test: drop) or failed, 2 usage, 3 not "
	      "attached,\n"
	      "      4 degraded (works, but something in status is red), "
	      "78 configuration\n",
	      f);
}

/* --- parsing ------------------------------------------------------------- */

static const struct option_row *row_of(int c)
{
	if (c >= LONG_ONLY)
		return &rows[c - LONG_ONLY];
	for (int i = 0; i < ROWS; i++)
		if (rows[i].letter && rows[i].letter == c)
			return &rows[i];
	return NULL;
}

/* What getopt wants: its array has room for a zero row. */
static void getopt_rows(struct option options[ROWS + 1],
			char letters[2 * ROWS + 1])
{
	memset(options, 0, (ROWS + 1) * sizeof(*options));
	for (int i = 0; i < ROWS; i++) {
		options[i].name = rows[i].name;
		options[i].has_arg =
			rows[i].argument ? required_argument : no_argument;
		options[i].val = rows[i].letter ?: LONG_ONLY + i;
		if (!rows[i].letter)
			continue;
		*letters++ = rows[i].letter;
		if (rows[i].argument)
			*letters++ = ':';
	}
	*letters = 0;
}

/* getopt says in optopt which option it is that lacks its value, or which
 * letter it does not know, and nothing of a long one that it does not know. */
static void set_wrong(struct parsed *p, const char *word)
{
	const struct option_row *row = row_of(optopt);

	if (p->wrong[0])
		return;
	if (row)
		snprintf(p->wrong, sizeof(p->wrong), "--%s", row->name);
	else if (optopt)
		snprintf(p->wrong, sizeof(p->wrong), "-%c", optopt);
	else
		snprintf(p->wrong, sizeof(p->wrong), "%s", word);
}

static void set_option(struct parsed *p, const struct option_row *row)
{
	char *at = (char *)p + row->at;

	if (row->argument)
		*(const char **)at = optarg;
	else
		*(bool *)at = true;
}

/* A lone - is an argument; getopt moves the others behind the options. */
static void parse(int argc, char **argv, struct parsed *p)
{
	struct option options[ROWS + 1];
	char letters[2 * ROWS + 1];
	int c;

	getopt_rows(options, letters);
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, options, NULL)) != -1)
		if (row_of(c))
			set_option(p, row_of(c));
		else
			set_wrong(p, argv[optind - 1]);
	if (!p->options.config)
		p->options.config = CONFIG_DEFAULT;
	p->options.args = argv + optind;
	p->options.nargs = argc - optind;
}

/* --- obeying ------------------------------------------------------------- */

static const struct command *find(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int wrong_option(const struct option_row *row)
{
	char text[96];

	snprintf(text, sizeof(text), "--%s goes with %s%s%s only", row->name,
		 row->takers[0], row->takers[1] ? " and " : "",
		 row->takers[1] ? row->takers[1] : "");
	return cmd_usage(text, NULL);
}

static int wrong_number(const struct command *c, const struct options *o)
{
	char text[128];

	if (o->nargs >= c->least)
		snprintf(text, sizeof(text), "%s: unexpected argument",
			 c->name);
	else
		snprintf(text, sizeof(text), "%s needs %s", c->name, c->needs);
	return cmd_usage(text, o->nargs < c->least ? NULL : o->args[c->most]);
}

static int run(const struct command *c, const struct parsed *p)
{
	const struct options *o = &p->options;
	const char *first = o->nargs ? o->args[0] : "";

	for (int i = 0; i < ROWS; i++)
		if (is_given(p, &rows[i]) && !takes(&rows[i], c->name, first))
			return wrong_option(&rows[i]);
	if (o->nargs < c->least ||
	    (c->most != ANY_NUMBER && o->nargs > c->most))
		return wrong_number(c, o);
	return c->run(o);
}

static const char *shift(struct options *o)
{
	o->nargs--;
	return *o->args++;
}

/* name NULL: none was given; c is the command of that name, if there is one. */
static int obey(const struct parsed *p, const char *name,
		const struct command *c)
{
	if (p->wrong[0])
		return cmd_usage("unknown option, or one without its value:",
				 p->wrong);
	if (!c)
		return cmd_usage("unknown command", name);
	return run(c, p);
}

static void help_json(struct json_object *document, const struct command *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	help(f, c);
	fclose(f);
	if (text)
		json_add_text(document, "help", text);
	free(text);
}

static int answer(const struct parsed *p, const char *name,
		  const struct command *c)
{
	if (p->version)
		puts("mailweir " VERSION);
	else if (p->help)
		help(stdout, name ? c : NULL);
	else
		return obey(p, name, c);
	return EXIT_DONE;
}

/* With --json all that a command says is one document. */
static int answer_json(struct parsed *p, const char *name,
		       const struct command *c)
{
	struct json_object *document = json_object_new_object();
	int code = EXIT_DONE;

	json_object_object_add(document, "version", json_object_new_int(1));
	p->options.document = document;
	log_into(document);
	if (p->version)
		json_add_text(document, "mailweir", VERSION);
	else if (p->help)
		help_json(document, name ? c : NULL);
	else
		code = obey(p, name, c);
	log_into(NULL);
	puts(json_object_to_json_string_ext(
		document,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(document);
	return code;
}

/* --- the end ------------------------------------------------------------- */

static bool has_changed(const struct command *c, const struct options *o)
{
	for (int i = 0; c && i < CHANGES && c->changes[i]; i++)
		if (!*c->changes[i] ||
		    (o->nargs && !strcmp(o->args[0], c->changes[i])))
			return true;
	return false;
}

/* What was changed is in force, whether or not anybody was told so. */
static int finish(const struct command *c, const struct options *o, int code)
{
	if (streams_close() || code)
		return code;
	return has_changed(c, o) ? EXIT_DEGRADED : EXIT_NO;
}

int main(int argc, char **argv)
{
	struct parsed p = {};
	struct options *o = &p.options;
	const struct command *c;
	const char *name;

	if (!streams_open())
		return EXIT_NO;
	parse(argc, argv, &p);
	log_mode(o->quiet, o->verbose);
	if (o->nargs && !strcmp(*o->args, "help")) {
		p.help = true;
		shift(o);
	}
	name = o->nargs ? shift(o) : NULL;
	c = find(name ? name : "status");
	/* What is wrong comes before what is asked about it. */
	p.version &= !p.wrong[0];
	p.help &= !p.wrong[0] && c;
	return finish(c, o,
		      o->json ? answer_json(&p, name, c) : answer(&p, name, c));
}
