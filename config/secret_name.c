#include "config/secret_name.h"

#include <string.h>

#define NAME_MAX_BYTES 256

static bool ends_with(struct bytes text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

bool secret_name(struct bytes name)
{
    static const char *const words[] = {"pass", "pwd",        "secret", "key",    "token",
                                        "jaas", "credential", "auth",   "private"};
    uint8_t lower[NAME_MAX_BYTES];
    if (name.len > sizeof lower) {
        return true; /* to the safe side */
    }
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
    }
    struct bytes text = bytes_from(lower, name.len);
    if (ends_with(text, ".location")) {
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (bytes_contain(text, bytes_of(words[i]))) {
            return true;
        }
    }
    return false;
}
