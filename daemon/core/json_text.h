/* What stands between the quotes of a JSON string (RFC 8259, section 7). Pure. */
#ifndef ASSERTD_CORE_JSON_TEXT_H
#define ASSERTD_CORE_JSON_TEXT_H

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

enum json_text_outcome {
    JSON_TEXT_UNFINISHED = 1, /* the bytes end before the closing quote */
    JSON_TEXT_BAD = 2,        /* a raw control character, or no escape of JSON's */
    JSON_TEXT_HALF_PAIR = 3,  /* half a surrogate pair */
    JSON_TEXT_NO_MEMORY = 4,
};

/* Reads to the closing quote; `rest` begins behind the opening one and is valid UTF-8. Good: 0, the
 * content in *ret and the length with the closing quote in *ret_used. The content is a slice of
 * `rest`, or lies in `scratch` until its next use where escapes were undone. Else an outcome, and
 * in *ret_used where it happened. */
int json_text_read(struct bytes rest, struct buf *scratch, struct bytes *ret, size_t *ret_used);

#endif
