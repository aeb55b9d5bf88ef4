/*
 * The forms are those of the OpenTelemetry Collector.
 */
#include "config/expand.h"

#define NAME_BYTES_MAX 255

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_BYTES_MAX;
}

/* Where `word` begins in `text`, text.len where it does not occur. */
static size_t find(struct bytes text, struct bytes word)
{
    for (size_t at = 0; at + word.len <= text.len; at++) {
        if (memcmp(text.data + at, word.data, word.len) == 0) {
            return at;
        }
    }
    return text.len;
}

static struct bytes from(struct bytes text, size_t at)
{
    return bytes_from(text.data + at, text.len - at);
}

/* `inside` stands between the braces. */
static int expand_one(struct bytes inside, expand_lookup lookup, struct buf *ret,
                      struct buf *ret_flaw)
{
    static const struct bytes scheme = {(const uint8_t *)"env:", 4};
    static const struct bytes dash = {(const uint8_t *)":-", 2};
    struct bytes name = bytes_start_with(inside, scheme) ? from(inside, scheme.len) : BYTES_NULL;
    size_t end = find(name, dash);
    bool has_default = end < name.len;
    struct bytes fallback = has_default ? from(name, end + dash.len) : BYTES_NULL;
    name.len = end;
    if (!is_name(name)) {
        buf_append_text(ret_flaw, "${");
        buf_append_bytes(ret_flaw, inside);
        buf_append_text(
            ret_flaw,
            "} names no variable: write ${env:NAME}, ${env:NAME:-default}, or $${ for the "
            "characters themselves");
        return 1;
    }
    char name_text[NAME_BYTES_MAX + 1];
    memcpy(name_text, name.data, name.len);
    name_text[name.len] = '\0';
    const char *value = lookup(name_text);
    if (value == NULL && !has_default) {
        buf_printf(ret_flaw,
                   "the environment variable %s is not set: set it, or write ${env:%s:-default}",
                   name_text, name_text);
        return 1;
    }
    bool takes_default = value == NULL || (has_default && value[0] == '\0');
    buf_append_bytes(ret, takes_default ? fallback : bytes_of(value));
    return 0;
}

int expand_text(struct bytes text, expand_lookup lookup, struct buf *ret, bool *ret_used,
                struct buf *ret_flaw)
{
    *ret_used = false;
    size_t at = 0;
    while (at < text.len) {
        int next = at + 1 < text.len ? text.data[at + 1] : -1;
        if (text.data[at] != '$' || (next != '$' && next != '{')) {
            buf_append_char(ret, (char)text.data[at++]);
        } else if (next == '$') {
            buf_append_char(ret, '$');
            at += 2;
        } else {
            struct bytes inside = from(text, at + 2);
            size_t end = find(inside, BYTES_LITERAL("}"));
            if (end == inside.len) {
                buf_append_text(
                    ret_flaw,
                    "${ has no }: write ${env:NAME}, or $${ for the characters themselves");
                return 1;
            }
            inside.len = end;
            int rc = expand_one(inside, lookup, ret, ret_flaw);
            if (rc != 0) {
                return rc;
            }
            *ret_used = true;
            at += 2 + end + 1;
        }
    }
    return 0;
}

void expand_escape(struct buf *out, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '$') {
            buf_append_char(out, '$');
        }
        buf_append_char(out, (char)text.data[i]);
    }
}
