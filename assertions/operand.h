/* A value while it is judged: what a key, a name or a literal gives. A view; plain data.
 *
 * Durations and times are 128 bits wide: no difference of two 64-bit times overflows. */
#ifndef ASSERTD_ASSERTIONS_OPERAND_H
#define ASSERTD_ASSERTIONS_OPERAND_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/bytes.h"
#include "daemon/model/value.h"
#include "daemon/model/verdict.h"

enum operand_type {
    OPERAND_MISSING = 0,
    OPERAND_TEXT,
    OPERAND_BOOL,
    OPERAND_INT,
    OPERAND_DOUBLE,
    OPERAND_BYTES,
    OPERAND_ARRAY,
    OPERAND_MAP,
    OPERAND_DURATION, /* ns */
    OPERAND_TIME,     /* ns since 1970 */
    OPERAND_LIST,     /* the values behind `in`: literals only */
};

struct operand;

/* Plain values, immutable. */
struct operand_list {
    const struct operand *items;
    uint32_t count;
    struct bytes shown; /* the same as an encoded ArrayValue, durations as their texts */
};

struct operand {
    enum operand_type type;
    union {
        bool boolean;
        int64_t integer;
        double number;
        struct bytes bytes;              /* TEXT, BYTES, ARRAY, MAP */
        __int128 ns;                     /* DURATION, TIME */
        const struct operand_list *list; /* LIST */
    };
};

#define OPERAND_NONE ((struct operand){.type = OPERAND_MISSING})

/* A double that is no number, which compares with nothing. */
static inline bool operand_is_nan(const struct operand *operand)
{
    return operand->type == OPERAND_DOUBLE && isnan(operand->number);
}

/* Canonical text of an int, double, bool or duration; the text itself of a text. Other types:
 * empty. */
#define OPERAND_TEXT_MAX 64
struct bytes operand_text(const struct operand *operand, char scratch[OPERAND_TEXT_MAX]);

/* Of an attribute's value. */
struct operand operand_of_value(const struct value *value);

/* As an expected or actual value of a failure. */
struct seen operand_seen(const struct operand *operand);

#endif
