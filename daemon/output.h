/* Writing bytes to a stdio stream. */
#ifndef ASSERTD_DAEMON_OUTPUT_H
#define ASSERTD_DAEMON_OUTPUT_H

#include <stdio.h>

#include "daemon/core/bytes.h"

/* Writes all of it; the empty view writes nothing. Whether that worked. */
static inline bool output_write(FILE *out, struct bytes text)
{
    return text.len == 0 || fwrite(text.data, 1, text.len, out) == text.len;
}

#endif
