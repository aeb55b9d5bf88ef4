#include "daemon/core/bytes.h"

#include <strings.h>

int bytes_compare(struct bytes a, struct bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len != 0 ? memcmp(a.data, b.data, len) : 0;
    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool bytes_contain(struct bytes hay, struct bytes needle)
{
    return needle.len == 0 ||
           (needle.len <= hay.len && memmem(hay.data, hay.len, needle.data, needle.len) != NULL);
}

bool bytes_start_with(struct bytes a, struct bytes prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.data, prefix.data, prefix.len) == 0);
}

bool bytes_is_nocase(struct bytes a, const char *text)
{
    size_t len = strlen(text);
    return a.len == len && (len == 0 || strncasecmp((const char *)a.data, text, len) == 0);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct bytes bytes_trim(struct bytes a)
{
    while (a.len != 0 && is_blank(a.data[0])) {
        a.data++;
        a.len--;
    }
    while (a.len != 0 && is_blank(a.data[a.len - 1])) {
        a.len--;
    }
    return a;
}
