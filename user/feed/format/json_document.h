/* SPDX-License-Identifier: GPL-2.0 */
/* Documents of JSON that span lines: what crowdsec, nft-json and json share. */
#ifndef MAILWEIR_JSON_DOCUMENT_H
#define MAILWEIR_JSON_DOCUMENT_H

#include "feed/format/sets.h"

struct json_object;
struct json_tokener;

enum { JSON_DEPTH = 8 /* of values in each other that are looked into */ };

/* The state of such a format. */
struct json_document {
	struct json_tokener *tokener; /* of the document at hand */
	struct sets sets;	      /* of nft, and arrays by their names */
};

/* Hands every document that ends in in->line to value(). A line may hold more
 * than one document. */
void json_document_line(struct format_input *in,
			void (*value)(struct format_input *in,
				      struct json_object *o));
/* Refuses a file that ends inside a document, or whose sets are not clear. */
void json_document_end(struct format_input *in);
void json_document_free(void *state);

/* What a document of each format may hold, entered. */
void crowdsec_value(struct format_input *in, struct json_object *o);
void nft_json_value(struct format_input *in, struct json_object *o);
bool crowdsec_knows(struct json_object *o);
bool nft_json_knows(struct json_object *o);

#endif
