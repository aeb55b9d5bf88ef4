#include "assertions/defect.h"

#include <stddef.h>

/* Attributes that are held against each other. */
#define NAMESPACES_MAX 256u

static const char *const names[DEFECT_RULES] = {
    [DEFECT_SPAN_NAMING] = "span-naming",
    [DEFECT_REQUIRED_ATTRIBUTES] = "required-attributes",
    [DEFECT_ATTRIBUTE_NAMING] = "attribute-naming",
    [DEFECT_EMPTY_ATTRIBUTES] = "no-empty-attributes",
    [DEFECT_PREFER_DNS] = "prefer-dns",
    [DEFECT_SECURE_HTTPS] = "secure-https-protocol",
    [DEFECT_API_KEY_LEAK] = "no-api-key-leak",
};

const char *defect_rule_name(enum defect_rule rule)
{
    return names[rule];
}

int defect_rule_find(struct bytes name, enum defect_rule *ret)
{
    for (int i = 0; i < DEFECT_RULES; i++) {
        if (bytes_is(name, names[i])) {
            *ret = (enum defect_rule)i;
            return 0;
        }
    }
    return 1;
}

struct value defect_attr(const struct span *span, const char *key)
{
    return attrs_find(span->attrs, span->attr_count, bytes_of(key));
}

struct value defect_attr_of(const struct span *span, const char *key, const char *old)
{
    struct value value = defect_attr(span, key);
    return value.type != VALUE_MISSING ? value : defect_attr(span, old);
}

enum span_type defect_type(const struct span *span)
{
    return span->kind == KIND_INTERNAL ? SPAN_TYPE_GENERAL : span_type_of(span);
}

/* --- attribute-naming --- */

static bool is_part_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Parts of lower-case letters, digits and `_`, at least two, with a dot between them. */
static bool is_snake(struct bytes key)
{
    bool dotted = false;
    for (size_t i = 0; i < key.len; i++) {
        bool dot = key.data[i] == '.';
        bool joins = dot && i != 0 && i + 1 < key.len && key.data[i + 1] != '.';
        if (!joins && !is_part_char(key.data[i])) {
            return false;
        }
        dotted |= dot;
    }
    return dotted;
}

/* The conventions put names of others behind these. */
static bool names_something_foreign(struct bytes key)
{
    static const char *const prefixes[] = {
        "http.request.header.",   "http.response.header.",      "rpc.request.metadata.",
        "rpc.response.metadata.", "rpc.grpc.request.metadata.", "rpc.grpc.response.metadata.",
        "db.query.parameter.",    "db.operation.parameter.",    "messaging.message.header.",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (bytes_start_with(key, bytes_of(prefixes[i]))) {
            return true;
        }
    }
    return false;
}

static bool is_namespace_of(struct bytes key, struct bytes other)
{
    return other.len > key.len && other.data[key.len] == '.' && bytes_start_with(other, key);
}

static bool names_a_namespace(const struct span *span, struct bytes key)
{
    uint32_t count = span->attr_count < NAMESPACES_MAX ? span->attr_count : NAMESPACES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (is_namespace_of(key, span->attrs[i].key)) {
            return true;
        }
    }
    return false;
}

static struct bytes attribute_naming(const struct span *span)
{
    for (uint32_t i = 0; i < span->attr_count; i++) {
        struct bytes key = span->attrs[i].key;
        bool foreign = names_something_foreign(key);
        if ((!foreign && !is_snake(key)) || (i < NAMESPACES_MAX && names_a_namespace(span, key))) {
            return key;
        }
    }
    return BYTES_NULL;
}

/* --- no-empty-attributes --- */

static bool is_empty(const struct value *value)
{
    switch (value->type) {
    case VALUE_MISSING:
        return true;
    case VALUE_TEXT:
    case VALUE_BYTES:
    case VALUE_ARRAY:
    case VALUE_MAP:
        return value->bytes.len == 0;
    default:
        return false;
    }
}

static struct bytes empty_attributes(const struct span *span)
{
    for (uint32_t i = 0; i < span->attr_count; i++) {
        if (is_empty(&span->attrs[i].value)) {
            return span->attrs[i].key;
        }
    }
    return BYTES_NULL;
}

/* --- prefer-dns --- */

/* The host of a URL; of what is none, all of it without a port. */
static struct bytes host_of(struct bytes text)
{
    size_t from = 0;
    for (size_t i = 0; i + 2 < text.len; i++) {
        if (memcmp(text.data + i, "://", 3) == 0) {
            from = i + 3;
            break;
        }
    }
    size_t end = from;
    for (; end < text.len && strchr("/?#", text.data[end]) == NULL; end++) {
        if (text.data[end] == '@') {
            from = end + 1;
        }
    }
    return bytes_from(text.data + from, end - from);
}

/* Four numbers up to 255, and perhaps a port. */
static bool is_ipv4(struct bytes host)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        unsigned number = 0;
        size_t start = at;
        for (; at < host.len && at < start + 3 && host.data[at] >= '0' && host.data[at] <= '9';
             at++) {
            number = 10 * number + (unsigned)(host.data[at] - '0');
        }
        if (at == start || number > 255 ||
            (part < 3 && (at == host.len || host.data[at++] != '.'))) {
            return false;
        }
    }
    return at == host.len || host.data[at] == ':';
}

/* In brackets, or with more than one colon. */
static bool is_ipv6(struct bytes host)
{
    unsigned colons = 0;
    for (size_t i = 0; i < host.len; i++) {
        colons += host.data[i] == ':';
    }
    return host.len != 0 && (host.data[0] == '[' || colons > 1);
}

static struct bytes prefer_dns(const struct span *span)
{
    static const char *const keys[] = {"server.address", "net.peer.name", "net.host.name",
                                       "http.host",      "url.full",      "http.url"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct value value = defect_attr(span, keys[i]);
        if (value.type == VALUE_TEXT) {
            struct bytes host = host_of(value.bytes);
            if (is_ipv4(host) || is_ipv6(host)) {
                return bytes_of(keys[i]);
            }
        }
    }
    return BYTES_NULL;
}

/* --- secure-https-protocol --- */

static struct bytes secure_https(const struct span *span)
{
    static const struct {
        const char *key, *bad;
        bool whole;
    } rows[] = {
        {"url.scheme", "http", true},
        {"http.scheme", "http", true},
        {"url.full", "http://", false},
        {"http.url", "http://", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value value = defect_attr(span, rows[i].key);
        struct bytes bad = bytes_of(rows[i].bad);
        if (value.type == VALUE_TEXT && (rows[i].whole || value.bytes.len >= bad.len) &&
            bytes_is_nocase(rows[i].whole ? value.bytes : bytes_from(value.bytes.data, bad.len),
                            rows[i].bad)) {
            return bytes_of(rows[i].key);
        }
    }
    return BYTES_NULL;
}

/* --- no-api-key-leak --- */

/* Stars, or a word that says that it was taken out. */
static bool is_masked_text(struct bytes text)
{
    static const char *const words[] = {"redacted",   "[redacted]", "<redacted>", "filtered",
                                        "[filtered]", "masked",     "[masked]"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (bytes_is_nocase(text, words[i])) {
            return true;
        }
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '*') {
            return false;
        }
    }
    return true;
}

/* Headers are captured as lists of texts. */
static bool is_masked(const struct value *value)
{
    struct wire_reader items;
    struct value item;
    bool masked = value->type == VALUE_MISSING;
    if (value->type == VALUE_TEXT) {
        return is_masked_text(value->bytes);
    }
    if (value->type == VALUE_ARRAY) {
        masked = true;
        items = wire_reader_of(value->bytes);
        while (masked && value_next_item(&items, &item)) {
            masked = item.type == VALUE_TEXT && is_masked_text(item.bytes);
        }
    }
    return masked;
}

static bool is_secret_header(struct bytes key)
{
    static const char *const prefixes[] = {"http.request.header.", "http.response.header."};
    static const char *const headers[] = {
        "authorization",       "proxy-authorization", "x-api-key", "api-key",     "x-auth-token",
        "proxy_authorization", "x_api_key",           "api_key",   "x_auth_token"};
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(prefixes[i]);
        if (!bytes_start_with(key, bytes_of(prefixes[i]))) {
            continue;
        }
        for (size_t k = 0; k < sizeof headers / sizeof *headers; k++) {
            if (bytes_is_nocase(bytes_from(key.data + len, key.len - len), headers[k])) {
                return true;
            }
        }
    }
    return false;
}

static struct bytes api_key_leak(const struct span *span)
{
    for (uint32_t i = 0; i < span->attr_count; i++) {
        if (is_secret_header(span->attrs[i].key) && !is_masked(&span->attrs[i].value)) {
            return span->attrs[i].key;
        }
    }
    return BYTES_NULL;
}

/* --- all --- */

struct bytes defect_find(enum defect_rule rule, const struct span *span)
{
    static struct bytes (*const rules[DEFECT_RULES])(const struct span *span) = {
        [DEFECT_SPAN_NAMING] = defect_naming,
        [DEFECT_REQUIRED_ATTRIBUTES] = defect_required,
        [DEFECT_ATTRIBUTE_NAMING] = attribute_naming,
        [DEFECT_EMPTY_ATTRIBUTES] = empty_attributes,
        [DEFECT_PREFER_DNS] = prefer_dns,
        [DEFECT_SECURE_HTTPS] = secure_https,
        [DEFECT_API_KEY_LEAK] = api_key_leak,
    };
    return rules[rule](span);
}
