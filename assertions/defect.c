#include "assertions/defect.h"

#include <stddef.h>

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

/* --- all --- */

bool defect_reads_events(enum defect_rule rule)
{
    return rule == DEFECT_REQUIRED_ATTRIBUTES || rule == DEFECT_ATTRIBUTE_NAMING ||
           rule == DEFECT_EMPTY_ATTRIBUTES || rule == DEFECT_API_KEY_LEAK;
}

int defect_find(enum defect_rule rule, const struct span *span, struct arena *arena,
                struct bytes *ret)
{
    struct bytes found = BYTES_NULL;
    int bad = 0;
    switch (rule) {
    case DEFECT_SPAN_NAMING:
        found = defect_naming(span);
        break;
    case DEFECT_PREFER_DNS:
        found = prefer_dns(span);
        break;
    case DEFECT_SECURE_HTTPS:
        found = secure_https(span);
        break;
    case DEFECT_REQUIRED_ATTRIBUTES:
        bad = defect_required(span, arena, &found);
        break;
    default:
        bad = defect_attributes(rule, span, arena, &found);
        break;
    }
    if (bad != 0 || found.data == NULL) {
        return bad != 0 ? bad : DEFECT_NONE;
    }
    *ret = found;
    return 0;
}
