/* Reading JSON (RFC 8259) strictly, token by token, without a tree.
 *
 * Refused: all that the grammar does not allow, a byte order mark, invalid UTF-8, lone surrogates,
 * nesting beyond JSON_READER_DEPTH_MAX, anything behind the value. Numbers come as text, so that 64
 * bits survive; texts without escapes are slices of the input. Allocates for texts with escapes
 * only, never more than the longest of them. Pure; no recursion. */
#ifndef ASSERTD_CORE_JSON_READER_H
#define ASSERTD_CORE_JSON_READER_H

#include "daemon/core/bytes.h"

#define JSON_READER_DEPTH_MAX 100

enum json_token {
    JSON_NULL,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NUMBER, /* text: as written */
    JSON_TEXT,   /* text: escapes undone, may hold NUL */
    JSON_KEY,
    JSON_OBJECT,
    JSON_OBJECT_END,
    JSON_ARRAY,
    JSON_ARRAY_END,
};

enum json_read_outcome {
    JSON_READ_SYNTAX = 1,  /* no JSON: `error` says what and where */
    JSON_READ_STOPPED = 2, /* the token function wanted no more */
    JSON_READ_NO_MEMORY = 3,
};

/* Called for each token, in order; `text` is borrowed for the call. 0 goes on, anything else stops.
 */
typedef int (*json_token_fn)(void *self, enum json_token token, struct bytes text);

/* Reads exactly one value with blanks around it. 0, or enum json_read_outcome; `error` gets a
 * sentence on JSON_READ_SYNTAX only. */
int json_read(struct bytes text, json_token_fn token, void *self, char *error, size_t error_bytes);

#endif
