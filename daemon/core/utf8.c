#include "daemon/core/utf8.h"

/* Length of the valid character at `at`, or 0; *ret_bad: how many bytes belong to the invalid part
 * (RFC 3629, Unicode's "maximal subpart"). */
static size_t utf8_char(const uint8_t *at, size_t left, size_t *ret_bad)
{
    uint8_t c = at[0];
    size_t len = c < 0x80                 ? 1
                 : c >= 0xc2 && c <= 0xdf ? 2
                 : c >= 0xe0 && c <= 0xef ? 3
                 : c >= 0xf0 && c <= 0xf4 ? 4
                                          : 0;
    uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    *ret_bad = 1;
    for (size_t i = 1; i < len; i++) {
        if (i >= left || at[i] < low || at[i] > high) {
            return 0;
        }
        low = 0x80;
        high = 0xbf;
        *ret_bad = i + 1;
    }
    return len;
}

bool utf8_mixed_valid(struct bytes text)
{
    size_t i = 0;
    while (i < text.len) {
        if (text.len - i >= sizeof(uint64_t) &&
            (utf8_load(text.data + i, sizeof(uint64_t)) & UTF8_HIGH_BITS) == 0) {
            i += sizeof(uint64_t);
            continue;
        }
        size_t bad;
        size_t len = utf8_char(text.data + i, text.len - i, &bad);
        if (len == 0) {
            return false;
        }
        i += len;
    }
    return true;
}

void utf8_append_mended(struct buf *out, struct bytes text)
{
    if (utf8_valid(text)) {
        buf_append_bytes(out, text);
        return;
    }
    for (size_t i = 0; i < text.len;) {
        size_t bad;
        size_t len = utf8_char(text.data + i, text.len - i, &bad);
        if (len != 0) {
            buf_append(out, text.data + i, len);
            i += len;
        } else {
            buf_append_text(out, "\xef\xbf\xbd");
            i += bad;
        }
    }
}

void utf8_append_by(struct buf *out, struct bytes text,
                    void (*append)(struct buf *out, struct bytes text))
{
    if (utf8_valid(text)) {
        append(out, text);
        return;
    }
    struct buf mended = BUF_NULL;
    utf8_append_mended(&mended, text);
    append(out, buf_bytes(&mended));
    out->failed |= mended.failed;
    buf_deinit(&mended);
}
