/* One plain value by its option: text to field, field to text, and the range in words.
 *
 * Defaults, overrides, expanded variables and the file's own texts go through the same parser.
 * Pure. */
#ifndef ASSERTD_CONFIG_SCALAR_H
#define ASSERTD_CONFIG_SCALAR_H

#include "config/options.h"
#include "daemon/core/buf.h"

/* A field of one of the plain types, whatever its type. */
union scalar {
    bool boolean;
    int64_t integer;
    double number;   /* NUMBER, SHARE */
    uint64_t amount; /* DURATION, SIZE */
    int choice;
};

/* Parses BOOL, INT, NUMBER, DURATION, SIZE, CHOICE, SHARE. 0 good; 1 not possible, why and what to
 * write instead stands in `ret_flaw`. */
int scalar_parse(const struct option *option, struct bytes text, union scalar *ret,
                 struct buf *ret_flaw);

/* Whether the value lies in the option's range. 0 good; 1 no, see `ret_flaw`. */
int scalar_check_range(const struct option *option, const union scalar *value,
                       struct buf *ret_flaw);

/* Whether text is "HOST:PORT" (or empty: off). 0 good; 1 no, see `ret_flaw`. */
int scalar_check_endpoint(struct bytes text, struct buf *ret_flaw);

/* Canonical text of a value, as it stands in a file between quotes or plain. */
void scalar_print(const struct option *option, const union scalar *value, struct buf *out);

/* "1ms to 1h", "at least 1"; nothing where there is no range. */
void scalar_print_range(const struct option *option, struct buf *out);

/* Reads and writes the field of a plain option in its struct. */
union scalar scalar_get(const struct option *option, const void *field);
void scalar_set(const struct option *option, void *field, union scalar value);

/* Whether the option has one of the plain types. */
bool scalar_is(enum option_type type);

/* Bytes of a field of any type but GROUP, whose table knows. */
size_t scalar_field_bytes(enum option_type type);

#endif
