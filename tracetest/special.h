/* The names that mean something of their own in Tracetest, and the words and literals that go with
 * them. Pure. */
#ifndef ASSERTD_TRACETEST_SPECIAL_H
#define ASSERTD_TRACETEST_SPECIAL_H

#include "tracetest/translation.h"

enum special {
    SPECIAL_NONE, /* an attribute */
    SPECIAL_NAME,
    SPECIAL_KIND,
    SPECIAL_TYPE,
    SPECIAL_STATUS,
    SPECIAL_STATUS_MESSAGE,
    SPECIAL_DURATION,
    SPECIAL_START,
    SPECIAL_END,
    SPECIAL_PARENT,
    SPECIAL_COUNT,
    SPECIAL_EVENTS,
    SPECIAL_RESPONSE_STATUS,
    SPECIAL_RESPONSE_BODY,
    SPECIAL_RESPONSE_HEADERS
};

/* What a name means. */
enum special special_find(struct bytes name);

/* Whether it is of the trigger's response. */
bool special_is_response(enum special special);

/* Our key of the span's field; NULL: it is an attribute, or no key of a span. */
const char *special_key(enum special special);

/* Our word for a kind (SPECIAL_KIND) or status as Tracetest writes it; NULL: there is none. */
const char *special_word(struct translation *translation, enum special special, struct bytes text);

/* A variable by Tracetest's name; NULL: no file defines it. */
struct known_variable *variable_find(const struct translation *translation, struct bytes name);

/* Appends a number as our literals are written: too large ones, and such with leading zeros, which
 * would lose them, as texts. */
void append_number(struct buf *out, struct bytes number);

#endif
