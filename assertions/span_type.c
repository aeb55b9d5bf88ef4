#include "assertions/span_type.h"

/* A span of a transport often carries what it transports: an HTTP call to a database is a database
 * span. So what is more special stands first. */
static const struct {
    const char *name;
    const char *space;
} types[] = {
    [SPAN_TYPE_DATABASE] = {"database", "db."},
    [SPAN_TYPE_MESSAGING] = {"messaging", "messaging."},
    [SPAN_TYPE_FAAS] = {"faas", "faas."},
    [SPAN_TYPE_GRAPHQL] = {"graphql", "graphql."},
    [SPAN_TYPE_RPC] = {"rpc", "rpc."},
    [SPAN_TYPE_HTTP] = {"http", "http."},
    [SPAN_TYPE_EXCEPTION] = {"exception", "exception."},
    [SPAN_TYPE_GENERAL] = {"general", NULL},
};

const char *span_type_name(enum span_type type)
{
    return types[type].name;
}

const char *span_type_space(enum span_type type)
{
    return types[type].space;
}

/* The last of equal keys counts: one without a value takes the others away. */
static bool has_value(const struct span *span, struct bytes key)
{
    return attrs_find(span->attrs, span->attr_count, key).type != VALUE_MISSING;
}

enum span_type span_type_of(const struct span *span)
{
    enum span_type best = SPAN_TYPE_GENERAL;
    for (uint32_t i = 0; i < span->attr_count; i++) {
        for (unsigned type = 0; type < best; type++) {
            if (bytes_start_with(span->attrs[i].key, bytes_of(types[type].space)) &&
                has_value(span, span->attrs[i].key)) {
                best = (enum span_type)type;
            }
        }
    }
    return best;
}
