/* Writing JSON (RFC 8259) into a buf: the writer places commas and escapes, the caller names
 * things.
 *
 * Text that is not UTF-8 is mended with U+FFFD. Numbers that JSON cannot hold (NaN, infinities,
 * integers beyond 2^53) are written as text. Misuse (a value without a key in an object) is an
 * assert. Depth is limited to JSON_DEPTH_MAX. Thread rule: confined to its owner. */
#ifndef ASSERTD_CORE_JSON_H
#define ASSERTD_CORE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Enough for the deepest attribute value in OTLP/JSON: four levels for each of its 32. */
#define JSON_DEPTH_MAX 256

struct json {
    struct buf *out; /* borrowed */
    unsigned depth;
    bool after_key;
    bool pretty;                              /* two blanks a level, one member a line */
    uint64_t has_member[JSON_DEPTH_MAX / 64]; /* bit per depth: a comma is due */
};

#define JSON_INIT(buf) ((struct json){.out = (buf)})

/* Containers. */
void json_object(struct json *json);
void json_object_end(struct json *json);
void json_array(struct json *json);
void json_array_end(struct json *json);

/* The key of the next member. */
void json_key(struct json *json, const char *key);
void json_key_bytes(struct json *json, struct bytes key);

/* Values. */
void json_text(struct json *json, struct bytes text);
void json_string(struct json *json, const char *text);
void json_i64(struct json *json, int64_t number);
void json_u64(struct json *json, uint64_t number);
void json_double(struct json *json, double number);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);
void json_i128(struct json *json, __int128 number);
/* Inserts a value that is JSON already. */
void json_raw(struct json *json, struct bytes value);

/* key + value in one call. */
void json_member_text(struct json *json, const char *key, struct bytes text);
void json_member_string(struct json *json, const char *key, const char *text);
void json_member_u64(struct json *json, const char *key, uint64_t number);
void json_member_bool(struct json *json, const char *key, bool value);

/* Appends `text` escaped, without the quotes: for other writers (logs). */
void json_escape(struct buf *out, struct bytes text);

#endif
