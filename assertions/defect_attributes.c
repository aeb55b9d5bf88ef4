/* The rules on single attributes: of the span, its resource, its scope, its events and links. */
#include <errno.h>

#include "assertions/defect.h"

/* Attributes that are held against each other. */
#define NAMESPACES_MAX 256u

struct attrs {
    const struct attr *items;
    uint32_t count;
};

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
        "container.label.",
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (bytes_start_with(key, bytes_of(prefixes[i]))) {
            return true;
        }
    }
    return bytes_start_with(key, bytes_of("k8s.")) &&
           (bytes_contain(key, bytes_of(".label.")) ||
            bytes_contain(key, bytes_of(".annotation.")));
}

static bool is_namespace_of(struct bytes key, struct bytes other)
{
    return other.len > key.len && other.data[key.len] == '.' && bytes_start_with(other, key);
}

static bool names_a_namespace(const struct attrs *of, struct bytes key)
{
    uint32_t count = of->count < NAMESPACES_MAX ? of->count : NAMESPACES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        if (is_namespace_of(key, of->items[i].key)) {
            return true;
        }
    }
    return false;
}

static bool is_misnamed(const struct attrs *of, uint32_t i)
{
    struct bytes key = of->items[i].key;
    return (!names_something_foreign(key) && !is_snake(key)) ||
           (i < NAMESPACES_MAX && names_a_namespace(of, key));
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

static bool holds_nothing(const struct attrs *of, uint32_t i)
{
    return is_empty(&of->items[i].value);
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

static bool leaks(const struct attrs *of, uint32_t i)
{
    return is_secret_header(of->items[i].key) && !is_masked(&of->items[i].value);
}

/* --- all --- */

typedef bool is_broken(const struct attrs *of, uint32_t i);

/* The first attribute that breaks a rule; of->count: none. */
static uint32_t first_broken(is_broken *broken, const struct attrs *of)
{
    uint32_t i = 0;
    while (i < of->count && !broken(of, i)) {
        i++;
    }
    return i;
}

/* `prefix` and the key of one that breaks the rule, made in the arena; *ret untouched: none does.
 */
static int find_in(is_broken *broken, const char *prefix, struct attrs of, struct arena *arena,
                   struct bytes *ret)
{
    uint32_t at = first_broken(broken, &of);
    if (at == of.count) {
        return 0;
    }
    struct bytes key = of.items[at].key;
    size_t len = strlen(prefix);
    char *text = arena_alloc(arena, len + key.len);
    if (text == NULL) {
        return -ENOMEM;
    }
    memcpy(text, prefix, len);
    if (key.len != 0) {
        memcpy(text + len, key.data, key.len);
    }
    *ret = bytes_from(text, len + key.len);
    return 0;
}

static int find_in_events(is_broken *broken, const struct span *span, struct arena *arena,
                          struct bytes *ret)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    int r;
    while (ret->data == NULL && (r = span_next_event(&reader, arena, &event)) != WIRE_END) {
        struct attrs of = {event.attrs, event.attr_count};
        if (r != 0 || find_in(broken, "event:", of, arena, ret) != 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

static int find_in_links(is_broken *broken, const struct span *span, struct arena *arena,
                         struct bytes *ret)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct link link;
    int r;
    while (ret->data == NULL && (r = span_next_link(&reader, arena, &link)) != WIRE_END) {
        struct attrs of = {link.attrs, link.attr_count};
        if (r != 0 || find_in(broken, "link:", of, arena, ret) != 0) {
            return -ENOMEM;
        }
    }
    return 0;
}

int defect_attributes(enum defect_rule rule, const struct span *span, struct arena *arena,
                      struct bytes *ret)
{
    is_broken *broken = rule == DEFECT_ATTRIBUTE_NAMING   ? is_misnamed
                        : rule == DEFECT_EMPTY_ATTRIBUTES ? holds_nothing
                                                          : leaks;
    const struct attrs own = {span->attrs, span->attr_count};
    const struct attrs resource = {span->resource->attrs, span->resource->attr_count};
    const struct attrs scope = {span->scope->attrs, span->scope->attr_count};
    uint32_t at = first_broken(broken, &own);
    if (at < own.count) {
        *ret = own.items[at].key;
        return 0;
    }
    int bad = find_in(broken, "resource:", resource, arena, ret);
    if (bad == 0 && ret->data == NULL) {
        bad = find_in(broken, "scope:", scope, arena, ret);
    }
    if (bad == 0 && ret->data == NULL && span->event_count != 0) {
        bad = find_in_events(broken, span, arena, ret);
    }
    if (bad == 0 && ret->data == NULL && span->link_count != 0) {
        bad = find_in_links(broken, span, arena, ret);
    }
    return bad;
}
