/* required-attributes: those that the semantic conventions require of a span of its type and kind.
 * A span that uses an old name is held to the old conventions. */
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

struct bytes defect_required(const struct span *span)
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
