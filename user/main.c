// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "log.h"

#define VERSION "0.1.0"

/* Options that only some commands take. */
enum { NOTHING, BLOCK = 1, FORCE = 2, FORMAT = 4 };

struct command {
	const char *name;
	int (*run)(const struct options *o);
	const char *usage, *words;
	int takes;
};

static const struct command commands[] = {
	{"check", cmd_check, "check [-c FILE]",
	 "read the configuration and every list; no kernel, no root", NOTHING},
	{"attach", cmd_attach, "attach [-c FILE] DEV...",
	 "load and attach, native where the driver can", NOTHING},
	{"reload", cmd_reload, "reload [-c FILE] [--force]",
	 "swap in the configuration and the lists anew, state kept", FORCE},
	{"detach", cmd_detach, "detach [DEV...]",
	 "take it off these interfaces, or off all", NOTHING},
	{"status", cmd_status, "status",
	 "what is attached and how, tables, lists, what is red", NOTHING},
	{"stats", cmd_stats, "stats", "the counters", NOTHING},
	{"lists", cmd_lists, "lists [load|export NAME]",
	 "every list; check and swap one, or print it\n"
	 "\tload NAME [FILE] [--force]\n"
	 "\texport NAME [--format plain|ipset|nft]",
	 FORCE | FORMAT},
	{"sources", cmd_sources, "sources",
	 "who is how far from an empty bucket", NOTHING},
	{"test", cmd_test, "test ADDR",
	 "how an attempt would be judged now; exit 0 pass, 1 drop", NOTHING},
	{"block", cmd_block, "block PREFIX|- [--for DURATION] [--why TEXT]",
	 "drop attempts from there; - reads prefixes", BLOCK},
	{"unblock", cmd_unblock, "unblock PREFIX|-", "no longer", NOTHING},
	{"blocks", cmd_blocks, "blocks", "what is blocked that way", NOTHING},
	{"known", cmd_known, "known [import [FILE|-]|save]",
	 "who has a history and is served first; add to them\n"
	 "\timport [FILE|-] [--format addresses|postfix-log|rspamd-log]\n"
	 "\tsave: to /var/lib/mailweir/known, as detach and reload do",
	 FORMAT},
	{"asn", cmd_asn, "asn NUMBER|ADDRESS",
	 "the prefixes of an autonomous system, or who originates an address",
	 NOTHING},
};

enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static const struct option long_options[] = {
	{"config", required_argument, NULL, 'c'},
	{"json", no_argument, NULL, 'j'},
	{"quiet", no_argument, NULL, 'q'},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"for", required_argument, NULL, 'f'},
	{"why", required_argument, NULL, 'w'},
	{"force", no_argument, NULL, 'F'},
	{"format", required_argument, NULL, 'm'},
	{NULL, 0, NULL, 0},
};

static void help(const struct command *c)
{
	if (c) {
		printf("mailweir %s\n\t%s\n", c->usage, c->words);
	} else {
		puts("mailweir limits the connections that arrive at a mail "
		     "gateway.\n\nmailweir [COMMAND] [OPTIONS]");
		for (int i = 0; i < COMMANDS; i++)
			printf("  %-46s %.*s\n", commands[i].usage,
			       (int)strcspn(commands[i].words, "\n"),
			       commands[i].words);
	}
	puts("\n"
	     "  -c, --config FILE   default " CONFIG_DEFAULT "\n"
	     "  --json              one JSON document, errors too\n"
	     "  -q, --quiet         only errors and warnings\n"
	     "  -v, --verbose       what libbpf and the kernel say, too\n"
	     "  --help, --version\n"
	     "\n"
	     "Exit: 0 done, 1 no (test: drop) or failed, 2 usage, 3 not "
	     "attached,\n"
	     "      4 degraded (works, but something in status is red), "
	     "78 configuration");
}

static const struct command *find(const char *name)
{
	for (int i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

struct parsed {
	struct options options;
	bool help, version;
	const char *wrong; /* the option that is unknown or lacks its value */
};

static void parse_one(int c, struct parsed *p, char *word)
{
	struct options *o = &p->options;

	switch (c) {
	case 'c':
		o->config = optarg;
		break;
	case 'j':
		o->json = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'f':
		o->duration = optarg;
		break;
	case 'w':
		o->why = optarg;
		break;
	case 'm':
		o->format = optarg;
		break;
	case 'F':
		o->force = true;
		break;
	case 'h':
		p->help = true;
		break;
	case 'V':
		p->version = true;
		break;
	default:
		p->wrong = word;
	}
}

static void parse(int argc, char **argv, struct parsed *p)
{
	int c;

	opterr = 0;
	p->options.config = CONFIG_DEFAULT;
	/* A lone - is an argument; getopt moves the others behind. */
	while (!p->wrong &&
	       (c = getopt_long(argc, argv, "c:qvh", long_options, NULL)) != -1)
		parse_one(c, p, argv[optind > 1 ? optind - 1 : 1]);
	p->options.args = argv + optind;
	p->options.nargs = argc - optind;
}

static int run(const struct command *c, const struct options *o)
{
	if (!(c->takes & BLOCK) && (o->duration || o->why))
		return cmd_usage("--for and --why go with block", NULL);
	if (!(c->takes & FORMAT) && o->format)
		return cmd_usage("--format goes with lists export and known "
				 "import",
				 NULL);
	if (!(c->takes & FORCE) && o->force)
		return cmd_usage("--force goes with reload and lists load",
				 NULL);
	return c->run(o);
}

static const char *shift(struct options *o)
{
	o->nargs--;
	return *o->args++;
}

/* name NULL: none was given. */
static int obey(const struct parsed *p, const char *name)
{
	const struct command *c = find(name ? name : "status");

	if (p->wrong)
		return cmd_usage("unknown option, or one without its value:",
				 p->wrong);
	if (!c)
		return cmd_usage("unknown command", name);
	return run(c, &p->options);
}

int main(int argc, char **argv)
{
	struct parsed p = {};
	struct options *o = &p.options;
	const char *name;
	int code;

	parse(argc, argv, &p);
	log_mode(o->json, o->quiet, o->verbose);
	if (o->nargs && !strcmp(*o->args, "help")) {
		p.help = true;
		shift(o);
	}
	name = o->nargs ? shift(o) : NULL;
	if (p.version) {
		puts("mailweir " VERSION);
		return EXIT_DONE;
	}
	if (p.help && !p.wrong && (!name || find(name))) {
		help(name ? find(name) : NULL);
		return EXIT_DONE;
	}
	code = obey(&p, name);
	log_end();
	return code;
}
