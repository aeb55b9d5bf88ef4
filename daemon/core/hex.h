/* Hexadecimal and base64 text. Pure functions. */
#ifndef ASSERTD_CORE_HEX_H
#define ASSERTD_CORE_HEX_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/core/buf.h"
#include "daemon/core/bytes.h"

/* Lower-case hex of `len` bytes into `out` (2 * len characters, no NUL). */
void hex_print(char *out, const uint8_t *data, size_t len);

/* Hex of either case, exactly 2 * len digits. 0 good; 1 not that. Writes nothing on failure. */
int hex_parse(struct bytes text, uint8_t *out, size_t len);

/* Appends base64 with padding (RFC 4648 section 4). */
void base64_append(struct buf *out, struct bytes data);

/* Decodes base64 or base64url, padded or not, appending to `out`. 0 good; 1 malformed. */
int base64_parse(struct bytes text, struct buf *out);

#endif
