/* required-attributes: those that the semantic conventions require of a span of its type and kind.
 * A span that uses an old name is held to the old conventions. */
#include <errno.h>

#include "assertions/defect.h"

#define KEYS_MAX 4

/* What one type of span needs: any one key of each row of alternatives. */
struct need {
    enum span_type type;
    int kind;                   /* enum span_kind; ANY_KIND */
    const char *marker;         /* only where the span has this attribute; NULL: whatever it has */
    const char *keys[KEYS_MAX]; /* one of them must be there; the first is told */
};
#define ANY_KIND (-1)

/* Of the markers the old conventions' come with the old names only. */
static const struct need needs[] = {
    {SPAN_TYPE_HTTP, ANY_KIND, NULL, {"http.request.method", "http.method"}},
    {SPAN_TYPE_HTTP, KIND_CLIENT, "http.request.method", {"url.full"}},
    {SPAN_TYPE_HTTP, KIND_CLIENT, "http.request.method", {"server.address"}},
    {SPAN_TYPE_HTTP, KIND_CLIENT, "http.request.method", {"server.port"}},
    {SPAN_TYPE_HTTP, KIND_SERVER, "http.request.method", {"url.path"}},
    {SPAN_TYPE_HTTP, KIND_SERVER, "http.request.method", {"url.scheme"}},
    {SPAN_TYPE_HTTP, KIND_CLIENT, "http.method", {"http.url"}},
    {SPAN_TYPE_HTTP, KIND_CLIENT, "http.method", {"net.peer.name"}},
    {SPAN_TYPE_HTTP, KIND_SERVER, "http.method", {"http.target"}},
    {SPAN_TYPE_HTTP, KIND_SERVER, "http.method", {"http.scheme"}},
    {SPAN_TYPE_HTTP, KIND_SERVER, "http.method", {"net.host.name", "http.host"}},
    {SPAN_TYPE_DATABASE, ANY_KIND, NULL, {"db.system.name", "db.system"}},
    {SPAN_TYPE_RPC, ANY_KIND, NULL, {"rpc.system.name", "rpc.system"}},
    {SPAN_TYPE_RPC, KIND_CLIENT, NULL, {"server.address", "net.peer.name"}},
    {SPAN_TYPE_MESSAGING, ANY_KIND, NULL, {"messaging.system"}},
    {SPAN_TYPE_MESSAGING,
     ANY_KIND,
     NULL,
     {"messaging.operation.name", "messaging.operation.type", "messaging.operation"}},
    {SPAN_TYPE_FAAS, KIND_SERVER, NULL, {"faas.trigger"}},
    {SPAN_TYPE_FAAS, KIND_CONSUMER, NULL, {"faas.trigger"}},
    {SPAN_TYPE_FAAS, KIND_CLIENT, NULL, {"faas.invoked_name"}},
    {SPAN_TYPE_FAAS, KIND_CLIENT, NULL, {"faas.invoked_provider"}},
};

/* A span that has both names of the method is held to the present ones. */
static bool is_marked(const struct span *span, const char *marker)
{
    bool old = marker != NULL && bytes_is(bytes_of(marker), "http.method");
    return marker == NULL ||
           (defect_attr(span, marker).type != VALUE_MISSING &&
            !(old && defect_attr(span, "http.request.method").type != VALUE_MISSING));
}

static bool is_met(const struct span *span, const struct need *need)
{
    for (size_t i = 0; i < KEYS_MAX && need->keys[i] != NULL; i++) {
        if (defect_attr(span, need->keys[i]).type != VALUE_MISSING) {
            return true;
        }
    }
    return false;
}

static struct bytes required_of_type(const struct span *span)
{
    enum span_type type = defect_type(span);
    if (type == SPAN_TYPE_GENERAL ||
        span->dropped_attrs != 0) { /* which were dropped nobody knows */
        return BYTES_NULL;
    }
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        const struct need *need = &needs[i];
        bool concerns = need->type == type &&
                        (need->kind == ANY_KIND || need->kind == (int)span->kind) &&
                        is_marked(span, need->marker);
        if (concerns && !is_met(span, need)) {
            return bytes_of(need->keys[0]);
        }
    }
    return BYTES_NULL;
}

/* An exception says at least its type or its message. */
static bool is_mute_exception(const struct event *event)
{
    static const char *const keys[] = {"exception.type", "exception.message"};
    bool said = event->dropped_attrs != 0 || !bytes_is(event->name, "exception");
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !said; i++) {
        said = attrs_find(event->attrs, event->attr_count, bytes_of(keys[i])).type != VALUE_MISSING;
    }
    return !said;
}

static int required_of_events(const struct span *span, struct arena *arena, struct bytes *ret)
{
    struct wire_reader reader = wire_reader_of(span->raw);
    struct event event;
    int r = WIRE_END;
    while (span->event_count != 0 && (r = span_next_event(&reader, arena, &event)) == 0) {
        if (is_mute_exception(&event)) {
            *ret = bytes_of("event:exception.type");
            return 0;
        }
    }
    return r == WIRE_END ? 0 : -ENOMEM;
}

int defect_required(const struct span *span, struct arena *arena, struct bytes *ret)
{
    struct bytes found = required_of_type(span);
    if (found.data == NULL) {
        return required_of_events(span, arena, ret);
    }
    *ret = found;
    return 0;
}
