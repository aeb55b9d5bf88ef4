/* Plain JSON ({"user":{"id":7},"tags":["a",1.5]}) becomes OTLP attributes: an encoded KeyValueList,
 * token by token.
 *
 * Texts, booleans, lists and objects are what they are; a number without point and exponent is an
 * integer where it fits 64 bits, else a double; null is the empty value. Thread rule: confined to
 * its owner. */
#ifndef ASSERTD_RECEIVERS_ATTR_JSON_H
#define ASSERTD_RECEIVERS_ATTR_JSON_H

#include "daemon/core/buf.h"
#include "daemon/core/json_reader.h"

struct attr_json_frame {
    bool is_object;
    size_t content; /* marks of wire_begin: of the list or object itself, */
    size_t value;   /* of the AnyValue under way in it, */
    size_t pair;    /* of the KeyValue around that */
};

struct attr_json {
    struct buf out; /* an encoded KeyValueList */
    unsigned depth; /* containers open; 0 again when the outermost object has ended */
    struct attr_json_frame frames[JSON_READER_DEPTH_MAX];
};

/* Begins with the outermost object's opening; `out` is emptied and kept. Deinit frees it. */
void attr_json_begin(struct attr_json *json);
void attr_json_deinit(struct attr_json *json);

/* One token inside of the object. 0; 1: a number too large for a double. Memory: see out.failed. */
int attr_json_token(struct attr_json *json, enum json_token token, struct bytes text);

#endif
