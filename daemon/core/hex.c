#include "daemon/core/hex.h"

void hex_print(char *out, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
}

/* One more than the value of a digit; 0 for what is none. */
static const uint8_t hex_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

int hex_parse(struct bytes text, uint8_t *out, size_t len)
{
    if (text.len != 2 * len) {
        return 1;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (hex_values[text.data[i]] == 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < len; i++) {
        unsigned high = hex_values[text.data[2 * i]] - 1u;
        unsigned low = hex_values[text.data[2 * i + 1]] - 1u;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

void base64_append(struct buf *out, struct bytes data)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < data.len; i += 3) {
        size_t left = data.len - i;
        uint32_t word = (uint32_t)data.data[i] << 16 |
                        (left > 1 ? (uint32_t)data.data[i + 1] << 8 : 0) |
                        (left > 2 ? data.data[i + 2] : 0);
        char group[4] = {digits[word >> 18], digits[word >> 12 & 63],
                         left > 1 ? digits[word >> 6 & 63] : '=',
                         left > 2 ? digits[word & 63] : '='};
        buf_append(out, group, sizeof group);
    }
}

static int base64_digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Without its padding; 1 where there is more or less of it than the length asks for. */
static int base64_strip(struct bytes *text)
{
    size_t padding = 0;
    while (text->len != 0 && text->data[text->len - 1] == '=') {
        text->len--;
        padding++;
    }
    return padding > 2 || (padding != 0 && (text->len + padding) % 4 != 0) || text->len % 4 == 1;
}

int base64_parse(struct bytes text, struct buf *out)
{
    uint32_t word = 0;
    unsigned bits = 0;
    if (base64_strip(&text)) {
        return 1;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (base64_digit(text.data[i]) < 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < text.len; i++) {
        word = word << 6 | (uint32_t)base64_digit(text.data[i]);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_append_char(out, (char)(word >> bits & 0xff));
        }
    }
    return 0;
}
