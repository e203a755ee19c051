// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer target for everything that reads bytes from outside: MW_FUZZ names
 * a format of lists or of clients, "detect" (a list by its content), "origin"
 * (tables of ASNs), "clients" (by content), "known", "config", or "prefix";
 * "names" prints every format. Besides the sanitizers it checks what must
 * always hold.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "feed/feed.h"
#include "state/history_file.h"

#define MUST(condition)                                                     \
	do {                                                                \
		if (!(condition)) {                                         \
			fprintf(stderr, "does not hold: %s\n", #condition); \
			abort();                                            \
		}                                                           \
	} while (0)

static const char *target;

static void print_formats(enum feed_kind kind)
{
	const char *name;

	for (int i = 0; (name = feed_format(kind, i)); i++)
		puts(name);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	target = getenv("MW_FUZZ");
	if (!target)
		target = "detect";
	if (strcmp(target, "names"))
		return 0;
	print_formats(FEED_LIST);
	print_formats(FEED_CLIENTS);
	exit(0);
}

static FILE *open_bytes(const void *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)data, size, "r")
		       : fopen("/dev/null", "r");

	MUST(f);
	return f;
}

static void check_report(const struct feed_report *r, bool refused)
{
	MUST(!refused || r->errors);
	for (size_t i = 0; i < r->errors && i < FEED_SHOWN; i++) {
		MUST(r->error[i].text[0]);
		for (const char *c = r->error[i].text; *c; c++)
			MUST(isprint((unsigned char)*c));
	}
}

static void check_set(const struct feed *feed)
{
	const struct prefix_set *set = &feed->set;

	for (size_t i = 0; i < set->n; i++) {
		MUST(prefix_is_good(&set->v[i]));
		MUST(!i || prefix_compare(&set->v[i - 1], &set->v[i]) < 0);
	}
	MUST(feed->report.entries4 + feed->report.entries6 == set->n);
}

/* What is written out is read back as it was. */
static void check_again(const struct prefix_set *set)
{
	const struct feed_guard any = {.format = "plain"};
	char *text = NULL, one[PREFIX_TEXT];
	struct feed again;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; i < set->n; i++) {
		prefix_text(&set->v[i], one);
		fprintf(f, "%s\n", one);
	}
	fclose(f);
	f = open_bytes(text, size);
	MUST(!feed_parse(f, &any, &again) && !feed_finish(&again, &any, NULL));
	MUST(again.set.n == set->n);
	for (size_t i = 0; i < set->n; i++)
		MUST(!prefix_compare(&again.set.v[i], &set->v[i]));
	fclose(f);
	free(text);
	feed_free(&again);
}

static void fuzz_list(const char *format, const void *data, size_t size)
{
	const struct feed_guard guard = {8, 19, .max_errors = 2,
					 .format = format, .now = 1800000000};
	static const struct asn_origin origin = {64500,
						 {4, 24, 0, {192, 0, 2}}};
	const struct asn_table table = {(struct asn_origin *)&origin, 1};
	FILE *f = open_bytes(data, size);
	struct feed feed;
	int err = feed_parse(f, &guard, &feed);

	fclose(f);
	if (!err)
		err = feed_finish(&feed, &guard, &table);
	check_report(&feed.report, err);
	if (!err) {
		check_set(&feed);
		if (feed.set.n)
			check_again(&feed.set);
	}
	feed_free(&feed);
}

static void fuzz_origin(const void *data, size_t size)
{
	const struct feed_guard guard = {.kind = FEED_ORIGINS};
	FILE *f = open_bytes(data, size);
	struct asn_table table;
	struct feed feed;
	int err = feed_parse(f, &guard, &feed);

	fclose(f);
	check_report(&feed.report, err);
	if (!err) {
		MUST(feed.set.n == feed.asns.n);
		MUST(!asn_table_build(&feed.set, &feed.asns, &table));
		asn_table_free(&table);
	}
	feed_free(&feed);
}

/* Whatever is taken is an address. */
static void fuzz_clients(const char *format, const void *data, size_t size)
{
	const struct feed_guard guard = {.kind = FEED_CLIENTS,
					 .format = format};
	FILE *f = open_bytes(data, size);
	struct feed feed;
	int err = feed_parse(f, &guard, &feed);

	fclose(f);
	MUST(!feed.asns.n && !feed.except.n);
	if (!err)
		err = feed_finish(&feed, &guard, NULL);
	check_report(&feed.report, err);
	if (!err) {
		check_set(&feed);
		MUST(feed.report.entries ==
		     feed.set.n + feed.report.duplicates);
		for (size_t i = 0; i < feed.set.n; i++)
			MUST(feed.set.v[i].len == prefix_width(feed.set.v + i));
	}
	feed_free(&feed);
}

/* What is taken is written again as it was, but for how prefixes can be
 * spelled; and read as the same. */
static void fuzz_known(const void *data, size_t size)
{
	FILE *f = open_bytes(data, size), *out;
	struct histories_error e = {};
	struct histories k, again;
	char *text = NULL;
	size_t len;

	if (histories_parse(f, &k, &e)) {
		MUST(!k.v && *e.text && e.line);
		for (const char *c = e.text; *c; c++)
			MUST(isprint((unsigned char)*c));
		fclose(f);
		return;
	}
	fclose(f);
	out = open_memstream(&text, &len);
	histories_print(out, &k);
	fclose(out);
	f = open_bytes(text, len);
	MUST(!histories_parse(f, &again, &e));
	MUST(again.n == k.n);
	MUST(!k.n || !memcmp(again.v, k.v, k.n * sizeof(*k.v)));
	fclose(f);
	free(text);
	histories_free(&again);
	histories_free(&k);
}

static bool is_clients(const char *format)
{
	const char *name;

	for (int i = 0; (name = feed_format(FEED_CLIENTS, i)); i++)
		if (!strcmp(name, format))
			return true;
	return false;
}

static void fuzz_config(const void *data, size_t size)
{
	struct config_errors errors;
	FILE *f = open_bytes(data, size);
	struct config cfg;
	int err = config_read(f, "x.conf", &cfg, &errors);

	fclose(f);
	MUST(!!err == !!errors.errors);
	for (size_t i = 0; i < errors.errors && i < CONFIG_SHOWN; i++)
		for (const char *c = errors.error[i]; *c; c++)
			MUST(isprint((unsigned char)*c));
	config_errors_free(&errors);
	if (!err)
		config_free(&cfg);
}

/* inet_pton(3) is the judge of what an address is. */
static void fuzz_prefix(const void *data, size_t size)
{
	char text[128] = "";
	struct mw_prefix p;
	__u8 address[16] = {};
	const char *why;

	if (size >= sizeof(text) || memchr(data, 0, size))
		return;
	memcpy(text, data, size);
	if (prefix_parse(text, &p, NULL, &why)) {
		MUST(why && *why);
		return;
	}
	MUST(prefix_is_good(&p));
	text[strcspn(text, "/")] = 0;
	MUST(inet_pton(p.family == 4 ? AF_INET : AF_INET6, text, address) == 1);
	if (p.len == prefix_width(&p))
		MUST(!memcmp(address, p.addr, p.len / 8));
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	if (!strcmp(target, "prefix"))
		fuzz_prefix(data, size);
	else if (!strcmp(target, "config"))
		fuzz_config(data, size);
	else if (!strcmp(target, "origin"))
		fuzz_origin(data, size);
	else if (!strcmp(target, "known"))
		fuzz_known(data, size);
	else if (!strcmp(target, "clients"))
		fuzz_clients(NULL, data, size);
	else if (is_clients(target))
		fuzz_clients(target, data, size);
	else
		fuzz_list(strcmp(target, "detect") ? target : NULL, data, size);
	return 0;
}
