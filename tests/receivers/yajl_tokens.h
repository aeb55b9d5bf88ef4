/* The tokens of a JSON text by yajl and by json_read, written down alike, so that one can judge the
 * other. */
#ifndef ASSERTD_TESTS_YAJL_TOKENS_H
#define ASSERTD_TESTS_YAJL_TOKENS_H

#include "daemon/core/buf.h"
#include "daemon/core/json_reader.h"

/* Writes one token down; a json_token_fn whose `self` is a struct buf. */
int token_note(void *self, enum json_token token, struct bytes text);

/* Appends yajl's tokens of `text`. Whether yajl takes it for JSON. */
bool yajl_tokens(struct bytes text, struct buf *out);

/* Whether yajl may take a text that json_read refuses for this: it lets vertical tabs and form
 * feeds stand between tokens, half surrogate pairs in texts, a mark in front, and any depth. */
bool yajl_is_laxer(struct bytes text, const char *error);

#endif
