/* UTF-8 (RFC 3629): checking and mending. Pure functions. */
#ifndef ASSERTD_CORE_UTF8_H
#define ASSERTD_CORE_UTF8_H

#include <stdbool.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Whether `text` is valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. NUL is
 * valid. */
bool utf8_valid(struct bytes text);

/* Whether all bytes are below 0x80. */
bool utf8_is_ascii(struct bytes text);

/* Appends `text` with each maximal invalid part replaced by U+FFFD. */
void utf8_append_mended(struct buf *out, struct bytes text);

#endif
