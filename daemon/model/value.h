/* An attribute value as it came on the wire (opentelemetry-proto common.proto, AnyValue): typed, a
 * view.
 *
 * Arrays and key-value lists stay encoded (ArrayValue, KeyValueList) and are walked on demand; they
 * were checked (depth, bounds) when the span was decoded, so walking cannot fail. Thread rule:
 * plain data, lives as long as the bytes below it. */
#ifndef ASSERTD_MODEL_VALUE_H
#define ASSERTD_MODEL_VALUE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "daemon/core/bytes.h"
#include "daemon/core/json.h"
#include "daemon/core/wire.h"

/* Greatest nesting of arrays and key-value lists accepted; deeper is malformed. */
#define VALUE_DEPTH_MAX 32

enum value_type {
    VALUE_MISSING = 0, /* no value set: as if the attribute were not there */
    VALUE_TEXT,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_DOUBLE,
    VALUE_BYTES,
    VALUE_ARRAY, /* bytes: an encoded ArrayValue */
    VALUE_MAP,   /* bytes: an encoded KeyValueList */
};

struct value {
    enum value_type type;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct bytes bytes; /* TEXT, BYTES, ARRAY, MAP */
    };
};

#define VALUE_NONE ((struct value){.type = VALUE_MISSING})

struct attr {
    struct bytes key;
    struct value value;
};

/* Decodes an encoded AnyValue, checking everything below it. The last member set wins; unknown
 * members and *_strindex count as no value. 0 good; 1 malformed or deeper than VALUE_DEPTH_MAX. */
int value_decode(struct bytes any_value, struct value *ret);

/* Decodes an encoded KeyValue. 0 good; 1 malformed. */
int attr_decode(struct bytes key_value, struct attr *ret);

/* Walks the items of a VALUE_ARRAY / the pairs of a VALUE_MAP; begin with
 * wire_reader_of(value.bytes). True while there is one more. */
bool value_next_item(struct wire_reader *items, struct value *ret);
bool value_next_pair(struct wire_reader *pairs, struct attr *ret);

/* The last attribute called `key`, VALUE_NONE where there is none: SEMANTICS 1, the last one
 * counts. */
struct value attrs_find(const struct attr *attrs, uint32_t count, struct bytes key);

/* What a closer look at attributes (attr_check.h) may find. */
enum attr_oddity {
    ATTR_ODD_TWICE = 1,   /* a key was given twice, or too many were compared to tell */
    ATTR_ODD_TEXT = 2,    /* a key or a text is not UTF-8 */
    ATTR_ODD_UNNAMED = 4, /* an attribute has no key or no value */
};

/* Which keys some attributes cannot have: a filter of 256 bits, worth its making where many keys
 * are asked for in vain. All zero: not made, any key may be there. */
struct attr_hints {
    bool made;
    uint8_t odd; /* enum attr_oddity; where the attributes come from attr_hints_make: 0 */
    uint64_t bits[4];
};
struct attr_hints attr_hints_make(const struct attr *attrs, uint32_t count);

/* Of both ends: "server.address" and "client.address" are told apart, and what begins alike, too.
 */
static inline uint8_t attr_hint_of(struct bytes key)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    if (key.len >= sizeof end) {
        memcpy(&begin, key.data, sizeof begin);
        memcpy(&end, key.data + key.len - sizeof end, sizeof end);
    } else if (key.len >= sizeof(uint32_t)) {
        memcpy(&begin, key.data, sizeof(uint32_t));
        memcpy(&end, key.data + key.len - sizeof(uint32_t), sizeof(uint32_t));
    } else {
        for (size_t i = 0; i < key.len; i++) {
            end = end << 8 | key.data[i];
        }
    }
    return (uint8_t)((begin + end * 33 + key.len) * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

/* False: no key with this hint is there for certain. */
static inline bool attr_hints_may_have_hint(const struct attr_hints *hints, uint8_t hint)
{
    return !hints->made || (hints->bits[hint >> 6] >> (hint & 63) & 1) != 0;
}

/* False: there is no such key for certain. */
static inline bool attr_hints_may_have(const struct attr_hints *hints, struct bytes key)
{
    return attr_hints_may_have_hint(hints, attr_hint_of(key));
}

/* Whether every key that `wanted` may have, `hints` may have too. */
static inline bool attr_hints_cover(const struct attr_hints *hints, const struct attr_hints *wanted)
{
    uint64_t lacking = 0;
    for (int i = 0; i < 4; i++) {
        lacking |= wanted->bits[i] & ~hints->bits[i];
    }
    return !hints->made || (wanted->made && lacking == 0);
}

/* Adds what `more` may have. */
static inline void attr_hints_join(struct attr_hints *hints, const struct attr_hints *more)
{
    hints->made = hints->made && more->made;
    for (int i = 0; i < 4; i++) {
        hints->bits[i] |= more->bits[i];
    }
}

/* Notes a key; whether it, or another of its hint, had been noted before. */
static inline bool attr_hints_add(struct attr_hints *hints, struct bytes key)
{
    uint8_t hint = attr_hint_of(key);
    uint64_t bit = UINT64_C(1) << (hint & 63);
    bool was = (hints->bits[hint >> 6] & bit) != 0;
    hints->bits[hint >> 6] |= bit;
    return was;
}

/* Writes it as plain JSON (report form): bytes as base64 text, int64 beyond 2^53 and non-finite
 * doubles as text, arrays and maps as JSON arrays and objects; missing is null. */
void value_write_json(struct json *json, const struct value *value);

/* Writes it as OTLP/JSON's AnyValue ({"intValue":"5"}). */
void value_write_otlp_json(struct json *json, const struct value *value);

/* Writes it as OTLP/JSON's KeyValue ({"key":"k","value":{...}}). */
void attr_write_otlp_json(struct json *json, const struct attr *attr);

#endif
