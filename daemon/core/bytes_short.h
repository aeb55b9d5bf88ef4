/* Equality of short texts without a call, for paths that compare some for each span: keys, names,
 * services. Thread rule: any thread. */
#ifndef ASSERTD_CORE_BYTES_SHORT_H
#define ASSERTD_CORE_BYTES_SHORT_H

#include <stdint.h>
#include <string.h>

#include "daemon/core/bytes.h"

/* As bytes_equal. By eight bytes and from behind: keys of one length differ in their ends more
 * often than in their beginnings. The first eight may overlap those that were compared before. */
static inline bool bytes_short_equal(struct bytes a, struct bytes b)
{
    uint64_t left;
    uint64_t right;
    size_t at = a.len;
    if (a.len != b.len) {
        return false;
    }
    while (at != 0 && a.len >= sizeof left) {
        at = at > sizeof left ? at - sizeof left : 0;
        memcpy(&left, a.data + at, sizeof left);
        memcpy(&right, b.data + at, sizeof right);
        if (left != right) {
            return false;
        }
    }
    while (at > 0 && a.data[at - 1] == b.data[at - 1]) {
        at--;
    }
    return at == 0;
}

#endif
